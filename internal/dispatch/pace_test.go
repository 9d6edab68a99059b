package dispatch

import (
	"testing"
	"time"

	"lapse/internal/store"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

func TestPaceGivesWayAndComesBack(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	p := newPace(100)
	require.Equal(t, rate.Limit(95), p.limiter.Limit(), "the quota minus 5 %")
	p.slower(now)
	p.slower(now.Add(time.Second - 1))
	require.Equal(t, rate.Limit(47.5), p.limiter.Limit(), "one halving a second")
	p.slower(now.Add(time.Second))
	require.Equal(t, rate.Limit(23.75), p.limiter.Limit())
	for i := range 20 {
		p.slower(now.Add(time.Duration(i+2) * time.Second))
	}
	require.Positive(t, p.limiter.Limit(), "never to nothing")
	for range 64 {
		p.faster()
	}
	require.Equal(t, rate.Limit(95), p.limiter.Limit())
}

func TestPaceWithoutAQuota(t *testing.T) {
	require.Equal(t, rate.Limit(0.95), newPace(0).limiter.Limit())
}

func TestDrainForecast(t *testing.T) {
	require.Zero(t, drain(0, store.Quota{}))
	require.Equal(t, 1000*time.Second, drain(950, store.Quota{PerSecond: 1, Per24h: 50_000}))
	require.Equal(t, 48*time.Hour, drain(100_000, store.Quota{PerSecond: 14, Per24h: 50_000}), "the day's quota binds")
	require.Equal(t, 24*time.Hour, drain(1000, store.Quota{PerSecond: 14, Per24h: 50_000, Sent24h: 50_000}),
		"used up in one go, it comes back a day later")
	require.Equal(t, 48*time.Hour, drain(50_001, store.Quota{PerSecond: 14, Per24h: 50_000}))
	require.Equal(t, 1000*time.Second, drain(950, store.Quota{PerSecond: 1, Per24h: -1}), "no daily quota")
}
