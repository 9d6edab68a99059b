package law

import (
	"slices"

	"lapse/internal/matter"
)

// checkSignature is K01: is the paper signed, by somebody who may? A paper holds unread where nobody says that it is
// signed, and where its signer may not sign.
func checkSignature() CheckRule {
	return CheckRule{
		ID: "K01", Severity: matter.Binding, Asks: "Is it signed, by somebody who may sign under the law it cites?",
		Fails: "it is not signed, or the issuer's role is none of those that the cited law lets sign",
		Rests: OwnPolicy + "a paper that nobody is known to have signed holds until a person has looked",
		run: func(c reading) matter.Finding {
			f := matter.Finding{Evidence: matter.Evidence{"role": c.Order.Issuer.Role}}
			switch s := c.Order.Signed; {
			case s == nil:
				f.Status, f.Message = matter.Unknown, "Nobody has said whether the paper is signed. It holds until a person "+
					"has looked."
			case !*s:
				f.Status, f.Message = matter.Fail, "The paper is not signed. It holds until two persons declare it void or a "+
					"person finds it binding."
			case len(c.rule.Issuers) > 0 && !slices.Contains(c.rule.Issuers, c.Order.Issuer.Role):
				f.Status = matter.Fail
				f.Evidence["mayIssue"] = c.rule.Issuers
				f.Message = "The paper is signed, and under the law it cites this issuer may not sign it. It holds until a " +
					"person has looked."
			case c.cited():
				f.Status, f.Message = matter.Pass, "The paper is signed, by an issuer that the law it cites allows."
			default:
				f.Status, f.Message = matter.Pass, "The paper is signed."
			}
			return c.with(f)
		},
	}
}
