package matter

import "time"

// ExceptionKind is the provider's own reason not to tell yet.
type ExceptionKind string

// The kinds of exception.
const (
	ExceptionChild       ExceptionKind = "child"
	ExceptionEmergency   ExceptionKind = "emergency"
	ExceptionInterest    ExceptionKind = "provider_interest"
	ExceptionCompromised ExceptionKind = "compromised_account"
)

// ExceptionKinds lists the kinds of exception.
func ExceptionKinds() []ExceptionKind {
	return []ExceptionKind{ExceptionChild, ExceptionEmergency, ExceptionInterest, ExceptionCompromised}
}

// Restraint is the kind that an exception's restraint has in the head: "exception_child" and so on.
func (k ExceptionKind) Restraint() OrderKind { return OrderKind("exception_" + string(k)) }

// Exception returns the kind of exception that a restraint's kind stands for, and whether it stands for one.
func (k OrderKind) Exception() (ExceptionKind, bool) {
	for _, kind := range ExceptionKinds() {
		if kind.Restraint() == k {
			return kind, true
		}
	}
	return "", false
}

// ExceptionState is an exception's state, computed when asked.
type ExceptionState string

// The states of an exception. A requested one holds too, but only for ApprovalGrace. An expired one was not renewed by
// its review, and holds nothing any more.
const (
	ExceptionRequested ExceptionState = "requested"
	ExceptionActive    ExceptionState = "active"
	ExceptionExpired   ExceptionState = "expired"
	ExceptionEnded     ExceptionState = "ended"
)

// Terms bound one kind of exception, because no exception is for ever.
type Terms struct {
	// Review is the longest time from the request, or from a renewal, to the review; Renewals how often it may go on
	// after a review; End the longest time from the request to its end, whatever was renewed.
	Review   time.Duration
	Renewals int
	End      time.Duration
}

// DefaultTerms returns the terms that practice suggests. Where practice names no hard end, it follows from three
// renewals.
func DefaultTerms() map[ExceptionKind]Terms {
	const day = 24 * time.Hour
	return map[ExceptionKind]Terms{
		ExceptionChild:       {Review: 180 * day, Renewals: 3, End: 4 * 180 * day},
		ExceptionEmergency:   {Review: 30 * day, Renewals: 2, End: 90 * day},
		ExceptionInterest:    {Review: 30 * day, Renewals: 3, End: 4 * 30 * day},
		ExceptionCompromised: {Review: 14 * day, Renewals: 3, End: 4 * 14 * day},
	}
}

// ApprovalGrace is the longest time that a requested exception holds without approval. It outlasts a weekend.
const ApprovalGrace = 72 * time.Hour

// Exception is the provider's own reason not to tell, as recorded. Its effect on notices stands in the head, as the
// Restraint of the same id.
type Exception struct {
	Matter string
	ID     string
	// Digest identifies the content of the request, so that the same id with other content is refused.
	Digest string
	// Requested is the exception as it was posted, RequestedBy the actor who did it, "" where nobody was named.
	Requested   PostedException
	RequestedBy string
	// RequestedPerson is the person of the request (event.Caller.Person), "" where nobody was authenticated.
	RequestedPerson string
	// Recorded is the instant, Version the matter version at which Lapse recorded it; Revision the version of the last
	// change.
	Recorded          time.Time
	Version, Revision int
	// ReviewAt is the review as policy bounds it; the exception ends there unless it is renewed.
	ReviewAt time.Time
	// Approval and Ending are nil until they are recorded.
	Approval *ExceptionAct
	Renewals []ExceptionAct
	Ending   *ExceptionAct
	// Receipt is the key of the receipt that holds the answer given when it was recorded.
	Receipt string
}

// ExceptionAct is one recorded step in the life of an exception.
type ExceptionAct struct {
	At         time.Time `json:"at"`
	Actor      string    `json:"actor,omitempty"`
	ApprovedBy []string  `json:"approvedBy,omitempty"`
	// ReviewAt is a renewal's, as policy bounds it; Reason an ending's.
	ReviewAt time.Time `json:"reviewAt,omitzero"`
	Reason   string    `json:"reason,omitempty"`
}

// PostedException is the data of exception.requested, as posted.
type PostedException struct {
	ExceptionID string        `json:"exceptionId"`
	Kind        ExceptionKind `json:"kind"`
	Covers      PostedCovers  `json:"covers"`
	Facts       string        `json:"facts"`
	ReviewAt    time.Time     `json:"reviewAt"`
}
