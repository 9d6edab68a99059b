package restraint

import (
	"slices"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

// Due is when a notice is due. While now is covered or lies before the base, the due is the least instant after both
// that no restraint covers. Otherwise it is the beginning of the uncovered stretch around now, and not before the base.
// It is not known where a restraint without a known end lies in between.
func Due(covering []Interval, base, now time.Time) (due time.Time, known bool) {
	t := matter.Floor(now)
	if base.After(now) {
		t = base
	} else if free(covering, t) {
		start := base
		for _, i := range covering {
			if i.endedBy(now) && i.Until.After(start) {
				start = i.Until
			}
		}
		return matter.Ceil(start), true
	}
	for {
		next, blocked := t, false
		for _, i := range covering {
			if !i.Covers(t) {
				continue
			}
			if i.Until.IsZero() {
				return time.Time{}, false
			}
			blocked = true
			if i.Until.After(next) {
				next = i.Until
			}
		}
		if !blocked {
			return matter.Ceil(t), true
		}
		t = next
	}
}

// free reports whether no interval covers the instant.
func free(covering []Interval, t time.Time) bool {
	return !slices.ContainsFunc(covering, func(i Interval) bool { return i.Covers(t) })
}

// HandOver is how long a mail may take from the final check until SES has it: 2 s until the request begins, 10 s for
// the request, dialling included, and matter.Margin for the clocks. A restraint that begins within that time counts as
// begun, so that no slow connection hands a mail over under it.
const HandOver = 15 * time.Second

// Clear reports whether a mail may be handed to SES from now on: the disclosure has happened, no restraint covers any
// instant within matter.Margin of now, and none begins before the mail is surely handed over (HandOver).
func Clear(covering []Interval, base, now time.Time) bool {
	if now.Before(base) {
		return false
	}
	return !slices.ContainsFunc(covering, func(i Interval) bool {
		return i.begunBy(now.Add(HandOver)) && !i.endedBy(now.Add(-matter.Margin))
	})
}

// NoticeDue is the due that answers show. An unfinished notice's due is computed. If SES took the notice's mail, its
// due is that of the evaluation which the mail rested on. It is not known for a notice that a restraint without a known
// end or a person holds.
func (e *Evaluator) NoticeDue(n *notice.Notice, s *matter.Subject, h *matter.Head, now time.Time) (time.Time, bool) {
	if a := n.Counts(); a != nil {
		return a.Due, true
	}
	if n.State == notice.Held {
		return time.Time{}, false
	}
	return Due(e.Covering(h, TargetOf(n, s)), n.Base, now)
}

// shown is the interval that answers show of an order: also a mistyped end is shown as it was read.
func (e *Evaluator) shown(r *matter.Restraint, disclosed time.Time) Interval {
	i := e.Ends(r, disclosed)
	if _, end := e.doubted(r, e.stated(r, disclosed)); end && r.Kind != matter.Plea {
		i.Until = sooner(e.stated(r, disclosed).Until, r.Ended)
	}
	return i
}

// LatestUntil is the order's end that answers show. A period from disclosure has the latest end over all disclosures so
// far, and none before any. Any other order has one end. Zero is no known end.
func (e *Evaluator) LatestUntil(r *matter.Restraint, disclosed []time.Time) time.Time {
	if !r.Paper.End.FromDisclosure() || len(disclosed) == 0 {
		return e.shown(r, time.Time{}).Until
	}
	latest := e.shown(r, disclosed[0]).Until
	for _, d := range disclosed[1:] {
		latest = later(latest, e.shown(r, d).Until)
	}
	return latest
}
