package site

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"lapse/internal/inquire"
	"lapse/internal/matter"
)

// page is the most people that a matter's page shows at once.
const page = 50

// matterView is the page of one matter.
type matterView struct {
	ID    string
	State chip
	// What, Reference and Happened begin the lede; Told ends it.
	What, Reference, Happened string
	Told                      []string
	Needs                     []need
	Figures                   []figure
	// Other are the orders that no figure shows.
	Other []restraintRow
	// Answers are counsel's decisions and challenges, and the closing, oldest first.
	Answers  []answerLine
	Findings []findingView
	People   []person
	// Parts means that the people come from more than one disclosure.
	Parts bool
	// First and Next lead to other pages of people, "" if there is none.
	First, Next string
}

// figure is the timeline of the people who share a course.
type figure struct {
	// Anchor is its place on the page.
	Anchor     string
	Heading    string
	Picture    template.HTML
	Caption    string
	Restraints []restraintRow
}

// person is one notice in the table of people.
type person struct {
	ID, Subject, Tell, Disclosure string
	// Ahead says that the notice tells before the disclosure.
	Ahead     bool
	State     chip
	Why       string
	Strip     template.HTML
	Due, Told stamp
	Distance  string
	Mail      int
}

func (s *Site) matter(r *http.Request) (content, error) {
	ctx, id, cursor := r.Context(), r.PathValue("id"), r.URL.Query().Get("cursor")
	v, err := s.Inquire.Matter(ctx, id, cursor, page)
	if err != nil {
		return content{}, err
	}
	whole := v
	if v.Next != "" || cursor != "" {
		if whole, err = s.Inquire.Matter(ctx, id, "", counted); err != nil {
			return content{}, err
		}
	}
	now := s.Now()
	at, err := s.reviewsAhead(ctx, now)
	if err != nil {
		return content{}, err
	}
	groups, err := s.groups(ctx, v, now)
	if err != nil {
		return content{}, err
	}
	place := courtOf(zoneOf(v))
	m := matterView{
		ID: id, State: matterChip(v.State), Happened: happened(v), Findings: findingsOf(v), Parts: len(v.Disclosures) > 1,
		Needs: reviewed(needsOf(whole), at), Told: summary(whole, place, now),
	}
	if v.Request != nil {
		m.Answers = answersOf(v.Request)
		m.What, m.Reference = capital(instrument(v.Request.Instrument))+", "+v.Request.Issuer.Name, v.Request.Reference
	}
	m.figures(v, groups, place, now)
	m.people(groups, place, now, s.Mails())
	late, err := s.late(ctx, v)
	if err != nil {
		return content{}, err
	}
	waiting, err := s.approvalNeeds(r, id)
	if err != nil {
		return content{}, err
	}
	m.Needs = append(append(waiting, m.Needs...), late...)
	for i := range m.Needs {
		m.Needs[i].Covers = covered(groups, m.Needs[i].ID)
	}
	if v.Next != "" {
		m.Next = "/matters/" + id + "?cursor=" + url.QueryEscape(v.Next)
	}
	if cursor != "" {
		m.First = "/matters/" + id
	}
	return content{"matter", id, m}, nil
}

