package law

import (
	"slices"
	"strings"
	"time"

	"lapse/internal/matter"
)

// MayDemand returns the roles that may make a request with the instrument in the country, and the citations. There
// are none where no verified rule says. data says that content or traffic data is asked for; fewer roles may ask for
// that.
func (b *Book) MayDemand(country string, instrument matter.Instrument, data bool,
	at time.Time) (roles []string, citation string) {
	roles = []string{}
	var citations []string
	for _, r := range b.of(country) {
		if !r.holds(at) || !slices.Contains(r.Demands, instrument) || len(r.Issuers) == 0 {
			continue
		}
		may := r.Issuers
		if data && len(r.DataIssuers) > 0 {
			may = r.DataIssuers
		}
		for _, role := range may {
			if !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
		citations = append(citations, r.Citation)
	}
	return roles, strings.Join(citations, "; ")
}

// MayValidate reports whether a request with the instrument, made by an authority that may not make it alone, stands
// where somebody of this role has validated it. It is false where no verified rule of the country knows validation.
func (b *Book) MayValidate(country string, instrument matter.Instrument, data bool, role string, at time.Time) bool {
	return slices.ContainsFunc(b.of(country), func(r Rule) bool {
		may := r.Issuers
		if data && len(r.DataIssuers) > 0 {
			may = r.DataIssuers
		}
		return r.holds(at) && r.Validated && slices.Contains(r.Demands, instrument) && slices.Contains(may, role)
	})
}

// BadlyServed returns the rule that lets only some serve such a request, where the stated way of service names none
// of them.
func (b *Book) BadlyServed(country string, instrument matter.Instrument, servedVia string, at time.Time) (Rule, bool) {
	via := strings.ToLower(servedVia)
	for _, r := range b.of(country) {
		if !r.holds(at) || !slices.Contains(r.Demands, instrument) || len(r.ServedBy) == 0 || strings.TrimSpace(via) == "" {
			continue
		}
		if !slices.ContainsFunc(r.ServedBy, func(who string) bool { return strings.Contains(via, who) }) {
			return r, true
		}
	}
	return Rule{}, false
}
