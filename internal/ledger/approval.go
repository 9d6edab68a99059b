package ledger

import (
	"encoding/json"
	"time"

	"lapse/internal/event"
)

// ApprovalState is the stored state of an approval. Lapsing is not stored: Approval.Waits computes it.
type ApprovalState string

// The states of an approval.
const (
	// ApprovalAsked waits for another person.
	ApprovalAsked ApprovalState = "asked"
	// ApprovalTaken has taken effect.
	ApprovalTaken ApprovalState = "taken"
	// ApprovalRefused: another person approved, but the event contradicted the records of that moment.
	ApprovalRefused ApprovalState = "refused"
)

const (
	// ApprovalTime is how long an approval waits before it lapses.
	ApprovalTime = 7 * 24 * time.Hour
	// ApprovalOverdue is how long an approval waits before it is an alarm.
	ApprovalOverdue = 2 * 24 * time.Hour
	// persons is how many persons have to decide.
	persons = 2
)

// Approval is an event that needs two persons, as one of them posted it. It has no effect before the second person
// gives the approval; only an emergency disclosure is recorded at once, because it has happened.
type Approval struct {
	Matter string
	ID     string
	State  ApprovalState
	Posted Posted
	// At is when it was asked for. It lapses at Expires, never where that is zero.
	At, Expires time.Time
	// Version is the matter version at which it was asked for, Revision that of its last change.
	Version, Revision int
	// Persons lists who decided so far (event.Caller.Person). For an exception, it begins with who requested it.
	Persons []string
	// Given lists the approvals so far.
	Given []Given
	// Refusal is why the event was refused.
	Refusal string
	// Restraint is the id of what holds the notices of an emergency disclosure meanwhile.
	Restraint string
}

// Posted is an event as it was posted, with every address redacted.
type Posted struct {
	Type       event.Type      `json:"type"`
	Source     string          `json:"source"`
	ID         string          `json:"id"`
	Digest     string          `json:"digest"`
	Content    string          `json:"content"`
	Actor      string          `json:"actor,omitempty"`
	Door       event.Door      `json:"door"`
	Principal  string          `json:"principal,omitempty"`
	Time       time.Time       `json:"time,omitzero"`
	Data       json.RawMessage `json:"data"`
	Extensions json.RawMessage `json:"extensions,omitempty"`
}

// Given is one approval of an event.
type Given struct {
	At        time.Time `json:"at"`
	Source    string    `json:"source"`
	ID        string    `json:"id"`
	Digest    string    `json:"digest"`
	Actor     string    `json:"actor,omitempty"`
	Principal string    `json:"principal"`
	Person    string    `json:"person"`
	Reason    string    `json:"reason"`
}

// ApprovalStep is what an entry records about an approval.
type ApprovalStep string

// The steps of an approval on the ledger.
const (
	// StepAsked: the event asks for another person. The entry changes nothing, except for an emergency disclosure, whose
	// notices wait.
	StepAsked ApprovalStep = "asked"
	// StepGiven: a person has approved, and one more has to.
	StepGiven ApprovalStep = "given"
	// StepTaken: the last person has approved, so the event has taken effect.
	StepTaken ApprovalStep = "taken"
	// StepRefused: the last person has approved, and the event did not fit the records of that moment.
	StepRefused ApprovalStep = "refused"
)

// EntryApproval is what a ledger entry has to do with an approval.
type EntryApproval struct {
	ID   string       `json:"id"`
	Step ApprovalStep `json:"step"`
	// Given lists the approvals up to this entry.
	Given []Given `json:"given,omitempty"`
}

// Key is the key of the receipt that the posted event will have.
func (a *Approval) Key() string { return ReceiptKey(a.Posted.Source, a.Posted.ID) }

// Waits reports whether another person can still decide at the instant.
func (a *Approval) Waits(now time.Time) bool {
	return a.State == ApprovalAsked && (a.Expires.IsZero() || now.Before(a.Expires))
}

// Lapsed reports whether nobody has decided in time.
func (a *Approval) Lapsed(now time.Time) bool { return a.State == ApprovalAsked && !a.Waits(now) }

// Needs is how many persons more have to decide.
func (a *Approval) Needs() int { return max(persons-len(a.Persons), 0) }

// Overdue is when the approval becomes an alarm.
func (a *Approval) Overdue() time.Time { return a.At.Add(ApprovalOverdue) }

// Waiting is the answer to an event that waits for another person (internal/httpapi/openapi.json).
type Waiting struct {
	Matter   string          `json:"matter"`
	Approval WaitingApproval `json:"approval"`
}

// WaitingApproval is the approval that an event waits for.
type WaitingApproval struct {
	ID    string       `json:"id"`
	Event WaitingEvent `json:"event"`
	Type  event.Type   `json:"type"`
	// Needs is how many persons more have to decide.
	Needs int `json:"needs"`
	// Expires is null where the approval never lapses.
	Expires *time.Time `json:"expires"`
}

// WaitingEvent names the event that waits.
type WaitingEvent struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

// Answer is the answer to the event, and to every repetition of it, while the approval waits.
func (a *Approval) Answer() *Waiting {
	w := &Waiting{Matter: a.Matter, Approval: WaitingApproval{
		ID: a.ID, Event: WaitingEvent{a.Posted.Source, a.Posted.ID}, Type: a.Posted.Type, Needs: a.Needs(),
	}}
	if !a.Expires.IsZero() {
		w.Approval.Expires = &a.Expires
	}
	return w
}
