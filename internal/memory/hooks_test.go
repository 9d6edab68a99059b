package memory_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

func at(n int) time.Time { return time.Date(2026, 3, 1, 10, 0, n, 0, time.UTC) }

func covering(h matter.Head, event string, n int) store.Change {
	c := worldtest.Change(h, event)
	c.Head.Restraints = []matter.Restraint{
		{ID: "ord-1", Revision: c.Head.Version, Subjects: worldtest.IDs(event+"-", 0, n)},
	}
	return c
}

func sampleNotice(subject string) notice.Notice {
	return worldtest.Notice(worldtest.Disclosed("d1", at(0), subject))
}

func row(n notice.Notice) agenda.Row {
	return agenda.ForNotice(n.Matter, n.ID, at(0), 1)
}

func ready(t *testing.T) (*memory.Store, matter.Head) {
	s := &memory.Store{}
	h, err := s.Open(t.Context(), matter.Head{Matter: worldtest.Matter, State: matter.AwaitingRequest})
	require.NoError(t, err)
	return s, h
}

func TestFaultBeforeAppliesNothing(t *testing.T) {
	s, h := ready(t)
	n := sampleNotice("u1")
	require.NoError(t, s.PutRows(t.Context(), row(n)))
	require.NoError(t, s.PutNotice(t.Context(), n))
	s.Fault = func(op, _ string) memory.Effect {
		if op == "Commit" || op == "Apply claim" {
			return memory.FailBefore
		}
		return memory.None
	}
	require.ErrorIs(t, s.Commit(t.Context(), worldtest.Change(h, "e1")), memory.ErrInjected)
	_, ok, err := s.Apply(t.Context(), notice.Notice{ID: n.ID},
		notice.Act{Op: notice.OpClaim, Token: "t", At: at(1), Next: at(61)})
	require.ErrorIs(t, err, memory.ErrInjected)
	require.False(t, ok)
	got, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, h, got)
	stands, err := s.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, n, stands)
}

func TestFaultAfterAppliesAndLosesTheAnswer(t *testing.T) {
	s, h := ready(t)
	n := sampleNotice("u1")
	require.NoError(t, s.PutRows(t.Context(), row(n)))
	require.NoError(t, s.PutNotice(t.Context(), n))
	lose := memory.FailAfter
	s.Fault = func(string, string) memory.Effect { return lose }
	require.ErrorIs(t, s.Commit(t.Context(), worldtest.Change(h, "e1")), memory.ErrInjected)
	claim := notice.Act{Op: notice.OpClaim, Token: "t", At: at(1), Next: at(61)}
	lost, ok, err := s.Apply(t.Context(), notice.Notice{ID: n.ID}, claim)
	require.ErrorIs(t, err, memory.ErrInjected)
	require.Zero(t, lost)
	require.False(t, ok)

	lose = memory.None
	_, err = s.Receipt(t.Context(), ledger.ReceiptKey("legal.example", "e1"))
	require.NoError(t, err)
	got, ok, err := s.Apply(t.Context(), notice.Notice{ID: n.ID}, claim)
	require.NoError(t, err)
	require.True(t, ok, "the retry finds its own claim")
	require.Len(t, got.Attempts, 1)
}

func TestFaultCanCutBetweenRows(t *testing.T) {
	s, _ := ready(t)
	one, two := sampleNotice("u1"), sampleNotice("u2")
	s.Fault = func(op, key string) memory.Effect {
		if op == "PutRow" && key == one.ID {
			return memory.FailBefore
		}
		return memory.None
	}
	require.ErrorIs(t, s.PutRows(t.Context(), row(one), row(two)), memory.ErrInjected)
	stands := func(n notice.Notice) []agenda.Row {
		rows, _, err := s.Rows(t.Context(), false, row(n).Shard(), at(0), "", 10)
		require.NoError(t, err)
		return slices.DeleteFunc(rows, func(r agenda.Row) bool { return r.ID() != n.ID })
	}
	require.Empty(t, stands(one))
	require.Equal(t, []agenda.Row{row(two)}, stands(two), "the others are put all the same")
	s.Fault = func(op, _ string) memory.Effect {
		if op == "DeleteRow" {
			return memory.FailAfter
		}
		return memory.None
	}
	require.ErrorIs(t, s.DeleteRows(t.Context(), row(two)), memory.ErrInjected)
	require.Empty(t, stands(two))
}

