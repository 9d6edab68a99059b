package matter

import (
	"slices"
	"time"
)

// ChallengeOutcome is what became of a challenge.
type ChallengeOutcome string

// The outcomes of a challenge. None of them ends a restraint: that takes order.ended, with the court's document.
const (
	ChallengePending  ChallengeOutcome = "pending"
	ChallengeUpheld   ChallengeOutcome = "upheld"
	ChallengeNarrowed ChallengeOutcome = "narrowed"
	ChallengeVacated  ChallengeOutcome = "vacated"
	ChallengeQuashed  ChallengeOutcome = "quashed"
)

// ChallengeOutcomes lists the outcomes of a challenge.
func ChallengeOutcomes() []ChallengeOutcome {
	return []ChallengeOutcome{ChallengePending, ChallengeUpheld, ChallengeNarrowed, ChallengeVacated, ChallengeQuashed}
}

// OrderChallenge is one challenge of an order, told apart by its route and filing, with what became of it.
type OrderChallenge struct {
	Route   string    `json:"route"`
	FiledAt time.Time `json:"filedAt"`
	// Grounds are codes of Grounds. Forum is the court or body that decides, "" where nobody has said.
	Grounds []string `json:"grounds,omitempty"`
	Forum   string   `json:"forum,omitempty"`
	// ClockDays is how long the other side has, in days from the filing; 0 where no clock runs.
	ClockDays int `json:"clockDays,omitempty"`
	// Clock is when that time is over, in UTC; zero where no clock runs.
	Clock time.Time `json:"clock,omitzero"`
	// Outcome is ChallengePending until there is another. DecidedAt is when it was decided, zero where nobody has said.
	Outcome   ChallengeOutcome `json:"outcome"`
	DecidedAt time.Time        `json:"decidedAt,omitzero"`
	Actor     string           `json:"actor,omitempty"`
	At        time.Time        `json:"at"`
}

// RequestChallenge is one challenge of a request, with what became of it.
type RequestChallenge struct {
	ID      string    `json:"challengeId"`
	Grounds []string  `json:"grounds"`
	Route   string    `json:"route"`
	FiledAt time.Time `json:"filedAt"`
	Forum   string    `json:"forum,omitempty"`
	// Outcome is ChallengePending until there is another. DecidedAt is when it was decided, zero where nobody has said.
	Outcome   ChallengeOutcome `json:"outcome"`
	DecidedAt time.Time        `json:"decidedAt,omitzero"`
	Actor     string           `json:"actor,omitempty"`
	At        time.Time        `json:"at"`
}

// OtherGround is the code of a ground that has no code of its own.
const OtherGround = "other"

// Grounds lists the codes of the grounds to challenge a request or an order.
func Grounds() []string {
	return []string{
		"overbroad", "no_legal_basis", "not_good_faith", "outside_jurisdiction", "no_authority", "no_end_date",
		"bad_service", OtherGround,
	}
}

// Ground returns the code of a ground: one of Grounds, or one of the older names O8 to O14, which are the first seven
// of them in their order. Anything else is OtherGround.
func Ground(said string) string {
	older := []string{"O8", "O9", "O10", "O11", "O12", "O13", "O14"}
	if i := slices.Index(older, said); i >= 0 {
		return Grounds()[i]
	}
	if slices.Contains(Grounds(), said) {
		return said
	}
	return OtherGround
}
