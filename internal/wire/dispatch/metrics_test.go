package dispatch

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/config"
	"lapse/internal/dispatch"
	"lapse/internal/wire"
)

// TestAPauseIsCounted whatever its reason, unless an operator chose it.
func TestAPauseIsCounted(t *testing.T) {
	for reason, paused := range map[string]float64{
		"": 0, dispatch.SendingDisabled: 0, "restored_table": 1, "unknown_table": 1, "daily_quota:Throttling": 1,
		"account:ConfigurationSetDoesNotExist": 1, "rejected:MessageRejected": 1,
	} {
		got, written := values(dispatch.Report{Paused: reason})["SendingPaused"]
		require.True(t, written, "0 is written too: what is not written is no sign of health")
		require.Equal(t, paused, got, reason)
	}
}

// TestOrphansAreCountedOnceTheyAreAnAlarm: younger ones are normal.
func TestOrphansAreCountedOnceTheyAreAnAlarm(t *testing.T) {
	require.EqualValues(t, 2, values(dispatch.Report{Orphans: 5, OrphanAlarms: 2})["RowsOrphaned"])
}

// TestAHealthyDrainIsNoStuckNotice: the quota alone makes what waits late, and the forecast says until when.
func TestAHealthyDrainIsNoStuckNotice(t *testing.T) {
	for _, c := range []struct {
		point  string
		report dispatch.Report
		stuck  float64
	}{
		{"time ended before the agenda", dispatch.Report{OldestOverdueSeconds: 7200, AtCapacity: true, Sent: 2000}, 0},
		{"the agenda ended", dispatch.Report{OldestOverdueSeconds: 7200, Sent: 2000}, 7200},
		{"time ended, and nothing was sent", dispatch.Report{OldestOverdueSeconds: 7200, AtCapacity: true}, 7200},
		{"nothing is late", dispatch.Report{}, 0},
	} {
		got := values(c.report)
		require.InDelta(t, c.stuck, got["OldestStuck"], 0, c.point)
		require.InDelta(t, float64(c.report.OldestOverdueSeconds), got["OldestOverdue"], 0, c.point)
	}
}

// TestTheLoadReachesTheSweep: a share that got lost would be the default one.
func TestTheLoadReachesTheSweep(t *testing.T) {
	s := New(wire.Process{Log: slog.New(slog.DiscardHandler)}, Ports{}, config.Dispatch{
		Load: config.Load{Workers: 48, Share: 0.5, Dispatchers: 4}})
	require.Equal(t, 48, s.service.Settings.Workers)
	require.InDelta(t, 0.5, s.service.Settings.Share, 0)
}
