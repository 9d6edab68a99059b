package review

import (
	"fmt"
	"slices"
	"time"

	"lapse/internal/matter"
)

// endCheck is the ground that orders bring, whenever they come.
const endCheck = "O13"

// Current returns the findings of a request as of an instant: those recorded with it, with the ground that the matter's
// orders bring (O13) judged again. The recorded ones stay as they are.
func Current(recorded []matter.Finding, orders []matter.Order, now time.Time) []matter.Finding {
	out := slices.Clone(recorded)
	for _, g := range Grounds() {
		i := slices.IndexFunc(out, func(f matter.Finding) bool { return f.Check == g.Check })
		if g.Check == endCheck && i >= 0 {
			out[i] = g.finding(Input{Orders: orders, Now: now})
		}
	}
	return out
}

// FoundSince lists the grounds to challenge that stand as of an instant, did not stand when counsel decided, and were
// not challenged since. decided are the findings that the decision rested on. Of O13, each order is a ground of its
// own, until the order is challenged, or the request for it.
func FoundSince(decided []matter.Finding, req *matter.Request, orders []matter.Order, now time.Time) []string {
	var found []string
	for _, g := range Grounds() {
		before, stood := failed(decided, g.Check)
		if g.Check == endCheck {
			for _, o := range orders {
				_, is := Endless(o, now)
				challenged := len(o.Challenges) > 0 || challenges(req, g, o.Recorded)
				if is && !challenged && !slices.Contains(ordersOf(before), o.ID) {
					found = append(found, fmt.Sprintf("%s (%s, order %s)", g.Check, g.Code, o.ID))
				}
			}
			continue
		}
		if _, stands := failed(req.Findings, g.Check); stands && !stood && !challenges(req, g, time.Time{}) {
			found = append(found, fmt.Sprintf("%s (%s)", g.Check, g.Code))
		}
	}
	return found
}

// challenges reports whether the request was challenged for the ground, in an event recorded at the instant or later.
func challenges(req *matter.Request, g Ground, since time.Time) bool {
	return slices.ContainsFunc(req.Challenges, func(c matter.RequestChallenge) bool {
		return slices.Contains(c.Grounds, g.Code) && !c.At.Before(since)
	})
}

// Guarded reports whether data of an account of the class is handed over only where no ground to challenge is open.
func Guarded(class matter.AccountClass) bool {
	return class == matter.Enterprise || class == matter.PublicSector
}

// failed finds the failed finding of a check.
func failed(findings []matter.Finding, check string) (matter.Finding, bool) {
	i := slices.IndexFunc(findings, func(f matter.Finding) bool { return f.Check == check && f.Status == matter.Fail })
	if i < 0 {
		return matter.Finding{}, false
	}
	return findings[i], true
}

// ordersOf lists the orders that a finding of O13 names. A finding that was read from a store has them as any.
func ordersOf(f matter.Finding) []string {
	switch list := f.Evidence["orders"].(type) {
	case []string:
		return list
	case []any:
		ids := make([]string, 0, len(list))
		for _, id := range list {
			if s, ok := id.(string); ok {
				ids = append(ids, s)
			}
		}
		return ids
	}
	return nil
}
