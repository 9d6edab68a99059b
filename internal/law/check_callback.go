package law

import (
	"strings"

	"lapse/internal/matter"
)

// checkCallback is K20: who sent it, and did somebody call back? The contact itself is never repeated.
func checkCallback() CheckRule {
	return CheckRule{
		ID: callbackCheck, Severity: matter.Advice, Asks: "Was the sender called back at a number from another source?",
		Fails: "never by itself: a person calls",
		Rests: OwnPolicy + "a sender is called back at a number from another source",
		run: func(c reading) matter.Finding {
			f := matter.Finding{Evidence: matter.Evidence{"contact": strings.TrimSpace(c.Order.Issuer.Contact) != ""}}
			switch {
			case c.statute():
				return matter.Finding{Status: matter.NotApplicable, Message: "A statute has no sender."}
			case c.Verified != nil && c.Verified.Method == MethodCallback:
				return verified(f, *c.Verified)
			case strings.TrimSpace(c.Order.Issuer.Contact) == "":
				f.Status, f.Message = matter.Unknown, "No contact of the issuer is recorded; find the number elsewhere and "+
					"call back."
			default:
				f.Status, f.Message = matter.NeedsPerson, "Call the issuer back, at a number that does not come from the paper."
			}
			return f
		},
	}
}
