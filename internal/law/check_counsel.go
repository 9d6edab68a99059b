package law

import "lapse/internal/matter"

// checkCounsel is K19: may the provider ask a lawyer, and the person's lawyer be told?
func checkCounsel() CheckRule {
	return CheckRule{
		ID: "K19", Severity: matter.Advice, Asks: "Does it leave counsel out of the silence?",
		Fails: "it silences towards any person, and the law it cites does not except counsel",
		Rests: OwnPolicy + "counsel may be asked",
		run: func(c reading) matter.Finding {
			f := matter.Finding{Evidence: matter.Evidence{"silence": c.Order.Silence}}
			switch {
			case c.Order.Silence == SilenceExceptCounsel || c.Order.Silence == SilenceSubject:
				f.Status, f.Message = matter.Pass, "Counsel may be told."
			case c.rule.CounselExcepted:
				f.Status, f.Message = matter.Pass, "The law it cites excepts counsel."
			case c.Order.Silence == SilenceAnyPerson:
				f.Status, f.Message = matter.Fail, "It silences towards any person, counsel too: ask whether counsel is excepted."
			default:
				f.Status, f.Message = matter.Unknown, "Nobody has said towards whom it silences."
			}
			return c.with(f)
		},
	}
}
