package law

import (
	"regexp"
	"strings"

	"lapse/internal/matter"
)

// The rules that are decisions and policies about orders under 18 U.S.C. 2705(b), by id.
const (
	preclusion   = "US-2705b"
	sealedCase   = "US-SEALED-2025"
	boilerplates = "US-EDNY-2017"
	dojMemo      = "US-DOJ-2017"
)

// precedent begins a finding that rests on a decision about 18 U.S.C. 2705(b). It is cited for orders under that
// section only, and only where it had been decided by the day of the order; never for a national security letter. The
// citation says whether it binds the court or only persuades it, and whether nobody has read the decision itself. It
// only says why counsel may want to challenge: no hold rests on it.
func (c reading) precedent(id string) matter.Finding {
	f := matter.Finding{Evidence: matter.Evidence{}}
	r, ok := c.Book.Rule(id)
	if !ok || r.Status == Disabled || !r.inForce(c.at) || c.rule.ID != preclusion || c.Order.Kind == matter.Certification {
		return f
	}
	weight := "persuasive"
	if id == sealedCase && inDC(c.Order.Issuer) {
		weight = "binding in D.C."
	}
	if r.Status != Verified {
		weight += "; known from secondary sources"
	}
	f.Citation, f.Evidence["rule"] = r.Citation+" ("+weight+")", r.ID
	return f
}

// federalPolicy begins a finding that rests on the memorandum of 2017, which binds federal prosecutors only. On any
// other paper the finding rests on the provider's own policy.
func (c reading) federalPolicy() matter.Finding {
	f := matter.Finding{Evidence: matter.Evidence{}}
	r, ok := c.Book.Rule(dojMemo)
	if ok && r.holds(c.at) && federal(c.Order.Issuer) && c.rule.Region == "" && c.Order.Kind == matter.CourtOrder {
		f.Citation, f.Evidence["rule"] = r.Citation, r.ID
	}
	return f
}

// federalNames are words by which a federal court or agency of the United States names itself: "N.D. Cal.", "D. Mass.",
// "United States District Court", "District of Columbia", "FBI".
var federalNames = regexp.MustCompile(`(?i)\bu\.?\s?s\.?\s|united states|federal|district of|\bfbi\b|` +
	`department of justice|\b[nsewmc]\.\s?d\.|^d\.\s?[a-z]`)

// federal reports whether an issuer is a federal court or agency of the United States. A name that does not say so is
// taken for a state's.
func federal(i matter.Issuer) bool {
	return strings.EqualFold(i.Country, "US") && federalNames.MatchString(i.Name+" ")
}

// inDC reports whether an issuer sits in the District of Columbia.
func inDC(i matter.Issuer) bool {
	return strings.EqualFold(i.Region, "US-DC") || strings.Contains(i.Name, "D.D.C.") ||
		strings.Contains(strings.ToLower(i.Name), "district of columbia")
}
