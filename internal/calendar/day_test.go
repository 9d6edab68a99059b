package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/calendar"
	"lapse/internal/calendar/tzdata"
	"lapse/internal/matter"
)

func day(t require.TestingT, s string) matter.Date {
	d, err := matter.ParseDate(s)
	require.NoError(t, err)
	return d
}

func zone(t require.TestingT, name string) *time.Location {
	loc, err := calendar.Load(name)
	require.NoError(t, err)
	return loc
}

func instant(t require.TestingT, s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at.UTC()
}

func TestBoundsOfADay(t *testing.T) {
	for _, c := range []struct{ name, day, zone, start, end string }{
		{"an ordinary day", "2026-08-31", "America/Los_Angeles", "2026-08-31T07:00:00Z", "2026-09-01T07:00:00Z"},
		{"a day of 23 hours", "2026-03-08", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"a day of 25 hours", "2026-11-01", "America/Los_Angeles", "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"},
		{"midnight does not exist at its end (Santiago)", "2026-09-05", "America/Santiago", "2026-09-05T04:00:00Z",
			"2026-09-06T04:00:00Z"},
		{"midnight does not exist at its start (Santiago)", "2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z",
			"2026-09-07T03:00:00Z"},
		{"24:00 goes back to 23:00 (Santiago)", "2026-04-04", "America/Santiago", "2026-04-04T03:00:00Z",
			"2026-04-05T04:00:00Z"},
		{"a minute of the next day, then the last hour again (St. John's)", "2006-10-28", "America/St_Johns",
			"2006-10-28T02:30:00Z", "2006-10-29T03:30:00Z"},
		{"and that next day begins with its lone minute", "2006-10-29", "America/St_Johns", "2006-10-29T02:30:00Z",
			"2006-10-30T03:30:00Z"},
		{"a day that was left out (Samoa)", "2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"the day before one that was left out", "2011-12-29", "Pacific/Apia", "2011-12-29T10:00:00Z",
			"2011-12-30T10:00:00Z"},
		{"a day of 48 hours (Kwajalein, eastward over the date line)", "1969-09-30", "Pacific/Kwajalein",
			"1969-09-29T13:00:00Z", "1969-10-01T12:00:00Z"},
		{"the last day of a leap year, beyond the last rule change", "2028-12-31", "America/New_York",
			"2028-12-31T05:00:00Z", "2029-01-01T05:00:00Z"},
		{"the same in the south, in summer time", "2028-12-31", "Australia/Sydney", "2028-12-30T13:00:00Z",
			"2028-12-31T13:00:00Z"},
		{"the day before it", "2028-12-30", "America/New_York", "2028-12-30T05:00:00Z", "2028-12-31T05:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, instant(t, c.start), calendar.StartOfDay(day(t, c.day), zone(t, c.zone)))
			require.Equal(t, instant(t, c.end), calendar.EndOfDay(day(t, c.day), zone(t, c.zone)))
		})
	}
}

func genZone() *rapid.Generator[string] { return rapid.SampledFrom(tzdata.Names()) }

func genDay(from, to int) *rapid.Generator[matter.Date] {
	return rapid.Custom(func(t *rapid.T) matter.Date {
		first := matter.Date{Year: from, Month: time.January, Day: 1}
		return first.AddDays(rapid.IntRange(0, (to-from)*365).Draw(t, "day"))
	})
}

func TestEndOfDayNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, genZone().Draw(t, "zone"))
		d := genDay(1900, 2150).Draw(t, "date")
		end, next := calendar.EndOfDay(d, loc), calendar.EndOfDay(d.AddDays(1), loc)
		require.False(t, next.Before(end), "EndOfDay(%v)=%v, a day later %v", d, end, next)
		require.False(t, calendar.StartOfDay(d.AddDays(1), loc).After(end), "a gap between the days")
	})
}

// The end of a day, checked against the clock on the wall: the last second before it shows the day or an earlier one,
// and no minute of two days from it on does.
func TestEndOfDayIsTheLastInstantOfTheDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, genZone().Draw(t, "zone"))
		d := genDay(1900, 2150).Draw(t, "date")
		end := calendar.EndOfDay(d, loc)
		require.Equal(t, matter.Floor(end), end)
		last := matter.DateOf(end.Add(-time.Second).In(loc))
		require.False(t, d.Before(last), "a second before %v it is %v", end, last)
		for at := end; at.Before(end.Add(48 * time.Hour)); at = at.Add(time.Minute) {
			require.True(t, d.Before(matter.DateOf(at.In(loc))), "at %v it is still %v", at, d)
		}
	})
}

func TestStartOfDayIsTheFirstInstantOfTheDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, genZone().Draw(t, "zone"))
		d := genDay(1900, 2150).Draw(t, "date")
		start := calendar.StartOfDay(d, loc)
		require.Equal(t, matter.Floor(start), start)
		require.False(t, matter.DateOf(start.In(loc)).Before(d))
		for at := start.Add(-48 * time.Hour); at.Before(start); at = at.Add(time.Minute) {
			require.True(t, matter.DateOf(at.In(loc)).Before(d), "at %v it is already %v", at, d)
		}
		require.True(t, matter.DateOf(start.Add(-time.Second).In(loc)).Before(d))
	})
}
