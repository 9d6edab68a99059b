package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
)

func fields(t *testing.T, r dispatch.Report) map[string]any {
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(b, &out))
	return out
}

// failing gives the first n calls of an op this effect.
func failing(op string, effect memory.Effect, n int64) func(string, string) memory.Effect {
	var calls atomic.Int64
	return func(o, _ string) memory.Effect {
		if o == op && calls.Add(1) <= n {
			return effect
		}
		return memory.None
	}
}

// nth runs do at the nth call of an op.
func nth(op string, n int64, do func() memory.Effect) func(string, string) memory.Effect {
	var calls atomic.Int64
	return func(o, _ string) memory.Effect {
		if o == op && calls.Add(1) == n {
			return do()
		}
		return memory.None
	}
}

func TestLostReplies(t *testing.T) {
	for _, op := range []string{"Apply claim", "Apply complete", "PutRow", "PutNotice", "DeleteRow"} {
		t.Run(op, func(t *testing.T) {
			w := newWorld(t)
			w.Settings.Workers = 1
			w.open("u1")
			w.disclose("d1", "u1")
			w.store.Fault = failing(op, memory.FailAfter, 1)
			w.faultySweep()
			w.store.Fault = nil
			w.sweep()
			n := w.notice("d1", "u1")
			require.Equal(t, notice.Sent, n.State)
			require.Len(t, n.Attempts, 1)
			require.Zero(t, n.Unknowns())
			require.Equal(t, 1, w.mail.accepted(n.ID))
			w.advance(notice.ConfirmWindow)
			w.sweep()
			require.Equal(t, notice.Unconfirmed, w.notice("d1", "u1").State, "its row is there")
		})
	}
}

func TestEveryFailedCallIsMadeGood(t *testing.T) {
	for _, effect := range []memory.Effect{memory.FailBefore, memory.FailAfter} {
		for call := int64(1); ; call++ {
			w := newWorld(t)
			w.Settings.Workers = 1
			w.open("u1")
			w.order("ord-1", start.AddDate(0, 0, 1))
			w.disclose("d1", "u1")
			var calls atomic.Int64
			w.store.Fault = func(string, string) memory.Effect {
				if calls.Add(1) == call {
					return effect
				}
				return memory.None
			}
			_, first := w.Sweep(t.Context())
			w.at(start.AddDate(0, 0, 1).Add(matter.Margin))
			_, second := w.Sweep(t.Context())
			if calls.Load() < call {
				break
			}
			for _, err := range []error{first, second} {
				require.True(t, err == nil || errors.Is(err, memory.ErrInjected))
			}
			w.store.Fault = nil
			w.advance(time.Minute)
			w.sweep()
			n := w.notice("d1", "u1")
			require.Equal(t, notice.Sent, n.State, "call %d", call)
			require.Equal(t, 1, w.mail.accepted(n.ID), "call %d", call)
			w.advance(notice.ConfirmWindow)
			w.sweep()
			w.advance(notice.SignWindow)
			w.sweep()
			require.Empty(t, w.rows(n.ID), "call %d", call)
			require.Empty(t, w.work(agenda.MakeNotices))
			require.Empty(t, w.work(agenda.Replan))
		}
	}
}

// crashAfterAccept leaves a notice in sending although SES took its mail.
func crashAfterAccept(t *testing.T) (*world, notice.Notice) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.store.Fault = failing("Apply complete", memory.FailBefore, 3)
	require.Equal(t, 1, w.faultySweep().Errors)
	w.store.Fault = nil
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Sending, n.State)
	require.Equal(t, 1, w.mail.count())
	return w, n
}

