package law

import "lapse/internal/matter"

// checkDocument is K14: the same document under two orders is a mistake or a replay.
func checkDocument() CheckRule {
	return CheckRule{
		ID: "K14", Severity: matter.Binding, Asks: "Is the document new to the matter?",
		Fails: "another order of the matter has the same document",
		Rests: OwnPolicy + "a document is recorded once",
		run: func(c reading) matter.Finding {
			var f matter.Finding
			switch {
			case c.Order.Document == "":
				f.Status, f.Message = matter.NotApplicable, "No digest of the document was given."
			case c.SameDocument != "":
				f.Status = matter.Fail
				f.Evidence = matter.Evidence{"order": c.SameDocument, faultKey: string(FaultRecord)}
				f.Message = "The same document is recorded under another order. It holds until a person has looked."
			default:
				f.Status, f.Message = matter.Pass, "The document is new to this matter."
			}
			return f
		},
	}
}
