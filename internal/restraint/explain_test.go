package restraint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/restraint"
)

func (s *story) text(now string, orders ...matter.Order) string {
	return restraint.NewEvaluator().Text(&s.head, orders, restraint.Target{Subject: "u1", Role: matter.User,
		Disclosed: s.base}, s.base, at(s, now))
}

func TestWhyInSentences(t *testing.T) {
	s := begin(t, tuesday)
	require.Equal(t, "No recorded restraint covers this person. "+
		"Nothing forbids telling now; the notice has been due since 3 March 2026, 12:00:00 UTC.",
		s.text("2026-03-04T00:00:00Z"))
	s.file(tuesday, paper("o", through(t, "2026-06-30")))
	require.Equal(t, "The court order o forbids telling this person until 1 July 2026, 04:00 UTC "+
		"(1 July 2026, 00:00 in America/New_York). "+
		"The notice is due at 1 July 2026, 04:00:00 UTC, the first instant that nothing covers.", s.text(tuesday))
	require.Contains(t, s.text("2026-07-02T00:00:00Z"), "The court order o forbade telling")
	s.file(tuesday, paper("endless", none()))
	require.Contains(t, s.text(tuesday), "nobody has said when it ends")
	require.Contains(t, s.text(tuesday), "nobody can say yet when the notice may be sent")
	s.base = at(t, "")
	require.Contains(t, s.text(tuesday), "Nothing has been handed over about this person yet")
}

func TestWhySaysWhatIsUnusual(t *testing.T) {
	s := begin(t, tuesday)
	p := paper("plea", none())
	p.Kind = matter.Plea
	s.file(tuesday, p)
	require.Contains(t, s.text(tuesday), "A plea binds nobody")

	o := paper("o", through(t, "2026-06-30"))
	o.StartsOn, o.Issuer.Zone = day(t, "2026-03-02"), ""
	o.Covers.Recipients = []matter.Role{matter.User, matter.LegalContact}
	r := s.file(tuesday, o)
	r.Unknown, r.Torn = []string{"u7"}, true
	unread := s.order("o", finding("K01", matter.Binding, matter.Unknown))
	text := s.text(tuesday, *unread)
	for _, part := range []string{
		"forbids telling the user, legal contact from 2 March 2026, 05:00 UTC until 1 July 2026, 10:00 UTC.",
		"names somebody this matter does not know", "could not be read just now", "Nobody has decided yet whether it binds",
	} {
		require.Contains(t, text, part)
	}

	d := paper("d", matter.End{Kind: matter.EndPeriod, N: 30, Unit: "days", From: "disclosed"})
	s.file(tuesday, d)
	s.base = at(t, "")
	require.Contains(t, s.text(tuesday), "for a period that has not begun")
}

func TestReasonsAreData(t *testing.T) {
	s := begin(t, tuesday)
	o := paper("o", through(t, "2026-06-30"))
	o.StartsOn = day(t, "2026-03-02")
	s.file(tuesday, o)
	law := paper("law-us-18-3123d", none())
	law.Kind = matter.Statute
	s.file(tuesday, law)
	reasons := restraint.NewEvaluator().Reasons(&s.head, []matter.Order{*s.order("o")},
		restraint.Target{Subject: "u1", Role: matter.User, Disclosed: s.base}, at(t, tuesday))
	require.Len(t, reasons, 2)
	require.Equal(t, "18 U.S.C. 2705(b)", reasons[0].Citation)
	require.Equal(t, at(t, "2026-03-02T05:00:00Z"), *reasons[0].From)
	require.Equal(t, at(t, "2026-07-01T04:00:00Z"), *reasons[0].Until)
	require.Equal(t, matter.Statute, reasons[1].Kind)
	require.Nil(t, reasons[1].From)
	require.Nil(t, reasons[1].Until)
	require.NotNil(t, restraint.NewEvaluator().Reasons(&matter.Head{}, nil, restraint.Target{}, at(t, tuesday)),
		"an empty list, not null")
}
