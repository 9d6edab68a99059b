package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// wrong is a control state read by a process whose clock is ahead of the store's.
type wrong struct {
	*memory.Store
	ahead time.Duration
}

func (c wrong) Control(ctx context.Context) (store.Dispatcher, error) {
	all, err := c.Store.Control(ctx)
	all.Ahead = c.ahead
	return all, err
}

// TestAWrongClockDoesNothing, ahead or behind: no mail goes, nothing is announced, and no row moves. A process with a
// right clock finds everything as it was.
func TestAWrongClockDoesNothing(t *testing.T) {
	for _, ahead := range []time.Duration{2*time.Second + 1, -2*time.Second - 1, 7 * time.Minute, -24 * time.Hour,
		366 * 24 * time.Hour} {
		w := newWorld(t)
		w.open(names(3)...)
		w.disclose("d1", "u0000")
		w.mail.refuse(notice.OutcomeUnknown)
		w.sweep()
		require.Equal(t, notice.Unknown, w.notice("d1", "u0000").State)
		w.mail.answer = nil
		w.advance(notice.ReconcileWindow)
		w.disclose("d2", "u0001")
		w.order("ord-1", w.clock().Add(12*time.Hour), "u0001")
		w.order("ord-2", start.AddDate(0, 0, 100), "u0002")

		right, announced, sent := w.clock(), len(w.bus.all()), w.mail.count()
		w.at(right.Add(ahead))
		w.Store = wrong{w.store, ahead}
		for range 2 {
			r, err := w.Sweep(t.Context())
			require.ErrorIs(t, err, store.ErrClock)
			require.ErrorContains(t, err, ahead.Abs().String())
			require.Zero(t, r)
		}
		require.Equal(t, sent, w.mail.count())
		require.Len(t, w.bus.all(), announced)
		require.Len(t, w.work(agenda.MakeNotices), 1)
		require.Len(t, w.work(agenda.Replan), 2)

		w.at(right)
		w.Store = w.store
		require.Equal(t, 1, w.sweep().Sent, "as soon as it is right")
		w.at(right.Add(12*time.Hour + matter.Margin))
		require.Equal(t, 1, w.sweep().Sent, "in the hours that nothing covers")
	}
}

// TestAClockThatMayBeRightSends: the margin covers that much.
func TestAClockThatMayBeRightSends(t *testing.T) {
	for _, ahead := range []time.Duration{0, 2 * time.Second, -2 * time.Second} {
		w := newWorld(t)
		w.Store = wrong{w.store, ahead}
		w.open("u1")
		w.disclose("d1", "u1")
		require.Equal(t, 1, w.sweep().Sent)
	}
}