func TestFaultCanCutBetweenSubjects(t *testing.T) {
	s, _ := ready(t)
	s.Fault = func(_, key string) memory.Effect {
		if key == worldtest.Matter+".u2" {
			return memory.FailBefore
		}
		return memory.None
	}
	_, err := s.PutSubjects(t.Context(), []matter.Subject{{Matter: worldtest.Matter, ID: "u1"},
		{Matter: worldtest.Matter, ID: "u2"},
		{Matter: worldtest.Matter, ID: "u3"}})
	require.ErrorIs(t, err, memory.ErrInjected)
	got, err := s.Subjects(t.Context(), worldtest.Matter, []string{"u1", "u2", "u3"})
	require.NoError(t, err)
	require.Len(t, got, 1)
}

func TestCancelledContextDoesNothing(t *testing.T) {
	s, h := ready(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Commit(ctx, worldtest.Change(h, "e1")), context.Canceled)
	got, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Zero(t, got.Version)
}

func TestTornCommitShowsTheHeadWithoutItsList(t *testing.T) {
	s, h := ready(t)
	first := covering(h, "e1", 60)
	require.NoError(t, s.Commit(t.Context(), first))
	second := covering(first.Head, "e2", 70)
	var torn []bool
	var versions []int
	s.Torn = func(int) {
		got, err := s.Head(t.Context(), worldtest.Matter)
		require.NoError(t, err)
		torn, versions = append(torn, got.Restraints[0].Torn), append(versions, got.Version)
		if got.Restraints[0].Torn {
			require.Empty(t, got.Restraints[0].Subjects)
		}
	}
	require.NoError(t, s.Commit(t.Context(), second))
	require.Equal(t, []int{2, 2, 2}, versions, "head, receipt, entry, covers: three gaps")
	require.Equal(t, []bool{true, true, true}, torn)

	s.Sequence = slices.Reverse[[]string]
	torn, versions = nil, nil
	third := covering(second.Head, "e3", 80)
	require.NoError(t, s.Commit(t.Context(), third))
	require.Equal(t, []int{2, 2, 2}, versions)
	require.Equal(t, []bool{false, false, false}, torn, "the head comes last: its list is there before it")
	s.Torn = nil
	got, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, third.Head, got)
}

func TestTornCommitOfShortListsIsNeverTorn(t *testing.T) {
	s, h := ready(t)
	s.Torn = func(int) {
		got, err := s.Head(t.Context(), worldtest.Matter)
		require.NoError(t, err)
		require.False(t, got.Restraints[0].Torn)
	}
	require.NoError(t, s.Commit(t.Context(), covering(h, "e1", 50)))
}

func TestTornCommitKeepsOtherCommitsOut(t *testing.T) {
	s, h := ready(t)
	other, err := s.Open(t.Context(), matter.Head{Matter: "mat-2"})
	require.NoError(t, err)
	third, err := s.Open(t.Context(), matter.Head{Matter: "mat-3"})
	require.NoError(t, err)
	steps := 0
	s.Torn = func(step int) {
		steps++
		if step > 1 {
			return
		}
		require.ErrorIs(t, s.Commit(t.Context(), worldtest.Change(h, "e2")), store.ErrBusy, "the same matter")
		require.ErrorIs(t, s.Commit(t.Context(), worldtest.Change(other, "e1")), store.ErrBusy, "the same event")
		hook := s.Torn
		s.Torn = nil
		require.NoError(t, s.Commit(t.Context(), worldtest.Change(third, "e3")), "nothing shared")
		s.Torn = hook
	}
	require.NoError(t, s.Commit(t.Context(), worldtest.Change(h, "e1")))
	require.Equal(t, 2, steps)
	require.ErrorIs(t, s.Commit(t.Context(), worldtest.Change(other, "e1")), store.ErrRace, "the event is recorded now")
	s.Torn = nil
	require.NoError(t, s.Commit(t.Context(), worldtest.Change(worldtest.Change(h, "e1").Head, "e2")), "free again")
}

func TestTornHookMayEndItsGoroutine(t *testing.T) {
	s, h := ready(t)
	s.Torn = func(int) { runtime.Goexit() }
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Commit(context.Background(), worldtest.Change(h, "e1"))
	}()
	<-done
	s.Torn = nil
	got, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err, "the store is still usable")
	require.Equal(t, 1, got.Version, "the writer died after its first item")
	require.NoError(t, s.Commit(t.Context(), worldtest.Change(got, "e2")))
}

