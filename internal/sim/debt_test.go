package sim

import (
	"lapse/internal/agenda"
	"lapse/internal/notice"
	"lapse/internal/owed"
)

// thrown counts the mails of the notice that SES took and then threw away.
func thrown(n *notice.Notice) int {
	c := 0
	for _, a := range n.Attempts {
		if a.Outcome == notice.OutcomeRejected && a.MessageID != "" {
			c++
		}
	}
	return c
}

// debt is what is left to do about a notice, by the subject as it stands.
func (w *world) debt(n *notice.Notice) owed.Debt {
	return owed.Of(n, w.subject(n), w.now.Add(skews))
}

// indebted checks that a notice which is over and not settled keeps a slow row.
func (w *world) indebted(n *notice.Notice) {
	if !n.Owed() && n.State != notice.Unconfirmed || w.debt(n) == owed.Settled {
		return
	}
	if _, ok := w.rowOf(n.ID); !ok {
		w.fail("superset rule", "%s is %s (%s), which is not settled, and has no agenda row", n.ID, n.State, n.Reason)
	}
}

// idles reports whether the row is a slow one of a notice that is owed and that no contact is left for. Once the faults
// are over nobody waits for such a visit: there is no end of them.
func (w *world) idles(r agenda.Row) bool {
	if r.Kind == agenda.Count {
		return w.settles(r)
	}
	if r.Kind == agenda.Moved {
		return !w.faulty() && r.At.After(w.now) && w.quiet(r.Ref)
	}
	if r.Kind != agenda.Notice || w.faulty() {
		return false
	}
	n := w.store.PeekAt(r.Ref)
	return n != nil && n.Owed() && owed.Slow(n, r) && w.debt(n) == owed.Unpayable
}
