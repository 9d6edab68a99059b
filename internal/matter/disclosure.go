package matter

import (
	"time"
)

// Disclosure is data of named subjects handed over, or one part of it where it was posted in parts.
type Disclosure struct {
	Matter string
	ID     string
	// Part is 1 for the first event with this disclosure id, 2 for the next, and so on.
	Part int
	// Advance means that this is the announcement of a disclosure: its targets are told ahead, and nothing was handed
	// over.
	Advance bool
	// Facts are those of the event without its subjects; they are the same in every part.
	Facts DisclosureFacts
	// Digest identifies Facts, so that the same id with other facts is refused.
	Digest string
	// Targets are the ids of the subjects, in the order posted. Who is told about each is decided when the mail goes.
	Targets []string
	// NoData are the subjects of whom nothing was held. They get no notice.
	NoData []string
	// Recorded is the instant, Version the matter version at which Lapse recorded it.
	Recorded time.Time
	Version  int
	// Receipt is the key of the receipt that holds the answer given when it was recorded.
	Receipt string
}

// ChunkSize is how many notices are made in one go: few enough for one batch read of their subjects.
const ChunkSize = 30

// Basis is what a disclosure rests on.
type Basis string

// The bases of a disclosure.
const (
	BasisCompelled Basis = "compelled" // an authority's paper demands it
	BasisEmergency Basis = "emergency" // a danger to life or limb, 18 U.S.C. 2702(b)(8) and the like
	BasisConsent   Basis = "consent"   // the person asked for it
)

// DisclosureFacts is what was handed over, on which basis. The basis is never empty.
type DisclosureFacts struct {
	Basis       Basis         `json:"basis"`
	At          time.Time     `json:"at"`
	Categories  []string      `json:"categories"`
	Content     bool          `json:"content"`
	Note        string        `json:"note,omitempty"`
	ApprovedBy  []string      `json:"approvedBy,omitempty"`
	NotProduced []NotProduced `json:"notProduced,omitempty"`
}

// NotProduced is a category that could not be handed over, and why ("e2ee", "none_held").
type NotProduced struct {
	Category string `json:"category"`
	Why      string `json:"why"`
}

// Margin is the allowed clock skew: nothing may cover any instant this near to now.
const Margin = 3 * time.Second
