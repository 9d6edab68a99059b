package intake

import (
	"slices"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/ledger"
)

// needsTwo says that two persons have to decide about the event. Where persons are told apart by their credentials, the
// event waits for another one. Else approvedBy has to name two, and the result is a fault where it does not.
func (p planner) needsTwo(d *draft, approvedBy []string, fewer string) error {
	if p.Principals {
		d.two = true
		return nil
	}
	if events.Persons(approvedBy) < 2 {
		return fault("/data/approvedBy", fewer)
	}
	return nil
}

// decided lists the different persons who have decided about the draft's event: who asked before, if anybody, and who
// posted it.
func (d *draft) decided() []string {
	var out []string
	for _, person := range []string{d.before, d.ev.Person} {
		if person != "" && !slices.Contains(out, person) {
			out = append(out, person)
		}
	}
	return out
}

// waits reports whether the draft's event needs another person.
func (d *draft) waits() bool {
	asked := ledger.Approval{Persons: d.decided()}
	return d.two && !d.unanswered && !d.ev.Approved && asked.Needs() > 0
}

// mayWait reports whether events of the type may need two persons.
func mayWait(t event.Type) bool {
	switch t {
	case event.OrderAssessed, event.OrderEnded, event.NoticeReleased, event.NoticeCancelled, event.NoticeTold,
		event.ExceptionApproved, event.ExceptionRenewed, event.RequestDecided, event.DisclosureMade:
		return true
	}
	return false
}
