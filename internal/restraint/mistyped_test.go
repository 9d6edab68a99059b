package restraint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// TestAYearTypedWrongFreesNobody: an order that ends before Lapse recorded it, or begins far ahead, holds from the
// beginning and without an end, until a person has read it.
func TestAYearTypedWrongFreesNobody(t *testing.T) {
	for point, c := range map[string]struct {
		end, starts string
		doubted     bool
	}{
		"the end of last year":                 {"2025-12-31", "", true},
		"the day before the recording":         {"2026-03-02", "", true},
		"the day of the recording":             {"2026-03-03", "", false},
		"a start 90 days ahead":                {"2027-12-31", "2026-06-01", false},
		"a start more than 90 days ahead":      {"2027-12-31", "2026-06-03", true},
		"a start next year, meant for this":    {"2027-12-31", "2027-03-01", true},
		"a start in the past, and a sound end": {"2026-12-31", "2026-01-01", false},
	} {
		t.Run(point, func(t *testing.T) {
			s := begin(t, tuesday)
			p := paper("o", through(t, c.end))
			if c.starts != "" {
				p.StartsOn = day(t, c.starts)
			}
			r := s.file(tuesday, p)
			o := matter.Order{ID: "o", Received: matter.PostedOrder{OrderID: "o"}}
			h := &matter.Head{Restraints: []matter.Restraint{*r}}
			e := restraint.NewEvaluator()
			state := e.State(&o, h, at(t, tuesday))
			i := e.Ends(r, at(t, tuesday))
			require.Equal(t, c.doubted, state == matter.OrderReceived, state)
			require.Equal(t, c.doubted, i.Covers(at(t, "2036-01-01T00:00:00Z")) || i.From.IsZero() && c.starts > "2026-03",
				"held from the beginning and without an end")

			r.Assessed = true
			require.False(t, e.Ends(r, at(t, tuesday)).Covers(at(t, "2036-01-01T00:00:00Z")), "a person has read it")
		})
	}
}

// TestWhyNamesAnEndThatHadPassed, so that counsel sees what to correct.
func TestWhyNamesAnEndThatHadPassed(t *testing.T) {
	s := begin(t, tuesday)
	r := s.file(tuesday, paper("o", through(t, "2025-12-31")))
	h := &matter.Head{Restraints: []matter.Restraint{*r}}
	why := restraint.NewEvaluator().Reasons(h, nil, restraint.Target{Subject: "u1"}, at(t, tuesday))
	require.Len(t, why, 1)
	require.Contains(t, why[0].Message, "its year may be mistyped: it holds until a person has assessed it")
}
