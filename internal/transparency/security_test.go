package transparency

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// secretRow is the row of a matter of national security.
func secretRow(f SecurityFact) Row {
	return Row{Matter: "s", Country: "US", RequestType: f.Kind, Known: true, SecretSince: f.ReceivedAt, Security: &f,
		Request: &MatterFact{ReceivedAt: f.ReceivedAt, Specified: f.Selectors}}
}

func TestBandsBeginWithZero(t *testing.T) {
	for _, c := range []struct {
		n, width int
		band     string
	}{{0, 500, "0–499"}, {499, 500, "0–499"}, {500, 500, "500–999"},
		{0, 1000, "0–999"}, {1000, 1000, "1000–1999"},
		{249, 250, "0–249"}, {250, 250, "250–499"}, {99, 100, "0–99"}, {12345, 100, "12300–12399"}} {
		require.Equal(t, c.band, Band(c.n, c.width))
	}
}

// bands prints the bands of a count, one "category band" a line.
func bands(t *testing.T, c Counting, rows ...Row) []string {
	t.Helper()
	var out []string
	s := freezeAs(t, c, Freezing{Now: c.PublishedOn}, rows...)
	for _, r := range s.table(NationalSecurity).Rows {
		out = append(out, strings.Join(r, " "))
	}
	return out
}

// many repeats a process so often that its band is another one than the first.
func many(n int, f SecurityFact) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = secretRow(f)
	}
	return rows
}

// TestTheFourStructures of 50 U.S.C. 1874(a), on one set of process: 600 letters with 2 selectors each in the half, and
// 300 orders of each kind in the half before.
func TestTheFourStructures(t *testing.T) {
	yes, no := true, false
	in, before := on(t, "2026-03-01"), on(t, "2025-09-01")
	rows := many(600, SecurityFact{Kind: "nsl", ReceivedAt: in, Selectors: 2})
	for _, f := range []SecurityFact{{Title: "VII"}, {Title: "I"}, {Title: "IV"}, {Title: "V", CallRecords: &no},
		{Title: "V", CallRecords: &yes}} {
		f.Kind, f.ReceivedAt, f.Selectors = "fisa", before, 4
		rows = append(rows, many(300, f)...)
	}
	rows = append(rows, many(300, SecurityFact{Kind: "nsl", ReceivedAt: on(t, "2024-05-01"), Selectors: 1})...)
	for structure, want := range map[int][]string{
		1: {
			"2025-H2 1 content 0–999 2026-06-29", "2025-H2 1 content_selectors 2000–2999 2026-06-29",
			"2025-H2 1 noncontent_iv 0–999 2026-06-29", "2025-H2 1 noncontent_selectors_iv 1000–1999 2026-06-29",
			"2025-H2 1 noncontent_selectors_v 1000–1999 2026-06-29",
			"2025-H2 1 noncontent_selectors_v_call_records 1000–1999 2026-06-29",
			"2025-H2 1 noncontent_v 0–999 2026-06-29", "2025-H2 1 noncontent_v_call_records 0–999 2026-06-29",
			"2026-H1 1 nsl 0–999 2026-07-01", "2026-H1 1 nsl_selectors 1000–1999 2026-07-01",
		},
		2: {
			"2025-H2 2 content 500–999 2026-06-29", "2025-H2 2 content_selectors 2000–2499 2026-06-29",
			"2025-H2 2 noncontent 500–999 2026-06-29", "2025-H2 2 noncontent_selectors 3500–3999 2026-06-29",
			"2026-H1 2 nsl 500–999 2026-07-01", "2026-H1 2 nsl_selectors 1000–1499 2026-07-01",
		},
		3: {"2026-H1 3 process 500–749 2026-07-01", "2026-H1 3 selectors 1000–1249 2026-07-01"},
		4: {"2024 4 process 300–399 2026-01-01", "2024 4 selectors 300–399 2026-01-01"},
	} {
		c := counting()
		c.Security.Structure = structure
		require.Equal(t, want, bands(t, c, rows...), "structure %d", structure)
	}
	c := Counting{Half: half.Next(), PublishedOn: half.Next().FreezeAt(), Security: SecurityRules{Structure: 4}}
	require.Empty(t, bands(t, c, rows...), "the yearly structure stands in reports on first halves")
	c.Security.Structure = 5
	_, err := Freeze(NewCount(c), Freezing{Now: c.PublishedOn})
	require.Error(t, err)
	require.Equal(t, 2, freeze(t).Structure, "the default")
}

