package law

import (
	"cmp"
	"fmt"

	"lapse/internal/matter"
)

// checkPlea is K02. A plea is a letter that asks; it binds nobody. A certification under a law that only delays the
// authority's own notice, as 18 U.S.C. 2705(a) does, orders nobody silent. A court's order under such a law passes, for
// it may order more, and its message says what to ask.
func checkPlea() CheckRule {
	return CheckRule{
		ID: "K02", Severity: matter.Binding, Asks: "Is it an order, and not a plea?",
		Fails: "it only asks for silence, or certifies a delay of the authority's own notice",
		Rests: OwnPolicy + "a letter that asks for silence binds nobody",
		run: func(c reading) matter.Finding {
			f := matter.Finding{Evidence: matter.Evidence{"kind": string(c.Order.Kind)}}
			switch c.Order.Kind {
			case matter.Plea:
				days := cmp.Or(c.Policy.PleaDays, DefaultPolicy().PleaDays)
				f.Status, f.Message = matter.Fail, fmt.Sprintf("A plea, not an order: it holds for %d days, in which the "+
					"authority can bring an order.", days)
				return f
			case matter.Statute:
				f.Status, f.Message = matter.NotApplicable, "Secrecy by statute needs no order."
			default:
				f.Status, f.Message = matter.Pass, "The paper orders silence."
			}
			if c.rule.Binds == BindsAuthority && c.Order.Kind == matter.Certification {
				f.Status, f.Evidence["binds"] = matter.Fail, BindsAuthority
				f.Message = "The certification delays the authority's own notice and orders nobody silent. It holds until a " +
					"person has looked."
			} else if c.rule.Binds == BindsAuthority {
				f.Evidence["binds"] = BindsAuthority
				f.Message += " The law it cites delays the authority's own notice and does not by itself silence a provider: " +
					"ask counsel."
			}
			return c.with(f)
		},
	}
}
