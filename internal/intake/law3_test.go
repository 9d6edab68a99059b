package intake

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// recordedAt is when the random orders are recorded; their dates lie around it.
var recordedAt = time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)

func date(offset int) matter.Date { return matter.DateOf(recordedAt).AddDays(offset) }

// badDates name no day that an order can mean.
func badDates() []matter.Date {
	return []matter.Date{{Year: 1026, Month: 3, Day: 1}, {Year: 3026, Month: 3, Day: 1}, {Year: 2026, Month: 2, Day: 30},
		{Year: 2026, Month: 13, Day: 1}, {Year: 9999, Month: 12, Day: 31}}
}

func genDay() *rapid.Generator[matter.Date] {
	return rapid.OneOf(rapid.Just(matter.Date{}), rapid.Map(rapid.IntRange(-60, 0), date),
		rapid.Map(rapid.IntRange(-60, 60), date))
}

// genEnd draws a sound end, in one of four cases the earliest or the latest of two.
func genEnd() *rapid.Generator[matter.End] {
	return rapid.Custom(func(t *rapid.T) matter.End {
		first := genSimpleEnd().Draw(t, "end")
		if rapid.IntRange(0, 3).Draw(t, "several") > 0 {
			return first
		}
		kind := rapid.SampledFrom([]matter.EndKind{matter.EndEarliest, matter.EndLatest}).Draw(t, "which")
		return matter.End{Kind: kind, Of: matter.PartsOf(first, genSimpleEnd().Draw(t, "other"))}
	})
}

func genSimpleEnd() *rapid.Generator[matter.End] {
	return rapid.Custom(func(t *rapid.T) matter.End {
		return rapid.OneOf(
			rapid.Just(matter.End{Kind: matter.EndNone}), rapid.Just(matter.End{Kind: matter.EndEvent,
				Text: "until indictment"}),
			rapid.Map(rapid.IntRange(1, 90), func(n int) matter.End {
				return matter.End{Kind: matter.EndDate, Date: date(n),
					Wording: "until"}
			}),
			rapid.Map(rapid.IntRange(1, 9_000_000), func(n int) matter.End {
				return matter.End{Kind: matter.EndInstant, At: recordedAt.Add(time.Duration(n) * time.Second)}
			}),
			rapid.Map(rapid.IntRange(1, 400), func(n int) matter.End {
				return matter.End{Kind: matter.EndPeriod, N: n, Unit: []string{"days", "weeks", "months"}[n%3],
					From: []string{"signed", "served", "disclosed"}[n/3%3]}
			}),
		).Draw(t, "an end")
	})
}

// genPosted draws an order whose every field is sound by itself.
func genPosted() *rapid.Generator[matter.PostedOrder] {
	return rapid.Custom(func(t *rapid.T) matter.PostedOrder {
		issuer := rapid.SampledFrom([]matter.Issuer{
			{Country: "US", Zone: "America/Los_Angeles"}, {Country: "US"}, {Country: "DE",
				Zone: "Europe/Berlin"}, {Country: "CL"}, {Country: "ZZ"},
		}).Draw(t, "issuer")
		return matter.PostedOrder{
			OrderID: "o", Kind: rapid.SampledFrom([]matter.OrderKind{matter.CourtOrder, matter.Certification, matter.Statute,
				matter.Plea}).Draw(t, "kind"),
			Issuer: issuer, End: genEnd().Draw(t,
				"end"), Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}},
			SignedOn: genDay().Draw(t, "signed"), ServedOn: genDay().Draw(t, "served"), StartsOn: genDay().Draw(t, "starts"),
		}
	})
}