// TestTheStrictWindows: 180 days before 1 August 2026, as law-and-practice reckons them.
func TestTheStrictWindows(t *testing.T) {
	c := counting()
	c.PublishedOn = on(t, "2026-08-01")
	c.Security.Window = Strict180
	w, ok := c.window(false)
	require.True(t, ok)
	require.Equal(t, "2026-02-02/2026-07-31", w.label)
	w, ok = c.window(true)
	require.True(t, ok)
	require.Equal(t, "2025-08-07/2026-02-02", w.label)
	require.True(t, w.holds(on(t, "2026-02-02T23:59:59Z")))
	require.False(t, w.holds(on(t, "2026-02-03T00:00:00Z")))
	c.Security.Window = "a_month"
	_, err := Freeze(NewCount(c), Freezing{Now: c.PublishedOn})
	require.Error(t, err)
}

// TestTheFirstOrderToAProductWaits 540 days: one of 10 January 2026 is out until 4 July 2027 (50 U.S.C. 1874(b)(1)(B)).
func TestTheFirstOrderToAProductWaits(t *testing.T) {
	rows := many(500, SecurityFact{Kind: "fisa", ReceivedAt: on(t, "2026-01-10T00:00:00Z"), Selectors: 1,
		Title: "VII", FirstOfProduct: true})
	next := Counting{Half: half.Next(), PublishedOn: on(t, "2027-07-03")}
	require.Contains(t, bands(t, next, rows...), "2026-H1 2 content 0–499 2026-12-27")
	next.PublishedOn = on(t, "2027-07-04T00:00:00Z")
	require.Contains(t, bands(t, next, rows...), "2026-H1 2 content 500–999 2026-12-27")

	next.PublishedOn, next.Security.Structure = on(t, "2027-01-15"), 3
	require.Equal(t, "2026-H2 3 process 0–249 2027-01-01", bands(t, next, rows...)[0], "received in the half before")
	first := counting()
	first.Security.Structure = 3
	require.Equal(t, "2026-H1 3 process 500–749 2026-07-01", bands(t, first, rows...)[0],
		"structures 3 and 4 know no embargo")
}

func TestFISARowsNeedTheTitle(t *testing.T) {
	yes := true
	before := on(t, "2025-09-01")
	for name, c := range map[string]struct {
		fact SecurityFact
		rows int
	}{
		"no title":                         {SecurityFact{}, 2},
		"title V without its call records": {SecurityFact{Title: "V"}, 2},
		"title V with them":                {SecurityFact{Title: "V", CallRecords: &yes}, 6},
		"title IV needs none":              {SecurityFact{Title: "IV"}, 6},
		"no title, but quashed":            {SecurityFact{Quashed: true}, 6},
	} {
		c.fact.Kind, c.fact.ReceivedAt = "fisa", before
		require.Len(t, bands(t, counting(), secretRow(c.fact)), c.rows, name)
	}
	for _, structure := range []int{3, 4} {
		c := counting()
		c.Security.Structure = structure
		require.Len(t, bands(t, c, secretRow(SecurityFact{Kind: "fisa", ReceivedAt: before})), 2,
			"all process together")
	}
}

func TestUKBandsAreAnOption(t *testing.T) {
	rows := many(500, SecurityFact{Kind: "uk_warrant", ReceivedAt: on(t, "2026-03-01"), Selectors: 1})
	c := counting()
	require.NotContains(t, strings.Join(bands(t, c, rows...), "\n"), "uk")
	c.Security.UKBands = true
	require.Contains(t, bands(t, c, rows...), "2026-H1 uk warrants 500–999 2026-07-01")
}

