package transparency

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// cellOfNotice is the one column that a unit is counted in.
func cellOfNotice(t testing.TB, s *Snapshot, country string) string {
	t.Helper()
	got := row(t, s, UserNotices, country)
	var cells []string
	for _, column := range append(untoldColumns(), "before_disclosure", "at_disclosure", "after_restraint",
		"otherwise", "cancelled") {
		if got[column] != "0" {
			require.Equal(t, "1", got[column])
			cells = append(cells, column)
		}
	}
	require.Len(t, cells, 1, "a unit is in exactly one cell")
	return cells[0]
}

func TestWhereAUnitIsCounted(t *testing.T) {
	day := func(text string) time.Time { return on(t, text) }
	disclosed := day("2026-03-01")
	end := half.End()
	told := func(at string, spans ...Span) NoticeFact {
		return NoticeFact{DisclosedAt: disclosed, Closing: Told, ClosedAt: day(at), Confirmed: true, Spans: spans}
	}
	owed := func(spans ...Span) NoticeFact { return NoticeFact{DisclosedAt: disclosed, Spans: spans} }
	open := func(r Reason) Span { return Span{Reason: r} }
	for name, c := range map[string]struct {
		fact NoticeFact
		cell string
	}{
		"nothing had covered it": {told("2026-03-02"), "at_disclosure"},
		"an order that ended before the disclosure": {told("2026-03-02", Span{Reason: ByOrder, From: time.Time{},
			Until: day("2026-02-28")}), "at_disclosure"},
		"an order that began after it was told": {told("2026-03-02", Span{Reason: ByOrder, From: day("2026-03-03"),
			Until: time.Time{}}), "at_disclosure"},
		"an order had covered it": {told("2026-05-02", Span{Reason: ByOrder, From: time.Time{},
			Until: day("2026-05-01")}), "after_restraint"},
		"an exception had covered it": {told("2026-05-02", Span{Reason: ByException, From: disclosed,
			Until: day("2026-05-01")}), "after_restraint"},
		"a person's hold is no restraint": {told("2026-05-02", Span{Reason: ByPerson, From: disclosed,
			Until: day("2026-05-01")}), "at_disclosure"},
		"told on the last instant of the half": {told("2026-06-30T23:59:59Z"), "at_disclosure"},
		"told on the first instant after it":   {told("2026-07-01T00:00:00Z"), "overdue"},
		"told before the disclosure": {NoticeFact{DisclosedAt: disclosed,
			AdvanceAt: day("2026-02-20")}, "before_disclosure"},
		"told before, and the letter after it too": {NoticeFact{DisclosedAt: disclosed,
			AdvanceAt: day("2026-02-20"), Closing: Told, ClosedAt: day("2026-03-02")}, "before_disclosure"},
		"told before, and an order came after it": {NoticeFact{DisclosedAt: disclosed,
			AdvanceAt: day("2026-02-20"), Spans: []Span{open(ByOrder)}}, "before_disclosure"},
		"told by another way": {NoticeFact{DisclosedAt: disclosed, Closing: ToldOtherwise,
			ClosedAt: day("2026-03-05")}, "otherwise"},
		"cancelled by two persons": {NoticeFact{DisclosedAt: disclosed, Closing: Cancelled,
			ClosedAt: day("2026-03-05")}, "cancelled"},
		"the mail came back": {owed(Span{Reason: Undeliverable, From: disclosed}),
			"undeliverable"},
		"the mail came back, and an order covers it": {owed(Span{Reason: Undeliverable, From: disclosed},
			open(ByOrder)), "undeliverable"},
		"it came back, and was reopened": {owed(Span{Reason: Undeliverable, From: disclosed, Until: day("2026-06-01")}),
			"overdue"},
		"an order covers it":                  {owed(open(ByOrder)), "withheld_order"},
		"an order and a statute cover it":     {owed(open(ByStatute), open(ByOrder)), "withheld_order"},
		"a statute and an exception cover it": {owed(open(ByException), open(ByStatute)), "withheld_statute"},
		"an exception covers it, and a person holds it": {owed(open(ByPerson), open(ByException)),
			"withheld_exception"},
		"a person holds it":                {owed(open(ByPerson)), "held"},
		"an order that ends with the half": {owed(Span{Reason: ByOrder, From: time.Time{}, Until: end}), "withheld_order"},
		"an order that ended a second before": {owed(Span{Reason: ByOrder, From: time.Time{}, Until: end.Add(-time.Second)}),
			"pending"},
		"due for exactly 72 hours": {owed(Span{Reason: ByOrder, From: time.Time{}, Until: end.Add(-72 * time.Hour)}),
			"pending"},
		"due for over 72 hours": {owed(Span{Reason: ByOrder, From: time.Time{},
			Until: end.Add(-72*time.Hour - time.Second)}), "overdue"},
		"a released hold moves no due": {owed(Span{Reason: ByPerson, From: disclosed, Until: end.Add(-time.Hour)}),
			"overdue"},
		"disclosed on the last day": {NoticeFact{DisclosedAt: end.Add(-time.Hour)}, "pending"},
	} {
		r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-03-01")
		r.Notices = []NoticeFact{c.fact}
		s := freeze(t, r)
		require.Equal(t, c.cell, cellOfNotice(t, s, "US"), name)
		require.Equal(t, "1", row(t, s, UserNotices, "US")["disclosed"], name)
	}
}

