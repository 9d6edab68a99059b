package dispatch

import (
	"testing"
	"testing/synctest"
	"time"

	"lapse/internal/store"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

func TestPaceGivesWayAndComesBackByTime(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	p := newPace(96, 5, func() time.Time { return now })
	require.Equal(t, rate.Limit(96), p.limiter.Limit())
	p.slower(now)
	p.slower(now.Add(time.Second - 1))
	require.Equal(t, rate.Limit(48), p.limiter.Limit(), "one halving a second")
	for _, c := range []struct {
		after time.Duration
		want  rate.Limit
	}{{-time.Hour, 48}, {0, 48}, {15 * time.Second, 72}, {30 * time.Second, 96}, {time.Hour, 96}} {
		require.Equal(t, c.want, p.limit(now.Add(c.after)), "%s after the throttle", c.after)
	}
	now = now.Add(15 * time.Second)
	require.NoError(t, p.wait(t.Context()))
	require.Equal(t, rate.Limit(72), p.limiter.Limit(), "whoever waits finds the rate of now")
	p.slower(now)
	require.Equal(t, rate.Limit(36), p.limiter.Limit(), "half of what the rate had come back to")
	for i := range 20 {
		p.slower(now.Add(time.Duration(i+1) * time.Second))
	}
	require.Positive(t, p.limiter.Limit(), "never to nothing")
	now = now.Add(20*time.Second + recovery)
	require.NoError(t, p.wait(t.Context()))
	require.Equal(t, rate.Limit(96), p.limiter.Limit())
}

// TestASweepDoesNotBeginWithAWholeBurst: the sweep before may have sent until the instant at which this one begins.
func TestASweepDoesNotBeginWithAWholeBurst(t *testing.T) {
	for burst, atOnce := range map[int]int{1: 0, 2: 1, 5: 2} {
		synctest.Test(t, func(t *testing.T) {
			p, began := newPace(10, burst, time.Now), time.Now()
			for i := range 8 {
				require.NoError(t, p.wait(t.Context()))
				waits := time.Duration(max(i+1-atOnce, 0)) * 100 * time.Millisecond
				require.Equal(t, waits, time.Since(began), "mail %d of a burst of %d", i, burst)
			}
		})
	}
}

// TestTheGroupsTogetherStayBelowTheQuota in every second, with what each may send at once.
func TestTheGroupsTogetherStayBelowTheQuota(t *testing.T) {
	for _, c := range []struct {
		perSecond, share, want float64
		groups, burst          int
	}{
		{14, 0.95, 13.3, 1, 1}, {100, 0.95, 95, 1, 2}, {500, 0.95, 475, 1, 12}, {500, 0.95, 118.75, 4, 3},
		{500, 0.5, 250, 1, 125}, {500, 1, 500, 1, 1}, {0, 0.95, 0.95, 1, 1}, {0, 0.95, 0.475, 2, 1}, {-1, 0.95, 0.95, 1, 1},
	} {
		perSecond, burst := Group{Of: c.groups}.rate(store.Quota{PerSecond: c.perSecond}, c.share)
		require.InDelta(t, c.want, perSecond, 1e-9, "%+v", c)
		require.Equal(t, c.burst, burst, "%+v", c)
	}
}

func TestDrainForecast(t *testing.T) {
	require.Zero(t, drain(0, store.Quota{}, 0.95))
	require.Equal(t, 1000*time.Second, drain(950, store.Quota{PerSecond: 1, Per24h: 50_000}, 0.95))
	require.Equal(t, 48*time.Hour, drain(100_000, store.Quota{PerSecond: 14, Per24h: 50_000}, 0.95),
		"the day's quota binds")
	require.Equal(t, 24*time.Hour, drain(1000, store.Quota{PerSecond: 14, Per24h: 50_000, Sent24h: 50_000}, 0.95),
		"used up in one go, it comes back a day later")
	require.Equal(t, 48*time.Hour, drain(50_001, store.Quota{PerSecond: 14, Per24h: 50_000}, 0.95))
	require.Equal(t, 1000*time.Second, drain(950, store.Quota{PerSecond: 1, Per24h: -1}, 0.95), "no daily quota")
	require.Equal(t, 2000*time.Second, drain(1000, store.Quota{PerSecond: 1, Per24h: -1}, 0.5), "half of the quota")
}
