package facts

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAHalfIsAHalfYearInUTC(t *testing.T) {
	h, err := ParseHalf("2026-H2")
	require.NoError(t, err)
	require.Equal(t, Half{2026, 2}, h)
	require.Equal(t, "2026-07-01T00:00:00Z", h.Start().Format(time.RFC3339))
	require.Equal(t, "2027-01-01T00:00:00Z", h.End().Format(time.RFC3339))
	require.Equal(t, "2026-12-31", h.LastDay())
	require.Equal(t, "2026-H1", h.Previous().String())
	require.Equal(t, "2027-H1", h.Next().String())
	require.Equal(t, "2025-H2", Half{2026, 1}.Previous().String())
	require.Equal(t, "2027-01-15T06:00:00Z", h.FreezeAt().Format(time.RFC3339))

	tokyo := time.FixedZone("Tokyo", 9*3600)
	require.Equal(t, Half{2026, 1}, HalfOf(time.Date(2026, 7, 1, 8, 59, 59, 0, tokyo)), "still June in UTC")
	require.True(t, h.Holds(time.Date(2026, 7, 1, 9, 0, 0, 0, tokyo)))
	for _, bad := range []string{"", "2026", "2026-H3", "2026-h1", "26-H1", "2026-H1x", " 2026-H1"} {
		_, err := ParseHalf(bad)
		require.Error(t, err, bad)
	}
}
