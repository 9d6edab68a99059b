// Package memory is a store of Lapse in memory, for tests and simulation. It passes the same suite as the DynamoDB
// store; package storetest holds that suite, and package store each method's contract.
//
// It adds three things that a test needs. Fault makes calls fail before or after they take effect. Torn makes a
// transaction's items visible one by one. Violations lists broken laws that no caller would notice otherwise.
package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// ErrInjected is in the error of every call that Fault makes fail.
var ErrInjected = errors.New("injected fault")

// Effect says how one call ends.
type Effect int

// The effects.
const (
	// None: the call is carried out and answered.
	None Effect = iota
	// FailBefore: the call changes nothing and returns ErrInjected.
	FailBefore
	// FailAfter: the call takes effect and returns ErrInjected, as if its answer were lost.
	FailAfter
)

// Store keeps everything in maps. The zero Store is empty and ready. It is safe for concurrent use once the hooks are
// set. Values are copied on their way in and out, except findings, because nobody changes those.
type Store struct {
	// Fault, if set, is called at every call and says how it ends. op is the method's name, or for a move "Move claim",
	// "Move complete" and so on. PutRows and DeleteRows call it once a row. PutSubjects calls it once
	// for each subject. key is the most specific id: the matter's, "<matter>.<order, disclosure or subject>",
	// "<matter>@<seq>", the notice's, the row's, the receipt's key, the refusal's digest, or the agenda's partition. Fault
	// is called without the store's lock, from all goroutines.
	Fault func(op, key string) Effect
	// Torn, if set, is called between the item writes of every Commit, without the store's lock. step is the number of
	// items written so far. Readers see that half of the transaction, in the hook and beside it. Another Commit of the
	// same matter or receipt meanwhile returns ErrBusy.
	Torn func(step int)
	// Sequence, if set, may reorder the items of a Commit in place. They are named "head", "receipt", "receipt given",
	// "entry", "approval <id>", "request", "disclosure", "order <id>", "exception <id>", "subject <id>", "row <id>" and
	// "covers <restraint>". Without Sequence they are written in this order. It is the worst order for readers of the
	// head, because the head's lists come last.
	Sequence func(items []string)
	// ID is the table's id; "" means "memory".
	ID string
	// Violations describes every call that broke a law. The call itself also returned an error. Read it while no call is
	// running.
	Violations []string

	mu       sync.Mutex
	matters  map[string]*records
	receipts map[string]ledger.Receipt
	refusals map[string]ledger.Refusal
	notices  map[string]*notice.Notice
	agenda   [agenda.WorkShards + agenda.NoticeShards]sorted[row]
	control  store.Dispatcher
	flights  map[flightKey]store.Flight
	proofs   proofs
	reports  map[reportPlace]*sorted[reportRow]
	// writing holds the matters and receipt keys of the Commits that are inside Torn.
	writing map[string]bool
}

// records are the items of one matter. Of its notices only the ids stand here, in order.
type records struct {
	head        *head
	covers      map[coversKey]covers
	request     *matter.Request
	orders      map[string]matter.Order
	exceptions  map[string]matter.Exception
	approvals   map[string]ledger.Approval
	disclosures map[partKey]matter.Disclosure
	subjects    map[string]matter.Subject
	entries     []ledger.Entry // ascending by Seq
	letters     map[string][]byte
	notices     sorted[noticeID]
}

// call carries out one operation under the lock and lets Fault make it fail. Its errors name the operation and the key.
func call[T any](ctx context.Context, s *Store, op, key string, f func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("%s %s: %w", op, key, err)
	}
	effect := None
	if s.Fault != nil {
		effect = s.Fault(op, key)
	}
	if effect == FailBefore {
		return none, fmt.Errorf("%s %s: %w before it happened", op, key, ErrInjected)
	}
	out, err := locked(s, f)
	if effect == FailAfter {
		return none, fmt.Errorf("%s %s: %w after it happened", op, key, ErrInjected)
	}
	if err != nil {
		return out, fmt.Errorf("%s %s: %w", op, key, err)
	}
	return out, nil
}

