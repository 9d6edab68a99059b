package law

// Policy is what the provider itself has settled about requests and orders; it is configuration.
type Policy struct {
	// MaxDays is the longest single order that passes without a remark, ChainAlarmDays the longest silence that an order
	// and what it extends may add up to, both in days of 24 h. A year counts 366.
	MaxDays, ChainAlarmDays int
	// Languages are those that the provider's lawyers read, BCP 47.
	Languages []string
	// Entities are the names of the legal entities that may be addressed, Channels the ways a request may come (CONTRACT's
	// servedVia). Empty lists are not judged by.
	Entities, Channels []string
}

// DefaultPolicy has the numbers of the law that the policy follows: a year for an order and for a chain of them (the
// federal policy of 2017).
func DefaultPolicy() Policy {
	return Policy{MaxDays: 366, ChainAlarmDays: 366, Languages: []string{"en"}}
}
