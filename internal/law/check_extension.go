package law

import "lapse/internal/matter"

// checkExtension is K16: an extension of an order that nobody has recorded blocks by itself.
func checkExtension() CheckRule {
	return CheckRule{
		ID: "K16", Severity: matter.Deficient, Asks: "Is the order that it extends recorded?",
		Fails: "never: an order that is not recorded yet is unknown",
		Rests: OwnPolicy + "an extension blocks by itself",
		run: func(c reading) matter.Finding {
			var f matter.Finding
			switch {
			case c.Order.Extends == "":
				f.Status, f.Message = matter.NotApplicable, "The order extends no other."
			case c.ExtendsKnown:
				f.Status, f.Message = matter.Pass, "The order it extends is recorded."
			default:
				f.Status, f.Evidence = matter.Unknown, matter.Evidence{"extends": c.Order.Extends}
				f.Message = "The order it extends is not recorded. It blocks by itself all the same."
			}
			return f
		},
	}
}
