package store

import (
	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// MaxItems is how many items one transaction may write. DynamoDB allows 100 (TransactWriteItems). A low bound keeps
// conflicts rare, and says that no change grows with the number of subjects.
const MaxItems = 10

// Change is one recorded event's transaction: all of it becomes true, or nothing. It writes at most MaxItems items.
type Change struct {
	// Head carries the new version, Head.Version; the change is made only if the stored version is Head.Version-1.
	Head    matter.Head
	Receipt ledger.Receipt
	Entry   ledger.Entry
	// Request, Disclosure, Orders and Exception are put as given where present.
	Request    *matter.Request
	Disclosure *matter.Disclosure
	Orders     []matter.Order
	Exception  *matter.Exception
	// Subject is put as given where present: a change of one subject's contacts.
	Subject *matter.Subject
	// Decided is the notice that the change's event holds or cancels, nil for none, as it stands with the decision on it
	// (notice.Decide). It replaces the one of the revision before.
	Decided *notice.Notice
	// Rows are put as given.
	Rows []agenda.Row
}
