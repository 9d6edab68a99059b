package matter

import (
	"time"
)

// The outcomes of a challenge. None of them ends a restraint: that takes order.ended, with the court's document.
const (
	ChallengePending  = "pending"
	ChallengeUpheld   = "upheld"
	ChallengeNarrowed = "narrowed"
	ChallengeVacated  = "vacated"
)

// OrderChallenge is one challenge of an order, told apart by its route and filing, with what became of it.
type OrderChallenge struct {
	Route   string    `json:"route"`
	FiledAt time.Time `json:"filedAt"`
	// ClockDays is how long the other side has, in days from the filing; 0 where no clock runs.
	ClockDays int `json:"clockDays,omitempty"`
	// Clock is when that time is over, in UTC; zero where no clock runs.
	Clock time.Time `json:"clock,omitzero"`
	// Outcome is "pending" until there is another.
	Outcome string    `json:"outcome"`
	Actor   string    `json:"actor,omitempty"`
	At      time.Time `json:"at"`
}
