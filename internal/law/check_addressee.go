package law

import (
	"slices"
	"strings"

	"lapse/internal/matter"
)

// checkAddressee is K10: is the paper meant for this provider? The order itself does not say; the addressee of its
// request may, and a person can.
func checkAddressee() CheckRule {
	return CheckRule{
		ID: "K10", Severity: matter.Binding, Asks: "Is it addressed to the right legal entity?",
		Fails: "never by itself: a person finds that it is meant for another",
		Rests: OwnPolicy + "a paper binds the legal entity it is addressed to",
		run: func(c reading) matter.Finding {
			f := matter.Finding{Status: matter.NeedsPerson, Message: "Whether the paper is meant for the right legal entity " +
				"is for a person to say."}
			if c.statute() {
				return matter.Finding{Status: matter.NotApplicable, Message: "A statute is addressed to everybody."}
			}
			if answer := c.Addressed; answer != nil {
				f.Status, f.Message = matter.Pass, "A person has found that the paper is meant for the right legal entity."
				if !*answer {
					f.Status = matter.Fail
					f.Message = "A person has found that the paper is meant for another legal entity. It holds until two persons " +
						"declare it void."
				}
				return f
			}
			if c.Request == nil || c.Request.Addressee == "" || len(c.Policy.Entities) == 0 {
				return f
			}
			if Named(c.Policy.Entities, c.Request.Addressee) {
				f.Status, f.Message = matter.Pass, "The request it belongs to is addressed to one of the configured legal entities."
				return f
			}
			f.Message = "The request it belongs to is addressed to none of the configured legal entities; whether the paper " +
				"binds is for a person to say."
			return f
		},
	}
}

// Named reports whether a name is on a list, case and spaces aside.
func Named(list []string, name string) bool {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return slices.ContainsFunc(list, func(s string) bool { return plain(s) == plain(name) })
}
