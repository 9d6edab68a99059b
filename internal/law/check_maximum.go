package law

import (
	"slices"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// checkMaximum is K05: the maximum that the cited law sets. The order holds to its stated end all the same.
func checkMaximum() CheckRule {
	return CheckRule{
		ID: "K05", Severity: matter.Deficient, Asks: "Is it within the longest time that the law it cites allows?",
		Fails: "it runs longer than the cited law allows an order, or an extension",
		Rests: OwnPolicy + "only a verified law sets a maximum",
		run: func(c reading) matter.Finding {
			if c.statute() {
				return c.with(matter.Finding{Status: matter.NotApplicable, Message: "Secrecy by statute has no order's maximum."})
			}
			if c.Order.Kind == matter.Plea {
				return bindsNobody()
			}
			if !c.cited() {
				return c.noRule("how long it may run")
			}
			longest, what := c.rule.First, "an order"
			if c.Order.Extends != "" {
				longest, what = c.rule.Renewal, "an extension"
			}
			if longest == nil {
				return c.with(matter.Finding{Status: matter.NotApplicable, Message: "The law it cites sets " + what +
					" no maximum."})
			}
			f := matter.Finding{Evidence: matter.Evidence{"maximum": longest.String()}}
			switch over, known := c.longerThan(*longest); {
			case !known:
				f.Status, f.Message = matter.Unknown, "How long it runs cannot be told; the law it cites allows "+what+" "+
					""+longest.String()+"."
			case over && c.rule.Exception != "":
				f.Status = matter.NeedsPerson
				f.Message = "It runs longer than the " + longest.String() + " that the law it cites allows " + what + ", save " +
					"that " + c.rule.Exception + ": ask counsel whether that is so here."
			case over:
				f.Status = matter.Fail
				f.Message = "It runs longer than the " + longest.String() + " that the law it cites allows " + what +
					". It holds to its stated end; challenge it."
			default:
				f.Status, f.Message = matter.Pass, "It runs no longer than the "+longest.String()+" that the law it cites "+
					"allows "+what+"."
			}
			return c.with(f)
		},
	}
}

// longerThan reports whether the order's end by the letter lies after the longest allowed one. Both count from the
// same day: that of the period, else the start, else the signing. known is false where either cannot be computed.
func (c reading) longerThan(longest Length) (over, known bool) {
	p := c.Time
	end := matter.End{Kind: matter.EndPeriod, N: longest.N, Unit: longest.Unit, From: "signed"}
	parts := p.End.Parts()
	period := slices.IndexFunc(parts, func(e matter.End) bool { return e.Kind == matter.EndPeriod })
	switch {
	case period >= 0:
		end.From = parts[period].From
	case !p.StartsOn.IsZero():
		p.SignedOn, p.ServedOn = p.StartsOn, matter.Date{}
	}
	p.End, p.StartsOn = end, matter.Date{}
	limit := calendar.Read(p, c.Now).Strict
	return c.ends.Strict.After(limit), !limit.IsZero() && !c.ends.Strict.IsZero()
}
