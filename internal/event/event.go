// Package event holds the events that Lapse takes, decoded and checked: their envelope, the data of each type, and the
// faults of a bad event. Package events reads them.
package event

import (
	"encoding/json"
	"time"

	"lapse/internal/matter"
)

// Type is the type attribute of an event that Lapse takes.
type Type string

// The event types, one schema each in events/schema.
const (
	RequestReceived    Type = "lapse.request.received.v1"
	RequestAmended     Type = "lapse.request.amended.v1"
	RequestDecided     Type = "lapse.request.decided.v1"
	RequestChallenged  Type = "lapse.request.challenged.v1"
	RequestClosed      Type = "lapse.request.closed.v1"
	DisclosureMade     Type = "lapse.disclosure.made.v1"
	OrderReceived      Type = "lapse.order.received.v1"
	OrderAssessed      Type = "lapse.order.assessed.v1"
	OrderChallenged    Type = "lapse.order.challenged.v1"
	OrderEnded         Type = "lapse.order.ended.v1"
	ExceptionRequested Type = "lapse.exception.requested.v1"
	ExceptionApproved  Type = "lapse.exception.approved.v1"
	ExceptionRenewed   Type = "lapse.exception.renewed.v1"
	ExceptionEnded     Type = "lapse.exception.ended.v1"
	ContactChanged     Type = "lapse.contact.changed.v1"
	NoticeObjected     Type = "lapse.notice.objected.v1"
	NoticeHeld         Type = "lapse.notice.held.v1"
	NoticeReleased     Type = "lapse.notice.released.v1"
	NoticeCancelled    Type = "lapse.notice.cancelled.v1"
	NoticeTold         Type = "lapse.notice.told.v1"
	ApprovalGiven      Type = "lapse.approval.given.v1"
)

// Event is a decoded and checked event. Package events makes it.
type Event struct {
	ID, Source string
	Type       Type
	// Matter is the envelope's subject.
	Matter string
	Actor  string
	// Time is the sender's time, zero if absent.
	Time time.Time
	// Data is the pointer to the type's own struct: *RequestReceivedData, *RequestAmendedData, *RequestDecidedData,
	// *RequestChallengedData, *RequestClosedData, *DisclosureMadeData, *matter.PostedOrder, *OrderAssessedData,
	// *OrderChallengedData, *OrderEndedData, *matter.PostedException, *ExceptionApprovedData, *ExceptionRenewedData,
	// *ExceptionEndedData, *ContactChangedData, *NoticeActData, *NoticeToldData, *ApprovalGivenData.
	Data any
	// Raw is the data with every address redacted, for the ledger.
	Raw json.RawMessage
	// Extensions holds the envelope's unknown attributes as a JSON object, with every address redacted. It is nil if there
	// are none.
	Extensions json.RawMessage
	// Digest is the SHA-256, in hex, of the decoded event, encoded again deterministically without its time. So an event
	// has one digest, whichever door it comes through.
	Digest string
	// Content is the SHA-256 of type, subject and data alone. Two events of different ids with the same content share it.
	Content string
	// Caller is set by the function that took the event in.
	Caller
	// Approved says that a second principal has approved the event just now.
	Approved bool
}

// Door is a way in for events.
type Door string

// The doors. One handler takes what either brings.
const (
	DoorHTTP Door = "http" // POST /v1/events
	DoorBus  Door = "bus"  // the EventBridge bus
)

// Caller is who brought an event.
type Caller struct {
	Door Door
	// Principal is the authenticated caller, as the ledger names it.
	Principal string
	// Person counts where two persons have to decide. Two principals who may be one person have the same. It is empty
	// where no person was authenticated, as on the bus.
	Person string
}

// RequestReceivedData is the data of request.received.
type RequestReceivedData struct {
	matter.Request
	Subjects []matter.PostedSubject `json:"subjects"`
}

// RequestAmendedData is the data of request.amended. Nil and absent fields stay as they are.
type RequestAmendedData struct {
	Reference   *string                `json:"reference"`
	Instrument  *matter.Instrument     `json:"instrument"`
	Issuer      *matter.Issuer         `json:"issuer"`
	ReceivedAt  *time.Time             `json:"receivedAt"`
	DataSought  []matter.DataSought    `json:"dataSought"`
	LegalBasis  *string                `json:"legalBasis"`
	Signed      *bool                  `json:"signed"`
	SignedOn    *matter.Date           `json:"signedOn"`
	ResponseDue *time.Time             `json:"responseDue"`
	Addressee   *string                `json:"addressee"`
	ServedVia   *string                `json:"servedVia"`
	Offence     *string                `json:"offence"`
	Flags       []string               `json:"flags"`
	Subjects    []matter.PostedSubject `json:"subjects"`

	Unmatched       *int           `json:"unmatched"`
	Selectors       *int           `json:"selectors"`
	ValidatedBy     *matter.Issuer `json:"validatedBy"`
	FisaTitle       *string        `json:"fisaTitle"`
	FisaCallRecords *bool          `json:"fisaCallRecords"`
	FirstOfProduct  *bool          `json:"firstOfProduct"`
}

