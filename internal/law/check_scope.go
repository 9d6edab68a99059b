package law

import (
	"slices"

	"lapse/internal/matter"
)

// checkScope is K03. An order has to be tied to the process or to the users it silences, else it is an omnibus order;
// and the law it cites has to reach that process. 18 U.S.C. 2705(b) reaches "a warrant, subpoena, or court order",
// and so no preservation letter.
func checkScope() CheckRule {
	return CheckRule{
		ID: "K03", Severity: matter.Deficient,
		Asks:  "Does it name the process, or the subjects, that it covers, and does the law it cites reach that process?",
		Fails: "it is said not to name the process, and it covers everybody; or the law reaches no such process",
		Rests: OwnPolicy + "an order is tied to its process or to the persons it covers",
		run: func(c reading) matter.Finding {
			f := c.precedent(sealedCase)
			names := c.Order.NamesProcess
			switch {
			case c.statute() || c.Order.Kind == matter.Plea:
				return matter.Finding{Status: matter.NotApplicable, Message: "Only an order or a certification has to name " +
					"what it covers."}
			case !c.reaches():
				return c.with(matter.Finding{
					Status: matter.Fail, Evidence: matter.Evidence{"instrument": string(c.Request.Instrument)},
					Message: "The law it cites does not reach a request of this kind. It binds all the same; challenge it.",
				})
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

// reaches reports whether the law that the paper cites can silence about the request. It can where either is not known.
func (c reading) reaches() bool {
	return c.Request == nil || c.Request.Instrument == matter.OtherInstrument || c.Request.Instrument == "" ||
		len(c.rule.Reaches) == 0 || slices.Contains(c.rule.Reaches, c.Request.Instrument)
}

// OtherProcess is the finding about an order that names persons and not the process. The order may be about another
// process, which telling would reveal. So nobody is told about these persons while it holds.
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
