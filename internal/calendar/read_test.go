package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// codes are the notes' codes, in order.
func codes(notes []calendar.Note) []string {
	var list []string
	for _, n := range notes {
		list = append(list, n.Code)
	}
	return list
}

func fixed(t require.TestingT, wording, date string) matter.End {
	return matter.End{Kind: matter.EndDate, Date: day(t, date), Wording: wording}
}

func period(n int, unit, from string) matter.End {
	return matter.End{Kind: matter.EndPeriod, N: n, Unit: unit, From: from}
}

// The vectors T1-T14: each day's end was computed beforehand, with Python and with Go.
func TestVectors(t *testing.T) {
	us := func(zone string) matter.Paper { return matter.Paper{Country: "US", Zone: zone, Rolls: true} }
	abroad := func(country, zone string) matter.Paper { return matter.Paper{Country: country, Zone: zone} }
	rolling := func(p matter.Paper) matter.Paper { p.Rolls = true; return p }
	for _, c := range []struct {
		name                  string
		paper                 matter.Paper
		signed                string
		end                   matter.End
		strict, rolled, until string
	}{
		{"T1 D.D.C., through a day after summer time began", us("America/New_York"), "", fixed(t, "through", "2026-03-09"),
			"2026-03-10T04:00:00Z", "2026-03-10T04:00:00Z", "2026-03-10T04:00:00Z"},
		{"T2 N.D. Cal., until the day that summer time ends, a Sunday: a fixed date never rolls", us("America/Los_Angeles"), "", fixed(t, "until", "2026-11-01"),
			"2026-11-02T08:00:00Z", "2026-11-02T08:00:00Z", "2026-11-02T08:00:00Z"},
		{"T3 90 days from 2023-12-01, New York", us("America/New_York"), "2023-12-01", period(90, "days", "signed"),
			"2024-03-01T05:00:00Z", "2024-03-01T05:00:00Z", "2024-03-01T05:00:00Z"},
		{"T4 one year from 29 February, New York: Friday 28 February, or Saturday 1 March and so Monday", us("America/New_York"), "2024-02-29", period(1, "years", "signed"),
			"2025-03-01T05:00:00Z", "2025-03-01T05:00:00Z", "2025-03-04T05:00:00Z"},
		{"T4 the same where nothing rolls", abroad("US", "America/New_York"), "2024-02-29", period(1, "years", "signed"),
			"2025-03-01T05:00:00Z", "2025-03-01T05:00:00Z", "2025-03-02T05:00:00Z"},
		{"T5 90 days from 2026-05-24, Chicago: a Saturday, or the Monday after", us("America/Chicago"), "2026-05-24", period(90, "days", "signed"),
			"2026-08-23T05:00:00Z", "2026-08-25T05:00:00Z", "2026-08-25T05:00:00Z"},
		{"T6 StPO, six months from 2025-08-31, Berlin: Saturday 28 February, or Monday 2 March", rolling(abroad("DE", "Europe/Berlin")), "2025-08-31", period(6, "months", "signed"),
			"2026-02-28T23:00:00Z", "2026-03-02T23:00:00Z", "2026-03-02T23:00:00Z"},
		{"T7 London, through the day that summer time begins", abroad("GB", "Europe/London"), "", fixed(t, "through", "2026-03-29"),
			"2026-03-29T23:00:00Z", "2026-03-29T23:00:00Z", "2026-03-29T23:00:00Z"},
		{"T8 Santiago, midnight does not exist", abroad("CL", "America/Santiago"), "", fixed(t, "through", "2026-09-05"),
			"2026-09-06T04:00:00Z", "2026-09-06T04:00:00Z", "2026-09-06T04:00:00Z"},
		{"T9 Cairo, midnight does not exist", abroad("EG", "Africa/Cairo"), "", fixed(t, "through", "2026-04-23"),
			"2026-04-23T22:00:00Z", "2026-04-23T22:00:00Z", "2026-04-23T22:00:00Z"},
		{"T10 Beirut, midnight does not exist", abroad("LB", "Asia/Beirut"), "", fixed(t, "through", "2026-03-28"),
			"2026-03-28T22:00:00Z", "2026-03-28T22:00:00Z", "2026-03-28T22:00:00Z"},
		{"T11 W.D. Tex., Austin", us("America/Chicago"), "", fixed(t, "through", "2026-06-30"),
			"2026-07-01T05:00:00Z", "2026-07-01T05:00:00Z", "2026-07-01T05:00:00Z"},
		{"T11 W.D. Tex., El Paso", us("America/Denver"), "", fixed(t, "through", "2026-06-30"),
			"2026-07-01T06:00:00Z", "2026-07-01T06:00:00Z", "2026-07-01T06:00:00Z"},
		{"T12 a US court, nobody knows where: Honolulu", us(""), "", fixed(t, "through", "2026-06-30"),
			"2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"},
		{"T13 Japan, one year ending 2027-03-31, Tokyo", abroad("JP", ""), "2026-03-31", period(1, "years", "signed"),
			"2027-03-31T15:00:00Z", "2027-03-31T15:00:00Z", "2027-03-31T15:00:00Z"},
		{"T14 180 days from 29 February: Tuesday 27 August", us("America/New_York"), "2024-02-29", period(180, "days", "signed"),
			"2024-08-28T04:00:00Z", "2024-08-28T04:00:00Z", "2024-08-28T04:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.paper
			p.End = c.end
			if c.signed != "" {
				p.SignedOn = day(t, c.signed)
			}
			r := calendar.Read(p, time.Time{})
			require.Equal(t, instant(t, c.strict), r.Strict, "strict")
			require.Equal(t, instant(t, c.rolled), r.Rolled, "rolled")
			require.Equal(t, instant(t, c.until), r.Until, "until")
			require.True(t, r.From.IsZero())
		})
	}
}