func TestCrashAfterAcceptIsSettledByTheSendEvent(t *testing.T) {
	w, n := crashAfterAccept(t)
	w.sweep()
	require.Equal(t, notice.Sending, w.notice("d1", "u1").State, "the lease lasts")
	w.advance(notice.LeaseTime)
	w.sweep()
	require.Equal(t, notice.Sending, w.notice("d1", "u1").State, "to its last instant")
	w.advance(time.Second)
	require.Equal(t, 1, w.sweep().Unknown)
	n = w.notice("d1", "u1")
	require.Equal(t, notice.Unknown, n.State)
	require.Equal(t, 1, n.Unknowns())
	require.Equal(t, n.Next, w.rows(n.ID)[0].At)
	require.Len(t, w.rows(n.ID), 1)

	_, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID},
		notice.Act{Op: notice.OpSend, Token: n.Token, At: matter.Floor(w.clock()), MessageID: "m1"})
	require.NoError(t, err)
	require.True(t, ok)
	w.advance(notice.ReconcileWindow)
	w.sweep()
	require.Equal(t, 1, w.mail.count())
	n = w.notice("d1", "u1")
	require.Equal(t, notice.Sent, n.State)
	require.Equal(t, n.SentAt.Add(notice.ConfirmWindow), w.rows(n.ID)[0].At)
}

func TestSilenceAfterACrashIsFollowedByARepetition(t *testing.T) {
	w, n := crashAfterAccept(t)
	w.advance(notice.LeaseTime + time.Second)
	w.sweep()
	w.advance(notice.ReconcileWindow - time.Second)
	w.sweep()
	require.Equal(t, 1, w.mail.count(), "the sign may still come")
	w.advance(time.Second)
	w.sweep()
	require.Equal(t, 2, w.mail.count())
	n = w.notice("d1", "u1")
	require.Equal(t, notice.Sent, n.State)
	require.LessOrEqual(t, w.mail.accepted(n.ID)-1, n.Unknowns())
	require.NotContains(t, w.mail.text(0), "repe")
	require.Contains(t, w.mail.text(1), "repe", "it says that it may be a repetition")
	require.Equal(t, reference(w.mail.text(0)), reference(w.mail.text(1)))
	require.NotContains(t, w.mail.text(0), aMatter, "the sender's own id stays inside")
}

// reference finds ABCD-EFGH-IJKL-MNOP-QRST-UVWX.
func reference(text string) string {
	for word := range strings.FieldsSeq(text) {
		if strings.Count(word, "-") == 5 && len(word) >= 29 && word == strings.ToUpper(word) {
			return word[:29]
		}
	}
	return "none"
}

func TestAtMostOnceLeavesTheUnknownToAPerson(t *testing.T) {
	w, _ := crashAfterAccept(t)
	w.Settings.Policy = dispatch.AtMostOnce
	w.advance(notice.LeaseTime + time.Second)
	w.sweep()
	for range 3 {
		w.advance(24 * time.Hour)
		require.Equal(t, 1, w.sweep().Held)
		require.Equal(t, notice.Unknown, w.notice("d1", "u1").State)
	}
	require.Equal(t, 1, w.mail.count())
}

func TestUnknownOutcomeWaitsForItsSign(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.answer = func(notice.Mail) (bool, error) { return true, errors.New("a reset") }
	require.Equal(t, 1, w.sweep().Unknown)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Unknown, n.State)
	require.Equal(t, []agenda.Row{agenda.ForNotice(n.Matter, n.ID, start.Add(notice.ReconcileWindow), 2)}, w.rows(n.ID))
}

func TestUnknownThenAnOrderBlocksTheRepetition(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.answer = func(notice.Mail) (bool, error) { return true, &notice.SendError{Outcome: notice.OutcomeUnknown} }
	w.sweep()
	w.mail.answer = nil
	end := start.AddDate(0, 0, 10)
	w.order("ord-1", end)
	w.advance(notice.ReconcileWindow)
	r := w.sweep()
	require.Equal(t, 1, r.LateOrders)
	require.Equal(t, 1, w.mail.count())
	w.at(end.Add(matter.Margin))
	w.sweep()
	require.Equal(t, 2, w.mail.count())
}

