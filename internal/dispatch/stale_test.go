package dispatch_test

import (
	"context"
	"fmt"
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

// TestRowPlannedUnderANewerHead: a sweep remembers a head, another dispatcher plans the notice anew for a lift, and the
// first sweep reads the new row. It must not move that row by the remembered head, or the lift is forgotten.
func TestRowPlannedUnderANewerHead(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1")
	w.disclose("d1", "u1")
	w.order("ord-1", start.Add(3*time.Hour))
	id := notice.ID(nil, aMatter, "d1", "u1")
	w.advance(time.Minute)
	planner := w.another()
	planner.Settings.SendingEnabled = false
	shard := fmt.Sprintf("A#%02d", agenda.ForNotice(aMatter, id, time.Time{}, 0).Shard())
	lifted := false
	w.store.Fault = func(op, key string) memory.Effect {
		if op == "Rows" && key == shard && !lifted {
			lifted = true
			w.lift("ord-1", start)
			_, err := planner.Sweep(context.Background())
			require.NoError(t, err)
			require.Equal(t, 4, w.rows(id)[0].Planned)
		}
		return memory.None
	}
	w.sweep()
	require.True(t, lifted)
	require.Equal(t, notice.Sent, w.notice("d1", "u1").State, "rows: %v", w.rows(id))
}

// TestContactForANoticeWhoseRowIsGone: a sweep reads a row and stands still. Another one ends the notice and deletes
// the row, and a contact comes. The sweep that puts the notice back gives it a row first.
func TestContactForANoticeWhoseRowIsGone(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1")
	w.unverified("u1")
	w.disclose("d1", "u1")
	id := notice.ID(nil, aMatter, "d1", "u1")
	other := w.another()
	came := false
	w.store.Fault = func(op, key string) memory.Effect {
		if op == "NoticesOf" && key == id && !came {
			came = true
			_, err := other.Sweep(context.Background())
			require.NoError(t, err)
			require.Equal(t, []time.Time{start.AddDate(0, 0, 30)}, w.stands(id), "the slow row alone")
			w.contact("u1")
		}
		if op == "Apply reopen" {
			require.NotEmpty(t, w.rows(id))
		}
		return memory.None
	}
	w.sweep()
	require.True(t, came)
	require.Equal(t, notice.Scheduled, w.notice("d1", "u1").State)
	w.sweep()
	require.Equal(t, 1, w.mail.count())
}

// TestABounceBetweenTheReadAndTheClaim: a sweep reads a notice and its contact and stands still. Another one sends the
// mail, which comes back for good. The first one must not write to the same address.
func TestABounceBetweenTheReadAndTheClaim(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1")
	w.disclose("d1", "u1")
	other, done := w.another(), false
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply claim" && !done {
			done = true
			_, err := other.Sweep(context.Background())
			require.NoError(t, err)
			n := w.notice("d1", "u1")
			_, ok, err := w.store.Apply(context.Background(), notice.Notice{ID: n.ID}, notice.Act{
				Op: notice.OpReturn, Token: n.Token, At: matter.Floor(w.clock()), Next: matter.Floor(w.clock()),
				MessageID: n.MessageID, Reason: notice.ReasonHardBounce, Dead: true,
			})
			require.NoError(t, err)
			require.True(t, ok)
		}
		return memory.None
	}
	w.sweep()
	require.True(t, done)
	require.Equal(t, 1, w.mail.count(), "the only address takes no mail")
}

// reported moves a notice as SES' report about its mail does.
func (w *world) reported(m notice.Act, n *notice.Notice) {
	w.t.Helper()
	m.Token, m.MessageID, m.At = n.Token, n.MessageID, matter.Floor(w.clock())
	_, ok, err := w.store.Apply(context.Background(), notice.Notice{ID: n.ID}, m)
	require.NoError(w.t, err)
	require.True(w.t, ok)
}

// TestALateOrderIsRecordedForAMailThatCameBack: the first mail is out, and the notice waits for its next mail when the
// order comes.
func TestALateOrderIsRecordedForAMailThatCameBack(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	n := w.notice("d1", "u1")
	w.reported(notice.Act{Op: notice.OpReturn, Next: matter.Floor(w.clock().Add(time.Hour)),
		Reason: notice.ReasonSoftBounce}, &n)
	w.advance(time.Minute)
	w.store.Torn = func(int) {
		w.sweep()
		require.Empty(t, w.notice("d1", "u1").LateOrder, "a list that cannot be read is no evidence")
	}
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(n.Matter, n.ID, start, 2)))
	w.order("ord-0", start.Add(3*time.Hour), names(60)[1:]...)
	w.store.Torn = nil
	w.order("ord-1", start.Add(3*time.Hour))
	w.sweep()
	require.Equal(t, "ord-1", w.notice("d1", "u1").LateOrder)
}

// TestABounceAfterADeliveryIsNotTriedAgain: somebody may have read the mail. So the next contact is not written to,
// whatever row is left. New contacts of the subject put the notice back.
func TestABounceAfterADeliveryIsNotTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	s := w.subject("u1", 2)
	s.Contacts = append(s.Contacts, matter.SealedContact{Role: matter.User, Verified: true, Sealed: sealed("second")})
	_, err := w.store.PutSubjects(t.Context(), []matter.Subject{s})
	require.NoError(t, err)
	w.disclose("d1", "u1")
	w.sweep()
	n := w.notice("d1", "u1")
	require.True(t, n.Attempts[0].Spare)
	for _, op := range []notice.Op{notice.OpDelivery, notice.OpBounce} {
		_, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID}, notice.Act{
			Op: op, Token: n.Token, At: matter.Floor(w.clock()), MessageID: n.MessageID, Reason: notice.ReasonHardBounce,
		})
		require.NoError(t, err)
		require.True(t, ok)
	}
	w.advance(notice.ConfirmWindow)
	w.sweep()
	w.advance(time.Second)
	w.sweep()
	require.Equal(t, 1, w.mail.count())
	w.contact("u1")
	w.sweep()
	w.advance(time.Second)
	w.sweep()
	require.Equal(t, 2, w.mail.count())
}

