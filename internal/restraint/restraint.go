// Package restraint is the algebra of what forbids telling. It answers, from the matter's records alone and for the
// instant it is given: what covers this recipient, when is the notice due, may it be sent now, in which state is this
// order, and why. It is pure: the same records, rules, zone data and instant give the same answer (law 5).
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
	// Tenant is the subject's where the recipient may be others' of the tenant as well, else "".
	Tenant string
	// Disclosed is the instant of the notice's disclosure, from which some orders count; zero before any.
	Disclosed time.Time
}

// TargetOf is the target of a notice.
func TargetOf(n *notice.Notice) Target {
	return Target{Subject: n.Subject, Role: n.Recipient, Tenant: n.Tenant, Disclosed: n.Base}
}

// Interval is what one restraint covers in time. From zero is the beginning of time, Until zero is no known end.
type Interval struct {
	// Source is the order's or exception's id.
	Source      string
	Kind        matter.OrderKind
	From, Until time.Time
	// Recorded is when the restraint was recorded; Review is how often it is looked at from then on while it has no known end.
	Recorded time.Time
	Review   time.Duration
}

func (i Interval) begunBy(t time.Time) bool { return i.From.IsZero() || !i.From.After(t) }
func (i Interval) endedBy(t time.Time) bool { return !i.Until.IsZero() && !i.Until.After(t) }

// endedBefore reports whether the interval was over before the instant.
func (i Interval) endedBefore(t time.Time) bool { return !i.Until.IsZero() && i.Until.Before(t) }

// Covers reports whether the interval covers the instant.
func (i Interval) Covers(t time.Time) bool { return i.begunBy(t) && !i.endedBy(t) }

// empty reports whether the interval covers nothing at all: it ended before it began.
func (i Interval) empty() bool {
	return !i.Until.IsZero() && !i.From.IsZero() && !i.From.Before(i.Until)
}

// Evaluator computes with a memo of calendar readings, which are the costly part. Make one for a sweep or a request
// and drop it afterwards; it may be used by several goroutines at once.
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

// Reading is calendar.Read, remembered.
func (e *Evaluator) Reading(p matter.Paper, disclosed time.Time) calendar.Reading {
	if p.End.From != "disclosed" {
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

// Ends is the interval of one restraint for a disclosure at the given instant (zero: none yet). What the paper says is
// computed anew and the longer of that and what was recorded holds, so that new zone data never shorten by themselves.
// An end by a court, and a plea's grace, only shorten what the paper says.
func (e *Evaluator) Ends(r *matter.Restraint, disclosed time.Time) Interval {
	read := e.Reading(r.Paper, disclosed)
	i := Interval{Source: r.ID, Kind: r.Kind, Recorded: r.Recorded, Review: reviewed(r), From: earlier(r.From, read.From), Until: read.Until}
	if r.Paper.End.From != "disclosed" {
		i.Until = later(r.Until, read.Until)
	}
	if r.Kind == matter.Plea {
		i.Until = sooner(i.Until, matter.Ceil(r.Recorded.Add(Grace(r))))
	}
	i.Until = sooner(i.Until, r.Ended)
	return i
}

// Grace is how long a plea holds after it was recorded, at most.
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

// covers reports whom the restraint covers. Where its list cannot be read, or names somebody whom the matter does not
// know yet, it covers everybody; only roles narrow it.
func covers(r *matter.Restraint, t Target) bool {
	if r.Void || len(r.Recipients) > 0 && !slices.Contains(r.Recipients, t.Role) {
		return false
	}
	return r.All || r.Torn || len(r.Unknown) > 0 || slices.Contains(r.Subjects, t.Subject) || shared(r, t)
}

// shared reports whether the recipient may be that of somebody whom the restraint names: of the same tenant, in a role
// that is not one person's own.
func shared(r *matter.Restraint, t Target) bool {
	return t.Tenant != "" && (slices.Contains(r.Tenants, t.Tenant) || slices.Contains(r.Tenants, matter.AnyTenant))
}

// Covering lists the intervals of everything in the head that covers the target at some time, in the head's order.
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

// Due is the notice's due: while now is covered or before the base, the least instant after both
// that nothing covers; else the beginning of the uncovered stretch that now lies in, not before the base. It is not
// known where a restraint without a known end stands in between.
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

func free(covering []Interval, t time.Time) bool {
	return !slices.ContainsFunc(covering, func(i Interval) bool { return i.Covers(t) })
}

// Clear reports whether a mail may go at now: the disclosure has happened, and nothing covers any instant within
// matter.Margin of now, the allowed skew of clocks.
func Clear(covering []Interval, base, now time.Time) bool {
	if now.Before(base) {
		return false
	}
	return !slices.ContainsFunc(covering, func(i Interval) bool {
		return i.begunBy(now.Add(matter.Margin)) && !i.endedBy(now.Add(-matter.Margin))
	})
}