// TestC6NationalSecurityReachesNothingElse: Apple and Zoom print bands beside their tables; one matter in both would
// narrow the band. Two reports, with and without planted matters, have the same bytes in every file.
func TestC6NationalSecurityReachesNothingElse(t *testing.T) {
	_, rows := sample(t, 400)
	received := on(t, "2026-02-10")
	planted := []Row{
		secretRow(SecurityFact{Kind: "nsl", ReceivedAt: received, Selectors: 3}),
		secretRow(SecurityFact{Kind: "fisa", ReceivedAt: on(t, "2025-10-10"), Selectors: 3, Title: "VII"}),
	}
	ordinary := withData(requestRow(t, "AD", "court_order", Content, "2026-02-10", "2026-02-11"), Consumer, 40)
	ordinary.Notices = []NoticeFact{{DisclosedAt: received, N: 40, Spans: []Span{{Reason: ByOrder}}}}
	ordinary.Orders = []OrderFact{{ID: "o", Country: "AD", Kind: "certification", RecordedAt: received}}
	ordinary.Challenges = []ChallengeFact{{About: "order", Class: Consumer, FiledAt: received, Outcome: "pending"}}
	ordinary.SecretSince = received // an order that rests on the law of national security
	unknown := Row{Matter: "u", Country: "AD", Orders: ordinary.Orders,
		Notices: ordinary.Notices} // its request has not come yet
	planted = append(planted, ordinary, unknown)

	without := freeze(t, rows...)
	with := freeze(t, append(rows, planted...)...)
	require.Equal(t, without, with)
	before, err := Files(without)
	require.NoError(t, err)
	after, err := Files(with)
	require.NoError(t, err)
	require.Equal(t, before, after)
	feedBefore, err := Index(without.Publisher, []*Snapshot{without}, nil)
	require.NoError(t, err)
	feedAfter, err := Index(with.Publisher, []*Snapshot{with}, nil)
	require.NoError(t, err)
	require.Equal(t, feedBefore, feedAfter)

	ordinary.SecretSince = time.Time{}
	require.NotEqual(t, without.Tables, freeze(t, append(rows, ordinary)...).Tables,
		"the same matter without secrecy shows")
}

// TestAMatterThatBecomesSecretMakesNoRevision: published cells stay, and later halves do not see the matter.
func TestAMatterThatBecomesSecretMakesNoRevision(t *testing.T) {
	r := withData(requestRow(t, "US", "court_order", Content, "2026-02-10", "2026-02-11"), Consumer, 40)
	r.Notices = []NoticeFact{{DisclosedAt: on(t, "2026-02-11"), N: 40, Spans: []Span{{Reason: ByOrder}}}}
	one := freeze(t, r)
	r.SecretSince = one.FrozenAt.AddDate(0, 1, 0)
	r.Security = &SecurityFact{Kind: "nsl", ReceivedAt: r.Request.ReceivedAt, Selectors: 1}
	again := counting()
	again.FirstFrozen = one.FrozenAt
	_, err := Freeze(counted(t, again, r), Freezing{Now: one.FrozenAt.AddDate(0, 2, 0), Previous: one,
		Reason: "A look."})
	require.ErrorIs(t, err, ErrUnchanged)

	next := half.Next()
	after := freezeAs(t, Counting{Half: next, PublishedOn: next.FreezeAt()}, Freezing{Before: one}, r)
	require.Equal(t, 0, after.Summary.OwedAtStart)
	require.Equal(t, 0, after.Summary.Owed)
	require.Equal(t, "0", row(t, after, Received, "US", "court_order")["received"], "the row itself had been published")
}

// TestNoBandShowsItsCount: the snapshot, from which everything is printed, does not hold the numbers beneath the bands.
func TestNoBandShowsItsCount(t *testing.T) {
	s := freeze(t, many(317, SecurityFact{Kind: "nsl", ReceivedAt: on(t, "2026-03-01"), Selectors: 1})...)
	raw, err := s.Encode()
	require.NoError(t, err)
	require.NotContains(t, string(raw), "317")
}
