package law

import (
	"strings"

	"lapse/internal/matter"
)

// checkProcessDate is K09. An order that is signed before its process cannot have looked at it, unless the order says
// so.
func checkProcessDate() CheckRule {
	return CheckRule{
		ID: "K09", Severity: matter.Deficient, Asks: "Was it made on or after the day of the process it covers?",
		Fails: "it was signed before the process, and does not both name it and state a finding about it",
		Rests: OwnPolicy + "an order looks at the process it covers",
		run: func(c reading) matter.Finding {
			f := c.precedent(sealedCase)
			signed, names := c.Time.SignedOn, c.Order.NamesProcess
			switch {
			case c.Order.Kind != matter.CourtOrder:
				return matter.Finding{Status: matter.NotApplicable, Message: "Only a court's order is held against the day of " +
					"the process."}
			case c.Request == nil || c.Request.SignedOn.IsZero() || signed.IsZero():
				f.Status, f.Message = matter.Unknown, "The day of the order or of the process it covers is not known."
				return f
			}
			f.Evidence["order"], f.Evidence["process"] = signed.String(), c.Request.SignedOn.String()
			switch {
			case !signed.Before(c.Request.SignedOn):
				f.Status, f.Message = matter.Pass, "It was made on or after the day of the process it covers."
			case names != nil && *names && strings.TrimSpace(c.Order.CourtFindings) != "":
				f.Status, f.Message = matter.Pass, "It was made before the process it covers, names it, and states a finding."
			default:
				f.Status, f.Message = matter.Fail, "It was made before the process it is attached to: an omnibus order. It "+
					"binds all the same; challenge it."
			}
			return f
		},
	}
}
