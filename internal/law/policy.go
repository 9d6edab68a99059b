package law

import (
	"time"

	"lapse/internal/matter"
)

// Policy is the provider's own answer about requests and orders; it is configuration.
type Policy struct {
	// MaxDays is the longest single order that passes without a remark, ChainAlarmDays the longest silence that an order
	// and what it extends may add up to, both in days of 24 h. A year counts 366.
	MaxDays, ChainAlarmDays int
	// MaxIdentifiers is how many identifiers a request may name before it counts as overbroad; zero judges none.
	MaxIdentifiers int
	// PleaDays is how long a plea holds, ReviewDays how often a restraint without a known end is reviewed, both in days of
	// 24 h from when it was recorded. They are recorded with each restraint; matter.Restraint says why.
	PleaDays, ReviewDays int
	// Languages are those that the provider's lawyers read, BCP 47.
	Languages []string
	// Entities are the names of the legal entities that may be addressed, Channels the ways a request may come (the
	// event's servedVia). Empty lists are not judged by.
	Entities, Channels []string
}

// DefaultPolicy has the numbers of the law that the policy follows: a year for an order and for a chain of them (the
// federal policy of 2017), and for pleas and reviews those of package matter.
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
