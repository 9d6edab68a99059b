package law

import "lapse/internal/matter"

// checkScope is K03: an order has to be tied to the process or to the users it silences; one that is not is an
// omnibus order.
func checkScope() CheckRule {
	return CheckRule{
		ID: "K03", Severity: matter.Deficient, Asks: "Does it name the process, or the subjects, that it covers?",
		Fails: "it is said not to name the process, and it covers everybody",
		Rests: OwnPolicy + "an order is tied to its process or to the persons it covers",
		run: func(c reading) matter.Finding {
			f := c.precedent("US-SEALED-2025")
			names := c.Order.NamesProcess
			switch {
			case c.statute() || c.Order.Kind == matter.Plea:
				return matter.Finding{Status: matter.NotApplicable, Message: "Only an order or a certification has to name " +
					"what it covers."}
			case names != nil && *names:
				f.Status, f.Message = matter.Pass, "The paper names the process it covers."
			case names != nil && c.Order.Covers.Subjects.All:
				f.Status, f.Message = matter.Fail, "The paper names neither the process nor the persons it covers: an omnibus "+
					"order. It binds all the same; ask the court to tie it to the process."
			case !c.Order.Covers.Subjects.All:
				f.Status, f.Message = matter.Pass, "The paper names the persons it covers."
			default:
				f.Status, f.Message = matter.Unknown, "Nobody has said whether the paper names the process it covers."
			}
			return f
		},
	}
}

// OtherProcess is the finding about an order that names persons and not the process. Nobody is told about them under
// this process either while it holds: it may be about another one, which telling would reveal.
const OtherProcess = "other_process"

func (c reading) otherProcess() (matter.Finding, bool) {
	names := c.Order.NamesProcess
	if c.statute() || c.Order.Kind == matter.Plea || names == nil || *names || c.Order.Covers.Subjects.All {
		return matter.Finding{}, false
	}
	return matter.Finding{
		Check: OtherProcess, Status: matter.NeedsPerson, Severity: matter.Advice, Citation: OwnPolicy +
			"nobody is told of one process where that could reveal another",
		Message: "It does not name this process and may be about another one. What is handed over about the persons it " +
			"names is held all the same: ask counsel whether telling would reveal the other.",
	}, true
}
