package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// wish records that a subject wants its contacts erased.
func (w *world) wish(subject string, state matter.State) {
	w.record(event.ContactChanged, "{}", func(c *store.Change) {
		c.Head.State = state
		stored, err := w.store.Subjects(context.Background(), aMatter, []string{subject})
		require.NoError(w.t, err)
		s := stored[subject]
		s.Erasing = c.Head.Version
		c.Subject = &s
		w.row(agenda.ForErase(aMatter, subject, w.second(), c.Head.Version), c)
	})
}

func (w *world) erased(subject string) bool {
	s, err := w.store.Subjects(context.Background(), aMatter, []string{subject})
	require.NoError(w.t, err)
	return s[subject].Erased
}

func TestErasureWaitsUntilTheSubjectWasTold(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.wish("u1", matter.Approved)
	w.sweep()
	require.False(t, w.erased("u1"), "no notice yet")
	require.Equal(t, start.AddDate(0, 0, 1), w.work(agenda.Erase)[0].At)
	w.disclose("d1", "u1")
	w.advance(24 * time.Hour)
	w.sweep()
	w.advance(24 * time.Hour)
	w.sweep()
	require.False(t, w.erased("u1"), "sent is not delivered")
	n := w.notice("d1", "u1")
	_, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID},
		notice.Act{Op: notice.OpDelivery, Token: n.Token, At: matter.Floor(w.clock()), MessageID: n.MessageID})
	require.NoError(t, err)
	require.True(t, ok)
	w.advance(24 * time.Hour)
	w.sweep()
	require.True(t, w.erased("u1"))
	require.Empty(t, w.work(agenda.Erase))
}

func TestErasureWaitsForANoticeNotMadeYet(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.wish("u1", matter.Disclosed)
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Disclosure" {
			return memory.FailBefore
		}
		return memory.None
	}
	w.faultySweep()
	require.False(t, w.erased("u1"))
}

// owedAndWished is a world with a notice that failed for want of a contact, whose subject wants its contacts erased.
func owedAndWished(t *testing.T) *world {
	w := newWorld(t)
	w.open("u1")
	w.unverified("u1")
	w.disclose("d1", "u1")
	w.sweep()
	n := w.notice("d1", "u1")
	require.True(t, n.Owed())
	w.wish("u1", matter.Disclosed)
	return w
}

// TestErasureOfContactsThatAnOwedNoticeWaitedFor: the wish comes while the notice fails for want of a contact. Then new
// contacts come, and their re-plan is late. They are erased once a mail has gone to them.
func TestErasureOfContactsThatAnOwedNoticeWaitedFor(t *testing.T) {
	w := owedAndWished(t)
	w.contact("u1")
	late := w.work(agenda.Replan)[0]
	require.NoError(t, w.store.DeleteRows(t.Context(), late))
	w.sweep()
	require.False(t, w.erased("u1"))
	late.At = matter.Ceil(w.clock())
	require.NoError(t, w.store.PutRows(t.Context(), late))
	for range 2 {
		w.sweep()
		w.advance(time.Minute)
	}
	require.Equal(t, 1, w.mail.count())
	n := w.notice("d1", "u1")
	w.reported(notice.Act{Op: notice.OpDelivery}, &n)
	w.advance(24 * time.Hour)
	w.sweep()
	require.True(t, w.erased("u1"))
}

// TestAnErasureLeavesNewContactsAlone that come between its read and its write.
func TestAnErasureLeavesNewContactsAlone(t *testing.T) {
	w := owedAndWished(t)
	came := false
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Erase" && !came {
			came = true
			w.contact("u1")
		}
		return memory.None
	}
	for range 3 {
		w.sweep()
		w.advance(time.Minute)
	}
	require.True(t, came)
	require.Equal(t, 1, w.mail.count())
	require.False(t, w.erased("u1"), "sent is not delivered")
}

func TestErasureInAMatterThatEndedWithoutDisclosure(t *testing.T) {
	for _, state := range []matter.State{matter.Rejected, matter.Redirected, matter.Withdrawn} {
		t.Run(string(state), func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.wish("u1", state)
			w.sweep()
			require.True(t, w.erased("u1"))
		})
	}
}

// TestAnErasureWaitsForAMarkThatCannotBeReadYet: a transaction shows its row before its subject. The wish stays on the
// agenda until the mark can be read, or contacts that came later say that it was carried out.
func TestAnErasureWaitsForAMarkThatCannotBeReadYet(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.record(event.ContactChanged, "{}", func(c *store.Change) {
		c.Head.State = matter.Rejected
		w.row(agenda.ForErase(aMatter, "u1", w.second(), c.Head.Version), c)
	})
	known := w.subject("u1", w.work(agenda.Erase)[0].Planned)
	_, err := w.store.PutSubjects(t.Context(), []matter.Subject{known})
	require.NoError(t, err)
	w.sweep()
	require.Len(t, w.work(agenda.Erase), 1, "the mark cannot be read yet, and the contacts are not newer than the wish")
	require.False(t, w.erased("u1"))
	w.contact("u1")
	w.sweep()
	require.Empty(t, w.work(agenda.Erase), "the contacts are newer than the wish")
	require.False(t, w.erased("u1"))
}
