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
	h, units := c.Half, n.units()
	c.addAdvance(country, n, units)
	if !c.before(n.DisclosedAt) {
		return
	}
	c.seen(country)
	closing, closed := n.closed()
	if h.earlier(n.DisclosedAt) && h.earlier(closed) {
		return
	}
	t := at(c.notices, country)
	if h.earlier(n.DisclosedAt) {
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

// closed is how and when the unit stopped being owed. A unit with an advance notice was told before its disclosure, so
// it never is owed. Nothing closes before the disclosure itself.
func (n *NoticeFact) closed() (Closing, time.Time) {
	closing, at := n.Closing, n.ClosedAt
	if n.toldBefore() {
		closing, at = Told, n.DisclosedAt
	}
	if closing != StillOwed && at.Before(n.DisclosedAt) {
		at = n.DisclosedAt
	}
	return closing, at
}

func (n *NoticeFact) toldBefore() bool {
	return !n.AdvanceAt.IsZero() && !n.AdvanceAt.After(n.DisclosedAt)
}

// addTold counts units told by mail: before the disclosure, with nothing between, or after a restraint.
func (c *Count) addTold(t *noticeTally, n *NoticeFact, units int) {
	if !n.Confirmed {
		t.unconfirmed += units
	}
	end, restrained := n.lastRestraint()
	switch {
	case n.toldBefore():
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

// lastRestraint is the end of the last restraint that covered the unit between the disclosure and SES' acceptance, and
// whether one did. A person's hold is no restraint. A restraint without an end in that stretch counts as ending with
// it.
func (n *NoticeFact) lastRestraint() (end time.Time, covered bool) {
	for _, s := range n.Spans {
		meets := s.From.Before(n.ClosedAt) && (s.Until.IsZero() || s.Until.After(n.DisclosedAt))
		if !s.Reason.restrains() || !meets {
			continue
		}
		until := s.Until
		if until.IsZero() || until.After(n.ClosedAt) {
			until = n.ClosedAt
		}
		if !covered || until.After(end) {
			end, covered = until, true
		}
	}
	return end, covered
}

// untold is the cell of a unit that was still owed just before the instant: the first reason that applies, then overdue
// and pending.
func (t *noticeTally) untold(n *NoticeFact, end time.Time) *int {
	last := end.Add(-1)
	cells := map[Reason]*int{Undeliverable: &t.undeliverable, ByOrder: &t.order, ByStatute: &t.statute,
		ByException: &t.exception, ByPerson: &t.held}
	for _, reason := range []Reason{Undeliverable, ByOrder, ByStatute, ByException, ByPerson} {
		if slices.ContainsFunc(n.Spans, func(s Span) bool { return s.Reason == reason && s.covers(last) }) {
			return cells[reason]
		}
	}
	if end.Sub(n.dueBefore(last)) > overdueAfter {
		return &t.overdue
	}
	return &t.pending
}

// dueBefore is when the unit fell due that nothing covers at the instant: the end of the last restraint before it, and
// not before the disclosure. A person's hold moves no due.
func (n *NoticeFact) dueBefore(at time.Time) time.Time {
	due := n.DisclosedAt
	for _, s := range n.Spans {
		if s.Reason.restrains() && !s.Until.IsZero() && !s.Until.After(at) && s.Until.After(due) {
			due = s.Until
		}
	}
	return due
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
