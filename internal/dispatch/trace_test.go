package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
)

// secondContact gives the subject a further verified contact.
func (w *world) secondContact(subject string) {
	w.t.Helper()
	s := w.subject(subject, 2)
	s.Contacts = append(s.Contacts, matter.SealedContact{Role: matter.User, Verified: true,
		Sealed: sealed("second-" + subject)})
	_, err := w.store.PutSubjects(context.Background(), []matter.Subject{s})
	require.NoError(w.t, err)
}

// TestABounceAfterARestoreGoesOnToTheNextContact: the mail went to the first of two contacts after the backup, and
// comes back after the restore.
func TestABounceAfterARestoreGoesOnToTheNextContact(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.secondContact("u1")
	w.sweep()
	w.disclose("d1", "u1")
	backup := w.store.Copy("restored")
	require.Equal(t, 1, w.sweep().Sent)
	was := w.notice("d1", "u1").Attempts[0]
	w.onto(backup)
	w.sweep()
	w.mark()
	_, err := w.restorer().Resume(t.Context())
	require.NoError(t, err)

	n := w.notice("d1", "u1")
	require.Equal(t, was.Contact, n.Attempts[0].Contact)
	require.True(t, n.Attempts[0].Spare, "there is a contact to go on to")
	_, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID}, notice.Act{
		Op: notice.OpReturn, Token: n.Token, At: matter.Floor(w.clock()), Next: matter.Floor(w.clock()),
		MessageID: n.MessageID, Reason: notice.ReasonHardBounce, Dead: true,
	})
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(n.Matter, n.ID, matter.Floor(w.clock()), 2)))
	require.Equal(t, 1, w.sweep().Sent)
	require.Equal(t, "u1-"+canary+"@example.com", w.mail.mails[0].To.Reveal())
	require.Equal(t, "second-u1-"+canary+"@example.com", w.mail.mails[1].To.Reveal())
}

// unanswered is a sweep that never hears whether SES took its mails.
func (w *world) unanswered() {
	w.t.Helper()
	w.mail.answer = func(notice.Mail) (bool, error) { return true, &notice.SendError{Outcome: notice.OutcomeUnknown} }
	w.sweep()
	w.mail.answer = nil
}

// cutOff is a sweep that dies while an attempt is running, and one that finds the attempt lost.
func (w *world) cutOff() {
	w.t.Helper()
	w.mail.refuse(notice.OutcomeThrottled)
	w.store.Fault = failing("Apply release", memory.FailBefore, 9)
	w.faultySweep()
	w.mail.answer, w.store.Fault = nil, nil
	w.advance(notice.LeaseTime + time.Second)
	w.sweep()
}

func TestEachAttemptOfUnknownOutcomeIsOneLogLine(t *testing.T) {
	for name, sweep := range map[string]func(*world){"no answer": (*world).unanswered,
		"the lease ran out": (*world).cutOff} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.secondContact("u1")
			w.disclose("d1", "u1")
			sweep(w)
			n := w.notice("d1", "u1")
			require.Equal(t, notice.Unknown, n.State)
			require.Empty(t, w.logged())
			a := n.Attempts[0]
			require.Equal(t, []notice.Trace{{
				Notice: n.ID, Attempt: n.Token, At: a.Claimed, Due: a.Due, Rules: "rules-1", Contact: "2.1", Spare: true,
			}}, w.traces(true))
		})
	}
}

func TestNoDoubtIsLoggedForARefusedMail(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.refuse(notice.OutcomeThrottled)
	w.sweep()
	require.Empty(t, w.traces(true))
}

// TestADoubtIsLoggedEvenIfItCannotBeRecorded: the line comes before the record, so a restored table can learn of the
// doubt even if the record fails.
func TestADoubtIsLoggedEvenIfItCannotBeRecorded(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.refuse(notice.OutcomeUnknown)
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply unsure" || op == "Apply lost" {
			return memory.FailBefore
		}
		return memory.None
	}
	w.faultySweep()
	require.Len(t, w.traces(true), 1)
	w.advance(time.Hour)
	w.faultySweep()
	lines := w.traces(true)
	require.Len(t, lines, 2, "by the sweep that finds it lost")
	require.Equal(t, lines[0], lines[1])
}

