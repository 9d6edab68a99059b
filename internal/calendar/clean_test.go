package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// order is a paper of a Tokyo court with the dates given, "" for none.
func order(t require.TestingT, signed, served, starts string, end matter.End) matter.PostedOrder {
	o := matter.PostedOrder{Issuer: matter.Issuer{Country: "JP", Zone: "Asia/Tokyo"}, End: end}
	for field, text := range map[*matter.Date]string{&o.SignedOn: signed, &o.ServedOn: served, &o.StartsOn: starts} {
		if text != "" {
			*field = day(t, text)
		}
	}
	return o
}

func TestCleanAndRead(t *testing.T) {
	const aug31 = "2026-08-31T15:00:00Z" // the end of the day in Tokyo
	now := instant(t, "2026-03-10T12:00:00Z")
	until, before := fixed(t, "until", "2026-08-31"), fixed(t, "before", "2026-08-31")
	for _, c := range []struct {
		name        string
		order       matter.PostedOrder
		from, until string // "" for the beginning, and for no known end
		notes       []string
	}{
		{"nothing unsure", order(t, "2026-03-01", "2026-03-02", "2026-03-03", until), "2026-03-02T15:00:00Z", aug31, nil},
		{"signed today", order(t, "2026-03-10", "", "", period(1, "days", "signed")), "", "2026-03-11T15:00:00Z", nil},
		{"signed tomorrow: the period has no trigger", order(t, "2026-03-11", "", "", period(1, "days", "signed")), "",
			"", []string{calendar.CodeDateAhead, calendar.CodeTriggerMissing}},
		{"signed tomorrow: a fixed end stands", order(t, "2026-03-11", "", "", until), "", aug31, []string{calendar.CodeDateAhead}},
		{"signed tomorrow, served today: neither is believed", order(t, "2026-03-11", "2026-03-10", "", period(9, "days", "served")), "",
			"", []string{calendar.CodeServedBeforeSigned, calendar.CodeTriggerMissing}},
		{"served tomorrow", order(t, "2026-03-01", "2026-03-11", "", period(9, "days", "served")), "",
			"", []string{calendar.CodeDateAhead, calendar.CodeTriggerMissing}},
		{"signed after the end, though ahead of the clock", order(t, "2026-09-02", "", "", until), "",
			"", []string{calendar.CodeEndBeforeSigning, calendar.CodeDateAhead}},
		{"signed a thousand years ago", order(t, "1026-03-01", "", "", period(90, "days", "signed")), "",
			"", []string{calendar.CodeDateAbsurd, calendar.CodeTriggerMissing}},
		{"served before signed, period from service", order(t, "2026-03-05", "2026-03-01", "", period(9, "days", "served")), "",
			"", []string{calendar.CodeServedBeforeSigned, calendar.CodeTriggerMissing}},
		{"served before signed, period from signing", order(t, "2026-03-05", "2026-03-01", "", period(9, "days", "signed")), "",
			"", []string{calendar.CodeServedBeforeSigned, calendar.CodeTriggerMissing}},
		{"served before signed, a fixed end stands", order(t, "2026-03-05", "2026-03-01", "", until), "", aug31, []string{calendar.CodeServedBeforeSigned}},
		{"a start ahead is legitimate", order(t, "", "", "2026-06-01", until), "2026-05-31T15:00:00Z", aug31, nil},
		{"a start on the last day", order(t, "", "", "2026-08-31", until), "2026-08-30T15:00:00Z", aug31, nil},
		{"an end before the day of the start: neither is believed", order(t, "", "", "2026-08-31", before), "", "", []string{calendar.CodeEndBeforeStart}},
		{"an end long before the start", order(t, "", "", "2026-12-01", until), "", "", []string{calendar.CodeEndBeforeStart}},
		{"a start in a thousand years", order(t, "", "", "3026-01-01", matter.End{Kind: matter.EndNone}), "", "", []string{calendar.CodeDateAbsurd}},
		{"a start in a thousand years and an end", order(t, "", "", "3026-01-01", until), "", "", []string{calendar.CodeEndBeforeStart}},
		{"a start in six years", order(t, "", "", "2032-03-11", matter.End{Kind: matter.EndNone}), "", "", []string{calendar.CodeStartFar}},
		{"a start a thousand years ago", order(t, "", "", "1026-01-01", until), "", aug31, []string{calendar.CodeDateAbsurd}},
		{"an end on the day of the signing", order(t, "2026-03-01", "", "", fixed(t, "until", "2026-03-01")), "", "2026-03-01T15:00:00Z", nil},
		{"an end before the day of the signing", order(t, "2026-03-01", "", "", fixed(t, "before", "2026-03-01")), "", "", []string{calendar.CodeEndBeforeSigning}},
		{"an instant", order(t, "2026-03-01", "", "", matter.End{Kind: matter.EndInstant, At: instant(t, "2026-05-01T10:00:00Z")}), "", "2026-05-01T10:00:00Z", nil},
		{"an instant before the signing", order(t, "2026-03-01", "", "", matter.End{Kind: matter.EndInstant, At: instant(t, "2026-02-01T10:00:00Z")}), "",
			"", []string{calendar.CodeEndBeforeSigning}},
		{"an instant before the start and the signing", order(t, "2026-03-01", "", "2026-03-01", matter.End{Kind: matter.EndInstant, At: instant(t, "2026-02-01T10:00:00Z")}), "",
			"", []string{calendar.CodeEndBeforeStart, calendar.CodeEndBeforeSigning}},
		{"an end that is past already", order(t, "2026-01-01", "", "", fixed(t, "until", "2026-02-01")), "", "2026-02-01T15:00:00Z", nil},
		{"an event", order(t, "", "", "2026-03-01", matter.End{Kind: matter.EndEvent, Text: "until indictment"}), "2026-02-28T15:00:00Z", "", nil},
		{"none", order(t, "", "", "", matter.End{Kind: matter.EndNone}), "", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, notes := calendar.Clean(c.order, now, false)
			r := calendar.Read(p, time.Time{})
			require.Equal(t, c.notes, append(codes(notes), codes(r.Notes)...))
			require.Equal(t, c.until != "", !r.Until.IsZero(), "until %v", r.Until)
			require.Equal(t, c.from != "", !r.From.IsZero(), "from %v", r.From)
			if c.until != "" {
				require.Equal(t, instant(t, c.until), r.Until)
			}
			if c.from != "" {
				require.Equal(t, instant(t, c.from), r.From)
			}
		})
	}
}