// spoilt are ways to give an order a value that is unknown, malformed, absurd or contradicted, each beside the same
// order without that field (an end that is left out is "none").
func spoilt(t *rapid.T, o matter.PostedOrder) map[string][2]matter.PostedOrder {
	out := map[string][2]matter.PostedOrder{}
	pair := func(name string, spoil, omit func(*matter.PostedOrder)) {
		bad, without := o, o
		spoil(&bad)
		omit(&without)
		out[name] = [2]matter.PostedOrder{bad, without}
	}
	type data = *matter.PostedOrder
	noEnd := func(d data) { d.End = matter.End{Kind: matter.EndNone} }
	bad, ahead := rapid.SampledFrom(badDates()).Draw(t, "bad date"), date(rapid.IntRange(2, 60).Draw(t, "ahead"))
	zone := rapid.SampledFrom([]string{"Asia/Tokyo", "Pacific/Kiritimati", "Etc/GMT+12", "EST", "UTC", "Local", "+14:00",
		"Mars/Olympus"}).Draw(t, "zone")
	pair("a zone that is not the country's", func(d data) { d.Issuer.Zone = zone }, func(d data) { d.Issuer.Zone = "" })
	pair("a region of no country", func(d data) { d.Issuer.Region = "XX-HI" }, func(d data) { d.Issuer.Region = "" })
	for name, field := range map[string]func(data) *matter.Date{
		"signedOn": func(d data) *matter.Date { return &d.SignedOn },
		"servedOn": func(d data) *matter.Date { return &d.ServedOn },
		"startsOn": func(d data) *matter.Date { return &d.StartsOn },
	} {
		without := func(d data) { *field(d) = matter.Date{} }
		pair("absurd "+name, func(d data) { *field(d) = bad }, without)
		if name != "startsOn" {
			pair(name+" ahead of the clock", func(d data) { *field(d) = ahead }, without)
		}
	}
	pair("served before it was signed", func(d data) { d.SignedOn, d.ServedOn = date(-5), date(-9) },
		func(d data) { d.SignedOn, d.ServedOn = date(-5), matter.Date{} })
	pair("signed after it was served", func(d data) { d.SignedOn, d.ServedOn = date(-5), date(-9) },
		func(d data) { d.SignedOn, d.ServedOn = matter.Date{}, date(-9) })
	pair("an end before the start", func(d data) {
		d.StartsOn, d.End = date(9), matter.End{Kind: matter.EndDate, Date: date(5), Wording: "until"}
	}, func(d data) { d.StartsOn = date(9); noEnd(d) })
	pair("a start after the end", func(d data) {
		d.StartsOn, d.End = date(9), matter.End{Kind: matter.EndDate, Date: date(5), Wording: "until"}
	},
		func(d data) {
			d.StartsOn, d.End = matter.Date{}, matter.End{Kind: matter.EndDate, Date: date(5), Wording: "until"}
		})
	pair("an end before the signing", func(d data) {
		d.SignedOn, d.End = date(-5), matter.End{Kind: matter.EndDate, Date: date(-9), Wording: "until"}
	}, func(d data) { d.SignedOn = date(-5); noEnd(d) })
	pair("an absurd end", func(d data) { d.End = matter.End{Kind: matter.EndDate, Date: bad, Wording: "until"} }, noEnd)
	for _, n := range []int{0, -1, 36_501, 1 << 62} {
		pair("an absurd length", func(d data) {
			d.End = matter.End{Kind: matter.EndPeriod, N: n, Unit: "days",
				From: "signed"}
		}, noEnd)
	}
	pair("an unknown unit", func(d data) {
		d.End = matter.End{Kind: matter.EndPeriod, N: 3, Unit: "moons",
			From: "signed"}
	}, noEnd)
	pair("an unknown trigger", func(d data) {
		d.End = matter.End{Kind: matter.EndPeriod, N: 3, Unit: "days",
			From: "read"}
	}, noEnd)
	sound := genSimpleEnd().Draw(t, "sound part")
	for _, kind := range []matter.EndKind{matter.EndEarliest, matter.EndLatest} {
		for name, part := range map[string]matter.End{
			"absurd": {Kind: matter.EndDate, Date: bad, Wording: "until"}, "of an unknown unit": {Kind: matter.EndPeriod, N: 3,
				Unit: "moons", From: "signed"}, "mistyped": {Kind: matter.EndDate, Date: date(-3), Wording: "until"},
		} {
			pair("a part that is "+name+", of the "+string(kind),
				func(d data) { d.SignedOn = date(-9); d.End = matter.End{Kind: kind, Of: matter.PartsOf(sound, part)} },
				func(d data) { d.SignedOn = date(-9); d.End = matter.End{Kind: kind, Of: matter.PartsOf(sound)} })
		}
	}
	pair("an unknown kind of end", func(d data) { d.End.Kind = "soon" }, noEnd)
	pair("a signature denied", func(d data) { d.Signed = new(false) }, func(d data) { d.Signed = nil })
	pair("an order it extends that nobody has seen", func(d data) { d.Extends = "missing" },
		func(d data) { d.Extends = "" })
	pair("silence of a kind", func(d data) { d.Silence = "subject" }, func(d data) { d.Silence = "" })
	return out
}

// Law 3, through all that makes a hold of a posted order: nothing unsure makes it shorter than leaving it out.
func TestLaw3_NothingUnsureShortensTheRestraintOfAnOrder(t *testing.T) {
	book, err := law.Load()
	require.NoError(t, err)
	p := orderPlanner{planner{records{&Service{Now: func() time.Time { return recordedAt }, Law: book}}}}
	rapid.Check(t, func(t *rapid.T) {
		o := genPosted().Draw(t, "order")
		disclosed := recordedAt.AddDate(0, 0, rapid.IntRange(-30, 30).Draw(t, "disclosed"))
		target := restraint.Target{Subject: "u1", Role: matter.User, Disclosed: disclosed}
		covering := func(o matter.PostedOrder) []restraint.Interval {
			d := p.begin(event.Event{}, matter.Head{Matter: "m"})
			r, _, err := p.restraint(context.Background(), d, &o)
			require.NoError(t, err)
			return d.eval.Covering(&matter.Head{Restraints: []matter.Restraint{r}}, target)
		}
		for name, pair := range spoilt(t, o) {
			got, left := covering(pair[0]), covering(pair[1])
			for _, l := range left {
				require.True(t, slices.ContainsFunc(got, func(g restraint.Interval) bool { return holdsAsLong(g, l) }),
					"%s: %v is shorter than %v", name, got, left)
			}
			for _, now := range []int{-40, 0, 5, 20, 100} {
				at := recordedAt.AddDate(0, 0, now)
				due, known := restraint.Due(got, disclosed, at)
				before, was := restraint.Due(left, disclosed, at)
				require.True(t, !known || was && !due.Before(before), "%s: due %v, without it %v", name, due, before)
			}
		}
	})
}

func holdsAsLong(a, b restraint.Interval) bool {
	from := a.From.IsZero() || !b.From.IsZero() && !a.From.After(b.From)
	until := a.Until.IsZero() || !b.Until.IsZero() && !a.Until.Before(b.Until)
	return from && until
}
