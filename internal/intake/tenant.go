package intake

import (
	"slices"

	"lapse/internal/matter"
)

// mostTenants is how many tenants a restraint keeps: the head is one item, and a name more stands for all of them.
const mostTenants = 10

// withTenant is the list with one tenant more.
func withTenant(list []string, tenant string) []string {
	switch {
	case tenant == "" || slices.Contains(list, tenant) || slices.Contains(list, matter.AnyTenant):
		return list
	case len(list) == mostTenants:
		return []string{matter.AnyTenant}
	}
	return append(slices.Clone(list), tenant)
}

// join adds the posted subjects' tenants to the restraints that name them; where a restraint's list cannot be read, to it
// as well. None is taken away: somebody who has left a tenant may still share its recipients.
func (d *draft) join(posted []matter.SubjectData) {
	h := d.head()
	h.Restraints = slices.Clone(h.Restraints)
	names := 0
	for _, r := range h.Restraints {
		names += len(r.Subjects) + len(r.Unknown)
	}
	for i := range h.Restraints {
		r := &h.Restraints[i]
		before := len(r.Tenants)
		for _, p := range posted {
			if r.Torn || slices.Contains(r.Subjects, p.ID) {
				r.Tenants = withTenant(r.Tenants, p.Tenant)
			}
		}
		if len(r.Tenants) == before {
			continue
		}
		// A list in an item of its own is named by its revision, which stays; only the evidence of a late order misses that.
		if !r.Torn && len(r.Subjects) <= inHead && names <= inHeadTogether {
			r.Revision = h.Version
		}
		if !d.replanned() {
			d.replan()
		}
	}
}
