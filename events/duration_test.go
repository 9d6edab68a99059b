package events_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/events"
)

func TestAddDuration(t *testing.T) {
	for _, row := range []struct{ name, from, duration, want string }{
		{"days", "2026-03-01T10:00:00Z", "P90D", "2026-05-30T10:00:00Z"},
		{"a week", "2026-03-01T10:00:00Z", "P1W", "2026-03-08T10:00:00Z"},
		{"years and months by the calendar", "2026-03-01T10:00:00Z", "P1Y2M", "2027-05-01T10:00:00Z"},
		{"the end of a shorter month", "2026-01-31T10:00:00Z", "P1M", "2026-02-28T10:00:00Z"},
		{"29 February and a year", "2028-02-29T10:00:00Z", "P1Y", "2029-02-28T10:00:00Z"},
		{"back from the end of March", "2028-03-31T10:00:00Z", "-P1M", "2028-02-29T10:00:00Z"},
		{"back over a new year", "2026-01-15T10:00:00Z", "-P2M", "2025-11-15T10:00:00Z"},
		{"hours", "2026-03-01T10:00:00Z", "PT3H", "2026-03-01T13:00:00Z"},
		{"minutes are no months", "2026-03-01T10:00:00Z", "P1MT1M", "2026-04-01T10:01:00Z"},
		{"everything", "2026-03-01T10:00:00Z", "P1Y1M1W1DT1H1M1S", "2027-04-09T11:01:01Z"},
		{"a sign", "2026-03-01T10:00:00Z", "-P2DT3H", "2026-02-27T07:00:00Z"},
		{"a plus", "2026-03-01T10:00:00Z", "+PT1S", "2026-03-01T10:00:01Z"},
		{"nothing", "2026-03-01T10:00:00Z", "P0D", "2026-03-01T10:00:00Z"},
		{"a fraction of a second", "2026-03-01T10:00:00Z", "PT0.1S", "2026-03-01T10:00:00.1Z"},
		{"a comma", "2026-03-01T10:00:00Z", "PT1,5H", "2026-03-01T11:30:00Z"},
		{"a negative fraction", "2026-03-01T10:00:00Z", "-PT0.25S", "2026-03-01T09:59:59.75Z"},
		{"half a day", "2026-03-01T10:00:00Z", "P1.5D", "2026-03-02T22:00:00Z"},
		{"half a February", "2026-02-01T00:00:00Z", "P0.5M", "2026-02-15T00:00:00Z"},
		{"many seconds", "2026-03-01T10:00:00Z", "PT31536000000S", "3025-07-02T10:00:00Z"},
		{"an offset becomes UTC", "2026-03-01T00:30:00+01:00", "P1M", "2026-03-28T23:30:00Z"},
	} {
		from, err := time.Parse(time.RFC3339, row.from)
		require.NoError(t, err)
		got, err := events.AddDuration(from, row.duration)
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, got.Format(time.RFC3339Nano), row.name)
	}
}

func TestAddDurationRefuses(t *testing.T) {
	for name, duration := range map[string]string{
		"nothing":                      "",
		"no P":                         "90D",
		"P alone":                      "P",
		"an empty time":                "P1DT",
		"a number without its unit":    "P90",
		"a unit without its number":    "PD",
		"units in another order":       "P1D1M",
		"a unit twice":                 "P1D1D",
		"hours before the T":           "P1H",
		"days after the T":             "PT1D",
		"a fraction before the end":    "P1.5DT1H",
		"a point without digits":       "PT1.S",
		"two points":                   "PT1.2.3S",
		"a sign inside":                "P-1D",
		"small letters":                "p1d",
		"blanks":                       " P1D",
		"text after it":                "P1D!",
		"a number beyond the calendar": "P99999999999999999999D",
		"a result beyond the calendar": "P9000Y",
		"seconds beyond the calendar":  "PT1000000000000S",
		"a result before the calendar": "-P3000Y",
		"a year of many digits":        "P999999999999Y",
	} {
		_, err := events.AddDuration(clock, duration)
		require.Error(t, err, name)
	}
}

func TestAddDurationOfDaysAndSecondsIsTheirSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(0, 100_000).Draw(t, "days")
		seconds := rapid.IntRange(0, 1_000_000).Draw(t, "seconds")
		millis := rapid.IntRange(0, 999).Draw(t, "millis")
		got, err := events.AddDuration(clock, fmt.Sprintf("P%dDT%d.%03dS", days, seconds, millis))
		require.NoError(t, err)
		want := clock.AddDate(0, 0, days).Add(time.Duration(seconds)*time.Second + time.Duration(millis)*time.Millisecond)
		require.Equal(t, want, got)
		back, err := events.AddDuration(got, fmt.Sprintf("-P%dDT%d.%03dS", days, seconds, millis))
		require.NoError(t, err)
		require.Equal(t, clock, back)
	})
}
