package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

func several(kind matter.EndKind, parts ...matter.End) matter.End {
	return matter.End{Kind: kind, Of: matter.PartsOf(parts...)}
}

// "One year or until indictment, whichever is earlier", and what else papers say so.
func TestPoint12TheEarliestAndTheLatestOfSeveralEnds(t *testing.T) {
	event := matter.End{Kind: matter.EndEvent, Text: "until indictment"}
	signed, disclosed := period(90, "days", "signed"), period(30, "days", "disclosed")
	date, absurd := fixed(t, "through", "2026-08-31"), fixed(t, "through", "1026-08-31")
	early := fixed(t, "until", "2026-01-10")
	const noEnd, in90Days, august = "", "2026-04-16T04:00:00Z", "2026-09-01T04:00:00Z"
	const thirtyLater = "2026-04-02T04:00:00Z"
	for _, c := range []struct {
		name      string
		end       matter.End
		disclosed string
		until     string
		codes     []string
	}{
		{"a period or an event", several("earliest", signed, event), "", in90Days, nil},
		{"a period or a date", several("earliest", signed, date), "", in90Days, nil},
		{"the later of a period and a date", several("latest", signed, date), "", august, nil},
		{"the later of a period and an event", several("latest", signed, event), "", noEnd, nil},
		{"only events", several("earliest", event, event), "", noEnd, nil},
		{"no end is among them", several("earliest", matter.End{Kind: matter.EndNone}, date), "", august, nil},
		{"a day that nobody recorded", several("earliest", period(10, "days", "served"), date), "", august,
			[]string{calendar.CodeTriggerMissing}},
		{"the later, and a day that nobody recorded", several("latest", period(10, "days", "served"), date), "", noEnd,
			[]string{calendar.CodeTriggerMissing}},
		{"an absurd date", several("earliest", absurd, date), "", august, []string{calendar.CodeEndAbsurd}},
		{"an absurd date, the later", several("latest", absurd, date), "", noEnd, []string{calendar.CodeEndAbsurd}},
		{"a date before the signing", several("earliest", early, date), "", august,
			[]string{calendar.CodeEndBeforeSigning}},
		{"nothing disclosed yet", several("earliest", disclosed, date), "", august,
			[]string{calendar.CodeAwaitsDisclosure}},
		{"disclosed", several("earliest", disclosed, date), "2026-03-02T12:00:00Z", thirtyLater, nil},
		{"the later, nothing disclosed yet", several("latest", disclosed, date), "", noEnd,
			[]string{calendar.CodeAwaitsDisclosure}},
		{"the later, disclosed", several("latest", disclosed, date), "2026-03-02T12:00:00Z", august, nil},
		{"no parts at all", several("earliest"), "", noEnd, []string{calendar.CodeEndUnreadable}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := matter.Paper{Country: "US", Zone: "America/New_York", SignedOn: day(t, "2026-01-15"), End: c.end}
			var at time.Time
			if c.disclosed != "" {
				at = instant(t, c.disclosed)
			}
			r := calendar.Read(p, at)
			if c.until == noEnd {
				require.True(t, r.Until.IsZero(), "%v", r.Until)
			} else {
				require.Equal(t, c.until, r.Until.Format(time.RFC3339))
			}
			require.Equal(t, c.codes, codes(r.Notes))
		})
	}
}

func TestAnEndOfPartsComparesByValue(t *testing.T) {
	one := several("latest", period(3, "months", "signed"), matter.End{Kind: matter.EndInstant,
		At: time.Date(2026, 5, 1, 2, 0, 0, 0, time.FixedZone("", 7200))}, matter.End{Kind: matter.EndEvent, Text: "e"})
	raw, err := matter.JSON(one.Rounded())
	require.NoError(t, err)
	var other matter.End
	require.NoError(t, json.Unmarshal(raw, &other))
	require.True(t, one.Rounded() == other, "%s", raw)
	require.Empty(t, one.Bare().Parts()[2].Text)
	require.True(t, one.Computed())
	require.False(t, one.FromDisclosure())
	require.Error(t, json.Unmarshal([]byte(`{"kind":"latest","of":[{"kind":"none"},{"kind":"none"},{"kind":"none"},`+
		`{"kind":"none"},{"kind":"none"}]}`), &other))
}