// doubtful is a copy of a table from before an attempt of unknown outcome. SES took its mail.
func doubtful(t *testing.T) *world {
	w := newWorld(t)
	w.open("u1")
	w.sweep()
	w.disclose("d1", "u1")
	w.Settings.SendingEnabled = false
	w.sweep()
	w.Settings.SendingEnabled = true
	backup := w.store.Copy("restored")
	w.unanswered()
	require.Equal(t, 1, w.mail.count())
	w.onto(backup)
	w.sweep()
	require.Equal(t, notice.Scheduled, w.notice("d1", "u1").State)
	return w
}

func (w *world) resume() {
	w.t.Helper()
	_, err := w.restorer().Resume(w.t.Context())
	require.NoError(w.t, err)
}

func TestAfterARestoreTheSecondMailSaysThatItMayBeOne(t *testing.T) {
	w := doubtful(t)
	fresh, _, _ := w.mark()
	require.Equal(t, 1, fresh)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Unknown, n.State)
	require.Equal(t, 1, n.Unknowns())
	require.Equal(t, start.Add(notice.ReconcileWindow), n.Next)
	require.Contains(t, w.rows(n.ID), agenda.ForNotice(n.Matter, n.ID, n.Next, 2), "law 2")
	w.resume()
	w.at(n.Next.Add(-time.Second))
	require.Zero(t, w.sweep().Sent, "SES may report it yet")
	w.at(n.Next)
	require.Equal(t, 1, w.sweep().Sent)
	require.Contains(t, w.mail.text(1), "repetition")
	require.NotContains(t, w.mail.text(0), "repetition")
}

func TestAfterARestoreAtMostOnceLeavesADoubtToAPerson(t *testing.T) {
	w := doubtful(t)
	w.Settings.Policy = dispatch.AtMostOnce
	w.mark()
	w.resume()
	w.advance(time.Hour)
	require.NotZero(t, w.sweep().Held)
	require.Equal(t, 1, w.mail.count())
	require.NotEmpty(t, w.rows(w.notice("d1", "u1").ID), "law 2")
}

func TestADoubtMakesNoWaitShorter(t *testing.T) {
	w := doubtful(t)
	later := start.Add(time.Hour)
	n := w.notice("d1", "u1")
	for _, m := range []notice.Act{
		{Op: notice.OpClaim, Token: w.newToken(), At: start, Next: start}, {Op: notice.OpRelease, At: start, Next: later,
			Back: notice.Retry},
	} {
		if m.Op == notice.OpRelease {
			m.Token = w.notice("d1", "u1").Token
		}
		_, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID}, m)
		require.NoError(t, err)
		require.True(t, ok)
	}
	w.mark()
	n = w.notice("d1", "u1")
	require.Equal(t, notice.Unknown, n.State)
	require.Equal(t, later, n.Next)
	require.Contains(t, w.rows(n.ID), agenda.ForNotice(n.Matter, n.ID, later, 2))
}

func TestAMarkedDoubtStaysAsItIs(t *testing.T) {
	w := doubtful(t)
	w.mark()
	before, rows := w.notice("d1", "u1"), w.rows(w.notice("d1", "u1").ID)
	w.order("ord-1", start.AddDate(0, 0, 1), "another")
	fresh, known, missing := w.mark()
	require.Equal(t, []int{0, 1, 0}, []int{fresh, known, missing})
	require.Equal(t, before, w.notice("d1", "u1"))
	require.Equal(t, rows, w.rows(before.ID))
}

// TestADoubtAboutAKnownAttemptChangesNothing: the backup was made after the attempt, which is in it as running or with
// its outcome.
func TestADoubtAboutAKnownAttemptChangesNothing(t *testing.T) {
	for _, state := range []notice.State{notice.Sending, notice.Unknown, notice.Sent} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		if state == notice.Sent {
			w.sweep()
		} else {
			if state == notice.Sending {
				w.store.Fault = failing("Apply unsure", memory.FailBefore, 9)
			}
			w.mail.refuse(notice.OutcomeUnknown)
			w.faultySweep()
		}
		before := w.notice("d1", "u1")
		require.Equal(t, state, before.State)
		fresh, err := w.restorer().Mark(t.Context(),
			notice.Trace{Notice: before.ID, Attempt: before.Token, At: start, Due: start})
		require.NoError(t, err)
		require.False(t, fresh)
		require.Equal(t, before, w.notice("d1", "u1"))
	}
}

