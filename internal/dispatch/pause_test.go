package dispatch_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func (w *world) pause() store.Pause {
	c, err := w.store.Control(w.t.Context())
	require.NoError(w.t, err)
	return c.Pause
}

func TestAccountTroublePausesAndIsProbed(t *testing.T) {
	for _, o := range []notice.Outcome{notice.OutcomeAccount, notice.OutcomeDaily} {
		t.Run(string(o), func(t *testing.T) {
			w := newWorld(t)
			w.Settings.Workers = 1
			w.open(names(10)...)
			w.disclose("d1", names(10)...)
			w.mail.refuse(o)
			r := w.sweep()
			require.Equal(t, string(o)+":Code", r.Paused)
			require.Equal(t, 10, r.Waiting)
			require.NotZero(t, r.DrainSeconds)
			p := w.pause()
			require.Equal(t, start, p.Since)
			require.LessOrEqual(t, p.ProbeAt.Sub(start), time.Hour)
			for _, u := range names(10) {
				n := w.notice("d1", u)
				require.Equal(t, notice.Scheduled, n.State)
				require.Empty(t, n.Attempts, "waiting burns nothing")
				require.Len(t, w.rows(n.ID), 1)
			}

			w.mail.answer = nil
			require.Equal(t, string(o)+":Code", w.sweep().Paused)
			require.Zero(t, w.mail.count(), "not before the probe")

			w.at(p.ProbeAt)
			w.mail.refuse(o)
			w.sweep()
			require.Equal(t, w.clock().Add(p.ProbeAt.Sub(start)), w.pause().ProbeAt, "one probe, then it waits again")
			require.Equal(t, start, w.pause().Since)

			w.mail.answer = nil
			w.at(w.pause().ProbeAt)
			r = w.sweep()
			require.Empty(t, r.Paused)
			require.Zero(t, w.pause())
			require.Equal(t, 10, r.Sent, "the probe opens the gate")
		})
	}
}

// subjectOf is the subject of a notice.
func (w *world) subjectOf(id string) string {
	n, err := w.store.Notice(context.Background(), id)
	require.NoError(w.t, err)
	return n.Subject
}

func TestProbeThatIsBlockedLeavesItToAnother(t *testing.T) {
	var once atomic.Bool
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1", "u2")
	w.disclose("d1", "u1", "u2")
	require.NoError(t, w.store.PutPause(t.Context(), store.Pause{Outcome: "account", Since: start, ProbeAt: start}))
	// The final check stops the first one that is claimed.
	w.store.Fault = func(op, key string) memory.Effect {
		if op == "Apply claim" && once.CompareAndSwap(false, true) {
			w.order("ord-1", start.AddDate(0, 0, 1), w.subjectOf(key))
		}
		return memory.None
	}
	r := w.sweep()
	require.Equal(t, 1, r.Sent)
	require.Equal(t, 1, r.Blocked)
	require.Zero(t, w.pause())
}

func TestProbeOfUnknownOutcomeKeepsThePause(t *testing.T) {
	w := newWorld(t)
	w.open(names(5)...)
	w.disclose("d1", names(5)...)
	require.NoError(t, w.store.PutPause(t.Context(), store.Pause{Outcome: "account", Since: start, ProbeAt: start}))
	w.mail.refuse(notice.OutcomeUnknown)
	r := w.sweep()
	require.Equal(t, 1, r.Unknown, "one probe only")
	require.Equal(t, "account", w.pause().Reason())
	require.True(t, w.pause().ProbeAt.After(start))
}

func TestSendingDisabledIsAPauseWithoutProbe(t *testing.T) {
	w := newWorld(t)
	w.Settings.SendingEnabled = false
	w.open("u1")
	w.disclose("d1", "u1")
	for range 3 {
		w.advance(24 * time.Hour)
		r := w.sweep()
		require.Equal(t, "sending_disabled", r.Paused)
		require.Equal(t, 1, r.Waiting)
	}
	require.Zero(t, w.mail.count())
	require.Len(t, w.rows(w.notice("d1", "u1").ID), 1)
}

func TestWorkIsDoneDespiteAPause(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	require.NoError(t, w.store.PutPause(t.Context(),
		store.Pause{Outcome: "account", Since: start, ProbeAt: start.Add(time.Hour)}))
	w.disclose("d1", "u1")
	w.order("ord-1", start.AddDate(0, 0, 1))
	r := w.sweep()
	require.Equal(t, 4, r.Work)
	require.Equal(t, start.AddDate(0, 0, 1), w.rows(w.notice("d1", "u1").ID)[0].At)
	require.Empty(t, w.work(agenda.MakeNotices))
	require.Empty(t, w.work(agenda.Replan))
}

// TestARejectedMailIsNotEveryProbe: an error about the account may be true of one mail alone.
func TestARejectedMailIsNotEveryProbe(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open(names(5)...)
	w.disclose("d1", names(5)...)
	refused := ""
	w.mail.answer = func(m notice.Mail) (bool, error) {
		if refused == "" {
			refused = m.Notice
		}
		if m.Notice == refused {
			return false, &notice.SendError{Outcome: notice.OutcomeAccount, Code: "AccessDeniedException"}
		}
		return true, nil
	}
	require.Equal(t, 5, w.sweep().Waiting)
	sent := 0
	for range 3 {
		w.at(w.pause().ProbeAt)
		sent += w.sweep().Sent
		if w.pause() == (store.Pause{}) {
			break
		}
	}
	require.NotZero(t, sent, "another one was the probe")
}
