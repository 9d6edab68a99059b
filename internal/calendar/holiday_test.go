package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/calendar/holidays"
	"lapse/internal/calendar/tzdata"
	"lapse/internal/matter"
)

// rolledDays is by how many days a computed end moves whose strict last day is the given one: a period of one day from
// the day before.
func rolledDays(t require.TestingT, country, region string, last matter.Date) int {
	o := matter.PostedOrder{
		Issuer: matter.Issuer{Country: country, Region: region}, SignedOn: last.AddDays(-1), End: period(1, "days", "signed"),
	}
	if zones := tzdata.ZonesOf(country); len(zones) > 0 {
		o.Issuer.Zone = zones[0] // holidays do not depend on it, and one zone is read faster than all
	}
	p, _ := calendar.Clean(o, instant(t, "2102-01-01T00:00:00Z"), true)
	r := calendar.Read(p, time.Time{})
	require.Equal(t, r.Rolled, r.Until)
	p.Rolls = false
	require.Equal(t, r.Strict, calendar.Read(p, time.Time{}).Until, "a regime that does not roll")
	return int(r.Rolled.Sub(r.Strict).Round(24*time.Hour) / (24 * time.Hour))
}

func TestComputedPeriodsRollOverHolidays(t *testing.T) {
	for _, row := range []struct {
		name, country, region, last, rolled string
	}{
		{"US: Thanksgiving is a Thursday", "US", "US-NY", "2026-11-26", "2026-11-27"},
		{"US: California keeps the day after Thanksgiving", "US", "US-CA", "2026-11-26", "2026-11-30"},
		{"US: no state is named, so the latest over all states counts", "US", "", "2026-11-26", "2026-11-30"},
		{"US: Independence Day on a Saturday is kept on the Friday", "US", "US-NY", "2026-07-03", "2026-07-06"},
		{"US: a Sunday's holiday is kept on the Monday", "US", "US-NY", "2027-07-04", "2027-07-06"},
		{"US: New Year on a Saturday is kept in the old year", "US", "US-NY", "2027-12-31", "2028-01-03"},
		{"US: an ordinary Wednesday", "US", "US-NY", "2026-11-25", "2026-11-25"},
		{"US: a federal court keeps Columbus Day in a state that does not", "US", "US-TX", "2026-10-12", "2026-10-13"},
		{"US: a day declared a holiday by the President", "US", "US-NY", "2019-12-24", "2019-12-26"},
		{"D.C. keeps Emancipation Day, 16 April", "US", "US-DC", "2026-04-16", "2026-04-17"},
		{"D.C. keeps Emancipation Day on the Friday before a Saturday", "US", "US-DC", "2033-04-15", "2033-04-18"},
		{"Emancipation Day is no holiday in Virginia", "US", "US-VA", "2026-04-16", "2026-04-16"},
		{"Massachusetts keeps Patriots' Day, the third Monday in April", "US", "US-MA", "2026-04-20", "2026-04-21"},
		{"Maine keeps Patriots' Day", "US", "US-ME", "2026-04-18", "2026-04-21"},
		{"Patriots' Day is no holiday in New York", "US", "US-NY", "2026-04-20", "2026-04-20"},
		{"Patriots' Day where no state is named", "US", "", "2026-04-20", "2026-04-21"},
		{"a territory of the United States by the country's code", "US", "US-PR", "2026-01-06", "2026-01-07"},
		{"a territory of the United States by its own code", "PR", "", "2026-01-06", "2026-01-07"},
		{"BR: 20 November, a Friday", "BR", "", "2026-11-20", "2026-11-23"},
		{"BR: 20 November in a state", "BR", "BR-PR", "2026-11-20", "2026-11-23"},
		{"PL: 24 December, a Thursday", "PL", "", "2026-12-24", "2026-12-28"},
		{"RO: 6 January, a Tuesday, and 7 January", "RO", "", "2026-01-06", "2026-01-08"},
		{"RO: 7 January", "RO", "", "2026-01-07", "2026-01-08"},
		{"DE: Good Friday to Easter Monday", "DE", "", "2026-04-03", "2026-04-07"},
		{"DE: Christmas before a weekend", "DE", "", "2026-12-25", "2026-12-28"},
		{"DE: Epiphany in Bavaria", "DE", "DE-BY", "2027-01-06", "2027-01-07"},
		{"DE: Assumption in most towns of Bavaria", "DE", "DE-BY", "2028-08-15", "2028-08-16"},
		{"DE: the Peace Festival of one town of Bavaria", "DE", "DE-BY", "2028-08-08", "2028-08-09"},
		{"DE: no Epiphany in Berlin", "DE", "DE-BE", "2027-01-06", "2027-01-06"},
		{"DE: no state is named, so the latest over all states counts", "DE", "", "2027-01-06", "2027-01-07"},
		{"DE: a state that does not exist counts as not named", "DE", "DE-XX", "2027-01-06", "2027-01-07"},
		{"DE: the bare prefix counts as not named", "DE", "DE-", "2027-01-06", "2027-01-07"},
		{"DE: another country's region counts as not named", "DE", "CH-ZH", "2027-01-06", "2027-01-07"},
		{"DE: lower case", "de", "de-be", "2027-01-06", "2027-01-06"},
		{"CH: Corpus Christi in Lucerne", "CH", "CH-LU", "2026-06-04", "2026-06-05"},
		{"CH: Corpus Christi in some towns of Solothurn", "CH", "CH-SO", "2026-06-04", "2026-06-05"},
		{"CH: none in Zurich", "CH", "CH-ZH", "2026-06-04", "2026-06-04"},
		{"AU: Canberra Day", "AU", "AU-ACT", "2026-03-09", "2026-03-10"},
		{"GB: the Early May bank holiday", "GB", "", "2026-05-04", "2026-05-05"},
		{"NL: King's Day", "NL", "", "2026-04-27", "2026-04-28"},
		{"IE: St Patrick's Day", "IE", "", "2026-03-17", "2026-03-18"},
		{"CA: Canada Day", "CA", "", "2026-07-01", "2026-07-02"},
		{"CA: Easter Monday is a holiday by the Interpretation Act", "CA", "CA-ON", "2026-04-06", "2026-04-07"},
		{"AT: Good Friday counts as a holiday by ZPO section 126", "AT", "", "2026-04-03", "2026-04-07"},
		{"SE: Midsummer Eve counts as a Sunday by Act 1930:173", "SE", "", "2026-06-19", "2026-06-22"},
		{"MX: federal courts do not sit on 21 March", "MX", "", "2028-03-21", "2028-03-22"},
		{"JP: Golden Week from its Saturday", "JP", "", "2026-05-02", "2026-05-07"},
		{"JP: the turn of the year from 29 December", "JP", "", "2026-12-29", "2027-01-04"},
		{"FR: Bastille Day", "FR", "", "2026-07-14", "2026-07-15"},
		{"EG: the weekend is Friday and Saturday, and Sunday counts too", "EG", "", "2026-06-05", "2026-06-08"},
		{"EG: a Sunday", "EG", "", "2026-06-07", "2026-06-08"},
		{"AE: Friday was the weekend until 2021", "AE", "", "2021-06-04", "2021-06-07"},
		{"AE: Friday is a working day since 2022", "AE", "", "2026-06-05", "2026-06-05"},
		{"AE: the moon is sighted a day after the estimate", "AE", "", "2030-02-06", "2030-02-08"},
		{"not every holiday is known: four days on at least", "IN", "", "2036-06-03", "2036-06-07"},
		{"not every holiday is known, and a weekend at the end of a run", "LK", "", "2027-01-01", "2027-01-05"},
		{"the year after the table: four days on", "DE", "", "2101-06-03", "2101-06-07"},
		{"a run of days off into a year that is not known", "CN", "", "2027-01-01", "2027-01-05"},
		{"no country: four days on, from a weekday too", "ZZ", "", "2026-06-03", "2026-06-07"},
		{"no country: four days on from a Saturday", "ZZ", "", "2026-06-06", "2026-06-10"},
		{"no country: a region says nothing", "", "US-NY", "2026-06-03", "2026-06-07"},
	} {
		t.Run(row.name, func(t *testing.T) {
			last := day(t, row.last)
			require.Equal(t, row.rolled, last.AddDays(rolledDays(t, row.country, row.region, last)).String())
		})
	}
}

