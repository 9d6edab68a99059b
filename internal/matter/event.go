package matter

import (
	"encoding/json"
	"time"
)

// EventType is the type attribute of an event that Lapse takes.
type EventType string

// The event types, one schema each in events/schema.
const (
	RequestReceived    EventType = "lapse.request.received.v1"
	RequestAmended     EventType = "lapse.request.amended.v1"
	RequestDecided     EventType = "lapse.request.decided.v1"
	DisclosureMade     EventType = "lapse.disclosure.made.v1"
	OrderReceivedType  EventType = "lapse.order.received.v1"
	OrderAssessed      EventType = "lapse.order.assessed.v1"
	OrderChallenged    EventType = "lapse.order.challenged.v1"
	OrderEnded         EventType = "lapse.order.ended.v1"
	ExceptionRequested EventType = "lapse.exception.requested.v1"
	ExceptionApproved  EventType = "lapse.exception.approved.v1"
	ExceptionRenewed   EventType = "lapse.exception.renewed.v1"
	ExceptionEnded     EventType = "lapse.exception.ended.v1"
	ContactChanged     EventType = "lapse.contact.changed.v1"
	NoticeObjected     EventType = "lapse.notice.objected.v1"
	NoticeHeld         EventType = "lapse.notice.held.v1"
	NoticeReleased     EventType = "lapse.notice.released.v1"
	NoticeCancelled    EventType = "lapse.notice.cancelled.v1"
)

// Event is a decoded and checked event. Package events makes it.
type Event struct {
	ID, Source string
	Type       EventType
	// Matter is the envelope's subject.
	Matter string
	Actor  string
	// Time is the sender's, zero if absent.
	Time time.Time
	// Data is the pointer to the type's own struct: *ReceivedData, *AmendedData, *DecidedData, *DisclosureData,
	// *OrderReceivedData, *AssessedData, *ChallengedData, *OrderEndedData, *ExceptionRequestedData, *ExceptionApprovedData,
	// *ExceptionRenewedData, *ExceptionEndedData, *ContactData, *NoticeActData.
	Data any
	// Raw is the data with every address redacted, for the ledger.
	Raw json.RawMessage
	// Extensions are the envelope's unknown attributes as a JSON object with every address redacted; nil if there are none.
	Extensions json.RawMessage
	// Digest is the SHA-256, in hex, of the decoded event deterministically re-encoded without its time: the same
	// event through both doors is one event.
	Digest string
	// Content is the same over type, subject and data alone: two events with other ids that say the same have it in common.
	Content string
	// Door and Principal are set by whoever took the event in.
	Door, Principal string
}

// ReceivedData is the data of request.received.
type ReceivedData struct {
	Request
	Subjects []SubjectData `json:"subjects"`
}

// AmendedData is the data of request.amended; nil and absent fields stay as they are.
type AmendedData struct {
	Reference   *string       `json:"reference"`
	Instrument  *Instrument   `json:"instrument"`
	Issuer      *Issuer       `json:"issuer"`
	ReceivedAt  *time.Time    `json:"receivedAt"`
	DataSought  []DataSought  `json:"dataSought"`
	LegalBasis  *string       `json:"legalBasis"`
	Signed      *bool         `json:"signed"`
	SignedOn    *Date         `json:"signedOn"`
	ResponseDue *time.Time    `json:"responseDue"`
	Addressee   *string       `json:"addressee"`
	ServedVia   *string       `json:"servedVia"`
	Offence     *string       `json:"offence"`
	Flags       []string      `json:"flags"`
	Subjects    []SubjectData `json:"subjects"`
}

// DecidedData is the data of request.decided.
type DecidedData struct {
	Decision      Decision `json:"decision"`
	Reason        string   `json:"reason"`
	Grounds       []string `json:"grounds"`
	AdvanceNotice bool     `json:"advanceNotice"`
	Outcome       string   `json:"outcome"`
	ApprovedBy    []string `json:"approvedBy"`
}

// DisclosureData is the data of disclosure.made.
type DisclosureData struct {
	DisclosureID string `json:"disclosureId"`
	DisclosureFacts
	Subjects []string `json:"subjects"`
}

// OrderReceivedData is the data of order.received, as posted.
type OrderReceivedData struct {
	OrderID       string     `json:"orderId"`
	Kind          OrderKind  `json:"kind"`
	Issuer        Issuer     `json:"issuer"`
	Covers        CoversData `json:"covers"`
	End           End        `json:"end"`
	LegalBasis    string     `json:"legalBasis,omitempty"`
	Docket        string     `json:"docket,omitempty"`
	Signed        *bool      `json:"signed,omitempty"`
	SignedOn      Date       `json:"signedOn,omitzero"`
	ServedOn      Date       `json:"servedOn,omitzero"`
	StartsOn      Date       `json:"startsOn,omitzero"`
	Silence       string     `json:"silence,omitempty"`
	Grounds       []string   `json:"grounds,omitempty"`
	CourtFindings string     `json:"courtFindings,omitempty"`
	NamesProcess  *bool      `json:"namesProcess,omitempty"`
	Extends       string     `json:"extends,omitempty"`
	Document      string     `json:"documentSha256,omitempty"`
}

// CoversData is the shape Covers as posted: "all" or a list of subject ids, and perhaps roles.
type CoversData struct {
	Subjects   CoveredSubjects `json:"subjects"`
	Recipients []Role          `json:"recipients,omitempty"`
}

// CoveredSubjects is "all" or a list of ids.
type CoveredSubjects struct {
	All bool
	IDs []string
}

// MarshalJSON writes "all" or the list.
func (c CoveredSubjects) MarshalJSON() ([]byte, error) {
	if c.All {
		return []byte(`"all"`), nil
	}
	return json.Marshal(c.IDs)
}

// UnmarshalJSON reads "all" or the list.
func (c *CoveredSubjects) UnmarshalJSON(b []byte) error {
	if string(b) == `"all"` {
		*c = CoveredSubjects{All: true}
		return nil
	}
	return json.Unmarshal(b, &c.IDs)
}

// AssessedData is the data of order.assessed.
type AssessedData struct {
	OrderID       string   `json:"orderId"`
	Verdict       Verdict  `json:"verdict"`
	Reason        string   `json:"reason"`
	ApprovedBy    []string `json:"approvedBy"`
	UntilOverride *End     `json:"untilOverride"`
}

// OrderEndedData is the data of order.ended.
type OrderEndedData struct {
	OrderID     string    `json:"orderId"`
	How         string    `json:"how"`
	EffectiveAt time.Time `json:"effectiveAt"`
	Document    string    `json:"documentSha256"`
	ApprovedBy  []string  `json:"approvedBy"`
}

// ContactData is the data of contact.changed: new contacts, or the wish to erase them.
type ContactData struct {
	SubjectID string    `json:"subjectId"`
	Contacts  []Contact `json:"contacts"`
	Language  string    `json:"language"`
	Erase     bool      `json:"erase"`
}

// EventTypes lists every type.
func EventTypes() []EventType {
	return []EventType{
		RequestReceived, RequestAmended, RequestDecided, DisclosureMade, OrderReceivedType, OrderAssessed, OrderChallenged,
		OrderEnded, ExceptionRequested, ExceptionApproved, ExceptionRenewed, ExceptionEnded, ContactChanged,
		NoticeObjected, NoticeHeld, NoticeReleased, NoticeCancelled,
	}
}
