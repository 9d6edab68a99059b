package law

import (
	"slices"

	"lapse/internal/matter"
)

// checkLanguage is K13: can the provider's lawyers read the paper?
func checkLanguage() CheckRule {
	return CheckRule{
		ID: "K13", Severity: matter.Advice, Asks: "Can the provider's lawyers read its language?",
		Fails: "never by itself: a person asks for a translation",
		Rests: OwnPolicy + "a paper is read in a language that counsel reads",
		run: func(c reading) matter.Finding {
			written := c.Book.languages(c.Order.Issuer.Country)
			read := c.Policy.Languages
			if len(read) == 0 {
				read = DefaultPolicy().Languages
			}
			f := matter.Finding{Evidence: matter.Evidence{"written": written, "read": read}}
			switch {
			case c.statute():
				return matter.Finding{Status: matter.NotApplicable, Message: "A statute is not served in a language."}
			case len(written) == 0:
				f.Status, f.Message = matter.Unknown, "The languages of the issuer's country are not in the table."
			case slices.ContainsFunc(written, func(l string) bool { return slices.Contains(read, l) }):
				f.Status, f.Message = matter.Pass, "Papers of the issuer's country can be in a language that counsel reads."
			default:
				f.Status, f.Message = matter.NeedsPerson, "Papers of the issuer's country are in a language that counsel does "+
					"not read: see that there is a translation."
			}
			return f
		},
	}
}
