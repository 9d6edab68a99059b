package calendar_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/calendar/tzdata"
	"lapse/internal/matter"
)

// FuzzRead: whatever dates, wordings, lengths and zones a paper states, its reading is well-formed, and law 3 holds:
// what is unsure in it never shortens the hold.
func FuzzRead(f *testing.F) {
	f.Add("date", "until", 2026, 8, 31, 0, "", "", int64(0), 2026, 3, 1, 0, "US", "America/New_York", int64(0))
	f.Add("date", "before", 2026, 3, 1, 0, "", "", int64(0), 2026, 3, 2, 0, "US", "Pacific/Kiritimati", int64(0))
	f.Add("date", "by", 2026, 9, 5, 0, "", "", int64(0), 2026, 2, 30, 3, "CL", "America/Santiago", int64(0))
	f.Add("period", "", 0, 0, 0, 90, "days", "signed", int64(0), 2026, 3, 1, 10, "US", "", int64(0))
	f.Add("period", "", 0, 0, 0, 36_501, "days", "served", int64(0), 2026, 3, 1, -1, "DE", "Europe/Berlin", int64(0))
	f.Add("period", "", 0, 0, 0, 1, "years", "disclosed", int64(0), 2024, 2, 29, 0, "ZZ", "Local", int64(1_772_000_000))
	f.Add("instant", "", 0, 0, 0, 0, "", "", int64(1_788_246_000), -1, 99, -99, 0, "CL", "America/Santiago", int64(-1))
	f.Add("moon", "", 0, 0, 0, 0, "", "", int64(0), 9999, 12, 31, 0, "", "+02:00", int64(1<<40))
	f.Fuzz(func(t *testing.T, kind, wording string, y, m, d, n int, unit, from string, at int64, sy, sm, sd, lag int, country, zone string, disclosed int64) {
		signed := matter.Date{Year: sy, Month: time.Month(sm), Day: sd}
		o := matter.PostedOrder{
			Issuer: matter.Issuer{Country: country, Zone: zone},
			End: matter.End{Kind: matter.EndKind(kind), Wording: wording, Date: matter.Date{Year: y, Month: time.Month(m), Day: d},
				N: n, Unit: unit, From: from, At: time.Unix(at, 1)},
			SignedOn: signed, ServedOn: signed.AddDays(lag), StartsOn: signed.AddDays(-lag),
		}
		made := time.Unix(disclosed, 0)
		read := func(o matter.PostedOrder) calendar.Reading {
			p, notes := calendar.Clean(o, clock, true)
			wellFormed(t, calendar.Reading{Notes: notes})
			r := calendar.Read(p, made)
			wellFormed(t, r)
			return r
		}
		got := read(o)
		for field, without := range unsure(o) {
			if field == "zone" { // which zones may be doubted is FuzzZone's
				continue
			}
			left := read(without)
			require.True(t, holdsAsLong(got, left), "%s shortens the hold: %v to %v, left out %v to %v", field, got.From, got.Until, left.From, left.Until)
		}
		raw := matter.Paper{End: o.End, SignedOn: signed, ServedOn: o.ServedOn, StartsOn: o.StartsOn, Country: strings.ToUpper(country), Zone: zone}
		plain := calendar.Read(raw, time.Time{})
		wellFormed(t, plain)
		require.True(t, holdsAsLong(calendar.Read(mustClean(o), time.Time{}), plain), "Clean only lengthens")
		for _, known := range []string{"until", "through", "before"} {
			clear := raw
			clear.End.Wording = known
			if !slices.Contains([]string{"until", "through", "before"}, wording) {
				require.True(t, holdsAsLong(plain, calendar.Read(clear, time.Time{})), "wording %q ends before %q", wording, known)
			}
		}
	})
}

func mustClean(o matter.PostedOrder) matter.Paper {
	p, _ := calendar.Clean(o, clock, false)
	return p
}

// FuzzZone: a zone that is no name of the release's, or that nobody can place because the country is not known, never
// shortens the hold; and nowhere does a day begin earlier or end later than for a paper of which neither is known.
func FuzzZone(f *testing.F) {
	for country, zone := range soundZones {
		f.Add(country, zone, 200, 3)
		for _, other := range unsoundZones {
			f.Add(country, other, 200, 3)
		}
	}
	for i, name := range tzdata.Names() {
		f.Add([]string{"US", "GB", "FR", "", "zz"}[i%5], name, 173+i, i%60)
	}
	for _, odd := range []string{"../zone.tab", "America/New_York\x00", "america/new_york", " Europe/Berlin", "Europe/Berlin ", "GMT+14", "UTC-12", "Etc/GMT-14", "posix/UTC"} {
		f.Add("DE", odd, 190, -1)
	}
	f.Fuzz(func(t *testing.T, country, zone string, last, begin int) {
		day := func(n int) matter.Date { return today.AddDays(n % 300_000) }
		ends := []matter.End{
			{Kind: matter.EndDate, Date: day(last), Wording: "through"}, {Kind: matter.EndDate, Date: day(last), Wording: "before"},
			{Kind: matter.EndPeriod, N: 1 + last&0xff, Unit: "days", From: "signed"}, {Kind: matter.EndPeriod, N: 2, Unit: "months", From: "disclosed"},
		}
		for _, end := range ends {
			p := matter.Paper{End: end, SignedOn: today.AddDays(-5), StartsOn: day(begin), Country: country, Zone: zone}
			read := func(country, zone string) calendar.Reading {
				p.Country, p.Zone = country, zone
				r := calendar.Read(p, clock)
				wellFormed(t, r)
				return r
			}
			got := read(country, zone)
			anywhere := read("", "")
			require.True(t, holdsAsLong(anywhere, got), "%+v: %v to %v, of nowhere %v to %v", end, got.From, got.Until, anywhere.From, anywhere.Until)
			if !slices.Contains(tzdata.Names(), zone) || len(tzdata.ZonesOf(country)) == 0 {
				left := read(country, "")
				require.True(t, holdsAsLong(got, left), "%+v: %v to %v, without the zone %v to %v", end, got.From, got.Until, left.From, left.Until)
			}
		}
	})
}
