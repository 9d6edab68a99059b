package dynamo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dynamo"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// faulty is a store whose requests a test answers instead of the engine, and a safe one over the same table.
type faulty struct {
	t       *testing.T
	name    string
	s, safe *dynamo.Store
	wire    *wire
	// pauses and asked are what the call under way has waited and how many requests it has made.
	mu     sync.Mutex
	pauses []time.Duration
	asked  int
	fate   func(n int) fate
	// made counts the calls: each works on a matter of its own.
	made int
}

func newFaulty(t *testing.T) *faulty {
	f := &faulty{t: t, name: table(t), fate: func(int) fate { return fate{} }}
	f.wire = &wire{decide: func(string, int, bool) fate {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked++
		return f.fate(f.asked)
	}}
	f.safe, f.s = over(f.name), f.open()
	return f
}

// open returns one more store whose requests the test answers.
func (f *faulty) open() *dynamo.Store {
	s := over(f.name, f.wire.on)
	s.Sleep = func(_ context.Context, d time.Duration) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.pauses = append(f.pauses, d)
		return outlasted(f.pauses)
	}
	return s
}

// patience is how long conflicts are tried again (store.Patience).
const patience = 20 * time.Second

// outlasted stands for a clock that only the pauses move: patience ends with the context's error.
func outlasted(pauses []time.Duration) error {
	var waited time.Duration
	for _, d := range pauses {
		waited += d
	}
	if waited > patience {
		return context.DeadlineExceeded
	}
	return nil
}

// answer answers those requests of the next call that when chooses by their number, from 1.
func (f *faulty) answer(with fate, when func(n int) bool) {
	f.pauses, f.asked = nil, 0
	f.fate = func(n int) fate {
		if when(n) {
			return with
		}
		return fate{}
	}
}

// dump is all that stands in the table.
func (f *faulty) dump() map[string]map[string]types.AttributeValue {
	all := map[string]map[string]types.AttributeValue{}
	in := &dynamodb.ScanInput{TableName: &f.name}
	for {
		out, err := client().Scan(f.t.Context(), in)
		require.NoError(f.t, err)
		for _, it := range out.Items {
			all[it["PK"].(*types.AttributeValueMemberS).Value+" "+it["SK"].(*types.AttributeValueMemberS).Value] = it
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return all
		}
	}
}

func (f *faulty) matter() string { return fmt.Sprint("mat-", f.made) }

func (f *faulty) notice() notice.Notice {
	d := worldtest.Disclosed("d1", at(0), "u1")
	d.Matter = f.matter()
	return worldtest.Notice(d)
}

// each calls do with every method of a store, ready to succeed on a matter of its own in which everything stands. A
// method that this list does not have fails the test.
func (f *faulty) each(do func(method string, act func() error)) {
	var methods []string
	for m := range reflect.TypeFor[store.Store]().Methods() {
		methods = append(methods, m.Name)
	}
	require.ElementsMatch(f.t, methods, slices.Collect(maps.Keys(f.acts())), "a method of the store is not tried")
	for _, method := range methods {
		f.made++
		f.fill()
		act := f.acts()[method]
		do(method, func() error { return act(f.t.Context()) })
	}
}

// fill makes version 1 of the matter, with one of everything.
func (f *faulty) fill() {
	h := opened(f.t, f.safe, f.matter())
	c := covering(h, "ord-1", subjectIDs("u", 60))
	c.Receipt.Key = f.receipt(1)
	c.Entry.Data, c.Entry.Pending = json.RawMessage(`{}`), []matter.Subject{f.subject("u9")}
	c.Request = &matter.Request{Matter: h.Matter}
	c.Orders = []matter.Order{{Matter: h.Matter, ID: "ord-1"}}
	c.Exception = &matter.Exception{Matter: h.Matter, ID: "ex-1"}
	c.Approval = &ledger.Approval{Matter: h.Matter, ID: "ap-1"}
	c.Disclosure = &matter.Disclosure{Matter: h.Matter, ID: "d1", Part: 1}
	require.NoError(f.t, f.safe.Commit(f.t.Context(), c))
	_, err := f.safe.PutSubjects(f.t.Context(), []matter.Subject{f.subject("u1")})
	require.NoError(f.t, err)
	require.NoError(f.t, f.safe.PutIssued(f.t.Context(), store.Issued{Pair: h.Matter + "-read", On: "2026-03-01"}))
	require.NoError(f.t, f.safe.PutKeySet(f.t.Context(), 2*f.made, []byte("keys")))
	require.NoError(f.t, f.safe.PutLetter(f.t.Context(), h.Matter, "l", []byte("{}")))
	require.NoError(f.t, f.safe.KeepMailboxSecret(f.t.Context(), []byte("secret")))
	n := f.notice()
	n.Subject = "moved"
	n.ID = notice.ID(worldtest.Salt(), n.Matter, "d1", n.Subject)
	require.NoError(f.t, f.safe.PutRows(f.t.Context(), rowOf(n, at(1))))
	require.NoError(f.t, f.safe.PutNotice(f.t.Context(), n))
}

