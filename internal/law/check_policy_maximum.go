package law

import (
	"cmp"
	"fmt"

	"lapse/internal/matter"
)

// checkPolicyMaximum is K06: the provider's own maximum. Federal papers of the United States are held against the
// federal policy of a year. It is advice: an order over it is in force.
func checkPolicyMaximum() CheckRule {
	return CheckRule{
		ID: "K06", Severity: matter.Advice, Asks: "Is it within the longest time that policy accepts?",
		Fails: "it runs longer than the configured number of days, a year by default",
		Rests: OwnPolicy + "an order over the configured length is remarked on",
		run: func(c reading) matter.Finding {
			f := c.federalPolicy()
			days := cmp.Or(c.Policy.MaxDays, DefaultPolicy().MaxDays)
			switch over, known := c.longerThan(Length{days, Days}); {
			case c.statute() || c.Order.Kind == matter.Plea || c.Endless && c.Order.Kind == matter.Certification:
				return matter.Finding{Status: matter.NotApplicable, Message: "Policy limits orders, and certifications that " +
					"name an end, only."}
			case !known:
				f.Status, f.Message = matter.Unknown, "How long it runs cannot be told."
			case over:
				f.Status, f.Message = matter.Fail, fmt.Sprintf("It runs longer than %d days, the longest that policy accepts "+
					"without a remark. It is in force; a challenge is suggested.", days)
			default:
				f.Status, f.Message = matter.Pass, fmt.Sprintf("It runs no longer than the %d days that policy accepts.", days)
			}
			return f
		},
	}
}
