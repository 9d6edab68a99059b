package owed_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// failed is a notice that ended for want of a contact.
func failed(t *testing.T, s *memory.Store) notice.Notice {
	t.Helper()
	n := applied(t, s, made(t, s, "u1"), notice.Fail(notice.ReasonNoContact, "", start))
	require.NoError(t, s.DeleteRows(t.Context(), agenda.ForNotice(aMatter, n.ID, start, 1)))
	return n
}

func put(t *testing.T, s *memory.Store, all ...matter.Subject) {
	t.Helper()
	_, err := s.PutSubjects(t.Context(), all)
	require.NoError(t, err)
}

func TestTheNextContactIsAVerifiedOneOfTheRole(t *testing.T) {
	s := &memory.Store{}
	n := made(t, s, "u1")
	nobody, err := owed.SubjectOf(t.Context(), s, &n)
	require.NoError(t, err)
	_, ok := owed.NextContact(&n, &nobody)
	require.False(t, ok, "a subject that is not recorded has none")
	u := subject("u1", 7)
	u.Contacts = []matter.SealedContact{
		{Role: matter.User, Sealed: []byte("not verified")},
		{Role: matter.Admin, Verified: true, Sealed: []byte("another role")},
		{Role: matter.User, Verified: true, Sealed: []byte("this")},
		{Role: matter.User, Verified: true, Sealed: []byte("next")},
	}
	put(t, s, u)
	recorded, err := owed.SubjectOf(t.Context(), s, &n)
	require.NoError(t, err)
	c, ok := owed.NextContact(&n, &recorded)
	require.True(t, ok)
	require.Equal(t, owed.Contact{SealedContact: u.Contacts[2], Name: "7.3", Spare: true, Country: "DE"}, c)
	s.Fault = func(string, string) memory.Effect { return memory.FailBefore }
	_, err = owed.SubjectOf(t.Context(), s, &n)
	require.ErrorIs(t, err, memory.ErrInjected)
}

func TestRevivingPutsTheRowFirst(t *testing.T) {
	now := start.Add(time.Hour + time.Millisecond)
	at := start.Add(time.Hour + time.Second)
	for name, fault := range map[string]struct {
		op     string
		effect memory.Effect
		rows   int
	}{
		"nothing fails":                {"", memory.None, 1},
		"the row fails":                {"PutRow", memory.FailBefore, 0},
		"the move fails after the row": {"Apply reopen", memory.FailBefore, 1},
		"the subject cannot be read":   {"Subjects", memory.FailBefore, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &memory.Store{}
			n := failed(t, s)
			put(t, s, subject("u1", 2))
			s.Fault = func(op, _ string) memory.Effect {
				if op == fault.op {
					return fault.effect
				}
				return memory.None
			}
			after, debt, err := owed.Revive(t.Context(), s, n, 6, now)
			s.Fault = nil
			require.Len(t, rows(t, s, n.ID), fault.rows)
			if fault.op != "" {
				require.ErrorIs(t, err, memory.ErrInjected)
				require.NotEqual(t, owed.Open, debt)
				return
			}
			require.NoError(t, err)
			require.Equal(t, owed.Open, debt)
			require.Equal(t, notice.Scheduled, after.State)
			require.Equal(t, []agenda.Row{owed.Row(&after, at, 6)}, rows(t, s, n.ID), "it names the notice as put back")
		})
	}
}

func TestANoticeWithoutAContactStaysOwed(t *testing.T) {
	s := &memory.Store{}
	n := failed(t, s)
	after, debt, err := owed.Revive(t.Context(), s, n, 6, start)
	require.NoError(t, err)
	require.Equal(t, owed.Unpayable, debt)
	require.Equal(t, n, after)
	require.Empty(t, rows(t, s, n.ID))
}

func TestANoticeThatSomebodyElsePutBackIsOpen(t *testing.T) {
	s := &memory.Store{}
	n := failed(t, s)
	put(t, s, subject("u1", 2))
	applied(t, s, n, notice.Reopen(start))
	after, debt, err := owed.Revive(t.Context(), s, n, 6, start.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, owed.Open, debt)
	require.Equal(t, notice.Scheduled, after.State)
}

// TestALostAnswerIsAskedForAgain: an act recognises its own result, so its answer may be lost twice.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	for name, c := range map[string]struct {
		lost  int
		fails bool
	}{"twice": {2, false}, "three times": {3, true}} {
		s := &memory.Store{}
		n := made(t, s, "u1")
		calls := 0
		s.Fault = func(string, string) memory.Effect {
			if calls++; calls <= c.lost {
				return memory.FailAfter
			}
			return memory.None
		}
		claim := notice.Claim(notice.Attempt{Token: "t1", Claimed: start, Head: 1}, "", start.Add(notice.LeaseTime), 8)
		after, ok, err := owed.Apply(t.Context(), s, &n, claim)
		require.Equal(t, 3, calls, name)
		if c.fails {
			require.ErrorIs(t, err, memory.ErrInjected, name)
			require.ErrorContains(t, err, "claim notice "+n.ID, name)
			continue
		}
		require.NoError(t, err, name)
		require.True(t, ok, name)
		require.Equal(t, notice.Sending, after.State, name)
	}
	calls := 0
	s := &memory.Store{Fault: func(string, string) memory.Effect { calls++; return memory.None }}
	_, _, err := owed.Apply(t.Context(), s, &notice.Notice{ID: aMatter + ".x"}, notice.Reopen(start))
	require.ErrorIs(t, err, store.ErrNotFound)
	require.Equal(t, 1, calls, "a notice that does not exist is not asked for again")
}