func TestAnEndThatCannotBeRead(t *testing.T) {
	at := func(s string) matter.End { return matter.End{Kind: matter.EndInstant, At: instant(t, s)} }
	for _, c := range []struct {
		name string
		end  matter.End
		code string
	}{
		{"no kind", matter.End{}, calendar.CodeEndUnreadable},
		{"an unknown kind", matter.End{Kind: "soon"}, calendar.CodeEndUnreadable},
		{"a date without a date", matter.End{Kind: matter.EndDate, Wording: "until"}, calendar.CodeEndUnreadable},
		{"a date that is no day", matter.End{Kind: matter.EndDate, Date: matter.Date{Year: 2026, Month: 2, Day: 30}}, calendar.CodeEndAbsurd},
		{"a date a thousand years ago", fixed(t, "until", "1026-08-31"), calendar.CodeEndAbsurd},
		{"a date in a thousand years", fixed(t, "until", "9999-12-31"), calendar.CodeEndAbsurd},
		{"an instant without an instant", matter.End{Kind: matter.EndInstant}, calendar.CodeEndUnreadable},
		{"an instant long ago", at("1026-08-31T00:00:00Z"), calendar.CodeEndAbsurd},
		{"an instant in a thousand years", at("3026-08-31T00:00:00Z"), calendar.CodeEndAbsurd},
		{"no length", period(0, "days", "signed"), calendar.CodeEndAbsurd},
		{"a negative length", period(-1, "years", "signed"), calendar.CodeEndAbsurd},
		{"36,501 days", period(36_501, "days", "signed"), calendar.CodeEndAbsurd},
		{"5,215 weeks", period(5_215, "weeks", "signed"), calendar.CodeEndAbsurd},
		{"1,200 months", period(1_200, "months", "signed"), calendar.CodeEndAbsurd},
		{"100 years", period(100, "years", "signed"), calendar.CodeEndAbsurd},
		{"an unknown unit", period(90, "moons", "signed"), calendar.CodeEndUnreadable},
		{"an unknown trigger", period(90, "days", "read"), calendar.CodeEndUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := calendar.Clean(order(t, "2026-03-01", "", "", c.end), instant(t, "2026-03-10T12:00:00Z"), true)
			r := calendar.Read(p, time.Time{})
			require.True(t, r.Until.IsZero() && r.Strict.IsZero() && r.Rolled.IsZero())
			require.Equal(t, []string{c.code}, codes(r.Notes))
		})
	}
	for _, longest := range []matter.End{
		period(36_500, "days", "signed"), period(5_214, "weeks", "signed"), period(1_199, "months", "signed"), period(99, "years", "signed"),
	} {
		p := matter.Paper{Country: "JP", SignedOn: day(t, "2026-03-01"), End: longest}
		require.False(t, calendar.Read(p, time.Time{}).Until.IsZero(), "%d %s", longest.N, longest.Unit)
	}
}

