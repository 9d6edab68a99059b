package law

import (
	"cmp"

	"lapse/internal/matter"
)

// EndCheck is the number of the check of an order's end.
const EndCheck = matter.EndCheck

// checkEnd is K04: can an end be determined, after the start and the signing?
func checkEnd() CheckRule {
	return CheckRule{
		ID: EndCheck, Severity: matter.Deficient, Asks: "Can its end be determined?",
		Fails: "a court's order names no end, an event, or one that its own dates contradict, and no law lets it stand " +
			"without",
		Rests: OwnPolicy + "an order names its end",
		run: func(c reading) matter.Finding {
			f := ends(c.Order.Kind, c.Time, c.Endless)
			f.Evidence["end"] = string(c.Order.End.Kind)
			switch {
			case f.Status != matter.Fail || f.Evidence[faultKey] == string(FaultRecord):
				return f
			case c.rule.End == EndOpen:
				f.Status = matter.NotApplicable
				f.Message = "The law it cites lets the silence stand without an end; it is reviewed regularly."
			case c.rule.Exception != "":
				f.Status = matter.NeedsPerson
				f.Message = "No end can be determined, and under the law it cites " + c.rule.Exception + ": ask counsel " +
					"whether that is so here."
			case c.rule.End == EndCourtSets:
				f.Message = "No end can be determined, and the law it cites leaves the period to the court. It binds all the " +
					"same, until a court or the authority ends it; ask the court for a date."
			}
			if c.rule.End == "" && f.Status == matter.Fail {
				return f
			}
			return c.with(f)
		},
	}
}

// Ends is K04 by the kind of the paper and what it says about time. It is made again when two persons replace the end.
func Ends(kind matter.OrderKind, paper matter.Paper, endless bool) matter.Finding {
	f := WithFault(ends(kind, paper, endless), FaultPaper)
	f.Citation = cmp.Or(f.Citation, checkEnd().Rests)
	return f
}

// ends is K04 before any law is asked. A period from a day that nobody has recorded is our own gap and no fault of the
// court's, so nobody is told to ask it for a date.
func ends(kind matter.OrderKind, paper matter.Paper, endless bool) matter.Finding {
	f := matter.Finding{
		Check: EndCheck, Severity: matter.Deficient, Evidence: matter.Evidence{"end": string(paper.End.Kind)},
	}
	day, missing := missingDay(paper)
	switch {
	case !endless:
		f.Status, f.Message = matter.Pass, "The end can be determined."
	case kind == matter.Statute || kind == matter.Certification:
		f.Status, f.Message = matter.NotApplicable, "Secrecy of this kind may stand without an end; it is reviewed regularly."
	case kind == matter.Plea:
		f.Status = matter.NotApplicable
		f.Message = "A plea needs no end: it holds only for the days that policy gives the authority to bring an order."
	case missing:
		f.Status, f.Evidence[faultKey], f.Evidence["missing"] = matter.Fail, string(FaultRecord), day
		f.Citation = OwnPolicy + "a period runs from a recorded day"
		f.Message = "The order names a period, and the day of the " + day + " that it runs from is not recorded. We lack " +
			"the date. It holds without an end until the date is known."
	default:
		f.Status = matter.Fail
		f.Message = "No end can be determined. It binds all the same, until a court or the authority ends it; ask the " +
			"court for a date."
	}
	return f
}

// missingDay names the day that a period of the paper runs from, where it is not recorded.
func missingDay(p matter.Paper) (day string, missing bool) {
	for _, end := range p.End.Parts() {
		switch {
		case end.Kind != matter.EndPeriod || end.FromDisclosure():
		case end.From == "served" && p.ServedOn.IsZero():
			return "service", true
		case end.From != "served" && p.SignedOn.IsZero():
			return "signing", true
		}
	}
	return "", false
}