func TestE15TheWholeLastDayIsCovered(t *testing.T) {
	r := calendar.Read(matter.Paper{Country: "US", Zone: "America/New_York", End: fixed(t, "until", "2026-08-31")}, time.Time{})
	require.Equal(t, instant(t, "2026-09-01T04:00:00Z"), r.Until, "the first instant of the next day")
	require.Equal(t, "America/New_York", r.Zone)
	require.Empty(t, r.Notes)
}

func TestE16WordingOfADate(t *testing.T) {
	for _, c := range []struct {
		wording, until string
		notes          []string
	}{
		{"until", "2026-09-01T04:00:00Z", nil},
		{"through", "2026-09-01T04:00:00Z", nil},
		{"before", "2026-08-31T04:00:00Z", nil},
		{"not later than", "2026-09-01T04:00:00Z", []string{calendar.CodeWordingUnknown}},
		{"Before", "2026-09-01T04:00:00Z", []string{calendar.CodeWordingUnknown}},
		{"", "2026-09-01T04:00:00Z", []string{calendar.CodeWordingUnknown}},
	} {
		t.Run("the end is "+c.wording+" a day", func(t *testing.T) {
			r := calendar.Read(matter.Paper{Country: "US", Zone: "America/New_York", End: fixed(t, c.wording, "2026-08-31")}, time.Time{})
			require.Equal(t, instant(t, c.until), r.Until)
			require.Equal(t, c.notes, codes(r.Notes))
		})
	}
}

