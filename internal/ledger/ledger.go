// Package ledger holds the append-only record of every accepted event, the receipts with the answers given, and the
// traces of refused events.
package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// The types of entries that Lapse makes of an event without recording the event itself.
const (
	// EntryAsked: the event waits for another person.
	EntryAsked event.Type = "lapse.approval.asked"
	// EntryRefused: an order could not be recorded, and left a restraint.
	EntryRefused event.Type = "lapse.order.refused"
)

// Entry is one line of a matter's ledger. Seq equals the matter version that the event made. Each entry holds the hash
// of the one before.
type Entry struct {
	Matter string `json:"matter"`
	Seq    int    `json:"seq"`
	// Type is the event's, or one of the types below.
	Type    event.Type `json:"type"`
	Source  string     `json:"source"`
	EventID string     `json:"eventId"`
	Digest  string     `json:"digest"`
	Actor   string     `json:"actor,omitempty"`
	// Principal is the authenticated caller.
	Principal string     `json:"principal,omitempty"`
	Door      event.Door `json:"door"`
	// EventTime is the sender's time, if it gave one; At is when Lapse recorded it.
	EventTime time.Time `json:"eventTime,omitzero"`
	At        time.Time `json:"at"`
	Rules     string    `json:"rules"`
	Policy    string    `json:"policy"`
	TZ        string    `json:"tz"`
	// Holidays is the release of the table of holidays that computed ends rest on, as TZ is of the zones.
	Holidays string `json:"holidays,omitempty"`
	// Data is the event's data with every address redacted; Findings what its checks found.
	Data     json.RawMessage  `json:"data"`
	Findings []matter.Finding `json:"findings,omitempty"`
	// Approval says what the entry has to do with an approval, nil where nothing.
	Approval *EntryApproval `json:"approval,omitempty"`
	// Wrote names the records that the entry's transaction wrote.
	Wrote []Wrote `json:"wrote,omitempty"`
	// Extensions are the event's unknown attributes of the envelope, as in Event.
	Extensions json.RawMessage `json:"extensions,omitempty"`
	Prev       string          `json:"prev"`
	Hash       string          `json:"-"`
	// Pending are the subjects an amendment replaces, sealed, until they are written. They are no part of the hash.
	Pending []matter.Subject `json:"-"`
}

// Chain sets Hash to the SHA-256, in hex, of the entry's JSON form, in which Prev chains it to the one before.
func (e *Entry) Chain() error {
	b, err := matter.JSON(e)
	if err != nil {
		return fmt.Errorf("encode ledger entry %d of matter %s: %w", e.Seq, e.Matter, err)
	}
	h := sha256.Sum256(b)
	e.Hash = hex.EncodeToString(h[:])
	return nil
}

// Receipt is the answer recorded for an event, kept as long as the matter.
type Receipt struct {
	// Key is ReceiptKey of the event, Digest that of its content.
	Key, Digest string
	Matter      string
	Version     int
	Answer      Answer
	At          time.Time
	// Settled says that nothing which the event forbids is in flight any more, and that Answer.InFlight is final.
	Settled bool
}

// ReceiptKey is the SHA-256 of source and id, in hex: the idempotency key of an event.
func ReceiptKey(source, id string) string {
	h := sha256.Sum256([]byte(source + "\x00" + id))
	return hex.EncodeToString(h[:])
}

// Refusal is the trace of a bad event from the bus: its digest and its faults, never its body.
type Refusal struct {
	Digest     string
	Source, ID string
	Type       string
	Subject    string
	At         time.Time
	Faults     []event.Fault
}
