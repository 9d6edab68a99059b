package law

import (
	"cmp"
	"strings"

	"lapse/internal/matter"
)

// checkEnd is K04: can an end be determined, after the start and the signing?
func checkEnd() CheckRule {
	return CheckRule{
		ID: "K04", Severity: matter.Deficient, Asks: "Can its end be determined?",
		Fails: "a court's order names no end, an event, or one that its own dates contradict, and no law lets it stand " +
			"without",
		Rests: OwnPolicy + "an order names its end",
		run: func(c reading) matter.Finding {
			f := ends(c.Order.Kind, c.Order.End, c.Endless)
			if f.Status == matter.Fail && c.rule.End == EndOpen {
				f.Status, f.Citation = matter.NotApplicable, ""
				f.Message = "The law it cites lets the silence stand without an end; it is reviewed regularly."
			}
			if f.Status == matter.Fail && (c.cited() || !strings.EqualFold(c.Order.Issuer.Country, "US")) {
				f.Citation = c.rule.Citation
			}
			return c.with(f)
		},
	}
}

// Ends is K04 by the kind of the paper alone. It is made again when two persons replace the end.
func Ends(kind matter.OrderKind, end matter.End, endless bool) matter.Finding {
	f := ends(kind, end, endless)
	f.Citation = cmp.Or(f.Citation, checkEnd().Rests)
	return f
}

func ends(kind matter.OrderKind, end matter.End, endless bool) matter.Finding {
	f := matter.Finding{Check: "K04", Severity: matter.Deficient, Evidence: map[string]any{"end": string(end.Kind)}}
	switch {
	case !endless:
		f.Status, f.Message = matter.Pass, "The end can be determined."
	case kind == matter.Statute || kind == matter.Certification:
		f.Status, f.Message = matter.NotApplicable, "Secrecy of this kind may stand without an end; it is reviewed regularly."
	case kind == matter.Plea:
		f.Status, f.Message = matter.NotApplicable, "A plea needs no end: it holds only for the days that policy gives "+
			"the authority to bring an order."
	default:
		f.Status, f.Citation = matter.Fail, "18 U.S.C. 2705(b): \"for such period as the court deems appropriate\""
		f.Message = "No end can be determined. It binds all the same, until a court or the authority ends it; ask the " +
			"court for a date."
	}
	return f
}