func TestE17NoZoneIsKnown(t *testing.T) {
	end := fixed(t, "through", "2026-06-30")
	for _, c := range []struct {
		name, country, zone, until, from, used string
		notes                                  []string
	}{
		{"a country with one zone", "DE", "Europe/Berlin", "2026-06-30T22:00:00Z", "2026-01-14T23:00:00Z", "Europe/Berlin", nil},
		{"a country with one zone, not stated", "JP", "", "2026-06-30T15:00:00Z", "2026-01-14T15:00:00Z", "Asia/Tokyo", nil},
		{"a country with many: the latest end, the earliest start", "US", "", "2026-07-01T10:00:00Z", "2026-01-15T05:00:00Z", "", []string{calendar.CodeNoZone}},
		{"an unknown country: both edges of the world", "ZZ", "", "2026-07-01T12:00:00Z", "2026-01-14T10:00:00Z", "", []string{calendar.CodeCountryUnknown}},
		{"a country without zones", "BV", "", "2026-07-01T12:00:00Z", "2026-01-14T10:00:00Z", "", []string{calendar.CodeCountryUnknown}},
		{"no country at all", "", "", "2026-07-01T12:00:00Z", "2026-01-14T10:00:00Z", "", []string{calendar.CodeCountryUnknown}},
		{"an unknown country with a zone: both readings", "ZZ", "Europe/Berlin", "2026-07-01T12:00:00Z", "2026-01-14T10:00:00Z", "", []string{calendar.CodeZoneNotOfCountry, calendar.CodeCountryUnknown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := calendar.Read(matter.Paper{Country: c.country, Zone: c.zone, StartsOn: day(t, "2026-01-15"), End: end}, time.Time{})
			require.Equal(t, instant(t, c.until), r.Until)
			require.Equal(t, instant(t, c.from), r.From)
			require.Equal(t, c.used, r.Zone)
			require.Equal(t, c.notes, codes(r.Notes))
		})
	}
}

func TestE18ADistrictWithTwoZones(t *testing.T) {
	end := fixed(t, "through", "2026-06-30")
	until := func(zone string) time.Time {
		return calendar.Read(matter.Paper{Country: "US", Zone: zone, End: end}, time.Time{}).Until
	}
	austin, elPaso := until("America/Chicago"), until("America/Denver")
	require.True(t, austin.Before(elPaso), "each courthouse has its own")
	require.False(t, until("").Before(elPaso), "unknown courthouse: never earlier than the later")
}

func TestWhichZonesAreBelieved(t *testing.T) {
	const ofNewYork, ofHonolulu = "2026-07-01T04:00:00Z", "2026-07-01T10:00:00Z"
	unbelieved, unknown := []string{calendar.CodeZoneNotOfCountry}, []string{calendar.CodeZoneUnknown}
	for _, c := range []struct {
		name, country, zone, until, used string
		notes                            []string
	}{
		{"one of the country's", "US", "America/New_York", ofNewYork, "America/New_York", nil},
		{"an old name", "US", "US/Eastern", ofNewYork, "America/New_York", nil},
		{"an old name without a region", "US", "Navajo", "2026-07-01T06:00:00Z", "America/Denver", nil},
		{"an old name whose zone serves several countries", "IS", "Iceland", "2026-07-01T00:00:00Z", "Atlantic/Reykjavik", nil},
		{"one of a territory's", "US", "Pacific/Guam", "2026-06-30T14:00:00Z", "Pacific/Guam", nil},
		{"an old name of a territory's", "US", "US/Samoa", "2026-07-01T11:00:00Z", "Pacific/Pago_Pago", nil},
		{"a territory's under the crown", "GB", "Atlantic/Bermuda", "2026-07-01T03:00:00Z", "Atlantic/Bermuda", nil},
		{"another country's, earlier", "US", "Europe/Berlin", ofHonolulu, "", unbelieved},
		{"another country's, later", "DE", "America/New_York", ofNewYork, "", unbelieved},
		{"another country's with a territory's rules", "US", "America/Antigua", ofHonolulu, "", unbelieved},
		{"an offset with a name, earlier", "US", "UTC", ofHonolulu, "", unbelieved},
		{"an offset with a name, later", "US", "Etc/GMT+12", "2026-07-01T12:00:00Z", "", unbelieved},
		{"an abbreviation that has summer time", "US", "EST5EDT", ofHonolulu, "", unbelieved},
		{"an abbreviation that links to a place abroad", "US", "EST", ofHonolulu, "", unbelieved},
		{"an abbreviation that links to one of the country's", "US", "MST", ofHonolulu, "", unbelieved},
		{"an abbreviation in Europe", "BE", "CET", "2026-06-30T22:00:00Z", "", unbelieved},
		{"Local", "US", "Local", ofHonolulu, "", unknown},
		{"a bare offset", "US", "UTC+3", ofHonolulu, "", unknown},
		{"a bare offset of ISO 8601", "US", "+02:00", ofHonolulu, "", unknown},
		{"a name in other letters", "US", "america/new_york", ofHonolulu, "", unknown},
		{"a path", "US", "../../etc/localtime", ofHonolulu, "", unknown},
		{"nonsense, and one candidate all the same", "JP", "Nowhere", "2026-06-30T15:00:00Z", "Asia/Tokyo", unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := calendar.Read(matter.Paper{Country: c.country, Zone: c.zone, End: fixed(t, "until", "2026-06-30")}, time.Time{})
			require.Equal(t, instant(t, c.until), r.Until)
			require.Equal(t, c.used, r.Zone)
			require.Equal(t, c.notes, codes(r.Notes))
		})
	}
}

