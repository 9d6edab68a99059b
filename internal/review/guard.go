package review

import (
	"slices"
	"strings"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// Guard keeps data of enterprises and public bodies from being handed over while a lawful ground to challenge stands.
// Before a decision to comply, a challenge must have been decided. Otherwise the decision must name every failed
// ground, and its reason must say why there is no challenge. Guard returns the faults of the decision, nil if it may be
// recorded. classes are the account classes of the matter's subjects. challenged means that a challenge was decided
// before.
func Guard(d event.RequestDecidedData, findings []matter.Finding, classes []matter.AccountClass,
	challenged bool) []event.Fault {
	var open []string
	for _, g := range standing(d, findings, classes, challenged) {
		if !answered(d, g) {
			open = append(open, g.Check+" ("+g.Code+")")
		}
	}
	if len(open) == 0 {
		return nil
	}
	return []event.Fault{{
		Pointer: "/data/grounds",
		Detail: "data of an enterprise or a public body has grounds to challenge: " + strings.Join(open, ", ") +
			". Decide a challenge, or name each of them in grounds and give in reason why none is brought",
	}}
}

// Overrides reports whether a decision that Guard lets pass complies although a ground to challenge stands. The
// arguments are those of Guard.
func Overrides(d event.RequestDecidedData, findings []matter.Finding, classes []matter.AccountClass,
	challenged bool) bool {
	return len(standing(d, findings, classes, challenged)) > 0
}

// standing lists the grounds that stand against a decision.
func standing(d event.RequestDecidedData, findings []matter.Finding, classes []matter.AccountClass,
	challenged bool) []Ground {
	if !d.Decision.Complies() || !slices.ContainsFunc(classes, Guarded) || challenged {
		return nil
	}
	return slices.DeleteFunc(Grounds(), func(g Ground) bool {
		return !slices.ContainsFunc(findings, func(f matter.Finding) bool {
			return f.Check == g.Check && f.Status == matter.Fail
		})
	})
}

// answered reports whether a decision names the ground, by number or by code, and gives a reason.
func answered(d event.RequestDecidedData, g Ground) bool {
	return filled(d.Reason) && slices.ContainsFunc(d.Grounds, func(said string) bool {
		said = strings.TrimSpace(said)
		return strings.EqualFold(said, g.Check) || strings.EqualFold(said, g.Code) ||
			g.Former != "" && strings.EqualFold(said, g.Former)
	})
}
