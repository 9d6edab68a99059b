package law

import (
	"slices"
	"time"

	"lapse/internal/matter"
)

// Policy is the provider's own answer about requests and orders; it is configuration.
type Policy struct {
	// MaxDays is the longest single order that passes without a remark. ChainAlarmDays is the longest silence of an
	// order and the orders it extends. Both are days of 24 h; a year counts 366.
	MaxDays, ChainAlarmDays int
	// MaxIdentifiers is how many identifiers a request may name before it counts as overbroad; zero judges none.
	MaxIdentifiers int
	// PleaDays is how long a plea holds. ReviewDays is how often a restraint without a known end is reviewed. Both are
	// days of 24 h from the recording. They are recorded with each restraint; matter.Restraint says why.
	PleaDays, ReviewDays int
	// Languages are those that the provider's lawyers read, BCP 47.
	Languages []string
	// Entities are the names of the legal entities that may be addressed. Channels are the ways a request may come (the
	// event's servedVia). An empty list judges nothing.
	Entities, Channels []string
	// UserTenants are the tenants whose users are told where the tenant has neither legal contact nor admin; "*" is every
	// tenant. An empty list is none.
	UserTenants []string
}

// TellsUser reports whether the tenant's user is told where the tenant has neither legal contact nor admin.
func (p Policy) TellsUser(tenant string) bool {
	return slices.Contains(p.UserTenants, "*") || tenant != "" && slices.Contains(p.UserTenants, tenant)
}

// DefaultPolicy is a year for an order and for a chain of them, as the federal policy of 2017 has it. Pleas and
// reviews follow package matter.
func DefaultPolicy() Policy {
	const day = 24 * time.Hour
	return Policy{
		MaxDays: 366, ChainAlarmDays: 366, PleaDays: int(matter.PleaGrace / day),
		ReviewDays: int(matter.OpenEndedReview / day),
		Languages:  []string{"en"},
	}
}

// Grace is PleaDays as a duration; zero stands for the default, in a restraint too.
func (p Policy) Grace() time.Duration { return time.Duration(p.PleaDays) * 24 * time.Hour }

// Review is ReviewDays as a duration, zero likewise.
func (p Policy) Review() time.Duration { return time.Duration(p.ReviewDays) * 24 * time.Hour }