// For every country, and for every region stated and not stated: the computed end never lies before the first day that
// is no Saturday, no Sunday and no day off of the table.
func TestNoComputedEndLiesBeforeTheOneTheTableGives(t *testing.T) {
	days := func(c *holidays.Calendar, last matter.Date) int {
		n := 0
		for d := last; d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || c.Off(d); d = d.AddDays(1) {
			n++
		}
		return n
	}
	for _, country := range holidays.Countries() {
		for _, c := range holidays.Of(country) {
			for last := day(t, "2026-12-20"); last.Before(day(t, "2027-12-31")); last = last.AddDays(1) {
				if least := days(c, last); least > 2 || c.Off(last) {
					require.GreaterOrEqual(t, rolledDays(t, country, "", last), least, "%s, region not stated, %s: %v",
						country, c.Region, last)
					require.GreaterOrEqual(t, rolledDays(t, country, country+"-"+c.Region, last), least, "%s-%s: %v",
						country, c.Region, last)
				}
			}
		}
	}
}

func TestAnEndHeldForAMissingCalendarSaysSo(t *testing.T) {
	// Nobody lives on Bouvet Island, so its zones are not known either.
	p := matter.Paper{Country: "BV", SignedOn: day(t, "2026-06-01"), End: period(10, "days", "signed"), Rolls: true}
	require.Equal(t, []string{calendar.CodeCountryUnknown, calendar.CodeNoCalendar},
		codes(calendar.Read(p, time.Time{}).Notes))
	p.Country = "JP"
	require.Empty(t, calendar.Read(p, time.Time{}).Notes)
	p.SignedOn = day(t, "2100-06-01")
	require.Equal(t, []string{calendar.CodeNoCalendar}, codes(calendar.Read(p, time.Time{}).Notes), "beyond the table")
	p.Country, p.End = "US", period(1, "years", "signed")
	p.SignedOn = day(t, "2032-02-29")
	require.NotContains(t, codes(calendar.Read(p, time.Time{}).Notes), calendar.CodeNoCalendar)
	p.Country, p.SignedOn, p.Rolls = "BV", day(t, "2026-06-01"), false
	require.NotContains(t, codes(calendar.Read(p, time.Time{}).Notes), calendar.CodeNoCalendar)
	p.Country, p.Rolls, p.End = "JP", true, fixed(t, "until", "2026-06-13")
	r := calendar.Read(p, time.Time{})
	require.Empty(t, r.Notes)
	require.Equal(t, r.Strict, r.Until, "a fixed date never rolls")
}

// Law 3: a region that is not known, or a calendar that nobody has, never shortens.
func TestAnUnknownCalendarIsNeverShorterThanAnother(t *testing.T) {
	for _, country := range []string{"DE", "CH", "AU", "US", "GB"} {
		for d := range 30 {
			p := matter.Paper{
				Country: country, SignedOn: day(t, "2026-03-20").AddDays(4 * d), End: period(1, "weeks", "signed"), Rolls: true,
			}
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

func TestTheReleaseOfTheHolidaysIsNamed(t *testing.T) {
	require.Equal(t, "0.109", calendar.HolidaysVersion())
}
