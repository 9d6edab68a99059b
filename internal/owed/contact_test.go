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
	require.NoError(t, s.DeleteRow(t.Context(), agenda.ForNotice(aMatter, n.ID, start, 1)))
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
	_, ok, err := owed.NextContact(t.Context(), s, &n)
	require.NoError(t, err)
	require.False(t, ok, "a subject that is not recorded has none")
	u := subject("u1", 7)
	u.Contacts = []matter.SealedContact{
		{Role: matter.User, Sealed: []byte("not verified")},
		{Role: matter.Admin, Verified: true, Sealed: []byte("another role")},
		{Role: matter.User, Verified: true, Sealed: []byte("this")},
		{Role: matter.User, Verified: true, Sealed: []byte("next")},
	}
	put(t, s, u)
	c, ok, err := owed.NextContact(t.Context(), s, &n)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, owed.Contact{SealedContact: u.Contacts[2], Name: "7.3", Spare: true, Country: "DE"}, c)
	s.Fault = func(string, string) memory.Effect { return memory.FailBefore }
	_, ok, err = owed.NextContact(t.Context(), s, &n)
	require.ErrorIs(t, err, memory.ErrInjected)
	require.False(t, ok)
}

func TestOnlyAContactThatWasNotTriedRevives(t *testing.T) {
	failed := notice.Notice{State: notice.Failed, Reason: notice.ReasonNoContact, Recipient: matter.User}
	bounced := notice.Notice{State: notice.Bounced, Recipient: matter.User, Attempts: []notice.Attempt{
		{Head: 5, Contact: "3.1", Dead: true, Bounced: start},
	}}
	read := bounced
	read.DeliveredAt = start
	two := subject("u1", 3)
	two.Contacts = append(two.Contacts, two.Contacts[0])
	for name, c := range map[string]struct {
		notice  notice.Notice
		subject matter.Subject
		want    bool
	}{
		"a notice that is not over": {notice.Notice{State: notice.Scheduled, Recipient: matter.User},
			subject("u1", 9), false},
		"a notice that failed for another reason": {notice.Notice{State: notice.Failed, Reason: notice.ReasonAttempts,
			Recipient: matter.User}, subject("u1", 9), false},
		"no contact was known, and there is one":       {failed, subject("u1", 1), true},
		"no contact was known, and there is none":      {failed, matter.Subject{}, false},
		"the mail came back from this contact":         {bounced, subject("u1", 3), false},
		"the mail came back, and there is a second":    {bounced, two, true},
		"the mail came back, and new contacts came":    {bounced, subject("u1", 9), true},
		"the mail was delivered before it came back":   {read, two, false},
		"new contacts, though the mail was delivered":  {read, subject("u1", 9), true},
		"contacts as old as the attempt that was read": {read, subject("u1", 5), false},
	} {
		require.Equal(t, c.want, owed.Revivable(&c.notice, &c.subject), name)
	}
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
			after, open, err := owed.Revive(t.Context(), s, n, 6, now)
			s.Fault = nil
			require.Len(t, rows(t, s, n.ID), fault.rows)
			if fault.op != "" {
				require.ErrorIs(t, err, memory.ErrInjected)
				require.False(t, open)
				return
			}
			require.NoError(t, err)
			require.True(t, open)
			require.Equal(t, notice.Scheduled, after.State)
			require.Equal(t, []agenda.Row{agenda.ForNotice(aMatter, n.ID, at, 6)}, rows(t, s, n.ID))
		})
	}
}

func TestANoticeWithoutAContactStaysOwed(t *testing.T) {
	s := &memory.Store{}
	n := failed(t, s)
	after, open, err := owed.Revive(t.Context(), s, n, 6, start)
	require.NoError(t, err)
	require.False(t, open)
	require.Equal(t, n, after)
	require.Empty(t, rows(t, s, n.ID))
}

func TestANoticeThatSomebodyElsePutBackIsOpen(t *testing.T) {
	s := &memory.Store{}
	n := failed(t, s)
	put(t, s, subject("u1", 2))
	applied(t, s, n, notice.Reopen(start))
	after, open, err := owed.Revive(t.Context(), s, n, 6, start.Add(time.Hour))
	require.NoError(t, err)
	require.True(t, open)
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
