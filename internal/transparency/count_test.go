package transparency

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestC1TheUnitIsTheRequest: Meta's early files mix requests and accounts, so that "1,000" means two things. A
// request is
// one case; the accounts it names, and those with data, are counted apart.
func TestC1TheUnitIsTheRequest(t *testing.T) {
	r := withData(requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"), Consumer, 2)
	r.Request.Specified = 30
	got := row(t, freeze(t, r), Requests, "US", "subpoena", "non_content")
	require.Equal(t, "1", got["requests"])
	require.Equal(t, "30", got["accounts_specified"])
	require.Equal(t, "2", got["accounts_with_data"])
}

// TestC2ARequestCountsWhereItWasProcessed: Cloudflare explains that a request received in December and answered in
// January
// stands in "received" and in "in process"; and in January's report as answered.
func TestC2ARequestCountsWhereItWasProcessed(t *testing.T) {
	rows := []Row{
		requestRow(t, "US", "subpoena", NonContent, "2025-12-20", "2026-01-10"),
		requestRow(t, "US", "subpoena", NonContent, "2026-06-20", "2026-07-10"),
		requestRow(t, "US", "subpoena", "", "2026-06-21", ""),
	}
	s := freeze(t, rows...)
	require.Equal(t, "2", row(t, s, Received, "US", "subpoena")["received"])
	require.Equal(t, "1", row(t, s, Requests, "US", "subpoena", "non_content")["requests"])
	require.Equal(t, []OpenRequests{{"US", "subpoena", 2}}, s.InProcess)
	require.Contains(t, body(t, s, "notes.json"), `"in_process": 2`)

	before := freezeAs(t, Counting{Half: half.Previous(), PublishedOn: half.Start()}, Freezing{}, rows...)
	require.Equal(t, "1", row(t, before, Received, "US", "subpoena")["received"])
	require.Equal(t, 1, before.Summary.InProcess)
	require.Equal(t, 0, before.Summary.Processed)
}

// TestC2TheHalfIsThatOfUTC: an instant of 1 July in Tokyo is still June in UTC.
func TestC2TheHalfIsThatOfUTC(t *testing.T) {
	r := requestRow(t, "JP", "production_order", NonContent, "2026-06-30", "2026-07-01T08:59:59+09:00")
	require.Equal(t, "1", row(t, freeze(t, r), Requests, "JP", "production_order", "non_content")["requests"])
	r.Request.ProcessedAt = on(t, "2026-07-01T09:00:00+09:00")
	require.Equal(t, "0", row(t, freeze(t, r), Requests, "JP", "production_order", "non_content")["requests"])
}

// TestC3TwoPapersAreOneRequest: a warrant with two orders of silence is one request and two orders.
func TestC3TwoPapersAreOneRequest(t *testing.T) {
	r := requestRow(t, "US", "search_warrant", Content, "2026-02-01", "2026-02-03")
	for _, id := range []string{"ord-1", "ord-2"} {
		r.Orders = append(r.Orders, OrderFact{ID: id, Country: "US", Kind: "court_order", RecordedAt: on(t,
			"2026-02-02")})
	}
	s := freeze(t, r)
	require.Equal(t, 1, s.Summary.Processed)
	require.Equal(t, "2", row(t, s, SecrecyOrders, "US", "court_order")["received"])
}

// TestC4AWithdrawnRequestStays: Zoom counts withdrawn requests as an outcome; dropping them would hide them.
func TestC4AWithdrawnRequestStays(t *testing.T) {
	s := freeze(t, requestRow(t, "GB", "mlat", Withdrawn, "2026-02-01", "2026-03-01"))
	require.Equal(t, "1", row(t, s, Requests, "GB", "mlat", "withdrawn")["requests"])
}

// TestC5ACorrectionIsARevision: Zoom's page of the first half of 2023 printed "142 out of 54" and nobody can see
// when it
// changed. Here a correction needs a reason, lists its cells, and leaves the old revision alone.
func TestC5ACorrectionIsARevision(t *testing.T) {
	first := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03")
	one := freeze(t, first)
	later := counting()
	later.FirstFrozen = one.FrozenAt
	f := Freezing{Now: one.FrozenAt.AddDate(0, 1, 0), Previous: one}

	_, err := Freeze(counted(t, later, first), f)
	require.ErrorIs(t, err, ErrNoReason)
	f.Reason = "A request had been recorded late."
	_, err = Freeze(counted(t, later, first), f)
	require.ErrorIs(t, err, ErrUnchanged)

	more := requestRow(t, "US", "subpoena", NonContent, "2026-03-01", "2026-03-03")
	two, err := Freeze(counted(t, later, first, more), f)
	require.NoError(t, err)
	require.Equal(t, 2, two.Revision)
	hash, err := one.SHA256()
	require.NoError(t, err)
	require.Equal(t, hash, two.Revisions[0].SHA256)
	var cells []string
	for _, c := range two.Changes {
		cells = append(cells, c.File+" "+c.Key["outcome"]+" "+c.Column+" "+*c.Old+" → "+*c.New)
	}
	require.Equal(t, []string{
		"received.csv  received 1 → 2", "requests.csv non_content requests 1 → 2",
		"requests.csv non_content accounts_specified 1 → 2",
	}, cells)
	require.Equal(t, 1, one.Revision)
	require.Contains(t, body(t, two, "changes.json"), f.Reason)
}

func TestAHalfIsFrozenAfterItsEnd(t *testing.T) {
	_, err := Freeze(counted(t, counting()), Freezing{Now: half.End().Add(-time.Second)})
	require.ErrorIs(t, err, ErrNotOver)
}

// TestC8ZerosAreExplicit: a missing row in GitHub's file of 2024-H2 cannot be told from a zero. A country and a type
// that
// appeared once keep their rows with zeros, times the 13 outcomes.
func TestC8ZerosAreExplicit(t *testing.T) {
	old := requestRow(t, "FR", "mlat", NonContent, "2025-02-01", "2025-02-03")
	now := requestRow(t, "DE", "epoc", Content, "2026-02-01", "2026-02-03")
	later := requestRow(t, "IN", "other", Content, "2026-07-02", "2026-07-03")
	s := freeze(t, old, now, later)
	require.Len(t, s.table(Received).Rows, 2, "India appears after the half")
	require.Len(t, s.table(Requests).Rows, 2*13)
	require.Equal(t, "0", row(t, s, Requests, "FR", "mlat", "non_content")["requests"])
	require.Equal(t, "0", row(t, s, UserNotices, "FR")["disclosed"])
	require.Len(t, s.table(SecrecyOrders).Rows, 2*4)
	require.Len(t, s.table(Challenges).Rows, 2*9*5)

	next := half.Next()
	after := freezeAs(t, Counting{Half: next, PublishedOn: next.FreezeAt()}, Freezing{Before: s}, later)
	require.Equal(t, "0", row(t, after, Received, "FR", "mlat")["received"], "carried on by the snapshot before")
	require.Equal(t, &s.Summary, after.Before)
}

func TestC8AnUnknownCountryIsZZ(t *testing.T) {
	for _, code := range []string{"", "XX1", "us", "U", "=A"} {
		s := freeze(t, requestRow(t, code, "other", Content, "2026-02-01", "2026-02-03"))
		require.Equal(t, "1", row(t, s, Received, "ZZ", "other")["received"], code)
	}
}

// TestC9FilesHoldCounts: Google's file has a percentage without its numerator, so halves cannot be added up.
func TestC9FilesHoldCounts(t *testing.T) {
	for _, s := range Schemas() {
		for _, c := range s.Columns {
			require.NotContains(t, c.Name, "percent")
			require.NotContains(t, c.Name, "share")
		}
	}
}

// TestTheColumnsAreTheContracts fixes every header.
func TestTheColumnsAreTheContracts(t *testing.T) {
	s := freeze(t)
	for name, header := range map[string]string{
		"received.csv": "period,country,request_type,received\n",
		"requests.csv": "period,country,request_type,outcome,requests,accounts_specified,accounts_with_data\n",
		"accounts.csv": "period,account_class,account_type,account_country,accounts\n",
		"secrecy_orders.csv": "period,country,kind,received,deficient,challenged,extended," +
			"ended_early,expired,in_force_at_end,without_end_date,median_days,max_days\n",
		"user_notices.csv": "period,country,owed_at_start,disclosed,before_disclosure,at_disclosure,after_restraint," +
			"otherwise,cancelled,undeliverable,withheld_order,withheld_statute,withheld_exception," +
			"held,overdue,pending,unconfirmed,before_only,median_days_after_end,max_days_after_end\n",
		"challenges.csv":        "period,about,ground,account_class,raised,succeeded,partly,failed,pending\n",
		"national_security.csv": "period_label,structure,category,band,published_from\n",
	} {
		text := body(t, s, name)
		require.Equal(t, header, text[:len(header)], name)
	}
	require.Len(t, Outcomes(), 13)
}

func TestWhatCannotBeCountedIsAnError(t *testing.T) {
	good := func() Row { return requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03") }
	for name, spoil := range map[string]func(*Row){
		"no matter":                     func(r *Row) { r.Matter = "" },
		"nsl in an ordinary matter":     func(r *Row) { r.RequestType = "nsl" },
		"fisa in an ordinary matter":    func(r *Row) { r.RequestType = "fisa" },
		"a type nobody knows":           func(r *Row) { r.RequestType = "letter" },
		"facts for the bands":           func(r *Row) { r.Security = &SecurityFact{Kind: "nsl"} },
		"no receipt":                    func(r *Row) { r.Request.ReceivedAt = time.Time{} },
		"an outcome without an instant": func(r *Row) { r.Request.ProcessedAt = time.Time{} },
		"an outcome that is none":       func(r *Row) { r.Request.Outcome = "told" },
		"data of more than it asked for": func(r *Row) {
			r.Request.WithData = []AccountFact{{Class: Consumer, Type: "", Country: "DE",
				N: 2}}
		},
		"a class that is none": func(r *Row) { r.Request.WithData = []AccountFact{{Class: "mixed", Country: "DE", N: 1}} },
		"an order without a kind": func(r *Row) {
			r.Orders = []OrderFact{{ID: "o",
				RecordedAt: half.Start()}}
		},
		"told without an instant": func(r *Row) { r.Notices = []NoticeFact{{Closing: Told}} },
		"a challenge about something else": func(r *Row) {
			r.Challenges = []ChallengeFact{{About: "law",
				Class: Consumer}}
		},
		"a decided challenge without a day": func(r *Row) {
			r.Challenges = []ChallengeFact{{About: "order", Class: Consumer, FiledAt: half.Start(), Outcome: "upheld"}}
		},
	} {
		r := good()
		spoil(&r)
		require.Error(t, NewCount(counting()).Add(r), name)
	}
	require.NoError(t, NewCount(counting()).Add(good()))
}

// TestACrossCheckStopsThePublication plants what no rows can bring about: a cell that does not fit the totals.
func TestACrossCheckStopsThePublication(t *testing.T) {
	r := withData(requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"), Consumer, 1)
	r.Notices = []NoticeFact{{DisclosedAt: on(t, "2026-02-03"), Closing: Told, ClosedAt: on(t, "2026-02-04")}}
	for name, plant := range map[string]func(*Count){
		"a request more": func(c *Count) {
			c.requests[requestKey{pair{"US", "subpoena"},
				NonContent}].requests++
		},
		"a received one more":      func(c *Count) { c.received[pair{"US", "subpoena"}]++ },
		"an account less":          func(c *Count) { c.accounts[accountKey{Consumer, "basic", "DE"}]-- },
		"a unit in no cell":        func(c *Count) { c.notices["US"].atOnce-- },
		"a unit in two cells":      func(c *Count) { c.notices["US"].pending++ },
		"more unconfirmed":         func(c *Count) { c.notices["US"].unconfirmed = 2 },
		"national security beside": func(c *Count) { c.pairs[pair{"US", "nsl"}] = true },
		"more deficient":           func(c *Count) { at(c.orders, orderKey{"US", "plea"}).deficient++ },
		"a lost challenge": func(c *Count) {
			at(c.contested, challengeKey{"order", AnyGround,
				Consumer}).raised++
		},
	} {
		c := counted(t, counting(), r)
		plant(c)
		_, err := Freeze(c, Freezing{Now: half.FreezeAt()})
		require.ErrorAs(t, err, new(CrossCheckError), name)
	}
}

// TestAnswered: when a request is processed, and what came of it.
func TestAnswered(t *testing.T) {
	day := func(n int) time.Time { return half.Start().AddDate(0, 0, n) }
	for name, c := range map[string]struct {
		answered Answered
		at       time.Time
		outcome  Outcome
	}{
		"nothing yet": {Answered{}, time.Time{}, ""},
		"a decision to comply ends none": {Answered{Decisions: []DecisionFact{{Decision: "comply", At: day(1)}}},
			time.Time{}, ""},
		"rejected": {Answered{Decisions: []DecisionFact{{Decision: "reject", At: day(1), Outcome: ""}}}, day(1),
			RejectedInvalid},
		"redirected": {Answered{Decisions: []DecisionFact{{Decision: "redirect", At: day(1), Outcome: ""}}}, day(1),
			RedirectedToCustomer},
		"withdrawn": {Answered{Decisions: []DecisionFact{{Decision: "comply", At: day(1)},
			{Decision: "withdrawn", At: day(2)}}}, day(2), Withdrawn},
		"the decision's own outcome": {Answered{Decisions: []DecisionFact{
			{Decision: "reject", At: day(1), Outcome: RejectedService}}}, day(1), RejectedService},
		"content wins": {Answered{Disclosures: []DisclosureFact{{At: day(4), WithData: 1},
			{At: day(3), Content: true, WithData: 1}}}, day(3), Content},
		"no content": {Answered{Disclosures: []DisclosureFact{{At: day(3), Content: false, WithData: 1}}}, day(3),
			NonContent},
		"nothing was held": {Answered{Disclosures: []DisclosureFact{{At: day(3), Content: true, WithData: 0}}}, day(3),
			NoResponsiveData},
		"the closing comes first": {Answered{Closing: Partial, ClosedAt: day(9),
			Disclosures: []DisclosureFact{{At: day(3), Content: true, WithData: 1}}}, day(3), Partial},
		"closed before anything": {Answered{Closing: InsufficientInformation, ClosedAt: day(1),
			Decisions: []DecisionFact{{Decision: "reject", At: day(2), Outcome: ""}}},
			day(1), InsufficientInformation},
	} {
		require.Equal(t, c.at, c.answered.ProcessedAt(), name)
		require.Equal(t, c.outcome, c.answered.Outcome(), name)
	}
}

// TestCountsMerge: counts of parts, merged, are the count of the whole, in any order.
func TestCountsMerge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed, n := rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 40).Draw(rt, "matters")
		parts := []*Count{NewCount(counting()), NewCount(counting()), NewCount(counting())}
		whole := NewCount(counting())
		for r := range Sample(seed, Half{Year: 2025, Part: 1}, 4, n) {
			require.NoError(rt, whole.Add(r))
			require.NoError(rt, parts[rapid.IntRange(0, 2).Draw(rt, "part")].Add(r))
		}
		require.NoError(rt, parts[2].Merge(parts[0]))
		require.NoError(rt, parts[2].Merge(parts[1]))
		a, err := Freeze(whole, Freezing{Now: half.FreezeAt()})
		require.NoError(rt, err)
		b, err := Freeze(parts[2], Freezing{Now: half.FreezeAt()})
		require.NoError(rt, err)
		require.Equal(rt, a, b)
	})
	require.Error(t, NewCount(counting()).Merge(NewCount(Counting{Half: half.Next()})))
}