func TestAheadIsJudgedInEveryPlaceOfTheCountry(t *testing.T) {
	o := matter.PostedOrder{Issuer: matter.Issuer{Country: "us"}, SignedOn: day(t, "2026-03-10"), End: period(9, "days", "signed")}
	p, notes := calendar.Clean(o, instant(t, "2026-03-10T04:00:00Z"), true) // midnight in New York, yesterday in Honolulu
	require.Empty(t, notes)
	require.Equal(t, "US", p.Country)
	_, notes = calendar.Clean(o, instant(t, "2026-03-10T03:59:59Z"), true)
	require.Equal(t, []string{calendar.CodeDateAhead}, codes(notes))

	// In Tokyo the day has long begun, but a zone that is not believed makes no date believed.
	o.Issuer.Zone = "Asia/Tokyo"
	_, notes = calendar.Clean(o, instant(t, "2026-03-10T03:59:59Z"), true)
	require.Equal(t, []string{calendar.CodeDateAhead}, codes(notes))
}

func TestPapersAreComparableAndSmall(t *testing.T) {
	berlin := time.FixedZone("", 2*60*60)
	end := func(at time.Time) matter.End {
		return matter.End{Kind: matter.EndInstant, At: at, Text: "a long story"}
	}
	now := instant(t, "2026-03-10T12:00:00Z")
	one, _ := calendar.Clean(order(t, "", "", "", end(time.Date(2026, 5, 1, 12, 0, 0, 1, berlin))), now, true)
	two, _ := calendar.Clean(order(t, "", "", "", end(time.Date(2026, 5, 1, 10, 0, 1, 0, time.UTC))), now, true)
	require.True(t, one == two, "%v %v", one, two)
	require.Empty(t, one.End.Text)
}

// A signing that is contradicted by the service counts as missing for a period, but an end from a disclosure is still
// held against it.
func TestAnEndFromTheDisclosureBeforeTheSigning(t *testing.T) {
	o := order(t, "2026-03-05", "", "", period(9, "days", "disclosed"))
	disclosed, now := instant(t, "2026-02-01T00:00:00Z"), instant(t, "2026-03-10T12:00:00Z")
	for _, served := range []string{"", "2026-03-06", "2026-03-01"} {
		if served != "" {
			o.ServedOn = day(t, served)
		}
		p, _ := calendar.Clean(o, now, true)
		r := calendar.Read(p, disclosed)
		require.True(t, r.Until.IsZero(), "served %q", served)
		require.Equal(t, []string{calendar.CodeEndBeforeSigning}, codes(r.Notes))
	}
}

// An end that is computed and not believed still shows that the start is wrong: else the date that makes it unbelieved
// would let the order begin later than without that date.
func TestAnEndThatIsNotBelievedStillContradictsTheStart(t *testing.T) {
	now := instant(t, "2026-03-10T12:00:00Z")
	for name, o := range map[string]matter.PostedOrder{
		"a period from the signing, served before it": order(t, "2026-03-05", "2026-03-01", "2026-05-01", period(9, "days", "signed")),
		"a period from the service, before signing":   order(t, "2026-03-05", "2026-03-01", "2026-05-01", period(9, "days", "served")),
		"an end a thousand years ago":                 order(t, "", "", "2026-05-01", fixed(t, "until", "1026-08-31")),
		"an instant a thousand years ago":             order(t, "", "", "2026-05-01", matter.End{Kind: matter.EndInstant, At: instant(t, "1026-08-31T00:00:00Z")}),
		"an end that would be believed":               order(t, "", "", "2026-05-01", fixed(t, "until", "2026-04-01")),
	} {
		t.Run(name, func(t *testing.T) {
			raw := matter.Paper{End: o.End, SignedOn: o.SignedOn, ServedOn: o.ServedOn, StartsOn: o.StartsOn, Country: "JP"}
			cleaned, notes := calendar.Clean(o, now, true)
			require.Contains(t, codes(notes), calendar.CodeEndBeforeStart)
			for _, p := range []matter.Paper{raw, cleaned} {
				r := calendar.Read(p, time.Time{})
				require.True(t, r.From.IsZero(), "from %v", r.From)
				require.True(t, r.Until.IsZero(), "until %v", r.Until)
			}
		})
	}
	p, _ := calendar.Clean(order(t, "", "", "2026-05-01", period(9, "days", "disclosed")), now, true)
	r := calendar.Read(p, now)
	require.True(t, r.From.IsZero() && r.Until.IsZero(), "the disclosure shows it only later")
}
