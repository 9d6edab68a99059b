package calendar_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// The clock of the random papers; their dates lie around it.
var (
	clock = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	today = matter.Date{Year: 2026, Month: time.March, Day: 10}
)

// genDate draws no date, a date around today, or one that is absurd or malformed.
func genDate() *rapid.Generator[matter.Date] {
	near := rapid.Custom(func(t *rapid.T) matter.Date { return today.AddDays(rapid.IntRange(-40, 40).Draw(t, "offset")) })
	return rapid.OneOf(rapid.Just(matter.Date{}), near, near, near, rapid.SampledFrom([]matter.Date{
		{Year: 1026, Month: 3, Day: 1}, {Year: 3026, Month: 3, Day: 1}, {Year: 9999, Month: 12, Day: 31}, {Year: 1969,
			Month: 12, Day: 31},
		{Year: 2040, Month: 3, Day: 1}, {Year: 2026, Month: 13, Day: 1}, {Year: 2026, Month: 2, Day: 30}, {Year: -1 << 62,
			Month: 1, Day: 1},
		{Year: 1 << 62, Month: 1, Day: 1}, {Year: 0, Month: 1, Day: 1}, {Year: 2024, Month: 2, Day: 29},
	}))
}

// genEnd draws an end, in one of four cases the earliest or the latest of several.
func genEnd() *rapid.Generator[matter.End] {
	return rapid.Custom(func(t *rapid.T) matter.End {
		if rapid.IntRange(0, 3).Draw(t, "parts") > 0 {
			return genPart().Draw(t, "end")
		}
		return genComposite().Draw(t, "end")
	})
}

func genComposite() *rapid.Generator[matter.End] {
	return rapid.Custom(func(t *rapid.T) matter.End {
		kind := rapid.SampledFrom([]matter.EndKind{matter.EndEarliest, matter.EndLatest}).Draw(t, "kind")
		return matter.End{Kind: kind, Of: matter.PartsOf(rapid.SliceOfN(genPart(), 1, 4).Draw(t, "of")...)}
	})
}

func genPart() *rapid.Generator[matter.End] {
	return rapid.Custom(func(t *rapid.T) matter.End {
		return matter.End{
			Kind: rapid.SampledFrom([]matter.EndKind{"date", "date", "period", "period", "period", "instant", "event",
				"none", "", "soon"}).Draw(t, "kind"),
			Date:    genDate().Draw(t, "end date"),
			Wording: rapid.SampledFrom([]string{"until", "through", "before", "", "by"}).Draw(t, "wording"),
			N: rapid.OneOf(rapid.IntRange(1, 60),
				rapid.SampledFrom([]int{0, -1, 36_500, 36_501, 1 << 62, -1 << 62})).Draw(t, "n"),
			Unit: rapid.SampledFrom([]string{"days", "days", "weeks", "months", "years", "", "moons"}).Draw(t, "unit"),
			From: rapid.SampledFrom([]string{"signed", "served", "disclosed", "", "read"}).Draw(t, "from"),
			At: rapid.OneOf(rapid.Just(time.Time{}), rapid.Map(rapid.IntRange(-3_000_000, 3_000_000), func(s int) time.Time {
				return clock.Add(time.Duration(s) * 1_100_000_000)
			}), rapid.SampledFrom([]time.Time{clock.AddDate(-1000, 0, 0), clock.AddDate(1000, 0, 0)})).Draw(t, "at"),
		}
	})
}

// soundZones are zones that the country allows; the others of genOrder are not to be believed for any of its countries.
var soundZones = map[string]string{"US": "America/Los_Angeles", "DE": "Europe/Berlin", "AU": "Australia/Eucla",
	"CL": "America/Santiago", "ZZ": ""}

var unsoundZones = []string{"Asia/Tokyo", "Pacific/Kiritimati", "Etc/GMT+12", "EST", "UTC", "Local", "+02:00",
	"Mars/Olympus"}

