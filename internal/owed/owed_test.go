package owed_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

const aMatter = "mat-2026-0001"

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// disclosure is one part with a target a subject, made at start.
func disclosure(subjects ...string) *matter.Disclosure {
	d := &matter.Disclosure{
		Matter: aMatter, ID: "d1", Part: 1, Recorded: start, Facts: matter.DisclosureFacts{At: start},
	}
	d.Targets = append(d.Targets, subjects...)
	return d
}

// subject has one verified contact of the user.
func subject(id string, revision int) matter.Subject {
	return matter.Subject{
		Matter: aMatter, ID: id, Known: true, Class: matter.Consumer,
		Event: ledger.ReceiptKey("legal.example", id), Revision: revision,
		Language: "de", Country: "DE",
		Contacts: []matter.SealedContact{{Role: matter.User, Verified: true, Sealed: []byte("sealed")}},
	}
}

// made is the notice about the subject, in a store of its own.
func made(t *testing.T, s *memory.Store, id string) notice.Notice {
	t.Helper()
	d := disclosure(id)
	n := notice.New(d, nil, d.Targets[0], "de", "v2")
	require.NoError(t, s.PutRows(t.Context(), agenda.ForNotice(aMatter, n.ID, start, 1)))
	require.NoError(t, s.PutNotice(t.Context(), n))
	return n
}

// applied applies an act that has to be taken.
func applied(t *testing.T, s *memory.Store, n notice.Notice, a notice.Act) notice.Notice {
	t.Helper()
	n, ok, err := s.Apply(t.Context(), n, a)
	require.NoError(t, err)
	require.True(t, ok)
	return n
}

// rows are all rows of the notice.
func rows(t *testing.T, s *memory.Store, id string) []agenda.Row {
	t.Helper()
	shard := agenda.ForNotice(aMatter, id, start, 0).Shard()
	all, _, err := s.Rows(t.Context(), false, shard, start.AddDate(10, 0, 0), "", 100)
	require.NoError(t, err)
	var out []agenda.Row
	for _, r := range all {
		if r.ID() == id {
			out = append(out, r)
		}
	}
	return out
}

func TestEveryTargetGetsItsNoticeAndItsRow(t *testing.T) {
	s, d := &memory.Store{}, disclosure("u1", "u2", "u3")
	until := start.AddDate(0, 0, 30)
	head := &matter.Head{Matter: aMatter, Version: 4, Restraints: []matter.Restraint{{
		ID: "ord-1", Kind: matter.CourtOrder, Subjects: []string{"u1"}, Until: until, Revision: 2,
		Paper: matter.Paper{End: matter.End{Kind: matter.EndInstant, At: until}},
	}}}
	plan := owed.Plan{Eval: restraint.NewEvaluator(), Head: head, Now: start, Workers: 2}
	subjects := map[string]matter.Subject{"u1": subject("u1", 1), "u2": subject("u2", 1)}
	var calls atomic.Int64
	require.NoError(t, owed.MakeNotices(t.Context(), s, plan, d, d.Targets, subjects, func(n *notice.Notice) {
		require.NotEmpty(t, n.ID)
		calls.Add(1)
	}))
	require.EqualValues(t, 3, calls.Load())
	for id, want := range map[string]struct {
		at       time.Time
		language string
	}{"u1": {until, "de"}, "u2": {start, "de"}, "u3": {start, "en"}} {
		n, err := s.Notice(t.Context(), notice.ID(nil, aMatter, "d1", id))
		require.NoError(t, err)
		require.Equal(t, want.language, n.Language, id)
		require.Equal(t, []agenda.Row{owed.Row(&n, want.at, 4)}, rows(t, s, n.ID), id)
	}
}

func TestATargetThatFailsStopsNoOther(t *testing.T) {
	s, d := &memory.Store{}, disclosure("u1", "u2", "u3")
	unlucky := notice.ID(nil, aMatter, "d1", "u1")
	s.Fault = func(op, key string) memory.Effect {
		if op == "PutNotice" && key == unlucky {
			return memory.FailBefore
		}
		return memory.None
	}
	plan := owed.Plan{Eval: restraint.NewEvaluator(), Head: &matter.Head{Matter: aMatter, Version: 1}, Now: start}
	err := owed.MakeNotices(t.Context(), s, plan, d, d.Targets, nil, nil)
	require.ErrorIs(t, err, memory.ErrInjected)
	for _, id := range []string{"u2", "u3"} {
		_, err := s.Notice(t.Context(), notice.ID(nil, aMatter, "d1", id))
		require.NoError(t, err, id)
	}
}

func TestAtMostTheWorkersRunAtOnce(t *testing.T) {
	var running, most, calls atomic.Int64
	require.NoError(t, owed.Each(50, 3, func(int) error {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		calls.Add(1)
		running.Add(-1)
		return nil
	}))
	require.EqualValues(t, 50, calls.Load())
	require.LessOrEqual(t, most.Load(), int64(3))
}

// open records a matter with one version, whose entry holds the pending subjects.
func open(t *testing.T, s *memory.Store, pending ...matter.Subject) ledger.Entry {
	t.Helper()
	head, err := s.Open(t.Context(), matter.Head{Matter: aMatter, State: matter.AwaitingRequest})
	require.NoError(t, err)
	head.Version = 1
	c := store.Change{
		Head: head, Receipt: ledger.Receipt{Key: "k", Matter: aMatter, Version: 1, At: start},
		Entry: ledger.Entry{Matter: aMatter, Seq: 1, Type: event.RequestAmended, At: start, Pending: pending},
	}
	require.NoError(t, c.Entry.Chain())
	c.Head.LastHash = c.Entry.Hash
	require.NoError(t, s.Commit(t.Context(), c))
	return c.Entry
}

func TestPendingSubjectsAreWrittenOnceAndThenDropped(t *testing.T) {
	s := &memory.Store{}
	changed := subject("u2", 9)
	changed.Event = "a later event"
	_, err := s.PutSubjects(t.Context(), []matter.Subject{changed})
	require.NoError(t, err)
	entry := open(t, s, subject("u1", 1), subject("u2", 1))
	for _, op := range []string{"PutSubjects", "DropPending"} {
		s.Fault = func(o, _ string) memory.Effect {
			if o == op {
				return memory.FailBefore
			}
			return memory.None
		}
		_, err := owed.WritePendingSubjects(t.Context(), s, &entry)
		require.ErrorIs(t, err, memory.ErrInjected, op)
		stored, err := s.Entry(t.Context(), aMatter, 1)
		require.NoError(t, err)
		require.Len(t, stored.Pending, 2, "they stay until they are written")
	}
	s.Fault = nil
	skipped, err := owed.WritePendingSubjects(t.Context(), s, &entry)
	require.NoError(t, err)
	require.Equal(t, []string{"u2"}, skipped, "a later event changed it")
	stored, err := s.Entry(t.Context(), aMatter, 1)
	require.NoError(t, err)
	require.Empty(t, stored.Pending)
	s.Fault = func(string, string) memory.Effect { return memory.FailBefore }
	_, err = owed.WritePendingSubjects(t.Context(), s, &stored)
	require.NoError(t, err, "an entry without pending subjects costs no request")
}
