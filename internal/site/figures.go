package site

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// restraintRow is one restraint in a table.
type restraintRow struct {
	ID, Kind string
	// A nil From is the beginning. A nil Until is an unknown end.
	From, Until *edge
	Because     string
	Reason      string
	Chips       []chip
}

// rowOf returns the row of a bar, with the facts of its order.
func rowOf(b bar, orders []inquire.OrderView, c court) restraintRow {
	row := restraintRow{ID: b.source, Kind: kindWords(b.kind, b.origin)}
	if !b.from.IsZero() {
		e := c.from(b.from)
		row.From = &e
	}
	if !b.until.IsZero() {
		e := c.until(b.until)
		row.Until = &e
	}
	for _, o := range orders {
		if o.ID != b.source {
			continue
		}
		row.Because, row.Reason = o.Citation, o.Reason
		if o.EndedBy != "" {
			row.Reason += " by the " + o.EndedBy
		}
		if row.Because == row.Kind {
			row.Because = ""
		}
		row.Chips = append(row.Chips, orderChip(o.State))
		for _, flag := range o.Flags {
			row.Chips = append(row.Chips, chip{"hold", spaced(flag)})
		}
	}
	return row
}

// figures draws one timeline for every course with a restraint. Before the first disclosure it draws one timeline of
// all orders.
func (m *matterView) figures(v inquire.MatterView, groups []*group, c court, now time.Time) {
	shown := map[string]bool{}
	papers := papersOf(v)
	for _, g := range groups {
		if len(g.bars) > 0 {
			m.figure(g.heading(), g.course, papers, c)
		}
		for _, b := range g.bars {
			shown[b.source] = true
		}
	}
	before := course{who: "this matter", now: now}
	for _, o := range papers {
		b := bar{o.ID, o.Origin, o.Kind, instant(o.From), instant(o.Until)}
		switch {
		case shown[o.ID]:
		case len(v.Notices) > 0 || o.State == matter.OrderVoid:
			m.Other = append(m.Other, rowOf(b, papers, c))
		default:
			before.bars = append(before.bars, b)
		}
	}
	if len(before.bars) > 0 {
		m.figure("What forbids telling", before, papers, c)
	}
}

// papersOf returns the orders, and our own exceptions in the form of orders.
func papersOf(v inquire.MatterView) []inquire.OrderView {
	out := slices.Clone(v.Orders)
	for _, x := range v.Exceptions {
		out = append(out, inquire.OrderView{
			ID: x.ID, Origin: matter.OriginException, Kind: x.Kind.Restraint(), State: matter.OrderState(x.State),
			Until:    matter.Instant(x.Until),
			Citation: x.Citation,
		})
	}
	return out
}

func (m *matterView) figure(heading string, c course, orders []inquire.OrderView, place court) {
	f := figure{Anchor: fmt.Sprintf("course-%d", len(m.Figures)+1), Heading: heading, Picture: timeline(c),
		Caption: caption(c)}
	for _, b := range c.bars {
		f.Restraints = append(f.Restraints, rowOf(b, orders, place))
	}
	m.Figures = append(m.Figures, f)
}

func (g *group) heading() string {
	if g.toldAt.IsZero() {
		return "Why not yet? " + g.who
	}
	return "Why only then? " + g.who
}

// caption explains the fillings that the picture uses.
func caption(c course) string {
	has := func(h hatch) bool { return slices.ContainsFunc(c.bars, func(b bar) bool { return b.hatch() == h }) }
	var s []string
	if has(hatchOrder) {
		s = append(s, "Hatched: an order.")
	}
	if has(hatchStatute) {
		s = append(s, "Cross-hatched: secrecy without any order.")
	}
	if has(hatchPolicy) {
		s = append(s, "Dotted: our own exception.")
	}
	if c.torn() {
		s = append(s, "A torn edge: nobody has said when it ends.")
	}
	if !c.due.IsZero() && c.toldAt.IsZero() {
		s = append(s, "The notice is due at the first instant that nothing covers.")
	}
	return strings.Join(append(s, "Dates of the axis are UTC."), " ")
}

// people fills the table of people in the order of their notices, and adds their mails.
func (m *matterView) people(groups []*group, c court, now time.Time, mails []Mail) {
	if len(groups) == 0 {
		return
	}
	courses := make([]course, len(groups))
	for i, g := range groups {
		courses[i] = g.course
	}
	all := common(courses)
	for _, g := range groups {
		for _, n := range g.notices {
			m.People = append(m.People, personOf(n, g.course, all, now, mails))
		}
	}
	slices.SortStableFunc(m.People, func(a, b person) int { return strings.Compare(a.Subject, b.Subject) })
}

func personOf(n inquire.NoticeView, c course, all span, now time.Time, mails []Mail) person {
	c.who = n.Subject
	p := person{
		ID: n.ID, Subject: n.Subject, Tell: spaced(n.Recipient), Disclosure: n.Disclosure, State: standing(n),
		Strip: strip(c, all), Ahead: n.Kind == notice.Advance,
	}
	if n.Reason != nil {
		p.Why = reason(*n.Reason)
	}
	if n.Due != nil {
		p.Due = minute(*n.Due)
		if !n.State.Terminal() && n.State != notice.Sent {
			p.Distance = distance(*n.Due, now)
		}
	}
	if n.SentAt != nil && isTold(n.State) {
		p.Told = minute(*n.SentAt)
	}
	if mine := mailsOf(mails, n.ID); len(mine) > 0 {
		p.Mail = mine[len(mine)-1].N
	}
	return p
}

// mailsOf returns the mails of a notice, in order of arrival.
func mailsOf(mails []Mail, noticeID string) []Mail {
	var out []Mail
	of, hash, _ := notice.SplitID(noticeID)
	for _, m := range mails {
		if m.Tags["notice"] == hash && m.Tags["matter"] == of {
			out = append(out, m)
		}
	}
	return out
}
