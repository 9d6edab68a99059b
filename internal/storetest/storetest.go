// Package storetest fixes what a store of Lapse does: the interface Store and the one suite, Run, that every store
// passes. Where a law is stated here, no store has to state it again. It is for tests only.
package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Store is everything a store can do. Verbs declare the few methods they use themselves.
//
// All instants go in as UTC whole seconds and come back so; a zero time stays zero. Whether an empty slice or map
// comes back empty or nil is left open: callers use len. What a caller does to a value it gave or got never changes
// what is stored. Cursors are opaque: "" asks for the first page and, when returned, says that there is no further
// one; the last page may be empty. A limit is at least 1.
type Store interface {
	Heads
	Receipts
	Ledger
	Papers
	Disclosures
	Subjects
	Notices
	Agenda
	Control
}

// Heads keeps the matters' heads and makes the changes.
type Heads interface {
	// Open puts the head, of version 0 and with its keys, if the matter has none, and returns the head that stands
	// there.
	Open(ctx context.Context, h matter.Head) (matter.Head, error)
	// Head returns the head, read consistently; store.ErrNotFound if there is none. A restraint whose list of
	// subjects stands in an item of its own, and cannot be read at the restraint's revision, comes back Torn.
	Head(ctx context.Context, id string) (matter.Head, error)
	// Commit makes the change, all of it or nothing, in one transaction of at most ten items; larger ones are
	// refused. store.ErrRace if the stored version is not Head.Version-1, if there is no head, if the receipt
	// exists, or if a restraint of the head is Torn (the change was made from half of another one);
	// store.ErrBusy if conflicts outlast the retries. A restraint's list of subjects changes only together with its
	// Revision, to Head.Version.
	Commit(ctx context.Context, c store.Change) error
}

// Receipts keeps the answers to accepted events and the traces of refused ones.
type Receipts interface {
	// Receipt returns the receipt with the key, read consistently; store.ErrNotFound.
	Receipt(ctx context.Context, key string) (ledger.Receipt, error)
	// Refuse keeps a rejected bus event. One with the same digest again changes nothing.
	Refuse(ctx context.Context, r ledger.Refusal) error
}

// Ledger reads the ledger; only Commit writes it.
type Ledger interface {
	// Entry returns one entry; store.ErrNotFound.
	Entry(ctx context.Context, id string, seq int) (ledger.Entry, error)
	// Entries returns at most limit entries with seq > after, ascending.
	Entries(ctx context.Context, id string, after, limit int) ([]ledger.Entry, error)
	// Settle drops the entry's Pending; again: no change; store.ErrNotFound if there is no such entry.
	Settle(ctx context.Context, id string, seq int) error
}

// Papers reads requests, orders and exceptions; only Commit writes them.
type Papers interface {
	// Request returns the request; store.ErrNotFound while it is awaited.
	Request(ctx context.Context, id string) (matter.Request, error)
	// Orders returns all orders of the matter, by id ascending.
	Orders(ctx context.Context, id string) ([]matter.Order, error)
	// Exceptions returns all exceptions of the matter, by id ascending.
	Exceptions(ctx context.Context, id string) ([]matter.Exception, error)
}

// Disclosures reads disclosures; only Commit writes them.
type Disclosures interface {
	// Disclosure returns one part; store.ErrNotFound.
	Disclosure(ctx context.Context, id, disclosure string, part int) (matter.Disclosure, error)
	// Disclosures returns all parts of a disclosure, or of all disclosures of the matter if disclosure is "", by
	// disclosure id and part ascending.
	Disclosures(ctx context.Context, id, disclosure string) ([]matter.Disclosure, error)
}

// Subjects keeps the subjects.
type Subjects interface {
	// Subjects returns those of ids that exist, by id, read consistently. An id may stand in ids twice.
	Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error)
	// PutSubjects puts each subject if none exists, or the stored one was written by the same Event, or the stored
	// Revision is lower; the others are skipped and their ids returned. On an error some may have been put.
	PutSubjects(ctx context.Context, subjects []matter.Subject) (skipped []string, err error)
	// Erase drops the subject's contacts and sets Erased. From then on the event that wrote them cannot put them
	// back. Again: no change; store.ErrNotFound if there is no such subject, store.ErrRace if it has another revision.
	Erase(ctx context.Context, id, subject string, revision int) error
}

// Notices keeps the notices.
type Notices interface {
	// Notice returns the notice, read consistently; store.ErrNotFound.
	Notice(ctx context.Context, id string) (notice.Notice, error)
	// Notices returns a page of the matter's notices, by id ascending, and the cursor of the next.
	Notices(ctx context.Context, id, after string, limit int) ([]notice.Notice, string, error)
	// PutNotice puts the row, as PutRow does, and then the notice, as given, if none with its id exists.
	PutNotice(ctx context.Context, n notice.Notice, row agenda.Row) error
	// Move applies the move to the stored notice as notice.Move.Apply would, in one conditional write, and returns
	// the notice as it stands afterwards with Apply's result; store.ErrNotFound.
	Move(ctx context.Context, m notice.Move) (notice.Notice, bool, error)
}

// Agenda keeps the agenda. A row is identified by its At, Kind and ID.
type Agenda interface {
	// Rows returns a page of the rows with At <= upTo of one partition (work or notices, and a shard of Row.Shard),
	// by At, Kind and ID ascending, read consistently, and the cursor of the next.
	Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string, limit int) ([]agenda.Row, string, error)
	// PutRow puts the row if it is absent or its stored Planned is not higher; else the stored one stands, and the
	// result is nil all the same.
	PutRow(ctx context.Context, r agenda.Row) error
	// DeleteRow deletes the row if its stored Planned is r.Planned; else, or if it is gone, the result is nil.
	DeleteRow(ctx context.Context, r agenda.Row) error
}

// Control keeps the state of the dispatcher, each part for itself.
type Control interface {
	// Control returns all parts; those never written are zero. A store whose answers say the time sets Ahead.
	Control(ctx context.Context) (store.Control, error)
	// TableID returns the id of the table that the store is over: never "", always the same, another for every table.
	TableID(ctx context.Context) (string, error)
	// PutTable records the id of the table that may send.
	PutTable(ctx context.Context, id string) error
	// PutSweep records when a sweep last finished.
	PutSweep(ctx context.Context, at time.Time) error
	// PutQuota records what SES last said.
	PutQuota(ctx context.Context, q store.Quota) error
	// PutPause records a pause; the zero Pause ends it.
	PutPause(ctx context.Context, p store.Pause) error
}

// law is one promise of Store with the check that fails where a store breaks it.
type law struct {
	name  string
	check func(t *testing.T, s Store)
}

// Run checks every law of Store, each in a subtest of its own on a store of its own: open returns an empty one.
func Run(t *testing.T, open func(t *testing.T) Store) {
	laws := slices.Concat(matterLaws(), headLaws(), recordLaws(), subjectLaws(), noticeLaws(), moveLaws(), agendaLaws(), controlLaws())
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) { l.check(t, open(t)) })
	}
}