// TestADraftLooksAtAHalfThatHasNotEnded: what lies ahead has not happened, and the page says that it is a draft.
func TestADraftLooksAtAHalfThatHasNotEnded(t *testing.T) {
	r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03")
	r.Orders = []OrderFact{{ID: "o", Country: "US", Kind: "court_order", RecordedAt: on(t, "2026-02-01"),
		Until: on(t, "2026-05-01")}}
	r.Notices = []NoticeFact{{DisclosedAt: on(t, "2026-02-03"),
		Spans: []Span{{Reason: ByOrder, From: time.Time{}, Until: on(t, "2026-05-01")}}}}
	c := counting()
	c.Cutoff = on(t, "2026-04-01")
	_, err := Freeze(counted(t, c, r), Freezing{Now: c.Cutoff})
	require.ErrorIs(t, err, ErrNotOver)
	s, err := Freeze(counted(t, c, r), Freezing{Now: c.Cutoff, Draft: true})
	require.NoError(t, err)
	require.Equal(t, "1", row(t, s, UserNotices, "US")["withheld_order"], "at the end of June it would be overdue")
	require.Equal(t, "0", row(t, s, SecrecyOrders, "US", "court_order")["expired"])
	require.Equal(t, "1", row(t, s, SecrecyOrders, "US", "court_order")["in_force_at_end"])
	require.Contains(t, body(t, s, "index.html"), "Draft.")

	again, err := Freeze(counted(t, Counting{Half: half, FirstFrozen: half.FreezeAt()}, r),
		Freezing{Now: half.FreezeAt(), Draft: true, Previous: freeze(t, r)})
	require.NoError(t, err, "a draft needs no reason and no change")
	require.Empty(t, again.Changes)
	require.NotContains(t, body(t, freeze(t, r), "index.html"), "Draft.")
}
