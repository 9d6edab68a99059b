package law

import (
	"strings"

	"lapse/internal/matter"
)

// checkDocket is K12. A court finds its own order by the docket number and the date.
func checkDocket() CheckRule {
	return CheckRule{
		ID: "K12", Severity: matter.Advice, Asks: "Does it bear a docket number and a date?",
		Fails: "never: what is missing is unknown",
		Rests: OwnPolicy + "a challenge names the docket and the date",
		run: func(c reading) matter.Finding {
			f := matter.Finding{Evidence: matter.Evidence{"docket": strings.TrimSpace(c.Order.Docket) != "",
				"signedOn": !c.Order.SignedOn.IsZero()}}
			switch {
			case c.statute():
				return matter.Finding{Status: matter.NotApplicable, Message: "A statute has no docket."}
			case strings.TrimSpace(c.Order.Docket) == "" || c.Order.SignedOn.IsZero():
				f.Status, f.Message = matter.Unknown, "Its docket number or its date is not recorded; a challenge needs both."
			default:
				f.Status, f.Message = matter.Pass, "It bears a docket number and a date."
			}
			return f
		},
	}
}
