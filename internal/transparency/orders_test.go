package transparency

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHowAnOrderIsCounted(t *testing.T) {
	day := func(text string) time.Time { return on(t, text) }
	base := OrderFact{ID: "ord-1", Country: "US", Kind: "court_order", RecordedAt: day("2026-02-01"),
		SignedAt: day("2026-01-30"), Until: day("2026-12-31")}
	for name, c := range map[string]struct {
		change func(*OrderFact)
		cells  map[string]string
	}{
		"received, and in force at the end": {func(*OrderFact) {}, map[string]string{"received": "1",
			"in_force_at_end": "1", "without_end_date": "0"}},
		"received before": {func(o *OrderFact) { o.RecordedAt = day("2025-12-31") },
			map[string]string{"received": "0", "in_force_at_end": "1"}},
		"received after the half": {func(o *OrderFact) { o.RecordedAt = half.End() },
			map[string]string{"received": "0", "in_force_at_end": "0"}},
		"without an end": {func(o *OrderFact) { o.Until = time.Time{} },
			map[string]string{"in_force_at_end": "1", "without_end_date": "1"}},
		"it starts after the half": {func(o *OrderFact) { o.StartsAt = half.End() },
			map[string]string{"received": "1", "in_force_at_end": "0"}},
		"expired": {func(o *OrderFact) { o.Until = day("2026-03-01") },
			map[string]string{"expired": "1", "ended_early": "0", "in_force_at_end": "0", "max_days": "30"}},
		"lifted early": {func(o *OrderFact) { o.EndedAt = day("2026-03-01") },
			map[string]string{"expired": "0", "ended_early": "1", "in_force_at_end": "0"}},
		"lifted, effective after the half": {func(o *OrderFact) { o.EndedAt = half.End() },
			map[string]string{"ended_early": "0", "in_force_at_end": "1"}},
		"lifted later than its end": {func(o *OrderFact) { o.Until, o.EndedAt = day("2026-03-01"), day("2026-04-01") },
			map[string]string{"expired": "1", "ended_early": "0"}},
		"an order without end, lifted in the next half": {func(o *OrderFact) {
			o.Until, o.EndedAt = time.Time{},
				day("2026-09-01")
		},
			map[string]string{"in_force_at_end": "1", "without_end_date": "1"}},
		"days from the start where there is one": {func(o *OrderFact) {
			o.StartsAt, o.Until = day("2026-02-19"),
				day("2026-03-01")
		}, map[string]string{"max_days": "10"}},
		"days of which nobody knows the start": {func(o *OrderFact) {
			o.SignedAt, o.Until = time.Time{},
				day("2026-03-01")
		}, map[string]string{"expired": "1", "max_days": ""}},
		"deficient": {func(o *OrderFact) { o.Deficient = true },
			map[string]string{"received": "1", "deficient": "1", "in_force_at_end": "1"}},
		"deficient, received before": {func(o *OrderFact) {
			o.Deficient, o.RecordedAt = true,
				day("2025-12-31")
		}, map[string]string{"deficient": "0"}},
		"an extension": {func(o *OrderFact) { o.Extends = true },
			map[string]string{"received": "1", "extended": "1"}},
		"challenged in the half": {func(o *OrderFact) { o.ChallengedAt = day("2026-03-01") },
			map[string]string{"challenged": "1"}},
		"challenged in the half after": {func(o *OrderFact) { o.ChallengedAt = half.End() },
			map[string]string{"challenged": "0"}},
		"void: neither received nor held": {func(o *OrderFact) { o.Void = true },
			map[string]string{"received": "0", "in_force_at_end": "0"}},
		"a standing law is no order": {func(o *OrderFact) { o.Standing = true },
			map[string]string{"received": "0", "in_force_at_end": "0"}},
	} {
		o := base
		c.change(&o)
		r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03")
		r.Orders = []OrderFact{o}
		got := row(t, freeze(t, r), SecrecyOrders, "US", "court_order")
		for column, want := range c.cells {
			require.Equal(t, want, got[column], "%s: %s", name, column)
		}
	}
}

// TestAnOrderCountsInItsIssuersCountry: a German court's order in a matter that came by MLAT through the United States.
func TestAnOrderCountsInItsIssuersCountry(t *testing.T) {
	r := requestRow(t, "US", "mlat", NonContent, "2026-02-01", "2026-02-03")
	r.Orders = []OrderFact{{ID: "o", Country: "DE", Kind: "plea", RecordedAt: on(t, "2026-02-01")}}
	s := freeze(t, r)
	require.Equal(t, "1", row(t, s, SecrecyOrders, "DE", "plea")["received"], "kind as assessed")
	require.Equal(t, "0", row(t, s, SecrecyOrders, "US", "plea")["received"])
}