func TestE19MidnightDoesNotExist(t *testing.T) {
	santiago := zone(t, "America/Santiago")
	naive := time.Date(2026, 9, 6, 0, 0, 0, 0, santiago)
	require.Equal(t, time.Hour, calendar.EndOfDay(day(t, "2026-09-05"), santiago).Sub(naive), "time.Date is an hour early")
}

func TestE20DaysAreCalendarDays(t *testing.T) {
	p := matter.Paper{Country: "US", Zone: "America/New_York", SignedOn: day(t, "2026-03-01"), End: period(30, "days", "signed")}
	r := calendar.Read(p, time.Time{})
	require.Equal(t, instant(t, "2026-04-01T04:00:00Z"), r.Strict, "the last day is 31 March, by summer time")
	start := calendar.StartOfDay(p.SignedOn, zone(t, p.Zone))
	require.NotEqual(t, 31*24*time.Hour, r.Strict.Sub(start), "not 31 times 24 hours")
}

func TestE21E22E24LastDays(t *testing.T) {
	for _, c := range []struct {
		name, from    string
		n             int
		unit          string
		strict, until string
	}{
		{"E21 a leap day and a year", "2024-02-29", 1, "years", "2025-02-28", "2025-03-01"},
		{"E21 a leap day and twelve months are a year", "2024-02-29", 12, "months", "2025-02-28", "2025-03-01"},
		{"E21 a leap day and four years", "2024-02-29", 4, "years", "2028-02-29", "2028-02-29"},
		{"E21 a leap day and a month", "2024-02-29", 1, "months", "2024-03-29", "2024-03-29"},
		{"E22 six months from the end of August", "2025-08-31", 6, "months", "2026-02-28", "2026-02-28"},
		{"E22 the same before a leap year's February", "2027-08-31", 6, "months", "2028-02-29", "2028-02-29"},
		{"E22 a month from the end of March", "2026-03-31", 1, "months", "2026-04-30", "2026-04-30"},
		{"E22 months over the end of a year", "2026-11-15", 3, "months", "2027-02-15", "2027-02-15"},
		{"E24 180 days", "2026-01-15", 180, "days", "2026-07-14", "2026-07-14"},
		{"E24 six months are not 180 days", "2026-01-15", 6, "months", "2026-07-15", "2026-07-15"},
		{"weeks are seven days", "2026-01-15", 2, "weeks", "2026-01-29", "2026-01-29"},
		{"one day: the day itself is not counted", "2026-01-15", 1, "days", "2026-01-16", "2026-01-16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := matter.Paper{Country: "JP", SignedOn: day(t, c.from), End: period(c.n, c.unit, "signed")}
			r := calendar.Read(p, time.Time{})
			require.Equal(t, calendar.EndOfDay(day(t, c.strict), zone(t, "Asia/Tokyo")), r.Strict)
			require.Equal(t, calendar.EndOfDay(day(t, c.until), zone(t, "Asia/Tokyo")), r.Until)
			require.Equal(t, c.strict != c.until, len(r.Notes) == 1, "two readings are noted: %v", r.Notes)
		})
	}
}

