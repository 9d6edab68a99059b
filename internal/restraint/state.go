package restraint

import (
	"time"

	"lapse/internal/matter"
)

// Ended says how a court or the authority ended an order in the state matter.OrderEnded: "lifted", "vacated" or
// "permitted".
func Ended(o *matter.Order) string {
	if end := firstEnding(o.Endings); end != nil {
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
	end := firstEnding(o.Endings)
	switch {
	case end != nil && !end.EffectiveAt.After(now) && !i.endedBefore(end.EffectiveAt):
		return matter.OrderEnded
	case r.Kind == matter.Plea:
		return matter.OrderPlea
	case e.mistyped(r):
		return matter.OrderReceived
	case i.endedBy(now):
		return matter.OrderExpired
	case r.Kind == matter.Statute, r.Kind == matter.Certification && e.Endless(r.Paper):
		return matter.OrderOpenEnded
	case e.Endless(r.Paper):
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

// mistyped reports whether the order's dates look mistyped, and nobody has read the paper.
func (e *Evaluator) mistyped(r *matter.Restraint) bool {
	start, end := e.doubted(r, e.stated(r, time.Time{}))
	return start || end
}

// firstEnding is the ending that takes effect first; nil where there is none.
func firstEnding(endings []matter.Ending) *matter.Ending {
	var found *matter.Ending
	for i := range endings {
		if found == nil || endings[i].EffectiveAt.Before(found.EffectiveAt) {
			found = &endings[i]
		}
	}
	return found
}

// Endless reports whether the paper names no end that can be computed. The end of a sound period from disclosure can
// be.
func (e *Evaluator) Endless(p matter.Paper) bool {
	if p.End.Computed() && p.End.FromDisclosure() {
		return e.Reading(p, probeDisclosure).Until.IsZero()
	}
	return e.Reading(p, time.Time{}).Until.IsZero()
}

// probeDisclosure stands for any disclosure where it only matters whether a period has an end.
var probeDisclosure = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// unread reports whether a check of severity binding failed or could not be made.
func unread(findings []matter.Finding) bool {
	for _, f := range findings {
		if f.Severity == matter.Binding && (f.Status == matter.Fail || f.Status == matter.Unknown) {
			return true
		}
	}
	return false
}

// deficient reports whether a check of severity deficient failed.
func deficient(findings []matter.Finding) bool {
	for _, f := range findings {
		if f.Severity == matter.Deficient && f.Status == matter.Fail {
			return true
		}
	}
	return false
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
