package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// The last day falls on a day off; the period of one day from the day before ends on it.
func TestComputedPeriodsRollOverHolidays(t *testing.T) {
	for _, c := range []struct {
		name, country, region, last, rolled string
	}{
		{"US: Thanksgiving is a Thursday", "US", "", "2026-11-26", "2026-11-27"},
		{"US: Independence Day on a Saturday is kept on the Friday", "US", "", "2026-07-03", "2026-07-06"},
		{"US: a Sunday's holiday is kept on the Monday", "US", "", "2027-07-04", "2027-07-06"},
		{"US: New Year on a Saturday is kept in the old year", "US", "", "2027-12-31", "2028-01-03"},
		{"US: an ordinary Wednesday", "US", "", "2026-11-25", "2026-11-25"},
		{"US: a state without a calendar has the federal one", "US", "US-CA", "2026-11-26", "2026-11-27"},
		{"DE: Good Friday to Easter Monday", "DE", "", "2026-04-03", "2026-04-07"},
		{"DE: Christmas before a weekend", "DE", "", "2026-12-25", "2026-12-28"},
		{"DE: Epiphany in Bavaria", "DE", "DE-BY", "2027-01-06", "2027-01-07"},
		{"DE: no Epiphany in Berlin", "DE", "DE-BE", "2027-01-06", "2027-01-06"},
		{"DE: no state is named, so every state's count", "DE", "", "2027-01-06", "2027-01-07"},
		{"DE: a state that does not exist counts as not named", "DE", "DE-XX", "2027-01-06", "2027-01-07"},
		{"DE: another country's region counts as not named", "DE", "CH-ZH", "2027-01-06", "2027-01-07"},
		{"DE: lower case", "de", "de-be", "2027-01-06", "2027-01-06"},
		{"CH: Corpus Christi in Lucerne", "CH", "CH-LU", "2026-06-04", "2026-06-05"},
		{"CH: none in Zurich", "CH", "CH-ZH", "2026-06-04", "2026-06-04"},
		{"AU: Canberra Day", "AU", "AU-ACT", "2026-03-09", "2026-03-10"},
		{"GB: the Early May bank holiday", "GB", "", "2026-05-04", "2026-05-05"},
		{"NL: King's Day", "NL", "", "2026-04-27", "2026-04-28"},
		{"IE: St Patrick's Day", "IE", "", "2026-03-17", "2026-03-18"},
		{"CA: Canada Day", "CA", "", "2026-07-01", "2026-07-02"},
		{"JP: Golden Week from its Saturday", "JP", "", "2026-05-02", "2026-05-07"},
		{"FR: Bastille Day", "FR", "", "2026-07-14", "2026-07-15"},
		{"no calendar: four days on, from a weekday too", "IN", "", "2026-06-03", "2026-06-07"},
		{"no calendar: four days on from a Saturday", "IN", "", "2026-06-06", "2026-06-10"},
		{"no country: four days on", "ZZ", "", "2026-06-03", "2026-06-07"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := matter.PostedOrder{
				Issuer: matter.Issuer{Country: c.country, Region: c.region}, SignedOn: day(t, c.last).AddDays(-1), End: period(1, "days", "signed"),
			}
			p, _ := calendar.Clean(o, instant(t, "2030-01-01T00:00:00Z"), true)
			r := calendar.Read(p, time.Time{})
			days := int(r.Rolled.Sub(r.Strict).Round(24*time.Hour) / (24 * time.Hour))
			require.Equal(t, c.rolled, day(t, c.last).AddDays(days).String())
			require.Equal(t, r.Rolled, r.Until)
			p.Rolls = false
			require.Equal(t, r.Strict, calendar.Read(p, time.Time{}).Until, "a regime that does not roll")
		})
	}
}

func TestAnEndHeldForAMissingCalendarSaysSo(t *testing.T) {
	p := matter.Paper{Country: "IN", SignedOn: day(t, "2026-06-01"), End: period(10, "days", "signed"), Rolls: true}
	require.Equal(t, []string{calendar.CodeNoCalendar}, codes(calendar.Read(p, time.Time{}).Notes))
	p.Country = "JP"
	require.Empty(t, calendar.Read(p, time.Time{}).Notes)
	p.Country, p.Rolls = "IN", false
	require.Empty(t, calendar.Read(p, time.Time{}).Notes)
	p.Rolls, p.End = true, fixed(t, "until", "2026-06-13")
	r := calendar.Read(p, time.Time{})
	require.Empty(t, r.Notes)
	require.Equal(t, r.Strict, r.Until, "a fixed date never rolls")
}

// Law 3: a region that is not known, or a calendar that nobody has, never shortens.
func TestAnUnknownCalendarIsNeverShorterThanAnother(t *testing.T) {
	for _, country := range []string{"DE", "CH", "AU", "US", "GB"} {
		for d := range 30 {
			p := matter.Paper{Country: country, SignedOn: day(t, "2026-03-20").AddDays(4 * d), End: period(1, "weeks", "signed"), Rolls: true}
			whole := calendar.Read(p, time.Time{}).Until
			for _, region := range []string{"BY", "BE", "ZH", "TI", "NSW", "CA", ""} {
				p.Holidays = country + "-" + region
				require.False(t, calendar.Read(p, time.Time{}).Until.After(whole), "%v", p)
			}
			p.Holidays = "nonsense"
			require.Equal(t, whole, calendar.Read(p, time.Time{}).Until)
		}
	}
}