func TestEightAttemptsThatMayHaveReachedSES(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.answer = func(notice.Mail) (bool, error) { return false, &notice.SendError{Outcome: notice.OutcomeUnknown} }
	for range notice.MaxAttempts {
		require.Equal(t, 1, w.sweep().Unknown)
		w.advance(notice.ReconcileWindow)
	}
	require.Equal(t, 1, w.sweep().Failed)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Failed, n.State)
	require.Equal(t, notice.ReasonAttempts, n.Reason)
	require.Empty(t, w.rows(n.ID))
	require.Contains(t, strings.Join(w.bus.all(), "\n"), `"reason":"attempts"`)
}

func TestAcceptedBesideAnEarlierOneIsSeen(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.answer = func(notice.Mail) (bool, error) { return true, &notice.SendError{Outcome: notice.OutcomeUnknown} }
	w.sweep()
	first := w.notice("d1", "u1").Token
	w.advance(notice.ReconcileWindow)
	w.mail.answer = func(m notice.Mail) (bool, error) {
		_, ok, err := w.store.Apply(context.Background(), notice.Notice{ID: m.Notice},
			notice.Act{Op: notice.OpSend, Token: first, At: matter.Floor(w.clock()), MessageID: "m1"})
		require.NoError(t, err)
		require.True(t, ok)
		return true, nil
	}
	require.Equal(t, 1, w.sweep().Duplicates)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Sent, n.State)
	require.LessOrEqual(t, w.mail.accepted(n.ID)-1, n.Unknowns())
	second := n.Attempts[1]
	require.Equal(t, notice.OutcomeAccepted, second.Outcome, "law 8: every outcome is recorded")
	require.Equal(t, "message-"+second.Token, second.MessageID)
	require.Equal(t, w.clock(), second.At)
	w.sweep()
	require.Equal(t, n.SentAt.Add(notice.ConfirmWindow), w.rows(n.ID)[0].At)
}

func TestRowWithoutANotice(t *testing.T) {
	w := newWorld(t)
	id := notice.ID(nil, aMatter, "d1", "u1")
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(aMatter, id, start.AddDate(0, -1, 0), 4)))
	r := w.sweep()
	require.Equal(t, 1, r.Orphans)
	require.Zero(t, r.OrphanAlarms, "a due may be long past when the row is made")
	for range 24 {
		row := w.rows(id)
		require.Len(t, row, 1)
		require.Equal(t, 4, row[0].Planned)
		w.at(row[0].At)
		require.Zero(t, w.sweep().OrphanAlarms)
		require.Equal(t, w.clock().Add(time.Hour), w.rows(id)[0].At)
	}
	w.advance(time.Hour)
	require.Equal(t, 1, w.sweep().OrphanAlarms)
	require.Len(t, w.rows(id), 1, "never deleted")
}

func TestRowOfAnOlderVersionDeletesNoNewerOne(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	n := w.notice("d1", "u1")
	old := agenda.ForNotice(n.Matter, n.ID, start, 2)
	require.NoError(t, w.store.PutRows(t.Context(), old))
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "DeleteRow" {
			newer := old
			newer.Planned = 3
			require.NoError(t, w.store.PutRows(context.Background(), newer))
		}
		return memory.None
	}
	w.sweep()
	rows := w.rows(n.ID)
	require.Len(t, rows, 2)
	require.Equal(t, 3, rows[0].Planned)
}

func TestThrottled(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.refuse(notice.OutcomeThrottled)
	wait := 5 * time.Second
	for i := range 12 {
		require.Equal(t, 1, w.sweep().Refused)
		n := w.notice("d1", "u1")
		require.Equal(t, notice.Retry, n.State)
		require.Empty(t, n.Attempts, "a refusal burns nothing")
		require.Equal(t, w.clock().Add(wait), n.Next)
		require.Equal(t, agenda.Row{At: n.Next, Kind: agenda.Notice, Matter: n.Matter, Ref: n.ID, Planned: 2, Retries: i + 1},
			w.rows(n.ID)[0])
		w.at(n.Next.Add(-time.Second))
		require.Zero(t, w.sweep().Due)
		w.at(n.Next)
		wait = min(2*wait, 10*time.Minute)
	}
	w.mail.answer = nil
	w.sweep()
	require.Equal(t, 1, w.mail.count())
}
