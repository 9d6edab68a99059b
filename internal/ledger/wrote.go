package ledger

// RecordKind is a kind of record that a later event is planned on.
type RecordKind string

// The kinds of record that an entry names.
const (
	Request    RecordKind = "request"
	Order      RecordKind = "order"
	Exception  RecordKind = "exception"
	Disclosure RecordKind = "disclosure"
	Subject    RecordKind = "subject"
	Approved   RecordKind = "approval"
)

// Wrote names one record that an entry's transaction wrote. A reader of the entry checks that each of these records can
// be read.
type Wrote struct {
	Kind RecordKind `json:"kind"`
	// ID is the record's id within its matter; a request has none, because a matter has one request.
	ID string `json:"id,omitempty"`
	// Version is the matter version that the record carries since: its Revision, or its Version where it never changes.
	Version int `json:"version"`
}
