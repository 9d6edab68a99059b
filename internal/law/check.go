package law

import (
	"fmt"
	"strings"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// Paper is what the checks of an order look at: the order as posted, the calendar's reading of it, and what the matter
// knew when it came.
type Paper struct {
	Order matter.OrderReceivedData
	// Endless says that no end can be computed; Notes are the calendar's findings about unsure input.
	Endless bool
	Notes   []calendar.Note
	// Unknown are the named subjects the matter does not know; ExtendsKnown says whether the order it extends is recorded;
	// SameDocument is another order of the matter with the same document, "" if none.
	Unknown      []string
	ExtendsKnown bool
	SameDocument string
}

// Check puts an order through the structural checks. Each gives one finding, the passing ones too; what the calendar
// noted follows as advice. Nothing here shortens a hold: a failed check is a reason to challenge (law 3).
func Check(p Paper) []matter.Finding {
	out := []matter.Finding{signed(p), isOrder(p), Ends(p.Order.Kind, p.Order.End, p.Endless), newDocument(p), coversKnown(p), extendsKnown(p)}
	for _, n := range p.Notes {
		out = append(out, matter.Finding{Check: n.Code, Status: matter.Fail, Severity: matter.Advice, Message: n.Message})
	}
	return out
}

// signed is K01. Who may sign under which law comes with the law data.
func signed(p Paper) matter.Finding {
	f := matter.Finding{Check: "K01", Severity: matter.Binding, Citation: "18 U.S.C. 2705(b): an order of a court"}
	switch s := p.Order.Signed; {
	case s == nil:
		f.Status, f.Message = matter.Unknown, "Nobody has said whether the paper is signed. It holds until a person has looked."
	case *s:
		f.Status, f.Message = matter.Pass, "The paper is signed."
	default:
		f.Status, f.Message = matter.Fail, "The paper is not signed. It holds until two persons declare it void or a person finds it binding."
	}
	return f
}

// isOrder is K02: a plea is a letter that asks; it binds nobody.
func isOrder(p Paper) matter.Finding {
	f := matter.Finding{Check: "K02", Severity: matter.Binding, Evidence: map[string]any{"kind": string(p.Order.Kind)}}
	switch p.Order.Kind {
	case matter.Plea:
		f.Status, f.Message = matter.Fail, "A plea, not an order: it holds for ten days, in which the authority can bring an order."
	case matter.Statute:
		f.Status, f.Message = matter.NotApplicable, "Secrecy by statute needs no order."
	default:
		f.Status, f.Message = matter.Pass, "The paper orders silence."
	}
	return f
}

// Ends is K04: can an end be determined, after the start and the signing? It is made again when two persons replace the
// end.
func Ends(kind matter.OrderKind, end matter.End, endless bool) matter.Finding {
	f := matter.Finding{Check: "K04", Severity: matter.Deficient, Evidence: map[string]any{"end": string(end.Kind)}}
	switch {
	case !endless:
		f.Status, f.Message = matter.Pass, "The end can be determined."
	case kind == matter.Statute || kind == matter.Certification:
		f.Status, f.Message = matter.NotApplicable, "Secrecy of this kind may stand without an end; it is reviewed regularly."
	case kind == matter.Plea:
		f.Status, f.Message = matter.NotApplicable, "A plea needs no end: it holds for ten days, in which the authority can bring an order."
	default:
		f.Status, f.Citation = matter.Fail, "18 U.S.C. 2705(b): \"for such period as the court deems appropriate\""
		f.Message = "No end can be determined. It binds all the same, until a court or the authority ends it; ask the court for a date."
	}
	return f
}

// newDocument is K14: the same document under two orders is a mistake or a replay.
func newDocument(p Paper) matter.Finding {
	f := matter.Finding{Check: "K14", Severity: matter.Binding}
	switch {
	case p.Order.Document == "":
		f.Status, f.Message = matter.NotApplicable, "No digest of the document was given."
	case p.SameDocument != "":
		f.Status, f.Evidence = matter.Fail, map[string]any{"order": p.SameDocument}
		f.Message = "The same document is recorded under another order. It holds until a person has looked."
	default:
		f.Status, f.Message = matter.Pass, "The document is new to this matter."
	}
	return f
}

// coversKnown is K15. An id may become known later, so it is unknown rather than failed, and the order covers everybody
// meanwhile.
func coversKnown(p Paper) matter.Finding {
	f := matter.Finding{Check: "K15", Severity: matter.Deficient}
	switch {
	case p.Order.Covers.Subjects.All:
		f.Status, f.Message = matter.Pass, "The order covers everybody in the matter."
	case len(p.Unknown) == 0:
		f.Status, f.Message = matter.Pass, "The matter knows everybody the order names."
	default:
		f.Status, f.Evidence = matter.Unknown, map[string]any{"unknown": first(p.Unknown, 100), "count": len(p.Unknown)}
		f.Message = fmt.Sprintf("The matter does not know %s. Until it does, or a person has assessed the order, it covers everybody in the matter.", strings.Join(first(p.Unknown, 5), ", "))
	}
	return f
}

// extendsKnown is K16.
func extendsKnown(p Paper) matter.Finding {
	f := matter.Finding{Check: "K16", Severity: matter.Deficient}
	switch {
	case p.Order.Extends == "":
		f.Status, f.Message = matter.NotApplicable, "The order extends no other."
	case p.ExtendsKnown:
		f.Status, f.Message = matter.Pass, "The order it extends is recorded."
	default:
		f.Status, f.Evidence = matter.Unknown, map[string]any{"extends": p.Order.Extends}
		f.Message = "The order it extends is not recorded. It blocks by itself all the same."
	}
	return f
}

func first(list []string, n int) []string {
	if len(list) > n {
		return append(append([]string{}, list[:n]...), "...")
	}
	return list
}
