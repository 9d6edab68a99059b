// Package store is the port to what Lapse keeps: the interfaces of a store with their whole contract, the change that
// one event makes in one transaction, the state of the dispatcher, and the errors of a store. Package storetest holds
// the one suite that every store passes.
package store

import (
	"context"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// Store is everything a store can do. Verbs embed the interfaces that they use.
//
// All instants go in as UTC whole seconds and come back so. A zero time stays zero. Whether an empty slice or map comes
// back empty or nil is left open: callers use len. What a caller does to a value it gave or got never changes what is
// stored. Cursors are opaque: "" asks for the first page and, when returned, says that there is no further one. The
// last page may be empty. A limit is at least 1. Every read is consistent: it shows all writes that were answered
// before it.
type Store interface {
	Matters
	Changes
	Receipts
	Ledger
	Subjects
	Notices
	Agenda
	Flights
	Approvals
	Reports
	Control
	Proofs
	Letters
	Mailboxes
}

// Matters reads what events recorded about matters. Only Commit writes it.
type Matters interface {
	// Head returns the head, or ErrNotFound. A restraint whose list of subjects stands in an item of its own, and cannot
	// be read at the restraint's revision, comes back Torn.
	Head(ctx context.Context, id string) (matter.Head, error)
	// Heads returns those heads that exist, as Head does, by matter id. Each is consistent by itself; together they are no
	// snapshot. An id may stand in ids twice.
	Heads(ctx context.Context, ids []string) (map[string]matter.Head, error)
	// Request returns the request, or ErrNotFound while it is awaited.
	Request(ctx context.Context, id string) (matter.Request, error)
	// Orders returns all orders of the matter, by id ascending.
	Orders(ctx context.Context, id string) ([]matter.Order, error)
	// Exceptions returns all exceptions of the matter, by id ascending.
	Exceptions(ctx context.Context, id string) ([]matter.Exception, error)
	// Disclosure returns one part of a disclosure, or ErrNotFound.
	Disclosure(ctx context.Context, id, disclosure string, part int) (matter.Disclosure, error)
	// Disclosures returns all parts of a disclosure, by part ascending. If disclosure is "", it returns those of all
	// disclosures of the matter, by disclosure id and part ascending.
	Disclosures(ctx context.Context, id, disclosure string) ([]matter.Disclosure, error)
}

// Changes records events.
type Changes interface {
	// Open puts the head, of version 0 and with its keys, if the matter has none. It returns the head that stands there.
	Open(ctx context.Context, h matter.Head) (matter.Head, error)
	// Commit makes the change in one transaction: all of it, or nothing. A change of more than MaxItems items is refused.
	// ErrTooLarge: an item would have more than MaxItemBytes. ErrRace: the stored version is not Head.Version-1, there is
	// no head, a receipt exists, the decided notice has another revision, a subject with former contacts was erased, or
	// a restraint of the head is Torn (the change rests on half of another one). ErrBusy: conflicts outlasted the retries.
	// A restraint's list of subjects changes only together with its Revision, to Head.Version.
	Commit(ctx context.Context, c Change) error
}

// Receipts keeps the answers to accepted events, and the traces of refused ones.
type Receipts interface {
	// Receipt returns the receipt with the key, or ErrNotFound.
	Receipt(ctx context.Context, key string) (ledger.Receipt, error)
	// PutReceipt puts the receipt of an event with the content of a recorded one, if none with its key exists. Such an
	// event changes nothing else.
	PutReceipt(ctx context.Context, r ledger.Receipt) error
	// Settle replaces the receipt by r: the same with an answer whose InFlight is final. Again: no change. ErrNotFound if
	// there is no such receipt.
	Settle(ctx context.Context, r ledger.Receipt) error
	// Refuse keeps a rejected bus event. One with the same digest again changes nothing.
	Refuse(ctx context.Context, r ledger.Refusal) error
}

// Approvals reads what needed two persons. Only Commit writes it.
type Approvals interface {
	// Approval returns the approval, or ErrNotFound.
	Approval(ctx context.Context, id, approval string) (ledger.Approval, error)
	// Approvals returns all approvals of the matter, by id ascending, those that wait no more as well.
	Approvals(ctx context.Context, id string) ([]ledger.Approval, error)
}

// Ledger reads the ledger. Only Commit writes entries.
type Ledger interface {
	// Entry returns one entry, or ErrNotFound.
	Entry(ctx context.Context, id string, seq int) (ledger.Entry, error)
	// Entries returns at most limit entries with a seq above after, ascending.
	Entries(ctx context.Context, id string, after, limit int) ([]ledger.Entry, error)
	// DropPending drops the entry's Pending, once its subjects are written, and Head.Pending where it is the entry's.
	// Again: no change. ErrNotFound if there is no such entry.
	DropPending(ctx context.Context, id string, seq int) error
}

// Subjects keeps the subjects.
type Subjects interface {
	// Subjects returns those of ids that exist, by id. An id may stand in ids twice.
	Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error)
	// SubjectsOf is Subjects for several matters at once. Each subject is consistent by itself; together they are no
	// snapshot.
	SubjectsOf(ctx context.Context, keys []SubjectKey) (map[SubjectKey]matter.Subject, error)
	// PutSubjects puts each subject if none exists, or the stored one was written by the same Event, or the stored
	// Revision is lower. Where the contacts are Erased, or to be erased (Erasing), it puts only a subject that says so as
	// well. It skips the others and returns their ids. On an error some may have been put.
	PutSubjects(ctx context.Context, subjects []matter.Subject) (skipped []string, err error)
	// KeepFormer replaces the former contacts of the stored subject by those of s, if it has the Revision of s and is not
	// Erased. Again: no change. Else ErrRace, or ErrNotFound where there is no such subject.
	KeepFormer(ctx context.Context, s matter.Subject) error
	// Erase drops the subject's contacts, former ones too, and sets Erased, if the head has the version: what was recorded
	// since may owe the subject a notice. Again: no change. ErrNotFound if there is no such subject, ErrRace if it has
	// another revision or the head another version.
	Erase(ctx context.Context, id, subject string, revision, version int) error
}