// late finds the people on the page who were told before an order that covers them was recorded.
func (s *Site) late(ctx context.Context, v inquire.MatterView) ([]need, error) {
	who := map[string][]string{}
	for _, n := range v.Notices {
		if !n.State.Accepted() {
			continue
		}
		d, err := s.Inquire.Notice(ctx, n.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range d.History {
			if order := e.LateOrder; order != "" {
				who[order] = append(who[order], n.Subject)
			}
		}
	}
	var out []need
	for _, order := range slices.Sorted(maps.Keys(who)) {
		slices.Sort(who[order])
		out = append(out, need{
			Matter: v.ID, Noun: "order", ID: order, Chip: chip{"alarm", "late order"},
			Tail: "was recorded when the mail to " + list(who[order], 3) +
				" had gone. Nothing is recalled; the evidence is kept.",
		})
	}
	return out, nil
}

// zoneOf returns the zone of the request's court, "" while the request is awaited.
func zoneOf(v inquire.MatterView) string {
	if v.Request == nil {
		return ""
	}
	return v.Request.Issuer.Zone
}

func summary(v inquire.MatterView, c court, now time.Time) []string {
	t := tallyOf(v.Notices)
	t.More = v.Next != ""
	return t.sentences(c, now)
}

// happened says which data was handed over, or why none was.
func happened(v inquire.MatterView) string {
	if v.Request == nil {
		return "The request itself has not arrived yet. Orders recorded before it hold all the same."
	}
	if n := len(v.Disclosures); n > 0 {
		subjects, nothing, last := 0, 0, v.Disclosures[0].At
		for _, d := range v.Disclosures {
			subjects, nothing = subjects+d.Subjects, nothing+len(d.NoData)
			if d.At.After(last) {
				last = d.At
			}
		}
		when := "on " + last.UTC().Format(longDay)
		if n > 1 {
			when = fmt.Sprintf("in %s disclosures, the last on %s", count(n), last.UTC().Format(longDay))
		}
		text := fmt.Sprintf("Data of %s %s was handed over %s.", count(subjects), plural(subjects, "person", "people"), when)
		if nothing > 0 {
			text += fmt.Sprintf(" Nothing was held of %s more.", count(nothing))
		}
		return text
	}
	if d := v.Request.Decision; d != nil {
		return fmt.Sprintf("Counsel decided to %s on %s. Nothing has been handed over.", decision(d.Decision),
			d.At.UTC().Format(longDay))
	}
	return "Nobody has decided yet, and nothing has been handed over."
}

func decision(d matter.Decision) string {
	if d == matter.Withdraw {
		return "treat it as withdrawn"
	}
	return spaced(d)
}

// group is the people of one page who share a course.
type group struct {
	course
	notices []inquire.NoticeView
}

// groups groups the page's notices by course: the same restraints, disclosure and due, and told or not.
func (s *Site) groups(ctx context.Context, v inquire.MatterView, now time.Time) ([]*group, error) {
	byKey := map[string]*group{}
	var out []*group
	whys := map[string]inquire.Why{}
	for _, n := range v.Notices {
		who := n.Subject + "\x00" + string(n.Recipient)
		why, known := whys[who]
		if !known {
			var err error
			if why, err = s.Inquire.Why(ctx, v.ID, n.Subject, n.Recipient); err != nil {
				return nil, err
			}
			whys[who] = why
		}
		c := courseOf(n, v, why, now)
		key := fmt.Sprint(c.bars, c.base, c.due, c.toldAt.IsZero())
		g, ok := byKey[key]
		if !ok {
			g = &group{course: c}
			byKey[key] = g
			out = append(out, g)
		}
		g.notices = append(g.notices, n)
		if c.toldAt.After(g.toldAt) {
			g.toldAt = c.toldAt
		}
	}
	for _, g := range out {
		g.who = list(g.subjects(), 3)
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.urgency(), b.urgency()), a.due.Compare(b.due), cmp.Compare(a.who, b.who))
	})
	return out, nil
}

// urgency orders the figures: first people with a known due, then people without one, then people who were told.
func (g *group) urgency() int {
	switch {
	case !g.toldAt.IsZero():
		return 2
	case g.due.IsZero():
		return 1
	}
	return 0
}

// courseOf returns the course of one notice.
func courseOf(n inquire.NoticeView, v inquire.MatterView, why inquire.Why, now time.Time) course {
	c := course{who: n.Subject, bars: barsOf(why.Restraints), due: instant(n.Due), toldAt: instant(n.SentAt), now: now}
	for _, d := range v.Disclosures {
		if d.ID == n.Disclosure {
			c.base = matter.Ceil(d.At)
		}
	}
	return c
}

// subjects names each subject of the group once.
func (g *group) subjects() []string {
	var out []string
	for _, n := range g.notices {
		if !slices.Contains(out, n.Subject) {
			out = append(out, n.Subject)
		}
	}
	slices.Sort(out)
	return out
}

// covered names the page's people under the restraint.
func covered(groups []*group, id string) string {
	var who []string
	for _, g := range groups {
		if slices.ContainsFunc(g.bars, func(b bar) bool { return b.source == id }) {
			who = append(who, g.subjects()...)
		}
	}
	slices.Sort(who)
	return list(slices.Compact(who), 3)
}
