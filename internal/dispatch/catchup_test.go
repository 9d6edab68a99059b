package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// outage begins a matter whose n notices came due ten minutes apart while nothing ran for three days. From then on the
// service's clock is the bubble's.
func outage(t *testing.T, n int) (w *world, all []string) {
	w = newWorld(t)
	w.mail.quota = store.Quota{PerSecond: 2, Per24h: 10_000}
	all = names(n)
	w.open(all...)
	for i, u := range all {
		w.at(start.Add(time.Duration(i) * 10 * time.Minute))
		w.disclose("d"+u, u)
	}
	w.at(start.Add(72 * time.Hour))
	began := time.Now()
	w.Now = func() time.Time { return w.clock().Add(time.Since(began)) }
	return w, all
}

// minute is a sweep that may claim for a minute.
func (w *world) minute() dispatch.Report {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), 80*time.Second)
	defer stop()
	r, err := w.Sweep(ctx)
	require.NoError(w.t, err)
	require.Zero(w.t, r.Errors, w.log.String())
	return r
}

// TestAfterAnOutageOfDaysEverythingDueGoesOut at the quota. The report says overdue and has a forecast. The oldest go
// first: no mail overtakes more others than there are workers.
func TestAfterAnOutageOfDaysEverythingDueGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, all := outage(t, 300)
		began, first := time.Now(), w.minute()
		require.InDelta(t, 72*3600, first.OldestOverdueSeconds, 1)
		require.True(t, first.AtCapacity)
		require.Equal(t, 300, first.Sent+first.Waiting, "what waits is counted")
		require.InDelta(t, float64(first.Waiting)/1.9, first.DrainSeconds, 2)
		behind := first.OldestOverdueSeconds
		for w.mail.count() < len(all) {
			r := w.minute()
			require.Positive(t, r.Sent)
			require.Less(t, r.OldestOverdueSeconds, behind, "it catches up from the oldest end")
			behind = r.OldestOverdueSeconds
		}
		require.GreaterOrEqual(t, time.Since(began), time.Duration(len(all))*time.Second/2, "the quota holds")
		for i, u := range all {
			id := w.notice("d"+u, u).ID
			require.Equal(t, 1, w.mail.accepted(id))
			place := 0
			for w.mail.mails[place].Notice != id {
				place++
			}
			require.InDelta(t, i, place, 32, "notice %d was mail %d", i, place)
		}
		require.Zero(t, w.minute().OldestOverdueSeconds)
	})
}

// TestAnOrderDuringTheCatchUp holds the notices that are not sent, from the next read of the head on. It leaves
// evidence where it came too late. The held notices go out when the order ends.
func TestAnOrderDuringTheCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, all := outage(t, 200)
		end := matter.Ceil(w.clock()).AddDate(0, 0, 30)
		came := 0
		w.mail.answer = func(notice.Mail) (bool, error) {
			if came++; came == 50 {
				w.order("ord-1", end) // while 49 mails are out and one is with SES
			}
			return true, nil
		}
		w.Settings.Workers = 1
		w.minute()
		require.Equal(t, 50, w.mail.count(), "not one more")
		w.advance(notice.LeaseTime)
		r := w.minute()
		require.Zero(t, r.OldestOverdueSeconds, "nothing is overdue under an order")
		late := 0
		for _, u := range all {
			n := w.notice("d"+u, u)
			sent := w.mail.accepted(n.ID) == 1
			require.Equal(t, sent, n.LateOrder == "ord-1", "evidence where it came too late, and nowhere else")
			if sent {
				late++
				require.Equal(t, notice.Sent, n.State, "nothing is recalled")
				require.Contains(t, w.bus.all(), fmt.Sprintf(`lapse.notice.late_order {"matter":%q,"order":"ord-1","notice":%q}`,
					aMatter, n.ID))
			} else {
				require.Equal(t, notice.Scheduled, n.State)
				require.Equal(t, end, w.rows(n.ID)[0].At)
			}
		}
		require.Equal(t, 50, late)
		w.mail.answer = nil
		w.at(w.clock().AddDate(0, 0, 30))
		for range 3 {
			w.minute()
		}
		require.Equal(t, len(all), w.mail.count())
	})
}
