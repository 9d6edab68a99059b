package dispatch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
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
