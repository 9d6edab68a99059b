package dispatch_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"lapse/internal/notice"
	"lapse/internal/store"

	"github.com/stretchr/testify/require"
)

// TestASweepGivesWayToAThrottleAndComesBack: SES throttles the first mail, so the following ones go at half the rate,
// which comes back within half a minute.
func TestASweepGivesWayToAThrottleAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Settings.Workers = 1
		w.mail.quota = store.Quota{PerSecond: 10, Per24h: 1000}
		const full = time.Second * 100 / 950 // 5 % under the quota
		all := names(300)
		w.open(all...)
		w.disclose("d1", all...)
		began := time.Now()
		w.Now = func() time.Time { return w.clock().Add(time.Since(began)) }
		var went []time.Time
		w.mail.answer = func(notice.Mail) (bool, error) {
			if went = append(went, time.Now()); len(went) == 1 {
				return false, &notice.SendError{Outcome: notice.OutcomeThrottled, Code: "Throttling"}
			}
			return true, nil
		}
		r := w.sweep()
		require.Equal(t, 1, r.Refused)
		require.Equal(t, len(all)-1, r.Sent)
		interval := func(i int) time.Duration { return went[i].Sub(went[i-1]) }
		require.InDelta(t, 2*full, interval(1), float64(time.Millisecond), "half the rate")
		for i := 2; i < len(went); i++ {
			require.LessOrEqual(t, interval(i), interval(i-1)+time.Millisecond, "mail %d", i)
		}
		require.Greater(t, interval(20), full*3/2, "step by step")
		back := slices.IndexFunc(went[1:], func(at time.Time) bool { return at.Sub(went[0]) > 30*time.Second }) + 1
		require.Less(t, interval(back-50), full*5/4, "the nearer to it")
		require.InDelta(t, full, interval(back+1), float64(time.Millisecond), "the full rate after half a minute")
		require.InDelta(t, full, interval(len(went)-1), float64(time.Millisecond), "the full rate")
	})
}
