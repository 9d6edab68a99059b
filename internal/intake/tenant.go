package intake

import (
	"slices"

	"lapse/internal/matter"
)

// mostTenants is how many tenants a restraint keeps. A longer list becomes AnyTenant, because the head is one item.
const mostTenants = 10

// withTenant is the list with one tenant more. No tenant is ever taken away, because somebody who has left a tenant may
// still share its recipients.
func withTenant(list []string, tenant string) []string {
	switch {
	case tenant == "" || slices.Contains(list, tenant) || slices.Contains(list, matter.AnyTenant):
		return list
	case len(list) == mostTenants:
		return []string{matter.AnyTenant}
	}
	return append(slices.Clone(list), tenant)
}
