package law

import (
	"slices"
	"strings"

	"lapse/internal/matter"
)

// checkGrounds is K07. It holds the stated grounds against those that the law lists. It fails only where a ground is
// known and not listed; a person reads other wordings.
func checkGrounds() CheckRule {
	return CheckRule{
		ID: "K07", Severity: matter.Deficient, Asks: "Does it state a ground that the law it cites lists?",
		Fails: "it states grounds, and none of them is one that the cited law lists",
		Rests: OwnPolicy + "grounds are held against a verified law",
		run: func(c reading) matter.Finding {
			switch {
			case c.statute():
				return c.with(matter.Finding{Status: matter.NotApplicable,
					Message: "Secrecy by statute needs no ground of its own."})
			case c.Order.Kind == matter.Plea:
				return bindsNobody()
			case !c.cited():
				return c.noRule("which grounds carry it")
			case len(c.rule.Grounds) == 0:
				return c.with(matter.Finding{Status: matter.NotApplicable, Message: "The law it cites lists no grounds."})
			case len(c.Order.Grounds) == 0:
				return c.with(matter.Finding{Status: matter.Unknown, Message: "Nobody has said on which ground it rests."})
			}
			stated := groundsIn(strings.Join(c.Order.Grounds, "\n"))
			listed := slices.DeleteFunc(slices.Clone(stated), func(g string) bool { return !slices.Contains(c.rule.Grounds, g) })
			f := matter.Finding{Evidence: matter.Evidence{"grounds": stated, "listed": c.rule.Grounds}}
			switch {
			case len(listed) > 0:
				f.Status, f.Message = matter.Pass, "It states a ground that the law it cites lists."
			case len(stated) > 0:
				f.Status, f.Message = matter.Fail, "None of the grounds it states is one that the law it cites lists. It binds "+
					"all the same; challenge it."
			default:
				f.Status, f.Message = matter.NeedsPerson, "Its grounds are worded so that only a person can tell whether the "+
					"law it cites lists them."
			}
			return c.with(f)
		},
	}
}