func TestTheMedianOfOrdersNeedsFiveCases(t *testing.T) {
	r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03")
	for i, days := range []int{10, 20, 30, 40, 50, 60} {
		start := on(t, "2026-02-01")
		r.Orders = append(r.Orders, OrderFact{ID: itoa(i), Country: "US", Kind: "court_order", RecordedAt: start,
			StartsAt: start, Until: start.AddDate(0, 0, days)})
	}
	all := row(t, freeze(t, r), SecrecyOrders, "US", "court_order")
	require.Equal(t, "30", all["median_days"], "the lower of 30 and 40")
	require.Equal(t, "60", all["max_days"])
	r.Orders = r.Orders[:4]
	require.Equal(t, "", row(t, freeze(t, r), SecrecyOrders, "US", "court_order")["median_days"])
}

func TestHowAChallengeIsCounted(t *testing.T) {
	day := func(text string) time.Time { return on(t, text) }
	base := ChallengeFact{About: "order", Grounds: []string{"overbroad"}, Class: Consumer, FiledAt: day("2026-02-01"),
		Outcome: "pending"}
	for name, c := range map[string]struct {
		change func(*ChallengeFact)
		// cells are raised, succeeded, partly, failed, pending.
		cells challengeTally
	}{
		"raised": {func(*ChallengeFact) {}, challengeTally{raised: 1, pending: 1}},
		"raised before, still pending": {func(f *ChallengeFact) { f.FiledAt = day("2025-02-01") },
			challengeTally{start: 1, pending: 1}},
		"raised after the half": {func(f *ChallengeFact) { f.FiledAt = half.End() }, challengeTally{}},
		"upheld: the paper stands": {func(f *ChallengeFact) { f.Outcome, f.DecidedAt = "upheld", day("2026-03-01") },
			challengeTally{raised: 1, failed: 1}},
		"narrowed": {func(f *ChallengeFact) { f.Outcome, f.DecidedAt = "narrowed", day("2026-03-01") },
			challengeTally{raised: 1, partly: 1}},
		"vacated": {func(f *ChallengeFact) { f.Outcome, f.DecidedAt = "vacated", day("2026-03-01") },
			challengeTally{raised: 1, succeeded: 1}},
		"quashed": {func(f *ChallengeFact) { f.Outcome, f.DecidedAt = "quashed", day("2026-03-01") },
			challengeTally{raised: 1, succeeded: 1}},
		"decided in the half after": {func(f *ChallengeFact) { f.Outcome, f.DecidedAt = "quashed", half.End() },
			challengeTally{raised: 1, pending: 1}},
		"decided before the half": {func(f *ChallengeFact) {
			f.FiledAt, f.Outcome, f.DecidedAt = day("2025-02-01"), "quashed", day("2025-03-01")
		}, challengeTally{}},
	} {
		f := base
		c.change(&f)
		r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03")
		r.Challenges = []ChallengeFact{f}
		count := counted(t, counting(), r)
		for _, ground := range []string{"overbroad", AnyGround} {
			got := challengeTally{}
			if tallied := count.contested[challengeKey{"order", ground, Consumer}]; tallied != nil {
				got = *tallied
			}
			require.Equal(t, c.cells, got, "%s: %s", name, ground)
		}
	}
}

// TestAChallengeCountsOnceAGround: two grounds are two rows, one challenge; older codes are read; doubles count once.
func TestAChallengeCountsOnceAGround(t *testing.T) {
	r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03")
	for range 7 {
		r.Challenges = append(r.Challenges, ChallengeFact{About: "request", Grounds: []string{"O8", "overbroad",
			"bad_service", "poor"}, Class: Mixed,
			FiledAt: on(t, "2026-02-02"), Outcome: "pending"})
	}
	s := freeze(t, r)
	for _, ground := range []string{"overbroad", "bad_service", "other", AnyGround} {
		require.Equal(t, "7", row(t, s, Challenges, "request", ground, Mixed)["raised"], ground)
	}
	require.Equal(t, "0", row(t, s, Challenges, "request", "no_authority", Mixed)["raised"])
	require.Equal(t, "no_end_date", GroundOf("O13"))
}