func TestAnAdvanceNoticeIsCountedOnce(t *testing.T) {
	r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-03-01")
	r.Notices = []NoticeFact{{AdvanceAt: on(t, "2026-02-20")}}
	got := row(t, freeze(t, r), UserNotices, "US")
	require.Equal(t, "1", got["before_only"])
	require.Equal(t, "0", got["disclosed"], "outside the identity")

	r.Notices[0].DisclosedAt = on(t, "2026-07-05")
	require.Equal(t, "1", row(t, freeze(t, r), UserNotices, "US")["before_only"],
		"the disclosure comes in the next half")
	next := half.Next()
	after := row(t, freezeAs(t, Counting{Half: next}, Freezing{}, r), UserNotices, "US")
	require.Equal(t, "0", after["before_only"])
	require.Equal(t, "1", after["before_disclosure"])
	require.Equal(t, "0", after["owed_at_start"])
}

func TestUnconfirmedAreThoseToldWithoutASign(t *testing.T) {
	r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-03-01")
	r.Notices = []NoticeFact{
		{DisclosedAt: on(t, "2026-03-01"), Closing: Told, ClosedAt: on(t, "2026-03-02"), N: 4},
		{DisclosedAt: on(t, "2026-03-01"), Closing: Told, ClosedAt: on(t, "2026-03-02"), Confirmed: true, N: 3},
		{DisclosedAt: on(t, "2026-03-01"), Closing: ToldOtherwise, ClosedAt: on(t, "2026-03-02")},
	}
	got := row(t, freeze(t, r), UserNotices, "US")
	require.Equal(t, "7", got["at_disclosure"])
	require.Equal(t, "4", got["unconfirmed"])
}

// TestDaysAfterTheEnd: from the end of the last restraint to SES' acceptance; the median is the lower one, from 5
// cases.
func TestDaysAfterTheEnd(t *testing.T) {
	r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-03-01")
	end := on(t, "2026-05-01")
	for _, days := range []int{1, 2, 9, 4} {
		r.Notices = append(r.Notices, NoticeFact{DisclosedAt: on(t, "2026-03-01"), Closing: Told,
			ClosedAt: end.AddDate(0, 0, days).Add(time.Hour), Confirmed: true,
			Spans: []Span{{Reason: ByException, Until: end.AddDate(0, -1, 0)}, {Reason: ByOrder, Until: end}}})
	}
	s := freeze(t, r)
	require.Equal(t, "", row(t, s, UserNotices, "US")["median_days_after_end"], "4 cases are too few")
	require.Equal(t, "9", row(t, s, UserNotices, "US")["max_days_after_end"])
	require.Nil(t, s.Summary.MedianAfterEnd)

	r.Notices = append(r.Notices, r.Notices[2])
	r.Notices[4].N = 2
	s = freeze(t, r)
	require.Equal(t, "4", row(t, s, UserNotices, "US")["median_days_after_end"], "1 2 4 9 9 9: the lower of 4 and 9")
	require.Equal(t, 4, *s.Summary.MedianAfterEnd)
}

// TestEveryUnitIsOwedToldOrCancelled: whatever the facts are, the identity holds, and what is owed at the end of a half
// is owed at the start of the next.
func TestEveryUnitIsOwedToldOrCancelled(t *testing.T) {
	instant := rapid.Custom(func(rt *rapid.T) time.Time {
		return half.Start().AddDate(-1, 0, 0).Add(time.Duration(rapid.IntRange(0, 24*365*2).Draw(rt,
			"hour")) * time.Hour)
	})
	maybe := rapid.Custom(func(rt *rapid.T) time.Time {
		if rapid.Bool().Draw(rt, "none") {
			return time.Time{}
		}
		return instant.Draw(rt, "instant")
	})
	rapid.Check(t, func(rt *rapid.T) {
		r := Row{Matter: "m", Country: "US", RequestType: "subpoena", Known: true}
		for range rapid.IntRange(1, 20).Draw(rt, "facts") {
			n := NoticeFact{DisclosedAt: maybe.Draw(rt, "disclosed"), AdvanceAt: maybe.Draw(rt, "advance"),
				N:       rapid.IntRange(0, 9).Draw(rt, "n"),
				Closing: rapid.SampledFrom([]Closing{StillOwed, Told, ToldOtherwise, Cancelled}).Draw(rt, "closing")}
			if n.Closing != StillOwed {
				n.ClosedAt = instant.Draw(rt, "closed")
			}
			for range rapid.IntRange(0, 3).Draw(rt, "spans") {
				n.Spans = append(n.Spans, Span{Reason: rapid.SampledFrom([]Reason{Undeliverable, ByOrder, ByStatute,
					ByException, ByPerson}).Draw(rt, "reason"),
					From: maybe.Draw(rt, "from"), Until: maybe.Draw(rt, "until")})
			}
			r.Notices = append(r.Notices, n)
		}
		c := NewCount(counting())
		require.NoError(rt, c.Add(r))
		now, err := Freeze(c, Freezing{Now: half.FreezeAt()}) // fails where the identity does not hold
		require.NoError(rt, err)
		d := NewCount(Counting{Half: half.Next()})
		require.NoError(rt, d.Add(r))
		next, err := Freeze(d, Freezing{Now: half.Next().FreezeAt()})
		require.NoError(rt, err)
		require.Equal(rt, now.Summary.Owed, next.Summary.OwedAtStart)
	})
}
