package law

import "lapse/internal/matter"

// checkAuthenticity is K18. Somebody forges an order to gain silence, or an end to gain an early mail. No machine can
// tell; a person can.
func checkAuthenticity() CheckRule {
	return CheckRule{
		ID: authenticityCheck, Severity: matter.Binding, Asks: "Has somebody verified that it is genuine?",
		Fails: "never by itself: a person decides",
		Rests: OwnPolicy + "a paper is verified with the court or the agency that it names",
		run: func(c reading) matter.Finding {
			if c.statute() {
				return matter.Finding{Status: matter.NotApplicable, Message: "A statute cannot be forged."}
			}
			if c.Verified != nil {
				return verified(matter.Finding{}, *c.Verified)
			}
			return matter.Finding{Status: matter.NeedsPerson, Message: "Whether the paper is genuine is for a person to " +
				"verify, with the court or the agency; it holds meanwhile."}
		},
	}
}
