package dispatch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// firstPages is how many rows the first pages of all partitions hold.
const firstPages = agenda.NoticeShards * 100

// backlog is a world with n notices that came due at the start. No sweep has visited one.
func backlog(t *testing.T, n int) *world {
	w := newWorld(t)
	w.open(names(n)...)
	require.NoError(t, w.store.PutPause(t.Context(),
		store.Pause{Outcome: "before", Since: start, ProbeAt: start.Add(time.Minute)}))
	w.disclose("d1", names(n)...)
	w.sweep()
	require.NoError(t, w.store.PutPause(t.Context(), store.Pause{}))
	return w
}

// TestADaysQuotaIsForecastForAllThatIsDue, in the sweep that meets it and in those after it, however many rows there
// are. The sweeps after it visit the first page of each partition and count the rest.
func TestADaysQuotaIsForecastForAllThatIsDue(t *testing.T) {
	const n = 5 * firstPages
	w := backlog(t, n)
	w.mail.quota = store.Quota{PerSecond: 14, Per24h: 1000}
	w.mail.answers(notice.OutcomeDaily, "Throttling")
	w.advance(11 * time.Minute) // the quota is asked for anew
	for minute := range 3 {
		looks := w.counted("NoticesOf", "Notice")
		r := w.sweep()
		require.Equal(t, "daily_quota:Throttling", r.Paused)
		require.Equal(t, n, r.Due, "sweep %d", minute)
		require.Equal(t, n, r.Waiting, "sweep %d", minute)
		require.EqualValues(t, n*24*3600/1000, r.DrainSeconds, "sweep %d", minute)
		require.EqualValues(t, (11+minute)*60, r.OldestOverdueSeconds)
		require.False(t, r.AtCapacity)
		if minute > 0 {
			require.Equal(t, int64(agenda.NoticeShards), looks.Load(), "however long the backlog")
		}
		w.advance(time.Minute)
	}
}

// TestRowsThatWaitAreCountedThoughAnOrderHoldsThem: rows that no sweep visits are counted too.
func TestRowsThatWaitAreCountedThoughAnOrderHoldsThem(t *testing.T) {
	const n = 2 * firstPages
	for reason, hold := range map[string]func(w *world){
		"restored_table":   func(w *world) { require.NoError(t, w.store.PutTable(t.Context(), "another")) },
		"sending_disabled": func(w *world) { w.Settings.SendingEnabled = false },
		"account:Code": func(w *world) {
			p := store.Pause{Outcome: "account", Code: "Code", Since: start, ProbeAt: start.Add(time.Hour)}
			require.NoError(t, w.store.PutPause(t.Context(), p))
		},
	} {
		t.Run(reason, func(t *testing.T) {
			w := backlog(t, n)
			hold(w)
			w.advance(time.Minute)
			looks := w.counted("NoticesOf", "Notice")
			r := w.sweep()
			require.Equal(t, reason, r.Paused)
			require.Equal(t, []int{n, n}, []int{r.Due, r.Waiting})
			require.EqualValues(t, 60, r.OldestOverdueSeconds)
			require.Equal(t, int64(agenda.NoticeShards), looks.Load())
			require.Zero(t, w.mail.count())
		})
	}
}

// TestTheCountIsAnUpperBound: a row that an order covers by now is counted with the rest until it is among the first.
func TestTheCountIsAnUpperBound(t *testing.T) {
	const n = 2 * firstPages
	w := backlog(t, n)
	w.Settings.SendingEnabled = false
	w.order("ord-1", start.AddDate(0, 0, 1))
	w.advance(time.Minute)
	r := w.sweep()
	require.Equal(t, n, r.Due)
	require.Positive(t, r.Waiting)
	require.Equal(t, n, r.Blocked+r.Waiting)
	require.Zero(t, r.OldestOverdueSeconds, "nothing that could go is known of")
	for waiting := r.Waiting; waiting > 0; waiting = r.Waiting {
		r = w.sweep()
		require.Less(t, r.Waiting, waiting)
	}
	require.Zero(t, r.DrainSeconds)
}

// TestTheCountHasAnEnd, and the report says that there is more. The partitions of a backlog that grew for weeks are not
// read to their ends every minute.
func TestTheCountHasAnEnd(t *testing.T) {
	const most = 6400
	for _, n := range []int{most, most + 1} {
		w := newWorld(t)
		w.Settings.SendingEnabled = false
		shard := agenda.ForNotice(aMatter, "n-0", time.Time{}, 0).Shard()
		for i, left := 0, n; left > 0; i++ {
			r := agenda.ForNotice(aMatter, fmt.Sprint("n-", i), start.Add(-time.Hour), 1)
			if r.Shard() == shard {
				require.NoError(t, w.store.PutRows(t.Context(), r))
				left--
			}
		}
		r := w.sweep()
		require.Equal(t, []int{most, most - 100}, []int{r.Due, r.Waiting}, "of the first hundred none is a notice's")
		require.Equal(t, n > most, r.AtCapacity)
		require.Zero(t, r.OldestOverdueSeconds)
	}
}

// TestCountingEndsWithTheSweep, and the report says so.
func TestCountingEndsWithTheSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 4 * firstPages
		w := backlog(t, n)
		w.Settings.SendingEnabled = false
		w.store.Fault = func(op, key string) memory.Effect {
			if op == "Rows" && !strings.HasPrefix(key, "A#w") {
				<-time.After(25 * time.Second) // of the bubble
			}
			return memory.None
		}
		ctx, stop := context.WithTimeout(t.Context(), 80*time.Second)
		defer stop()
		r, err := w.Sweep(ctx)
		require.NoError(t, err)
		require.True(t, r.AtCapacity)
		require.Less(t, r.Due, n)
		require.Greater(t, r.Due, firstPages)
	})
}