func locked[T any](s *Store, f func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

// do is call for an operation without a result.
func (s *Store) do(ctx context.Context, op, key string, f func() error) error {
	_, err := call(ctx, s, op, key, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// of returns the records of a matter, and makes them if there are none.
func (s *Store) of(id string) *records {
	r := s.matters[id]
	if r == nil {
		r = &records{}
		put(&s.matters, id, r)
	}
	return r
}

// look returns the records of a matter for reading only.
func (s *Store) look(id string) *records {
	if r := s.matters[id]; r != nil {
		return r
	}
	return &records{}
}

// put sets a key of a map, and makes the map if it is nil.
func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// violated records that a caller broke a law, and returns an error with the same text.
func (s *Store) violated(format string, args ...any) error {
	err := fmt.Errorf("a law is broken: "+format, args...)
	s.Violations = append(s.Violations, err.Error())
	return err
}

// whole reports whether no instant has a fraction of a second. The DynamoDB store keeps none.
func whole(instants ...time.Time) bool {
	for _, t := range instants {
		if t.Nanosecond() != 0 {
			return false
		}
	}
	return true
}

// Open implements store.Matters.
func (s *Store) Open(ctx context.Context, h matter.Head) (matter.Head, error) {
	return call(ctx, s, "Open", h.Matter, func() (matter.Head, error) {
		r := s.of(h.Matter)
		if r.head == nil {
			r.head = newHead(h)
		}
		return r.read(), nil
	})
}

// Head implements store.Matters.
func (s *Store) Head(ctx context.Context, id string) (matter.Head, error) {
	return call(ctx, s, "Head", id, func() (matter.Head, error) {
		r := s.look(id)
		if r.head == nil {
			return matter.Head{}, store.ErrNotFound
		}
		return r.read(), nil
	})
}

// Heads implements store.Matters.
func (s *Store) Heads(ctx context.Context, ids []string) (map[string]matter.Head, error) {
	return call(ctx, s, "Heads", strings.Join(ids, " "), func() (map[string]matter.Head, error) {
		out := make(map[string]matter.Head, len(ids))
		for _, id := range ids {
			if r := s.look(id); r.head != nil {
				out[id] = r.read()
			}
		}
		return out, nil
	})
}

// Receipt implements store.Receipts.
func (s *Store) Receipt(ctx context.Context, key string) (ledger.Receipt, error) {
	return call(ctx, s, "Receipt", key, func() (ledger.Receipt, error) { return found(s.receipts, key, cloneReceipt) })
}

// PutReceipt implements store.Receipts.
func (s *Store) PutReceipt(ctx context.Context, r ledger.Receipt) error {
	return s.do(ctx, "PutReceipt", r.Key, func() error {
		if _, ok := s.receipts[r.Key]; !ok {
			put(&s.receipts, r.Key, cloneReceipt(r))
		}
		return nil
	})
}

// Refuse implements store.Receipts.
func (s *Store) Refuse(ctx context.Context, r ledger.Refusal) error {
	return s.do(ctx, "Refuse", r.Digest, func() error {
		if _, ok := s.refusals[r.Digest]; !ok {
			put(&s.refusals, r.Digest, cloneRefusal(r))
		}
		return nil
	})
}

// Refusals returns the refusals that Refuse recorded, by digest.
func (s *Store) Refusals() map[string]ledger.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]ledger.Refusal{}
	for k, r := range s.refusals {
		out[k] = cloneRefusal(r)
	}
	return out
}

// found returns a copy of the value at the key, or store.ErrNotFound.
func found[K comparable, V any](m map[K]V, key K, clone func(V) V) (V, error) {
	v, ok := m[key]
	if !ok {
		return v, store.ErrNotFound
	}
	return clone(v), nil
}

// Control implements store.Control.
func (s *Store) Control(ctx context.Context) (store.Dispatcher, error) {
	return call(ctx, s, "Control", "C", func() (store.Dispatcher, error) { return s.control, nil })
}

// TableID implements store.Control.
func (s *Store) TableID(ctx context.Context) (string, error) {
	return call(ctx, s, "TableID", "C", func() (string, error) { return cmp.Or(s.ID, "memory"), nil })
}

// PutTable implements store.Control.
func (s *Store) PutTable(ctx context.Context, id string) error {
	return s.do(ctx, "PutTable", "TABLE", func() error { s.control.Table = id; return nil })
}

// PutSweep implements store.Control.
func (s *Store) PutSweep(ctx context.Context, at time.Time) error {
	return s.do(ctx, "PutSweep", "SWEEP", func() error { s.control.LastSweep = at; return nil })
}

// PutQuota implements store.Control.
func (s *Store) PutQuota(ctx context.Context, q store.Quota) error {
	return s.do(ctx, "PutQuota", "QUOTA", func() error { s.control.Quota = q; return nil })
}

// PutPause implements store.Control.
func (s *Store) PutPause(ctx context.Context, p store.Pause) error {
	return s.do(ctx, "PutPause", "PAUSE", func() error { s.control.Pause = p; return nil })
}

// PutRefusals implements store.Control.
func (s *Store) PutRefusals(ctx context.Context, r store.Refusals) error {
	return s.do(ctx, "PutRefusals", "REFUSALS", func() error { s.control.Refusals = r; return nil })
}
