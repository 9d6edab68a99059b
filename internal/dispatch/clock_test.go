package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/memory"
)

// wrong is a control state read by a process whose clock is ahead of the store's.
type wrong struct {
	*memory.Store
	ahead time.Duration
}

func (c wrong) Control(ctx context.Context) (matter.Control, error) {
	all, err := c.Store.Control(ctx)
	all.Ahead = c.ahead
	return all, err
}

// TestAWrongClockSendsNothing and decides nothing about a notice, whichever way it is wrong; what sends nothing is done.
func TestAWrongClockSendsNothing(t *testing.T) {
	for _, ahead := range []time.Duration{2*time.Second + 1, -2*time.Second - 1, 7 * time.Minute, -24 * time.Hour} {
		w := newWorld(t)
		w.open(names(3)...)
		w.disclose("d1", "u0000")
		w.mail.refuse(matter.OutcomeUnknown)
		w.sweep()
		require.Equal(t, matter.UnknownSent, w.notice("d1", "u0000").State)
		w.mail.answer = nil
		w.advance(matter.ReconcileWindow)
		w.disclose("d2", "u0001")
		w.order("ord-1", start.AddDate(0, 0, 1), "u0002")
		w.Control = wrong{w.store, ahead}
		looked := w.counted("Notice")
		for range 2 {
			r := w.sweep()
			require.Equal(t, "clock_off", r.Paused)
			require.Equal(t, []int{2, 2}, []int{r.Due, r.Waiting}, "what is due is counted")
		}
		require.Zero(t, looked.Load())
		require.Zero(t, w.mail.count())
		require.Empty(t, w.work(matter.KindMakeNotices))
		require.Empty(t, w.work(matter.KindReplan))
		require.Zero(t, w.pause(), "another dispatcher, whose clock is right, sends on")
		require.Equal(t, 2, strings.Count(w.log.String(), "clock is wrong"), "once a sweep")

		w.Control = w.store
		require.Equal(t, 2, w.sweep().Sent, "as soon as it is right")
	}
}

// TestAClockThatMayBeRightSends: the margin covers that much.
func TestAClockThatMayBeRightSends(t *testing.T) {
	for _, ahead := range []time.Duration{0, 2 * time.Second, -2 * time.Second} {
		w := newWorld(t)
		w.Control = wrong{w.store, ahead}
		w.open("u1")
		w.disclose("d1", "u1")
		require.Equal(t, 1, w.sweep().Sent)
	}
}

// TestAWrongClockIsNotProbed, nor does it hide that the table is a copy, which takes an operator.
func TestAWrongClockIsNotProbed(t *testing.T) {
	w := newWorld(t)
	w.Control = wrong{w.store, time.Hour}
	w.open("u1")
	w.disclose("d1", "u1")
	require.NoError(t, w.store.PutPause(t.Context(), matter.Pause{Reason: "account:Code", Since: start, ProbeAt: start}))
	require.Equal(t, "clock_off", w.sweep().Paused)
	require.NoError(t, w.store.PutTable(t.Context(), "another"))
	require.Equal(t, "restored_table", w.sweep().Paused)
	require.Zero(t, w.mail.count())
}