// TestABounceAfterNewContacts: their re-plan found the notice delivered, and so not owed. The row that the bounce
// leaves puts it back.
func TestABounceAfterNewContacts(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	n := w.notice("d1", "u1")
	w.reported(notice.Act{Op: notice.OpDelivery}, &n)
	w.advance(time.Minute)
	w.contact("u1")
	w.sweep()
	w.reported(notice.Act{Op: notice.OpBounce, Reason: notice.ReasonHardBounce}, &n)
	row := agenda.ForNotice(n.Matter, n.ID, matter.Floor(w.clock()), n.Attempts[0].Head)
	require.NoError(t, w.store.PutRows(t.Context(), row))
	for range 2 {
		w.advance(time.Minute)
		w.sweep()
	}
	require.Equal(t, 2, w.mail.count())
}

// TestAContactReadWhileSubjectsWerePendingIsReadAgain: a sweep reads the contact that a recorded amendment replaces.
// Then the amendment's subjects are written, and the next head shows nothing pending any more.
func TestAContactReadWhileSubjectsWerePendingIsReadAgain(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	moved := w.subject("u1", 4)
	moved.Contacts[0].Sealed = sealed("new")
	version := 0
	w.record(event.RequestAmended, "{}", func(c *store.Change) {
		version = c.Head.Version
		moved.Revision = version
		c.Entry.Pending, c.Head.Pending = []matter.Subject{moved}, version
	})
	read, written := false, false
	w.store.Fault = func(op, _ string) memory.Effect {
		switch {
		case op == "SubjectsOf":
			read = true
		case op == "Apply claim":
			require.True(t, written, "no attempt begins while subjects are pending")
		case op == "Head" && read && !written:
			written = true
			_, err := w.store.PutSubjects(context.Background(), []matter.Subject{moved})
			require.NoError(t, err)
			require.NoError(t, w.store.DropPending(context.Background(), aMatter, version))
		}
		return memory.None
	}
	w.sweep()
	require.True(t, written)
	require.Equal(t, "new-"+canary+"@example.com", w.mail.mails[0].To.Reveal())
}

// TestRowPutAheadOfItsNotice: a report puts a row, and a sweep that reads the notice as it still is must not take that
// row away: it would be missing once the notice changes. A row whose change never came is taken away later.
func TestRowPutAheadOfItsNotice(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	require.Equal(t, 1, w.sweep().Sent)
	n := w.notice("d1", "u1")
	ahead := agenda.ForNotice(n.Matter, n.ID, w.second(), 2)
	put := func(revision int) {
		row := ahead
		row.Revision = revision
		require.NoError(t, w.store.PutRows(t.Context(), row))
	}
	put(n.Revision + 1)
	w.advance(time.Minute)
	require.Equal(t, 1, w.sweep().Contended)
	require.Contains(t, w.rows(n.ID), ahead)
	w.bounce(n, notice.ReasonHardBounce)
	w.sweep()
	require.NotContains(t, w.rows(n.ID), ahead, "the notice has changed, so the row is an ordinary one")

	n = w.notice("d1", "u1")
	ahead.At = w.second()
	put(n.Revision + 1)
	w.advance(4 * time.Minute)
	w.sweep()
	require.Contains(t, w.rows(n.ID), ahead)
	w.advance(2 * time.Minute)
	w.sweep()
	require.NotContains(t, w.rows(n.ID), ahead, "nobody writes for that long")
}

// TestABounceSinceTheLook: a claim that follows from an old look would go to the address that has just refused a mail.
func TestABounceSinceTheLook(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.secondContact("u1")
	w.disclose("d1", "u1")
	w.mail.answer = func(notice.Mail) (bool, error) {
		return true, &notice.SendError{Outcome: notice.OutcomeUnknown}
	}
	w.sweep()
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Unknown, n.State)
	w.mail.answer = nil
	w.advance(notice.ReconcileWindow + time.Minute)
	w.store.Fault = nth("PutFlight", 1, func() memory.Effect {
		_, ok, err := w.store.Apply(context.Background(), notice.Notice{ID: n.ID}, notice.Return(notice.Act{
			Op: notice.OpBounce, Token: n.Token, MessageID: "m", At: matter.Floor(w.clock()),
			Reason: notice.ReasonHardBounce}, matter.Floor(w.clock()), true))
		require.NoError(t, err)
		require.True(t, ok)
		return memory.None
	})
	w.sweep()
	w.advance(time.Minute)
	w.sweep()
	mails := w.mail.mails
	require.Len(t, mails, 2)
	require.NotEqual(t, mails[0].To, mails[1].To, "the second goes to the other contact")
}

// TestTwoRowsOfANoticePlanTheSame: a bounce leaves two rows, both due. What the visits of both plan is put once.
func TestTwoRowsOfANoticePlanTheSame(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	n := w.notice("d1", "u1")
	w.order("ord-1", start.Add(3*time.Hour))
	w.sweep()
	for _, after := range []time.Duration{0, time.Second} {
		require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(n.Matter, n.ID, w.second().Add(after), 2)))
	}
	w.advance(time.Minute)
	w.sweep()
	require.Len(t, w.rows(n.ID), 1)
	require.Equal(t, start.Add(3*time.Hour), w.rows(n.ID)[0].At)
}
