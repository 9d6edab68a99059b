// Package restraint is the algebra of what forbids telling. It takes a matter's records and an instant. It answers
// which restraints cover a recipient, when a notice is due, whether it may be sent, in which state an order is, and
// why. The package is pure: the same records, rules, zone data and instant give the same answer (law 5).
//
// A restraint is a half-open interval [from, until); from may be the beginning of time, until may be unknown.
// Restraints are a set, so their union decides: adding one never makes a due earlier, ending one never later (law 4).
package restraint

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// Target is whom a notice tells about what.
type Target struct {
	Subject string
	Role    matter.Role
	// Disclosure is the notice's disclosure; empty before any.
	Disclosure string
	// Tenant is the subject's tenant, where the recipient may serve several subjects of that tenant; else "".
	Tenant string
	// Mailbox is the keyed hash of the address that the mail goes to; "" where there is none.
	Mailbox string
	// Disclosed is the instant of the notice's disclosure; zero before any. Some orders count their period from it.
	Disclosed time.Time
}

// TargetOf is the target of a notice: its Recipient, as the subject stands.
func TargetOf(n *notice.Notice, s *matter.Subject) Target { return TargetAt(n, n.Recipient(s)) }

// TargetAt is the target of a notice whose mail reaches the recipient.
func TargetAt(n *notice.Notice, to matter.Recipient) Target {
	t := Target{
		Subject: n.Subject, Role: to.Role, Tenant: to.Tenant, Mailbox: to.Mailbox, Disclosure: n.Disclosure,
		Disclosed: n.Base,
	}
	if n.Kind == notice.Advance {
		t.Disclosed = time.Time{} // nothing was handed over, so no period counts from it yet
	}
	return t
}

// Interval is the time that one restraint covers. A zero From is the beginning of time. A zero Until is no known end.
type Interval struct {
	// Source is the order's or exception's id.
	Source      string
	Origin      matter.Origin
	Kind        matter.OrderKind
	From, Until time.Time
	// Recorded is when the restraint was recorded.
	Recorded time.Time
	// Review is the time between two reviews of a restraint that has no known end.
	Review time.Duration
}

func (i Interval) begunBy(t time.Time) bool { return i.From.IsZero() || !i.From.After(t) }
func (i Interval) endedBy(t time.Time) bool { return !i.Until.IsZero() && !i.Until.After(t) }

// endedBefore reports whether the interval was over before the instant.
func (i Interval) endedBefore(t time.Time) bool { return !i.Until.IsZero() && i.Until.Before(t) }

// Covers reports whether the interval covers the instant.
func (i Interval) Covers(t time.Time) bool { return i.begunBy(t) && !i.endedBy(t) }

// empty reports whether the interval covers nothing at all, because it ends before it begins.
func (i Interval) empty() bool {
	return !i.Until.IsZero() && !i.From.IsZero() && !i.From.Before(i.Until)
}

// Evaluator computes with a memo of calendar readings, because these are costly. A sweep or a request makes one and
// drops it afterwards. Several goroutines may use one Evaluator at once.
type Evaluator struct {
	mu       sync.Mutex
	readings map[readingKey]calendar.Reading
}

type readingKey struct {
	paper     matter.Paper
	disclosed time.Time
}

// NewEvaluator returns an empty Evaluator.
func NewEvaluator() *Evaluator {
	return &Evaluator{readings: map[readingKey]calendar.Reading{}}
}

// Reading is calendar.Read with a memo.
func (e *Evaluator) Reading(p matter.Paper, disclosed time.Time) calendar.Reading {
	if !p.End.FromDisclosure() {
		disclosed = time.Time{}
	}
	k := readingKey{p, disclosed}
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.readings[k]
	if !ok {
		r = calendar.Read(p, disclosed)
		e.readings[k] = r
	}
	return r
}

// Ends is the interval of one restraint for a disclosure at the given instant (zero: none yet). The paper is read anew.
// The longer of this reading and the recorded one holds, so that new zone data never shorten a hold by themselves.
// Dates that look mistyped shorten nothing until a person has read the paper. An end by a court and a plea's grace only
// shorten the interval.
func (e *Evaluator) Ends(r *matter.Restraint, disclosed time.Time) Interval {
	i := e.stated(r, disclosed)
	start, end := e.doubted(r, i)
	if start {
		i.From = time.Time{}
	}
	if end {
		i.Until = e.unpassed(r, disclosed)
	}
	if r.Kind == matter.Plea {
		i.Until = sooner(i.Until, matter.Ceil(r.Recorded.Add(Grace(r))))
	}
	i.Until = sooner(i.Until, r.Ended)
	return i
}

// farStart is how far ahead of the recording a start may lie to be believed without a person: courts order silence from
// now on, or for a date that they expect soon. A mistyped year lies further ahead.
const farStart = 90 * 24 * time.Hour

