package ledger

import (
	"encoding/json"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

// Answer is the answer to an accepted event. Its replays repeat it (internal/httpapi/openapi.json).
type Answer struct {
	Matter   string           `json:"matter"`
	Version  int              `json:"version"`
	Replayed bool             `json:"replayed"`
	Findings []matter.Finding `json:"findings"`
	Order    *OrderAnswer     `json:"order,omitempty"`
	// Exception is the exception an event concerned, as it stood then.
	Exception    *ExceptionAnswer `json:"exception,omitempty"`
	Notices      []NoticeBrief    `json:"notices,omitzero"`
	NoticesTotal *int             `json:"noticesTotal,omitempty"`
	// InFlight are the notices that the event forbids and that may have been handed to SES all the same, because their
	// final check lay before it. It is nil where the event's type forbids nothing.
	InFlight []InFlight `json:"inFlight,omitzero"`
	Warnings []Warning  `json:"warnings"`
	// DisclosableFrom is the latest instant from which data of somebody who is told ahead may be handed over, null where
	// nobody is. Only the answer to a decision has it.
	DisclosableFrom json.RawMessage `json:"disclosableFrom,omitempty"`
}

// DisclosableFrom is the JSON of the instant, null for the zero one. It stands as JSON because a replay has to tell a
// null from none.
func DisclosableFrom(at time.Time) json.RawMessage {
	if at.IsZero() {
		return json.RawMessage("null")
	}
	return json.RawMessage(`"` + at.UTC().Format(time.RFC3339) + `"`)
}

// OrderAnswer is the order an event concerned, as it stood then.
type OrderAnswer struct {
	ID    string            `json:"id"`
	State matter.OrderState `json:"state"`
	// Until is null without a known end; Zone is null where several were tried.
	Until *time.Time `json:"until"`
	Zone  *string    `json:"zone"`
}

// ExceptionAnswer is an exception as it stood. It is reviewed at ReviewAt and holds until Until. Until is the earlier
// one while nobody has approved the exception.
type ExceptionAnswer struct {
	ID       string                `json:"id"`
	State    matter.ExceptionState `json:"state"`
	ReviewAt time.Time             `json:"reviewAt"`
	Until    time.Time             `json:"until"`
}

// NoticeBrief is one notice with its computed due (null: held without a known end).
type NoticeBrief struct {
	ID         string       `json:"id"`
	Disclosure string       `json:"disclosure"`
	Subject    string       `json:"subject"`
	Recipient  matter.Role  `json:"recipient"`
	State      notice.State `json:"state"`
	Due        *time.Time   `json:"due"`
	// Kind is notice.Advance for a notice that tells ahead, and then Disclosure is that of the announcement.
	Kind notice.Kind `json:"kind,omitempty"`
}

// Warning tells the sender something that is not a finding.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// InFlight is a notice whose attempt ran when an event forbade it, and what became of the attempt.
type InFlight struct {
	Notice  string        `json:"notice"`
	Outcome FlightOutcome `json:"outcome"`
}

// FlightOutcome is what became of an attempt that ran when an event forbade it.
type FlightOutcome string

// The outcomes of an attempt in flight. HandedOver: SES took the mail. InDoubt: SES may have taken it.
const (
	HandedOver FlightOutcome = "sent"
	InDoubt    FlightOutcome = "unknown"
)