func TestRefusalsAreKeptAsFirstGiven(t *testing.T) {
	s := &memory.Store{}
	require.NoError(t, s.Refuse(t.Context(), ledger.Refusal{Digest: "0a", At: at(1)}))
	require.NoError(t, s.Refuse(t.Context(), ledger.Refusal{Digest: "0a", At: at(2)}))
	require.Equal(t, map[string]ledger.Refusal{"0a": {Digest: "0a", At: at(1)}}, s.Refusals())
}

func TestViolationsAreRefusedAndTold(t *testing.T) {
	half := at(1).Add(time.Second / 2)
	n := sampleNotice("u1")
	for name, broken := range map[string]func(s *memory.Store, h matter.Head) error{
		"a ledger entry overwritten with other content": func(s *memory.Store, h matter.Head) error {
			c := worldtest.Change(h, "e2")
			c.Entry.Seq = 1
			return s.Commit(context.Background(), c)
		},
		"a list of covered subjects changed under its old revision": func(s *memory.Store, h matter.Head) error {
			c := worldtest.Change(h, "e2")
			c.Head.Restraints = []matter.Restraint{{ID: "ord-1", Revision: 1, Subjects: []string{"somebody else"}}}
			return s.Commit(context.Background(), c)
		},
		"a new restraint under an old revision": func(s *memory.Store, h matter.Head) error {
			c := worldtest.Change(h, "e2")
			c.Head.Restraints = append(slices.Clone(h.Restraints), matter.Restraint{ID: "ord-2", Revision: 1, All: true})
			return s.Commit(context.Background(), c)
		},
		"half a second in a row": func(s *memory.Store, _ matter.Head) error {
			return s.PutRows(context.Background(), agenda.ForNotice(n.Matter, n.ID, half, 0))
		},
		"half a second in a change's row": func(s *memory.Store, h matter.Head) error {
			c := worldtest.Change(h, "e2")
			c.Rows = []agenda.Row{agenda.ForReplan("x", 1, half)}
			return s.Commit(context.Background(), c)
		},
		"half a second in a notice": func(s *memory.Store, _ matter.Head) error {
			x := sampleNotice("u2")
			x.Base = half
			return s.PutNotice(context.Background(), x)
		},
		"half a second in a move": func(s *memory.Store, _ matter.Head) error {
			_, _, err := s.Apply(context.Background(), notice.Notice{ID: n.ID},
				notice.Act{Op: notice.OpClaim, Token: "t", At: half})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, h := ready(t)
			c := covering(h, "e1", 60)
			require.NoError(t, s.Commit(t.Context(), c))
			require.NoError(t, s.PutRows(t.Context(), row(n)))
			require.NoError(t, s.PutNotice(t.Context(), n))
			require.Empty(t, s.Violations)
			require.ErrorContains(t, broken(s, c.Head), "a law is broken")
			require.Len(t, s.Violations, 1)
			got, err := s.Head(t.Context(), worldtest.Matter)
			require.NoError(t, err)
			require.Equal(t, c.Head, got)
			stands, err := s.Notice(t.Context(), n.ID)
			require.NoError(t, err)
			require.Equal(t, n, stands)
		})
	}
}

// TestANoticeInATransactionTakesNoMove, as DynamoDB answers TransactionConflict: who claims it meanwhile would not know
// of the hold whose version the head shows already.
func TestANoticeInATransactionTakesNoMove(t *testing.T) {
	s, h := ready(t)
	n := sampleNotice("u1")
	require.NoError(t, s.PutRows(t.Context(), row(n)))
	require.NoError(t, s.PutNotice(t.Context(), n))
	claim := notice.Act{Op: notice.OpClaim, Token: "t1", At: at(1), Next: at(61)}
	looked := 0
	s.Torn = func(int) {
		looked++
		_, _, err := s.Apply(t.Context(), notice.Notice{ID: n.ID}, claim)
		require.ErrorIs(t, err, store.ErrBusy)
	}
	c := worldtest.Change(h, "e1")
	decided, _ := n.Apply(notice.Decide(c.Head.Version))
	c.Decided = &decided
	require.NoError(t, s.Commit(t.Context(), c))
	require.Positive(t, looked)
	_, claimed, err := s.Apply(t.Context(), notice.Notice{ID: n.ID}, claim)
	require.NoError(t, err)
	require.False(t, claimed)
}