func (f *faulty) flight() store.Flight {
	return store.Flight{Sweep: f.matter(), Page: 1, Notices: []string{f.notice().ID}, Until: at(1)}
}

func (f *faulty) receipt(n int) string { return ledger.ReceiptKey(f.matter(), fmt.Sprint("e", n)) }

func (f *faulty) subject(id string) matter.Subject {
	return matter.Subject{Matter: f.matter(), ID: id, Event: "e", Revision: 1}
}

// acts are one call of every method of a store.
func (f *faulty) acts() map[string]func(ctx context.Context) error {
	s, id, n := f.s, f.matter(), f.notice()
	moved := notice.ID(worldtest.Salt(), id, "d1", "moved")
	return map[string]func(ctx context.Context) error{
		"Open": func(ctx context.Context) error {
			_, err := s.Open(ctx, matter.Head{Matter: id + "-new", PublicKeyset: []byte("p"), WrappedKeyset: []byte("w")})
			return err
		},
		"Head": func(ctx context.Context) error { _, err := s.Head(ctx, id); return err },
		"Commit": func(ctx context.Context) error {
			h, err := f.safe.Head(ctx, id)
			require.NoError(f.t, err)
			c := covering(h, "ord-2", subjectIDs("v", 60))
			c.Receipt.Key = f.receipt(c.Head.Version)
			return s.Commit(ctx, c)
		},
		"Receipt": func(ctx context.Context) error { _, err := s.Receipt(ctx, f.receipt(1)); return err },
		"PutReceipt": func(ctx context.Context) error {
			return s.PutReceipt(ctx, ledger.Receipt{Key: id, At: at(1)})
		},
		"Settle": func(ctx context.Context) error {
			return s.Settle(ctx, ledger.Receipt{Key: f.receipt(1), Settled: true})
		},
		"PutFlight":    func(ctx context.Context) error { return s.PutFlight(ctx, f.flight()) },
		"DeleteFlight": func(ctx context.Context) error { return s.DeleteFlight(ctx, f.flight()) },
		"Flights":      func(ctx context.Context) error { _, err := s.Flights(ctx); return err },
		"Refuse":       func(ctx context.Context) error { return s.Refuse(ctx, ledger.Refusal{Digest: id, At: at(1)}) },
		"Entry":        func(ctx context.Context) error { _, err := s.Entry(ctx, id, 1); return err },
		"Entries":      func(ctx context.Context) error { _, err := s.Entries(ctx, id, 0, 10); return err },
		"DropPending":  func(ctx context.Context) error { return s.DropPending(ctx, id, 1) },
		"Request":      func(ctx context.Context) error { _, err := s.Request(ctx, id); return err },
		"Orders":       func(ctx context.Context) error { _, err := s.Orders(ctx, id); return err },
		"Exceptions": func(ctx context.Context) error {
			_, err := s.Exceptions(ctx, id)
			return err
		},
		"Approval":    func(ctx context.Context) error { _, err := s.Approval(ctx, id, "ap-1"); return err },
		"Approvals":   func(ctx context.Context) error { _, err := s.Approvals(ctx, id); return err },
		"Disclosure":  func(ctx context.Context) error { _, err := s.Disclosure(ctx, id, "d1", 1); return err },
		"Disclosures": func(ctx context.Context) error { _, err := s.Disclosures(ctx, id, "d1"); return err },
		"Subjects":    func(ctx context.Context) error { _, err := s.Subjects(ctx, id, []string{"u1"}); return err },
		"PutSubjects": func(ctx context.Context) error {
			_, err := s.PutSubjects(ctx, []matter.Subject{f.subject("u2")})
			return err
		},
		"KeepFormer": func(ctx context.Context) error {
			return s.KeepFormer(ctx, matter.Subject{Matter: id, ID: "u1", Revision: f.subject("u1").Revision})
		},
		"Erase": func(ctx context.Context) error {
			h, err := s.Head(ctx, id)
			if err != nil {
				return err
			}
			return s.Erase(ctx, id, "u1", f.subject("u1").Revision, h.Version)
		},
		"Notice":    func(ctx context.Context) error { _, err := s.Notice(ctx, moved); return err },
		"Notices":   func(ctx context.Context) error { _, _, err := s.Notices(ctx, id, "", 10); return err },
		"PutNotice": func(ctx context.Context) error { return s.PutNotice(ctx, n) },
		"Apply": func(ctx context.Context) error {
			_, _, err := s.Apply(ctx, notice.Notice{ID: moved},
				notice.Act{Op: notice.OpClaim, Token: "t1", At: at(1), Next: at(61)})
			return err
		},
		"Rows":    func(ctx context.Context) error { _, _, err := s.Rows(ctx, false, 0, at(9), "", 10); return err },
		"PutRows": func(ctx context.Context) error { return s.PutRows(ctx, rowOf(n, at(2)), rowOf(n, at(3))) },
		"DeleteRows": func(ctx context.Context) error {
			return s.DeleteRows(ctx, agenda.ForNotice(worldtest.Matter, moved, at(1), 1), rowOf(n, at(2)))
		},
		"Heads":     func(ctx context.Context) error { _, err := s.Heads(ctx, []string{id}); return err },
		"NoticesOf": func(ctx context.Context) error { _, err := s.NoticesOf(ctx, []string{moved}); return err },
		"SubjectsOf": func(ctx context.Context) error {
			_, err := s.SubjectsOf(ctx, []store.SubjectKey{{Matter: id, ID: "u1"}})
			return err
		},
		"Control":  func(ctx context.Context) error { _, err := s.Control(ctx); return err },
		"TableID":  func(ctx context.Context) error { _, err := f.open().TableID(ctx); return err }, // asked once a store
		"PutTable": func(ctx context.Context) error { return s.PutTable(ctx, id) },
		"PutSweep": func(ctx context.Context) error { return s.PutSweep(ctx, at(f.made)) },
		"PutQuota": func(ctx context.Context) error {
			return s.PutQuota(ctx, store.Quota{PerSecond: 1, ReadAt: at(f.made)})
		},
		"PutPause": func(ctx context.Context) error {
			return s.PutPause(ctx, store.Pause{Outcome: notice.OutcomeAccount, Since: at(f.made)})
		},
		"PutIssued": func(ctx context.Context) error {
			return s.PutIssued(ctx, store.Issued{Pair: id, On: "2026-03-01"})
		},
		"Issued":            func(ctx context.Context) error { _, err := s.Issued(ctx, id+"-read"); return err },
		"LetterKeys":        func(ctx context.Context) error { _, err := s.LetterKeys(ctx); return err },
		"MailboxSecret":     func(ctx context.Context) error { _, err := s.MailboxSecret(ctx); return err },
		"KeepMailboxSecret": func(ctx context.Context) error { return s.KeepMailboxSecret(ctx, []byte("secret")) },
		"PutLetterKeys": func(ctx context.Context) error {
			k, err := f.safe.LetterKeys(ctx)
			if err != nil {
				return err
			}
			k.Revision++
			return s.PutLetterKeys(ctx, k)
		},
		"KeySet":    func(ctx context.Context) error { _, err := s.KeySet(ctx); return err },
		"PutKeySet": func(ctx context.Context) error { return s.PutKeySet(ctx, 2*f.made+1, []byte("new keys")) },
		"PutReport": func(ctx context.Context) error {
			return s.PutReport(ctx, store.ReportRow{Half: "2026-H1", Matter: f.matter(), Parts: 1, Counted: at(f.made)})
		},
		"DropReport": func(ctx context.Context) error {
			return s.DropReport(ctx, store.ReportRow{Half: "2026-H1", Matter: f.matter(), Counted: at(f.made)})
		},
		"ReportRows": func(ctx context.Context) error {
			_, _, err := s.ReportRows(ctx, "2026-H1", 0, "", 1)
			return err
		},
		"PutLetter": func(ctx context.Context) error { return s.PutLetter(ctx, id, "d", []byte("{}")) },
		"Letter":    func(ctx context.Context) error { _, err := s.Letter(ctx, id, "l"); return err },
		"PutRefusals": func(ctx context.Context) error {
			return s.PutRefusals(ctx, store.Refusals{Count: 1, Accepted: at(f.made)})
		},
	}
}