func genOrder() *rapid.Generator[matter.PostedOrder] {
	return rapid.Custom(func(t *rapid.T) matter.PostedOrder {
		country := rapid.SampledFrom([]string{"US", "DE", "AU", "CL", "ZZ"}).Draw(t, "country")
		zone := rapid.SampledFrom(append([]string{"", soundZones[country], soundZones[country]}, unsoundZones...)).Draw(t,
			"zone")
		return matter.PostedOrder{
			Issuer:   matter.Issuer{Country: country, Zone: zone},
			SignedOn: genDate().Draw(t, "signed"), ServedOn: genDate().Draw(t, "served"), StartsOn: genDate().Draw(t, "starts"),
			End: genEnd().Draw(t, "end"),
		}
	})
}

func genDisclosed() *rapid.Generator[time.Time] {
	return rapid.OneOf(rapid.Just(time.Time{}), rapid.Map(rapid.IntRange(-40, 1),
		func(d int) time.Time { return clock.AddDate(0, 0, d) }))
}

// holdsAsLong reports whether a covers all that b covers.
func holdsAsLong(a, b calendar.Reading) bool {
	from := a.From.IsZero() || !b.From.IsZero() && !a.From.After(b.From)
	until := a.Until.IsZero() || !b.Until.IsZero() && !a.Until.Before(b.Until)
	return from && until
}

// unbelievable reports, by plain comparison of dates and without the code under test, whether d cannot be meant.
func unbelievable(d matter.Date) bool {
	_, err := matter.ParseDate(d.String())
	return err != nil || d.Year < 1970 || d.Year > 2999
}

// endDay is the last day that an end names outright.
func endDay(e matter.End) (matter.Date, bool) {
	switch {
	case e.Kind == matter.EndDate && !unbelievable(e.Date):
		return e.Date, true
	case e.Kind == matter.EndInstant && !e.At.IsZero():
		return matter.DateOf(e.At.UTC()), true
	}
	return matter.Date{}, false
}

// unsure lists the fields of an order that are unknown, malformed, absurd or contradicted by another, each with the
// order as it is without that field.
func unsure(o matter.PostedOrder) map[string]matter.PostedOrder {
	without := make(map[string]matter.PostedOrder)
	end, stated := endDay(o.End)
	ahead := func(d matter.Date) bool { return today.AddDays(2).Before(d) }
	// Two days apart is apart in every zone.
	endedBefore := func(d matter.Date) bool { return stated && !unbelievable(d) && end.AddDays(2).Before(d) }
	contradicted := !o.SignedOn.IsZero() && !o.ServedOn.IsZero() && o.ServedOn.Before(o.SignedOn)
	add := func(field string, is bool, drop func(*matter.PostedOrder)) {
		if is {
			c := o
			drop(&c)
			without[field] = c
		}
	}
	add("zone", o.Issuer.Zone != "" && o.Issuer.Zone != soundZones[o.Issuer.Country],
		func(c *matter.PostedOrder) { c.Issuer.Zone = "" })
	add("signed",
		contradicted || !o.SignedOn.IsZero() && (unbelievable(o.SignedOn) || ahead(o.SignedOn) || endedBefore(o.SignedOn)),
		func(c *matter.PostedOrder) { c.SignedOn = matter.Date{} })
	add("served", contradicted || !o.ServedOn.IsZero() && (unbelievable(o.ServedOn) || ahead(o.ServedOn)),
		func(c *matter.PostedOrder) { c.ServedOn = matter.Date{} })
	add("starts", !o.StartsOn.IsZero() && (unbelievable(o.StartsOn) || endedBefore(o.StartsOn) || o.StartsOn.Year > 2032),
		func(c *matter.PostedOrder) { c.StartsOn = matter.Date{} })
	dated := o.End.Kind == matter.EndDate || o.End.Kind == matter.EndInstant
	add("end", !stated && dated || endedBefore(o.SignedOn) || endedBefore(o.StartsOn),
		func(c *matter.PostedOrder) { c.End = matter.End{Kind: matter.EndNone} })
	return without
}

func TestLaw3UnsureInputNeverShortensAHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, disclosed := genOrder().Draw(t, "order"), genDisclosed().Draw(t, "disclosed")
		rolls := rapid.Bool().Draw(t, "rolls")
		read := func(o matter.PostedOrder) calendar.Reading {
			p, _ := calendar.Clean(o, clock, rolls)
			return calendar.Read(p, disclosed)
		}
		got := read(o)
		for field, without := range unsure(o) {
			left := read(without)
			require.True(t, holdsAsLong(got, left), "%s shortens the hold: %v to %v, left out %v to %v", field, got.From,
				got.Until, left.From, left.Until)
		}
	})
}

// What Clean drops only lengthens: Read holds the law by itself for all that needs no clock.
func TestLaw3CleanNeverShortensWhatReadReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := genOrder().Draw(t, "order")
		p, _ := calendar.Clean(o, clock, false)
		raw := matter.Paper{End: o.End, SignedOn: o.SignedOn, ServedOn: o.ServedOn, StartsOn: o.StartsOn,
			Country: o.Issuer.Country, Zone: o.Issuer.Zone}
		require.True(t, holdsAsLong(calendar.Read(p, time.Time{}), calendar.Read(raw, time.Time{})))
	})
}

// A part of an end that cannot be determined holds as long as the end without it. The earliest of several ends is none
// of those later than it, and the latest none of those earlier.
func TestLaw3NoPartOfAnEndShortensAHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, disclosed := genOrder().Draw(t, "order"), genDisclosed().Draw(t, "disclosed")
		o.End = genComposite().Draw(t, "composite")
		read := func(end matter.End) calendar.Reading {
			c := o
			c.End = end
			p, _ := calendar.Clean(c, clock, false)
			return calendar.Read(p, disclosed)
		}
		got, parts := read(o.End), o.End.Parts()
		for i, part := range parts {
			alone := read(part)
			switch {
			case alone.Until.IsZero() && o.End.Kind == matter.EndLatest:
				require.True(t, got.Until.IsZero(), "one of them has no end")
			case alone.Until.IsZero() && len(parts) > 1:
				left := read(o.End.With(slices.Delete(slices.Clone(parts), i, i+1)))
				require.True(t, holdsAsLong(got, left), "part %d shortens the hold: %v, left out %v", i, got, left)
			case alone.Until.IsZero():
				require.True(t, got.Until.IsZero(), "none can be determined")
			case o.End.Kind == matter.EndEarliest:
				require.False(t, got.Until.After(alone.Until))
			default:
				require.True(t, got.Until.IsZero() || !got.Until.Before(alone.Until))
			}
		}
	})
}

func TestAReadingIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, disclosed := genOrder().Draw(t, "order"), genDisclosed().Draw(t, "disclosed")
		p, _ := calendar.Clean(o, clock, rapid.Bool().Draw(t, "rolls"))
		wellFormed(t, calendar.Read(p, disclosed))
		require.Equal(t, calendar.Read(p, disclosed), calendar.Read(p, disclosed), "law 5: the same paper, the same reading")
	})
}

// wellFormed checks what holds for every reading.
func wellFormed(t require.TestingT, r calendar.Reading) {
	require.False(t, r.Rolled.Before(r.Strict))
	require.False(t, r.Until.Before(r.Rolled))
	require.Equal(t, r.Until.IsZero(), r.Strict.IsZero())
	for _, at := range []time.Time{r.From, r.Strict, r.Rolled, r.Until} {
		require.Equal(t, matter.Floor(at), at, "whole seconds, UTC")
	}
	if !r.Until.IsZero() {
		require.True(t, r.From.Before(r.Until))
	}
	_, err := json.Marshal(r)
	require.NoError(t, err)
	for _, n := range r.Notes {
		require.NotEmpty(t, n.Code)
		require.Regexp(t, `^[A-Z][^\n]*[.]$`, n.Message, "a sentence")
	}
}
