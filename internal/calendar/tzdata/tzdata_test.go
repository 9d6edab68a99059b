package tzdata_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar/tzdata"
)

func TestEveryZoneOfTheReleaseLoads(t *testing.T) {
	require.Regexp(t, `^20\d\d[a-z]+$`, tzdata.Version())
	names := tzdata.Names()
	require.Greater(t, len(names), 590)
	for _, name := range names {
		loc, err := tzdata.Load(name)
		require.NoError(t, err)
		require.Equal(t, name, loc.String())
		require.Contains(t, names, tzdata.Canonical(name))
	}
}

func TestALinkHasTheRulesOfItsZone(t *testing.T) {
	old, err := tzdata.Load("US/Pacific")
	require.NoError(t, err)
	zone, err := tzdata.Load(tzdata.Canonical("US/Pacific"))
	require.NoError(t, err)
	require.Equal(t, "America/Los_Angeles", zone.String())
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, at.In(zone).Hour(), at.In(old).Hour())
	require.Equal(t, "Europe/Berlin", tzdata.Canonical("Europe/Berlin"))
}

func TestWhatIsNoZone(t *testing.T) {
	for _, name := range []string{"", "Local", "UTC+3", "+02:00", "america/new_york", "../VERSION", "Europe",
		"Mars/Olympus"} {
		_, err := tzdata.Load(name)
		require.ErrorContains(t, err, "load time zone", name)
	}
}

func TestZonesOfACountry(t *testing.T) {
	require.Equal(t, []string{"Asia/Tokyo"}, tzdata.ZonesOf("JP"))
	require.Len(t, tzdata.ZonesOf("US"), 29)
	require.Nil(t, tzdata.ZonesOf("ZZ"))
	require.Nil(t, tzdata.ZonesOf("us"))
	tzdata.ZonesOf("JP")[0] = "changed"
	require.Equal(t, []string{"Asia/Tokyo"}, tzdata.ZonesOf("JP"), "a caller cannot change the table")
}

func TestTheMachinesZoneFilesAreNotRead(t *testing.T) { // E43
	// A machine whose Santiago lies in the wrong place; time.LoadLocation would believe it.
	wrong := t.TempDir()
	utc, err := os.ReadFile("testdata/UTC")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(wrong, "America"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(wrong, "America", "Santiago"), utc, 0o600))
	t.Setenv("ZONEINFO", wrong)

	loc, err := tzdata.Load("America/Santiago")
	require.NoError(t, err)
	_, offset := time.Date(2026, 9, 6, 4, 0, 0, 0, time.UTC).In(loc).Zone()
	require.Equal(t, -3*60*60, offset)
}