// doubted reports whether the start and the end of a paper look mistyped, and nobody has read the paper: a start far
// ahead of the recording, and an end before it, be it a part of several. Assessed papers and exceptions are never
// doubted.
func (e *Evaluator) doubted(r *matter.Restraint, i Interval) (start, end bool) {
	if _, ours := r.Kind.Exception(); ours || r.Assessed || r.Paper == (matter.Paper{}) {
		return false, false
	}
	start = !i.From.IsZero() && i.From.After(r.Recorded.Add(farStart))
	if !r.Paper.End.Composite() {
		return start, !i.Until.IsZero() && !i.Until.After(r.Recorded) && !r.Paper.End.FromDisclosure()
	}
	return start, slices.ContainsFunc(r.Paper.End.Parts(), func(part matter.End) bool { return e.passed(r, part) })
}

// passed reports whether a part of the end had passed when the restraint was recorded.
func (e *Evaluator) passed(r *matter.Restraint, part matter.End) bool {
	alone := r.Paper
	alone.End = part
	until := e.Reading(alone, time.Time{}).Until
	return !part.FromDisclosure() && !until.IsZero() && !until.After(r.Recorded)
}

// unpassed is the end of a restraint whose end, or a part of it, had passed when it was recorded. Such a part does not
// count among the earliest of several. Any other end is none.
func (e *Evaluator) unpassed(r *matter.Restraint, disclosed time.Time) time.Time {
	if r.Paper.End.Kind != matter.EndEarliest {
		return time.Time{}
	}
	parts := r.Paper.End.Parts()
	for k, part := range parts {
		if e.passed(r, part) {
			parts[k] = matter.End{Kind: matter.EndNone}
		}
	}
	left := r.Paper
	left.End = left.End.With(parts)
	return e.Reading(left, disclosed).Until
}

// stated is the interval as the paper has it.
func (e *Evaluator) stated(r *matter.Restraint, disclosed time.Time) Interval {
	read := e.Reading(r.Paper, disclosed)
	i := Interval{
		Source: r.ID, Origin: r.Origin, Kind: r.Kind, Recorded: r.Recorded, Review: reviewPeriod(r),
		From: earlier(r.From, read.From), Until: read.Until,
	}
	if !r.Paper.End.FromDisclosure() {
		i.Until = later(r.Until, read.Until)
	}
	return i
}

// Grace is the longest time that a plea holds after it was recorded.
func Grace(r *matter.Restraint) time.Duration { return cmp.Or(r.Grace, matter.PleaGrace) }

// earlier is the earlier of two starts, where zero is the beginning of time.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if a.Before(b) {
		return a
	}
	return b
}

// later is the later of two ends, where zero is no end.
func later(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if a.After(b) {
		return a
	}
	return b
}

// sooner is the sooner of two ends, where zero is no end.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// covers reports whether the restraint covers the target. A restraint covers everybody where its list cannot be read,
// names somebody whom the matter does not know yet, or has no room for all mailboxes. Only its roles narrow such a
// restraint.
func covers(r *matter.Restraint, t Target) bool {
	if r.Void || len(r.Recipients) > 0 && !slices.Contains(r.Recipients, t.Role) {
		return false
	}
	if r.Disclosure != "" && t.Disclosure != "" && r.Disclosure != t.Disclosure {
		return false
	}
	everybody := r.All || r.Torn || len(r.Unknown) > 0 || r.Spread > 0
	return everybody || slices.Contains(r.Subjects, t.Subject) || sharesMailbox(r, t) || sharesTenant(r, t)
}

// sharesMailbox reports whether the mail goes to an address that a subject has whom the restraint names.
func sharesMailbox(r *matter.Restraint, t Target) bool {
	return t.Mailbox != "" && slices.Contains(r.Mailboxes, t.Mailbox)
}

// sharesTenant reports whether a subject whom the restraint names is of the same tenant, and the recipient's role
// serves several people of it.
func sharesTenant(r *matter.Restraint, t Target) bool {
	return t.Tenant != "" && (slices.Contains(r.Tenants, t.Tenant) || slices.Contains(r.Tenants, matter.AnyTenant))
}

// Covering lists the intervals of all restraints that cover the target at some time, in the head's order.
func (e *Evaluator) Covering(h *matter.Head, t Target) []Interval {
	var out []Interval
	for i := range h.Restraints {
		r := &h.Restraints[i]
		if !covers(r, t) {
			continue
		}
		if iv := e.Ends(r, t.Disclosed); !iv.empty() {
			if out == nil {
				out = make([]Interval, 0, len(h.Restraints)-i)
			}
			out = append(out, iv)
		}
	}
	return out
}
