package law

import (
	"cmp"
	"fmt"

	"lapse/internal/matter"
)

// checkPlea is K02: a plea is a letter that asks; it binds nobody. A law that only delays the authority's own notice
// passes, for the paper orders something, and its message says what to ask.
func checkPlea() CheckRule {
	return CheckRule{
		ID: "K02", Severity: matter.Binding, Asks: "Is it an order, and not a plea?", Fails: "it only asks for silence",
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
			if c.rule.Binds == "authority" {
				f.Evidence["binds"] = "authority"
				f.Message += " The law it cites delays the authority's own notice and does not by itself silence a provider: " +
					"ask counsel."
			}
			return c.with(f)
		},
	}
}