func TestAnAcceptanceWinsOverADoubtOfItsAttempt(t *testing.T) {
	for _, doubtFirst := range []bool{true, false} {
		w := doubtful(t)
		sent := w.traces(true)[0]
		sent.MessageID, sent.At = "message", start.Add(time.Minute)
		both := []notice.Trace{w.traces(true)[0], sent}
		if !doubtFirst {
			both[0], both[1] = both[1], both[0]
		}
		for _, a := range both {
			_, err := w.restorer().Mark(t.Context(), a)
			require.NoError(t, err)
		}
		n := w.notice("d1", "u1")
		require.Equal(t, notice.Sent, n.State)
		require.Len(t, n.Attempts, 1)
		require.Equal(t, notice.OutcomeAccepted, n.Attempts[0].Outcome)
		require.Equal(t, doubtFirst, n.Attempts[0].WasUnknown)
		w.resume()
		w.advance(time.Hour)
		require.Zero(t, w.sweep().Sent)
	}
}

func TestMarkingADoubtIsSafeToCutOffAndRepeat(t *testing.T) {
	for _, effect := range []memory.Effect{memory.FailBefore, memory.FailAfter} {
		for _, op := range []string{"Notice", "Head", "PutRow", "Apply doubt"} {
			t.Run(fmt.Sprint(op, effect), func(t *testing.T) {
				w := doubtful(t)
				w.store.Fault = failing(op, effect, 1)
				_, err := w.restorer().Mark(t.Context(), w.traces(true)[0])
				require.ErrorIs(t, err, memory.ErrInjected)
				_, err = w.restorer().Mark(t.Context(), w.traces(true)[0])
				require.NoError(t, err)
				n := w.notice("d1", "u1")
				require.Equal(t, notice.Unknown, n.State)
				require.Len(t, n.Attempts, 1)
				require.Contains(t, w.rows(n.ID), agenda.ForNotice(n.Matter, n.ID, n.Next, 2))
			})
		}
	}
}

// TestTheAttemptThatRanAtTheBackupCountsToo: a sweep found it lost only after the backup. The log's line of a later
// attempt is marked before any sweep over the copy finds it lost again.
func TestTheAttemptThatRanAtTheBackupCountsToo(t *testing.T) {
	for _, later := range []string{"", "message"} {
		for _, effect := range []memory.Effect{memory.None, memory.FailBefore, memory.FailAfter} {
			w := newWorld(t)
			w.open("u1")
			w.disclose("d1", "u1")
			w.mail.refuse(notice.OutcomeUnknown)
			w.store.Fault = failing("Apply unsure", memory.FailBefore, 9)
			w.faultySweep()
			w.store.Fault = nil
			n := w.notice("d1", "u1")
			require.Equal(t, notice.Sending, n.State)
			a := notice.Trace{Notice: n.ID, Attempt: w.newToken(), MessageID: later, At: n.Lease, Due: start}
			if later == "" {
				_, err := w.restorer().Mark(t.Context(), a)
				require.NoError(t, err)
				require.Equal(t, notice.Sending, w.notice("d1", "u1").State, "within the lease it is left to it")
				a.Attempt = w.newToken()
			}
			a.At = n.Lease.Add(time.Second)
			w.store.Fault = failing("Apply lost", effect, 1)
			if _, err := w.restorer().Mark(t.Context(), a); effect != memory.None {
				require.ErrorIs(t, err, memory.ErrInjected)
				_, err = w.restorer().Mark(t.Context(), a)
				require.NoError(t, err)
			}
			after := w.notice("d1", "u1")
			require.Equal(t, a.Attempt, after.Token)
			require.True(t, after.Attempt(n.Token).WasUnknown)
		}
	}
}
