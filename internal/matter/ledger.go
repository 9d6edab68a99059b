package matter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Entry is one line of a matter's ledger. Seq equals the matter version that the event made; each entry holds the hash
// of the one before.
type Entry struct {
	Matter  string `json:"matter"`
	Seq     int    `json:"seq"`
	Type    string `json:"type"`
	Source  string `json:"source"`
	EventID string `json:"eventId"`
	Digest  string `json:"digest"`
	Actor   string `json:"actor,omitempty"`
	// Principal is who was authenticated at the door, Door which one ("http", "bus").
	Principal string `json:"principal,omitempty"`
	Door      string `json:"door"`
	// EventTime is the sender's time, if it gave one; At is when Lapse recorded it.
	EventTime time.Time `json:"eventTime,omitzero"`
	At        time.Time `json:"at"`
	Rules     string    `json:"rules"`
	Policy    string    `json:"policy"`
	TZ        string    `json:"tz"`
	// Data is the event's data with every address redacted; Findings what its checks found.
	Data     json.RawMessage `json:"data"`
	Findings []Finding       `json:"findings,omitempty"`
	// Extensions are the event's unknown attributes of the envelope, as in Event.
	Extensions json.RawMessage `json:"extensions,omitempty"`
	Prev       string          `json:"prev"`
	Hash       string          `json:"-"`
	// Pending are the subjects an amendment replaces, sealed, until they are written; they are no part of the hash.
	Pending []Subject `json:"-"`
}

// Seal sets Hash to the SHA-256, in hex, of the entry's JSON form, in which Prev chains it to the one before.
func (e *Entry) Seal() error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
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
}

// ReceiptKey is the SHA-256 of source and id, in hex: the idempotency key of an event.
func ReceiptKey(source, id string) string {
	h := sha256.Sum256([]byte(source + "\x00" + id))
	return hex.EncodeToString(h[:])
}

// Refusal is what is kept of a bad event from the bus: its digest and faults, never its body.
type Refusal struct {
	Digest     string
	Source, ID string
	Type       string
	Subject    string
	At         time.Time
	Faults     []Fault
}

// Change is one recorded event's transaction: all of it becomes true, or nothing. It writes at most ten items.
type Change struct {
	// Head carries the new version, Head.Version; the change is made only if the stored version is Head.Version-1.
	Head    Head
	Receipt Receipt
	Entry   Entry
	// Request, Disclosure, Orders and Exception are put as given where present.
	Request    *Request
	Disclosure *Disclosure
	Orders     []Order
	Exception  *Exception
	// Subject is put as given where present: a change of one subject's contacts.
	Subject *Subject
	// Held is the notice that the change's event holds or cancels, empty for none: it learns of Head.Version (Notice.Asked).
	Held string
	// Rows are put as given.
	Rows []Row
}

// Control is the state of the dispatcher that outlives an invocation. Store keeps each part in an item of its own.
type Control struct {
	// Table is the id of the table from which mails may be sent. A copy of the table names the one it was copied from.
	Table string
	// LastSweep is when a sweep last finished.
	LastSweep time.Time
	// Quota is what SES last said.
	Quota Quota
	// Pause is set while account-wide errors stop sending.
	Pause Pause
	// Ahead is how far, at least, the clock of the process that read this is ahead of the store's; negative where it is
	// behind. Zero where the two may agree, or where the store says no time. It is found with each reading and never stored.
	Ahead time.Duration
}

// maxAhead is how far off a clock may be found. What is found may be short by a second and the time of one read, so that
// more than Margin and that read is never missed.
const maxAhead = 2 * time.Second

// Clock returns an error that matches ErrClock where the clock of the process that read this is off from the store's: what
// it finds to be over may not be.
func (c *Control) Clock() error {
	if c.Ahead.Abs() <= maxAhead {
		return nil
	}
	side := "ahead of"
	if c.Ahead < 0 {
		side = "behind"
	}
	return fmt.Errorf("%s or more %s the table's: %w", c.Ahead.Abs(), side, ErrClock)
}

// Quota is SES's sending quota and when it was read.
type Quota struct {
	PerSecond float64
	Per24h    float64
	Sent24h   float64
	ReadAt    time.Time
}

// Pause stops sending; the zero Pause is none.
type Pause struct {
	Reason string
	Since  time.Time
	// ProbeAt is when one notice may try again.
	ProbeAt time.Time
}