func TestE22RollsOverTheWeekend(t *testing.T) {
	p := matter.Paper{Country: "DE", SignedOn: day(t, "2025-08-31"), End: period(6, "months", "signed"), Rolls: true}
	r := calendar.Read(p, time.Time{})
	require.Equal(t, instant(t, "2026-02-28T23:00:00Z"), r.Strict)
	require.Equal(t, instant(t, "2026-03-02T23:00:00Z"), r.Rolled)
	p.SignedOn = day(t, "2025-09-01")
	require.Equal(t, instant(t, "2026-03-02T23:00:00Z"), calendar.Read(p, time.Time{}).Until, "a Sunday rolls to the same Monday")
	p.End = fixed(t, "until", "2026-02-28")
	require.Equal(t, instant(t, "2026-02-28T23:00:00Z"), calendar.Read(p, time.Time{}).Rolled, "a fixed date never rolls")
}

func TestE23TheTriggerIsMissing(t *testing.T) {
	signed := matter.Paper{Country: "JP", SignedOn: day(t, "2026-01-15"), End: period(90, "days", "served")}
	r := calendar.Read(signed, time.Time{})
	require.True(t, r.Until.IsZero(), "the signing is not put in the place of the service")
	require.Equal(t, []string{calendar.CodeTriggerMissing}, codes(r.Notes))
}

func TestAPeriodFromTheDisclosure(t *testing.T) {
	p := matter.Paper{Country: "US", Zone: "America/Los_Angeles", End: period(10, "days", "disclosed")}
	before := calendar.Read(p, time.Time{})
	require.True(t, before.Until.IsZero(), "no disclosure, no end")
	require.Equal(t, []string{calendar.CodeAwaitsDisclosure}, codes(before.Notes))

	evening := instant(t, "2026-03-03T03:00:00Z") // still 2 March in Los Angeles
	require.Equal(t, instant(t, "2026-03-13T07:00:00Z"), calendar.Read(p, evening).Until)
	p.Zone = ""
	require.Equal(t, instant(t, "2026-03-13T10:00:00Z"), calendar.Read(p, evening).Until, "each place counts from its own date")

	noon := instant(t, "2026-03-10T12:00:00Z") // 11 March on Norfolk Island, whose summer time ends in April
	p = matter.Paper{Country: "NF", Zone: "Pacific/Norfolk", End: period(2, "months", "disclosed")}
	require.Equal(t, instant(t, "2026-05-11T13:00:00Z"), calendar.Read(p, noon).Until)
	p.Country, p.Zone = "ZZ", ""
	require.Equal(t, instant(t, "2026-05-12T12:00:00Z"), calendar.Read(p, noon).Until, "nowhere on Earth it ends later")
}

func TestE44AnEndIsRecomputedFromTheLocalDate(t *testing.T) {
	o := matter.PostedOrder{Issuer: matter.Issuer{Country: "US", Zone: "America/New_York"}, End: fixed(t, "until", "2026-08-31")}
	p, notes := calendar.Clean(o, instant(t, "2026-03-01T00:00:00Z"), true)
	require.Empty(t, notes)
	require.Equal(t, matter.Paper{Country: "US", Zone: "America/New_York", End: fixed(t, "until", "2026-08-31"), Rolls: true}, p,
		"what is kept is the date, the wording and the zone, no instant")

	// A law that abolishes summer time before the end moves the end of the same recorded day by an hour.
	abolished := time.FixedZone("EST", -5*60*60)
	require.Equal(t, time.Hour, calendar.EndOfDay(p.End.Date, abolished).Sub(calendar.EndOfDay(p.End.Date, zone(t, p.Zone))))
}

func TestE43TheReleaseIsNamedAndEmbedded(t *testing.T) {
	require.Equal(t, "2026f", calendar.Version())
	_, err := calendar.Load("America/New_York")
	require.NoError(t, err)
	_, err = calendar.Load("Local")
	require.Error(t, err)
}

func BenchmarkReadOverAllZonesOfTheUnitedStates(b *testing.B) {
	p := matter.Paper{Country: "US", SignedOn: day(b, "2026-05-24"), StartsOn: day(b, "2026-05-25"), End: period(90, "days", "signed"), Rolls: true}
	for b.Loop() {
		calendar.Read(p, time.Time{})
	}
}
