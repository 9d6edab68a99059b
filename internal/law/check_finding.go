package law

import (
	"strings"

	"lapse/internal/matter"
)

// checkFinding is K08: the court's own finding. A person looks at a finding that only repeats the words of the
// statute, as in E.D.N.Y. 2017.
func checkFinding() CheckRule {
	return CheckRule{
		ID: "K08", Severity: matter.Deficient, Asks: "Does the court state a finding of its own?",
		Fails: "never by itself: a missing finding is unknown, one that only repeats the statute needs a person",
		Rests: OwnPolicy + "a court makes a finding of its own",
		run: func(c reading) matter.Finding {
			f := c.precedent(sealedCase)
			said := strings.TrimSpace(c.Order.CourtFindings)
			switch {
			case c.Order.Kind != matter.CourtOrder:
				return matter.Finding{Status: matter.NotApplicable, Message: "Only a court makes findings."}
			case said == "":
				f.Status, f.Message = matter.Unknown, "Nobody has said what the court found."
			case boilerplate(said):
				f = c.precedent(boilerplates)
				f.Status, f.Message = matter.NeedsPerson, "The finding seems to repeat the statute and to say nothing about "+
					"this case."
			default:
				f.Status, f.Message = matter.Pass, "The court states a finding."
			}
			return f
		},
	}
}

// boilerplate reports whether a finding is short and the words of 18 U.S.C. 2705 themselves.
func boilerplate(finding string) bool {
	const short = 200
	s := strings.ToLower(finding)
	return len(s) < short && (strings.Contains(s, "seriously jeopardiz") || strings.Contains(s,
		"seriously jeopardis")) && strings.Contains(s, "unduly delay")
}
