package restraint

import (
	"cmp"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

const (
	// StatuteReview is the time between two reviews of secrecy by statute. Statutes seldom change.
	StatuteReview = 365 * 24 * time.Hour
	// ReviewAhead is how long before its review an exception comes up on the work list, so that it can be renewed in time.
	ReviewAhead = 7 * 24 * time.Hour
	// UnreadAlarm is how long an order may stay unread before it comes up on the work list.
	UnreadAlarm = 24 * time.Hour
)

// NextVisit is when the notice's agenda row comes up, and whether the notice needs a row at all. A notice without a due
// comes up at the next review of the restraints that hold it, so that even a lost re-plan heals. s is the notice's
// subject. It matters only where the notice waits for its mail to go.
func (e *Evaluator) NextVisit(n *notice.Notice, s *matter.Subject, h *matter.Head, now time.Time) (at time.Time,
	open bool) {
	switch {
	case n.State.Terminal():
		return time.Time{}, false
	case n.State == notice.Sent:
		return matter.Ceil(n.SentAt.Add(notice.ConfirmWindow)), true
	case n.State == notice.Sending:
		return matter.Ceil(n.Lease), true
	}
	if n.Kind == notice.Advance && n.State != notice.Held {
		// One that is covered when it is to go is withheld at once, so nothing is waited for.
		if at = n.Opens(); n.Next.After(at) {
			at = n.Next
		}
		return matter.Ceil(at), true
	}
	covering := e.Covering(h, TargetOf(n, s))
	due, known := Due(covering, n.Base, now)
	switch {
	case !known:
		return nextReview(covering, now), true
	case n.State == notice.Held:
		return reviewAfter(now, n.Created, matter.OpenEndedReview), true
	case n.Next.After(due):
		return matter.Ceil(n.Next), true
	}
	return due, true
}

// nextReview is the earliest review of the restraints that have no known end.
func nextReview(covering []Interval, now time.Time) time.Time {
	next := time.Time{}
	for _, i := range covering {
		next = sooner(next, i.NextReview(now))
	}
	return next
}

// reviewPeriod is the time between two reviews of a restraint that has no known end. A restraint that holds until
// counsel has answered is no statute, although its kind says so.
func reviewPeriod(r *matter.Restraint) time.Duration {
	if r.Kind == matter.Statute && !r.Origin.AsksCounsel() {
		return StatuteReview
	}
	return cmp.Or(r.Review, matter.OpenEndedReview)
}

// NextReview is the first review after now; zero where the interval has a known end.
func (i Interval) NextReview(now time.Time) time.Time {
	if !i.Until.IsZero() {
		return time.Time{}
	}
	return reviewAfter(now, i.Recorded, i.Review)
}

// reviewAfter is the first review after now. Reviews follow the recording at equal distances.
func reviewAfter(now, recorded time.Time, period time.Duration) time.Time {
	gone := max(now.Sub(recorded), 0)
	return matter.Ceil(recorded.Add((gone/period + 1) * period))
}

// NextOrderVisit is when an order comes up next, and whether it does at all. It comes up at its end or at the end of
// its plea's grace, at the next review where it has no known end, when it was unread for UnreadAlarm, and when the
// clock of a pending challenge has run.
func (e *Evaluator) NextOrderVisit(o *matter.Order, h *matter.Head, now time.Time) (at time.Time, open bool) {
	r, ok := h.Restraint(o.ID)
	if !ok {
		return time.Time{}, false
	}
	state := e.State(o, h, now)
	switch state {
	case matter.OrderExpired, matter.OrderEnded, matter.OrderVoid:
		return time.Time{}, false
	}
	i := e.Ends(r, h.LastDisclosed)
	until := sooner(i.Until, i.NextReview(now))
	at, open = sooner(until, challengeClock(o, now)), until.After(now)
	if unread := matter.Ceil(o.Recorded.Add(UnreadAlarm)); state == matter.OrderReceived && unread.After(now) {
		return sooner(at, unread), true
	}
	return at, open
}

// challengeClock is when the next clock of a pending challenge has run; zero where none is running.
func challengeClock(o *matter.Order, now time.Time) time.Time {
	next := time.Time{}
	for _, c := range o.Challenges {
		if c.Outcome == matter.ChallengePending && c.Clock.After(now) {
			next = sooner(next, c.Clock)
		}
	}
	return next
}

// NextExceptionVisit is when an exception comes up next, and whether it does at all. It comes up UnreadAlarm after its
// request where nobody has approved it, ReviewAhead before its review, and when it ends by itself.
func (e *Evaluator) NextExceptionVisit(x *matter.Exception, h *matter.Head, now time.Time) (at time.Time, open bool) {
	r, ok := h.Restraint(x.ID)
	if !ok {
		return time.Time{}, false
	}
	until := e.Ends(r, time.Time{}).Until
	switch e.ExceptionState(x, h, now) {
	case matter.ExceptionEnded, matter.ExceptionExpired:
		return time.Time{}, false
	case matter.ExceptionRequested:
		at = matter.Ceil(x.Recorded.Add(UnreadAlarm))
	default:
		at = matter.Ceil(until.Add(-ReviewAhead))
	}
	if !at.After(now) || at.After(until) {
		at = until
	}
	return at, true
}