// RequestDecidedData is the data of request.decided.
type RequestDecidedData struct {
	Decision matter.Decision `json:"decision"`
	Reason   string          `json:"reason"`
	Grounds  []string        `json:"grounds"`
	// GoodFaith is a person's answer to O10; nil where the decision brings none.
	GoodFaith     *GoodFaithData `json:"goodFaith"`
	AdvanceNotice bool           `json:"advanceNotice"`
	// AdvanceUntil is the end of the time to object, zero where counsel sets none.
	AdvanceUntil time.Time `json:"advanceUntil,omitzero"`
	Outcome      string    `json:"outcome"`
	ApprovedBy   []string  `json:"approvedBy"`
}

// GoodFaithData is a person's answer whether a request serves to detect or prevent crime in good faith. Verdict is
// "yes" or "no".
type GoodFaithData struct {
	Verdict string `json:"verdict"`
	Note    string `json:"note"`
}

// RequestChallengedData is the data of request.challenged.
type RequestChallengedData struct {
	ChallengeID string                  `json:"challengeId"`
	Grounds     []string                `json:"grounds"`
	Route       string                  `json:"route"`
	FiledAt     time.Time               `json:"filedAt"`
	Forum       string                  `json:"forum"`
	Outcome     matter.ChallengeOutcome `json:"outcome"`
	DecidedAt   time.Time               `json:"decidedAt"`
}

// RequestClosedData is the data of request.closed.
type RequestClosedData struct {
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
}

// DisclosureMadeData is the data of disclosure.made.
type DisclosureMadeData struct {
	DisclosureID string `json:"disclosureId"`
	matter.DisclosureFacts
	Subjects []string `json:"subjects"`
	// NoData lists those of Subjects for whom the provider held no data.
	NoData []string `json:"noData"`
}

// OrderAssessedData is the data of order.assessed.
type OrderAssessedData struct {
	OrderID       string         `json:"orderId"`
	Verdict       matter.Verdict `json:"verdict"`
	Reason        string         `json:"reason"`
	ApprovedBy    []string       `json:"approvedBy"`
	UntilOverride *matter.End    `json:"untilOverride"`
	// Verified says who verified that the paper is genuine; nil where nobody says so.
	Verified *matter.Verified `json:"verified"`
}

// OrderEndedData is the data of order.ended.
type OrderEndedData struct {
	OrderID     string    `json:"orderId"`
	How         string    `json:"how"`
	EffectiveAt time.Time `json:"effectiveAt"`
	Document    string    `json:"documentSha256"`
	// By is "court" or "authority", empty where nobody has said.
	By         string   `json:"by"`
	ApprovedBy []string `json:"approvedBy"`
}

// ContactChangedData is the data of contact.changed: new contacts, or a request to erase them.
type ContactChangedData struct {
	SubjectID string           `json:"subjectId"`
	Contacts  []matter.Contact `json:"contacts"`
	Language  string           `json:"language"`
	Erase     bool             `json:"erase"`
}

// Types lists every type.
func Types() []Type {
	return []Type{
		RequestReceived, RequestAmended, RequestDecided, RequestChallenged, RequestClosed, DisclosureMade, OrderReceived,
		OrderAssessed, OrderChallenged, OrderEnded, ExceptionRequested, ExceptionApproved, ExceptionRenewed, ExceptionEnded,
		ContactChanged, NoticeObjected, NoticeHeld, NoticeReleased, NoticeCancelled, NoticeTold, ApprovalGiven,
	}
}

// OrderChallengedData is the data of order.challenged.
type OrderChallengedData struct {
	OrderID   string                  `json:"orderId"`
	Route     string                  `json:"route"`
	FiledAt   time.Time               `json:"filedAt"`
	Grounds   []string                `json:"grounds"`
	Forum     string                  `json:"forum"`
	ClockDays int                     `json:"clockDays"`
	Outcome   matter.ChallengeOutcome `json:"outcome"`
	DecidedAt time.Time               `json:"decidedAt"`
}

// NoticeActData is the data of notice.objected, notice.held, notice.released and notice.cancelled.
type NoticeActData struct {
	NoticeID   string   `json:"noticeId"`
	Reason     string   `json:"reason"`
	ApprovedBy []string `json:"approvedBy"`
}

// NoticeToldData is the data of notice.told.
type NoticeToldData struct {
	NoticeID   string    `json:"noticeId"`
	Channel    string    `json:"channel"`
	At         time.Time `json:"at"`
	Reason     string    `json:"reason"`
	ApprovedBy []string  `json:"approvedBy"`
	Document   string    `json:"documentSha256"`
}

// ExceptionApprovedData is the data of exception.approved.
type ExceptionApprovedData struct {
	ExceptionID string   `json:"exceptionId"`
	ApprovedBy  []string `json:"approvedBy"`
}

// ExceptionRenewedData is the data of exception.renewed.
type ExceptionRenewedData struct {
	ExceptionID string    `json:"exceptionId"`
	ReviewAt    time.Time `json:"reviewAt"`
	ApprovedBy  []string  `json:"approvedBy"`
}

// ExceptionEndedData is the data of exception.ended.
type ExceptionEndedData struct {
	ExceptionID string `json:"exceptionId"`
	Reason      string `json:"reason"`
}

// ApprovalGivenData is the data of approval.given.
type ApprovalGivenData struct {
	Approval string `json:"approval"`
	Reason   string `json:"reason"`
}
