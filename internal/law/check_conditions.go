package law

import "lapse/internal/matter"

// The findings about a national security letter beside K01 to K20. It silences its recipient only where it is certified
// and gives notice of the right to judicial review, 18 U.S.C. 2709(c)(1)(A).
const (
	LetterCertified    = "nsl_certification"
	LetterReviewNotice = "nsl_review_notice"
)

// letterRule is the rule of national security letters.
const letterRule = "US-NSL"

// letterConditions are the two findings, none for a paper under another law.
func (c reading) letterConditions() []matter.Finding {
	if c.rule.ID != letterRule {
		return nil
	}
	certified := matter.Finding{
		Check: LetterCertified, Severity: matter.Deficient, Status: matter.Pass,
		Message: "The paper is a certification.",
	}
	if c.Order.Kind != matter.Certification {
		certified.Status = matter.Unknown
		certified.Message = "Nobody has said whether the letter is certified. Without a certification it silences nobody."
	}
	review := matter.Finding{Check: LetterReviewNotice, Severity: matter.Deficient, Status: matter.Unknown,
		Message: "Nobody has said whether the letter gives notice of the right to judicial review. It silences only where " +
			"it does."}
	switch said := c.ReviewNotice; {
	case said != nil && *said:
		review.Status, review.Message = matter.Pass, "The letter gives notice of the right to judicial review."
	case said != nil:
		review.Status = matter.Fail
		review.Message = "The letter gives no notice of the right to judicial review, which the law asks for. It holds " +
			"until a court or the authority ends it; tell the Government."
	}
	return []matter.Finding{c.with(certified), WithFault(c.with(review), FaultPaper)}
}
