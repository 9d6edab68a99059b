package transparency

import (
	"slices"
	"time"
)

// overdueAfter is how long a notice may be due before it is overdue (the report's contract: over 72 hours).
const overdueAfter = 72 * time.Hour

// noticeTally counts units of one country, each in exactly one place of the identity
// owed + disclosed = before + at + after + otherwise + cancelled + untold.
type noticeTally struct {
	owed, disclosed                               int
	before, atOnce, after, otherwise, cancelled   int
	undeliverable, order, statute, exception      int
	held, overdue, pending, unconfirmed, onlyFore int

	days spread
}

func (t *noticeTally) merge(o *noticeTally) {
	mine, others := t.cells(), o.cells()
	for i := range mine {
		*mine[i] += *others[i]
	}
	if t.days == nil {
		t.days = spread{}
	}
	t.days.merge(o.days)
}

// cells are the counts in the order of the table's columns.
func (t *noticeTally) cells() []*int {
	return []*int{&t.owed, &t.disclosed, &t.before, &t.atOnce, &t.after, &t.otherwise, &t.cancelled, &t.undeliverable,
		&t.order, &t.statute, &t.exception, &t.held, &t.overdue, &t.pending, &t.unconfirmed, &t.onlyFore}
}

// addNotice puts the units of a fact into the one cell that is theirs.
func (c *Count) addNotice(country string, n *NoticeFact) {
	h, units := c.Half, n.Units()
	c.addAdvance(country, n, units)
	if !c.before(n.DisclosedAt) {
		return
	}
	c.seen(country)
	closing, closed := n.Closed()
	if h.Earlier(n.DisclosedAt) && h.Earlier(closed) {
		return
	}
	t := at(c.notices, country)
	if h.Earlier(n.DisclosedAt) {
		t.owed += units
	} else {
		t.disclosed += units
	}
	if !c.before(closed) {
		*t.untold(n, c.end()) += units
		return
	}
	switch closing {
	case ToldOtherwise:
		t.otherwise += units
	case Cancelled:
		t.cancelled += units
	default:
		c.addTold(t, n, units)
	}
}

// addAdvance counts advance notices that were told in the half and that no disclosure had followed by its end.
func (c *Count) addAdvance(country string, n *NoticeFact, units int) {
	if !c.holds(n.AdvanceAt) || c.before(n.DisclosedAt) {
		return
	}
	c.seen(country)
	at(c.notices, country).onlyFore += units
}

// addTold counts units told by mail: before the disclosure, with nothing between, or after a restraint.
func (c *Count) addTold(t *noticeTally, n *NoticeFact, units int) {
	if !n.Confirmed {
		t.unconfirmed += units
	}
	end, restrained := n.LastRestraint()
	switch {
	case n.ToldBefore():
		t.before += units
	case !restrained:
		t.atOnce += units
	default:
		t.after += units
		if t.days == nil {
			t.days = spread{}
		}
		d := wholeDays(end, n.ClosedAt)
		t.days.add(d, units)
		c.afterEnd.add(d, units)
	}
}

// untold is the cell of a unit that was still owed just before the instant: the first reason that applies, then overdue
// and pending.
func (t *noticeTally) untold(n *NoticeFact, end time.Time) *int {
	last := end.Add(-1)
	cells := map[Reason]*int{Undeliverable: &t.undeliverable, ByOrder: &t.order, ByStatute: &t.statute,
		ByException: &t.exception, ByPerson: &t.held}
	for _, reason := range []Reason{Undeliverable, ByOrder, ByStatute, ByException, ByPerson} {
		if slices.ContainsFunc(n.Spans, func(s Span) bool { return s.Reason == reason && s.Covers(last) }) {
			return cells[reason]
		}
	}
	if end.Sub(n.DueBefore(last)) > overdueAfter {
		return &t.overdue
	}
	return &t.pending
}

// noticesTable has a row for every country that ever appeared (C8).
func (c *Count) noticesTable() Table {
	t := Table{Name: UserNotices}
	for country := range c.countries {
		n := noticeTally{}
		if counted := c.notices[country]; counted != nil {
			n = *counted
		}
		row := []string{c.Half.String(), country}
		for _, cell := range n.cells() {
			row = append(row, itoa(*cell))
		}
		median, greatest := n.days.cells()
		t.Rows = append(t.Rows, append(row, median, greatest))
	}
	return t.sorted()
}
