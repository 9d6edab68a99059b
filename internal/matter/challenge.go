package matter

import "time"

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

// ChallengedData is the data of order.challenged.
type ChallengedData struct {
	OrderID   string    `json:"orderId"`
	Route     string    `json:"route"`
	FiledAt   time.Time `json:"filedAt"`
	ClockDays int       `json:"clockDays"`
	Outcome   string    `json:"outcome"`
}

// NoticeActData is the data of notice.objected, notice.held, notice.released and notice.cancelled.
type NoticeActData struct {
	NoticeID   string   `json:"noticeId"`
	Reason     string   `json:"reason"`
	ApprovedBy []string `json:"approvedBy"`
}