// SubjectKey identifies a subject of a matter.
type SubjectKey struct{ Matter, ID string }

// Notices keeps the notices.
type Notices interface {
	// Notice returns the notice, or ErrNotFound.
	Notice(ctx context.Context, id string) (notice.Notice, error)
	// NoticesOf returns those notices that exist, by id. Each is consistent by itself; together they are no snapshot. An
	// id may stand in ids twice.
	NoticesOf(ctx context.Context, ids []string) (map[string]notice.Notice, error)
	// Notices returns a page of the matter's notices, by id ascending, and the cursor of the next.
	Notices(ctx context.Context, id, after string, limit int) ([]notice.Notice, string, error)
	// PutNotice puts the notice, as given, if none with its id exists. Its row has to stand before.
	PutNotice(ctx context.Context, n notice.Notice) error
	// Apply replaces the notice by what notice.Apply makes of it, as it stands when it is replaced. n is the notice as the
	// caller read it, which spares a read where it still stands so. A notice with nothing but its id is read. Apply
	// returns the notice as it stands afterwards, and false where the act was refused. An act whose answer was lost may
	// come again: notice.Apply says which of them recognise their own result. ErrNotFound if there is no such notice;
	// ErrBusy if other writes of it outlasted the tries.
	Apply(ctx context.Context, n notice.Notice, a notice.Act) (notice.Notice, bool, error)
}

// Agenda keeps the agenda. A row is identified by its At, Kind, ID, Planned and Revision.
type Agenda interface {
	// Rows returns a page of the rows with At <= upTo of one partition (work or notices, and a shard of Row.Shard), by At,
	// Kind, ID, Planned and Revision ascending, and the cursor of the next. ErrCursor for a cursor that cannot be the
	// agenda's.
	Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string, limit int) ([]agenda.Row, string, error)
	// PutRows puts each row, over one that is the same; of rows that are the same the last. On an error some may have been
	// put.
	PutRows(ctx context.Context, rows ...agenda.Row) error
	// DeleteRows deletes each row. Those that are gone are no error. On an error some may have been deleted.
	DeleteRows(ctx context.Context, rows ...agenda.Row) error
}

// Control keeps the state of the dispatcher, each part for itself.
type Control interface {
	// Control returns all parts. Those never written are zero. A store whose answers say the time sets Ahead.
	Control(ctx context.Context) (Dispatcher, error)
	// TableID returns the id of the table that the store is over: never "", always the same, another for every table.
	TableID(ctx context.Context) (string, error)
	// PutTable records the id of the table that may send.
	PutTable(ctx context.Context, id string) error
	// PutSweep records when a sweep last finished.
	PutSweep(ctx context.Context, at time.Time) error
	// PutQuota records what SES last said.
	PutQuota(ctx context.Context, q Quota) error
	// PutPause records a pause. The zero Pause ends it.
	PutPause(ctx context.Context, p Pause) error
	// PutRefusals records the last refusals. Of two sweeps that record at once the last stands: a lost count makes a pause
	// come later by that count, and a lost acceptance leaves a refused notice waiting for the next one.
	PutRefusals(ctx context.Context, r Refusals) error
}
