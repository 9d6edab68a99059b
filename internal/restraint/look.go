package restraint

import (
	"cmp"
	"strings"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

const (
	// StatuteReview is how often secrecy by statute is looked at, which seldom moves.
	StatuteReview = 365 * 24 * time.Hour
	// ReviewAhead is how long before its review an exception stands on the work list: time enough to renew it.
	ReviewAhead = 7 * 24 * time.Hour
	// UnreadAlarm is how long an order may stay unread before it stands on the work list.
	UnreadAlarm = 24 * time.Hour
)

// NoticeDue is the due as it is answered: computed for a notice that is not finished; for one whose mail SES took, that
// of the evaluation the mail rested on. Unknown for a notice held without a known end, by a restraint or by a person.
func (e *Evaluator) NoticeDue(n *notice.Notice, h *matter.Head, now time.Time) (time.Time, bool) {
	if a := rested(n); a != nil {
		return a.Due, true
	}
	if n.State == notice.Held {
		return time.Time{}, false
	}
	return Due(e.Covering(h, TargetOf(n)), n.Base, now)
}

// rested is the attempt that a sent or finished notice's mail came from; nil where there is none, or where the notice
// is owed again.
func rested(n *notice.Notice) *notice.Attempt {
	if n.State != notice.Sent && !n.State.Terminal() {
		return nil
	}
	if a := n.Attempt(n.Token); a != nil && a.Outcome == "accepted" {
		return a
	}
	for i := range n.Attempts {
		if n.Attempts[i].Outcome == "accepted" {
			return &n.Attempts[i]
		}
	}
	return nil
}

// Look is where the notice's agenda row has to stand, and whether it needs one at all. A notice without a due is looked
// at on the next review of what holds it, so that even a lost re-plan heals.
func (e *Evaluator) Look(n *notice.Notice, h *matter.Head, now time.Time) (at time.Time, open bool) {
	switch {
	case n.State.Terminal():
		return time.Time{}, false
	case n.State == notice.Sent:
		return matter.Ceil(n.SentAt.Add(notice.ConfirmWindow)), true
	case n.State == notice.Sending:
		return matter.Ceil(n.Lease), true
	}
	covering := e.Covering(h, TargetOf(n))
	due, known := Due(covering, n.Base, now)
	switch {
	case !known:
		return nextReview(covering, now), true
	case n.State == notice.Held:
		return review(n.Created, matter.OpenEndedReview, now), true
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

// AsksCounsel reports whether a standing restraint of this id rests on no statute, but on a question to counsel: no
// verified rule, or an order that could not be read.
func AsksCounsel(id string) bool {
	return strings.HasPrefix(id, "law-unverified-") || strings.HasPrefix(id, "law-refused-")
}

// reviewed is how often the restraint is reviewed while it has no known end. What holds only until counsel has answered is
// no statute, whatever stands in for it.
func reviewed(r *matter.Restraint) time.Duration {
	if r.Kind == matter.Statute && !AsksCounsel(r.ID) {
		return StatuteReview
	}
	return cmp.Or(r.Review, matter.OpenEndedReview)
}

// NextReview is the first review after now, zero where the interval has a known end.
func (i Interval) NextReview(now time.Time) time.Time {
	if !i.Until.IsZero() {
		return time.Time{}
	}
	return review(i.Recorded, i.Review, now)
}

// review is the next review after now of what was recorded then.
func review(recorded time.Time, every time.Duration, now time.Time) time.Time {
	gone := max(now.Sub(recorded), 0)
	return matter.Ceil(recorded.Add((gone/every + 1) * every))
}

// OrderLook is when an order has to be looked at next, and whether at all: at its end, at its plea's or reader's limit,
// at the next review where it has no known end, or when the clock of a pending challenge has run.
func (e *Evaluator) OrderLook(o *matter.Order, h *matter.Head, now time.Time) (at time.Time, open bool) {
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
	at, open = sooner(until, clock(o, now)), until.After(now)
	if unread := matter.Ceil(o.Recorded.Add(UnreadAlarm)); state == matter.OrderReceived && unread.After(now) {
		return sooner(at, unread), true
	}
	return at, open
}

// clock is when the next time that the other side has in a pending challenge is over, zero where no clock is running.
func clock(o *matter.Order, now time.Time) time.Time {
	next := time.Time{}
	for _, c := range o.Challenges {
		if c.Outcome == matter.ChallengePending && c.Clock.After(now) {
			next = sooner(next, c.Clock)
		}
	}
	return next
}

// ExceptionState is an exception's state at the instant.
func (e *Evaluator) ExceptionState(x *matter.Exception, h *matter.Head, now time.Time) matter.ExceptionState {
	switch r, ok := h.Restraint(x.ID); {
	case x.Ending != nil:
		return matter.ExceptionEnded
	case ok && e.Ends(r, time.Time{}).endedBy(now):
		return matter.ExceptionExpired
	case x.Approval == nil:
		return matter.ExceptionRequested
	}
	return matter.ExceptionActive
}

// ExceptionLook is when an exception has to be looked at next, and whether at all: where nobody has approved it a day
// after it was requested, ReviewAhead before its review, and when it ends by itself.
func (e *Evaluator) ExceptionLook(x *matter.Exception, h *matter.Head, now time.Time) (at time.Time, open bool) {
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

// Ended says how a court or the authority ended an order in the state matter.OrderEnded: "lifted", "vacated" or "permitted".
func Ended(o *matter.Order) string {
	if end := first(o.Endings); end != nil {
		return end.How
	}
	return ""
}

// State is the order's state (docs/state-machine.md), from its findings, its ends and the clock.
func (e *Evaluator) State(o *matter.Order, h *matter.Head, now time.Time) matter.OrderState {
	r, ok := h.Restraint(o.ID)
	if !ok {
		return matter.OrderReceived
	}
	if r.Void {
		return matter.OrderVoid
	}
	i := e.Ends(r, h.LastDisclosed)
	end := first(o.Endings)
	switch {
	case end != nil && !end.EffectiveAt.After(now) && !i.endedBefore(end.EffectiveAt):
		return matter.OrderEnded
	case r.Kind == matter.Plea:
		return matter.OrderPlea
	case i.endedBy(now):
		return matter.OrderExpired
	case r.Kind == matter.Statute, r.Kind == matter.Certification && e.endless(r):
		return matter.OrderOpenEnded
	case e.endless(r):
		return matter.OrderInForceDeficient
	case !i.begunBy(now):
		return matter.OrderPendingStart
	case len(o.Assessments) == 0 && unread(o.Findings):
		return matter.OrderReceived
	case deficient(o.Findings):
		return matter.OrderInForceDeficient
	}
	return matter.OrderInForce
}

// first is the ending that took or takes effect first, nil where there is none.
func first(endings []matter.Ending) *matter.Ending {
	var found *matter.Ending
	for i := range endings {
		if found == nil || endings[i].EffectiveAt.Before(found.EffectiveAt) {
			found = &endings[i]
		}
	}
	return found
}

// endless reports whether the paper itself names no end that can be computed. A period from disclosure is one that can.
func (e *Evaluator) endless(r *matter.Restraint) bool {
	return e.Endless(r.Paper)
}

// Endless reports whether the paper names no end that can be computed.
func (e *Evaluator) Endless(p matter.Paper) bool {
	if p.End.Kind == matter.EndPeriod && p.End.From == "disclosed" {
		return e.Reading(p, probeDisclosure).Until.IsZero()
	}
	return e.Reading(p, time.Time{}).Until.IsZero()
}

// probeDisclosure stands for any disclosure when only the computability of a period matters.
var probeDisclosure = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// unread reports whether a check that decides if the paper binds at all failed or could not be made.
func unread(findings []matter.Finding) bool {
	for _, f := range findings {
		if f.Severity == matter.Binding && (f.Status == matter.Fail || f.Status == matter.Unknown) {
			return true
		}
	}
	return false
}

func deficient(findings []matter.Finding) bool {
	for _, f := range findings {
		if f.Severity == matter.Deficient && f.Status == matter.Fail {
			return true
		}
	}
	return false
}

// LatestUntil is the order's end as it is answered: over all disclosures so far for a period from disclosure (none
// before any), else the one end. Zero is no known end.
func (e *Evaluator) LatestUntil(r *matter.Restraint, disclosed []time.Time) time.Time {
	if r.Paper.End.From != "disclosed" || len(disclosed) == 0 {
		return e.Ends(r, time.Time{}).Until
	}
	latest := e.Ends(r, disclosed[0]).Until
	for _, d := range disclosed[1:] {
		latest = later(latest, e.Ends(r, d).Until)
	}
	return latest
}
