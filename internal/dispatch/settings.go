package dispatch

import "lapse/internal/letter"

// Settings are what an operator decides.
type Settings struct {
	// Workers is how many notices are worked on at once; 0 is 32.
	Workers int
	// Share is the part of the account's sending quota that all groups use together, above 0 and at most 1; 0 is 0.95.
	Share float64
	// SendingEnabled false leaves every notice where it is; work that sends nothing is done all the same.
	SendingEnabled bool
	// Policy is for attempts of unknown outcome; empty is MustArrive.
	Policy Policy
	// Sender is who writes the letters.
	Sender letter.Sender
}

const defaultWorkers = 32

// Policy says what follows an attempt whose outcome is unknown, once the time to hear of it has passed.
type Policy string

// The policies. MustArrive, the default, writes again and says that the mail may be a repetition. AtMostOnce leaves the
// notice in unknown for a person.
const (
	MustArrive Policy = "must_arrive"
	AtMostOnce Policy = "at_most_once"
)

// SendingDisabled is Report.Paused where Settings.SendingEnabled is false. An operator chose that pause.
const SendingDisabled = "sending_disabled"
