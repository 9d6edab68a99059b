package restraint_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

func TestE03_AnExtensionBeforeTheEndMovesTheDue(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("first", through(t, "2026-03-31")))
	s.due("2026-03-20T00:00:00Z", "2026-04-01T04:00:00Z")
	s.file("2026-03-20T00:00:00Z", paper("second", through(t, "2026-06-30")))
	s.due("2026-03-20T00:00:00Z", "2026-07-01T04:00:00Z")
}

func TestE04_AnExtensionAfterExpiryBlocksFromItsReceipt(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("first", through(t, "2026-03-10")))
	s.due("2026-03-12T00:00:00Z", "2026-03-11T04:00:00Z")
	s.file("2026-03-12T00:00:00Z", paper("second", through(t, "2026-06-30")))
	s.due("2026-03-12T00:00:00Z", "2026-07-01T04:00:00Z")
	s.clear("2026-03-12T00:00:00Z", false)
}

func TestE04_AnExtensionAfterExpiryWithAStartOfItsOwnIsNotRetroactive(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("first", through(t, "2026-03-10")))
	second := paper("second", through(t, "2026-06-30"))
	second.StartsOn = day(t, "2026-04-01")
	s.file("2026-03-12T00:00:00Z", second)
	s.due("2026-03-12T00:00:00Z", "2026-03-11T04:00:00Z")
	s.clear("2026-03-12T00:00:00Z", true)
	s.due("2026-04-01T04:00:00Z", "2026-07-01T04:00:00Z")
}

func TestE05_AnOrderAfterTheMailChangesNeitherTheDueItRestedOnNorRecallsIt(t *testing.T) {
	s := begin(t, tuesday)
	n := s.notice()
	n.State, n.SentAt, n.Token = notice.Sent, at(t, "2026-03-04T00:00:00Z"), "tok"
	n.Attempts = []notice.Attempt{{Token: "tok", Outcome: "accepted", Due: s.base}}
	s.file("2026-03-12T00:00:00Z", paper("late", through(t, "2026-06-30")))
	due, known := restraint.NewEvaluator().NoticeDue(n, u1(), &s.head, at(t, "2026-03-12T00:00:00Z"))
	require.True(t, known)
	require.Equal(t, s.base, due)
	visit, open := restraint.NewEvaluator().NextVisit(n, u1(), &s.head, at(t, "2026-03-12T00:00:00Z"))
	require.True(t, open)
	require.Equal(t, n.SentAt.Add(notice.ConfirmWindow), visit)
}

func TestE06_TwoOverlappingOrdersAreAUnion(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("federal", through(t, "2026-04-30")))
	state := paper("state", through(t, "2026-05-31"))
	state.StartsOn = day(t, "2026-03-15")
	s.file(tuesday, state)
	s.due("2026-03-04T00:00:00Z", "2026-06-01T04:00:00Z")
	s.due("2026-05-04T00:00:00Z", "2026-06-01T04:00:00Z")
	s.due("2026-07-04T00:00:00Z", "2026-06-01T04:00:00Z")
}

func TestE07_ASecondOrderThatEndsEarlierHasNoEffect(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("long", through(t, "2026-05-31")))
	s.due(tuesday, "2026-06-01T04:00:00Z")
	s.file("2026-03-20T00:00:00Z", paper("short", through(t, "2026-03-31")))
	s.due("2026-03-20T00:00:00Z", "2026-06-01T04:00:00Z")
}

func TestE08_AnOrderCoversThreeOfTen(t *testing.T) {
	s := begin(t, tuesday)
	o := paper("three", through(t, "2026-05-31"))
	o.Covers.Subjects = matter.CoveredSubjects{IDs: []string{"u3", "u6", "u9"}}
	s.file(tuesday, o)
	for i := range 10 {
		want := tuesday
		if i > 0 && i%3 == 0 {
			want = "2026-06-01T04:00:00Z"
		}
		s.dueOf(fmt.Sprintf("u%d", i), matter.User, tuesday, want)
	}
}

func TestE11_E13_E14_AnOrderWithoutADateHoldsWithoutADue(t *testing.T) {
	for name, end := range map[string]matter.End{
		"E11 no end":                       none(),
		"E13 until further order":          {Kind: matter.EndEvent, Text: "until further order of the court"},
		"E14 until indictment":             {Kind: matter.EndEvent, Text: "until indictment"},
		"E23 a period from a missing date": {Kind: matter.EndPeriod, N: 90, Unit: "days", From: "served"},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, tuesday)
			s.file(tuesday, paper("endless", end))
			s.due("2036-03-03T12:00:00Z", "")
			s.clear("2036-03-03T12:00:00Z", false)
			s.state(s.order("endless"), "2036-03-03T12:00:00Z", matter.OrderInForceDeficient)
			visit, open := restraint.NewEvaluator().NextVisit(s.notice(), u1(), &s.head, at(t, tuesday))
			require.True(t, open)
			require.Equal(t, at(t, tuesday).AddDate(0, 0, 90), visit, "reviewed each 90 days")
			visit, _ = restraint.NewEvaluator().NextVisit(s.notice(), u1(), &s.head, visit)
			require.Equal(t, at(t, tuesday).AddDate(0, 0, 180), visit, "and again")
		})
	}
}

func TestE12_SecrecyWithoutAnEndByStatuteOrCertificationIsNotDeficient(t *testing.T) {
	for _, row := range []struct {
		kind   matter.OrderKind
		review int
	}{{matter.Statute, 365}, {matter.Certification, 90}} {
		t.Run(string(row.kind), func(t *testing.T) {
			s := begin(t, tuesday)
			o := paper("nsl", none())
			o.Kind = row.kind
			s.file(tuesday, o)
			s.due("2036-03-03T12:00:00Z", "")
			s.state(s.order("nsl"), tuesday, matter.OrderOpenEnded)
			visit, _ := restraint.NewEvaluator().NextVisit(s.notice(), u1(), &s.head, at(t, tuesday))
			require.Equal(t, at(t, tuesday).AddDate(0, 0, row.review), visit)
			visit, open := restraint.NewEvaluator().NextOrderVisit(s.order("nsl"), &s.head, at(t, tuesday))
			require.True(t, open)
			require.Equal(t, at(t, tuesday).AddDate(0, 0, row.review), visit)
		})
	}
}

func TestE15_ADateWithoutTimeHoldsThroughTheCourtsDay(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", matter.End{Kind: matter.EndDate, Date: day(t, "2026-08-31"), Wording: "until"}))
	s.due(tuesday, "2026-09-01T04:00:00Z")
}

func TestE17_AnUnknownCourtIsReadInTheLatestZone(t *testing.T) {
	s := begin(t, tuesday)
	o := paper("o", through(t, "2026-06-30"))
	o.Issuer.Zone = ""
	s.file(tuesday, o)
	s.due(tuesday, "2026-07-01T10:00:00Z")
}

func TestE29_TheEndOfOneRestraintDoesNotEndAnother(t *testing.T) {
	s := begin(t, tuesday)
	statute := paper("law-us-18-3123d", none())
	statute.Kind = matter.Statute
	s.file(tuesday, statute)
	s.file(tuesday, paper("order", through(t, "2026-05-31")))
	s.due("2026-04-01T00:00:00Z", "")
	s.restraint("law-us-18-3123d").Ended = at(t, "2026-04-01T00:00:00Z")
	s.due("2026-04-01T00:00:00Z", "2026-06-01T04:00:00Z")
	s.clear("2026-04-01T00:00:10Z", false)
}

func TestE31_ALaterOrderHoldsTheNoticesOfBothDisclosures(t *testing.T) {
	s := begin(t, tuesday)
	s.file("2026-03-10T00:00:00Z", paper("warrant", through(t, "2026-05-31")))
	s.due("2026-03-10T00:00:00Z", "2026-06-01T04:00:00Z")
	s.base = at(t, "2026-03-11T00:00:00Z")
	s.due("2026-03-10T00:00:00Z", "2026-06-01T04:00:00Z")
}

func TestE33_AnEarlyLiftingWorksFromItsInstant(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", none()))
	o := s.order("o")
	s.restraint("o").Ended = at(t, "2026-04-02T15:00:00Z")
	o.Endings = []matter.Ending{{How: "lifted", EffectiveAt: at(t, "2026-04-02T15:00:00Z")}}
	s.due("2026-04-02T14:59:59Z", "2026-04-02T15:00:00Z")
	s.state(o, "2026-04-02T14:59:59Z", matter.OrderInForceDeficient)
	s.state(o, "2026-04-02T15:00:00Z", matter.OrderEnded)
	s.clear("2026-04-02T15:00:02Z", false)
	s.clear("2026-04-02T15:00:03Z", true)
	_, open := restraint.NewEvaluator().NextOrderVisit(o, &s.head, at(t, "2026-04-02T15:00:00Z"))
	require.False(t, open)
}

func TestE33_TheFirstEndingCounts(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", none()))
	o := s.order("o")
	s.restraint("o").Ended = at(t, "2026-04-02T00:00:00Z")
	o.Endings = []matter.Ending{
		{How: "lifted", EffectiveAt: at(t, "2026-05-01T00:00:00Z")}, {How: "vacated",
			EffectiveAt: at(t, "2026-04-02T00:00:00Z")},
	}
	s.state(o, "2026-04-10T00:00:00Z", matter.OrderEnded)
	s.state(o, "2026-05-10T00:00:00Z", matter.OrderEnded)
}

func TestAnOrderEndedAheadHoldsUntilThen(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", through(t, "2026-12-31")))
	s.restraint("o").Ended = at(t, "2026-06-01T00:00:00Z")
	s.due(tuesday, "2026-06-01T00:00:00Z")
	s.clear("2026-05-31T23:59:59Z", false)
	visit, open := restraint.NewEvaluator().NextOrderVisit(s.order("o"), &s.head, at(t, tuesday))
	require.True(t, open)
	require.Equal(t, at(t, "2026-06-01T00:00:00Z"), visit)
}

func TestAnOrderEndedLaterThanItsEndLengthensNothing(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", through(t, "2026-03-31")))
	s.restraint("o").Ended = at(t, "2026-06-01T00:00:00Z")
	o := s.order("o")
	o.Endings = []matter.Ending{{How: "permitted", EffectiveAt: at(t, "2026-06-01T00:00:00Z")}}
	s.due(tuesday, "2026-04-01T04:00:00Z")
	s.state(o, "2026-05-01T00:00:00Z", matter.OrderExpired)
	s.state(o, "2026-07-01T00:00:00Z", matter.OrderExpired)
}

func TestAnOrderEndedBeforeItsStartCoversNothing(t *testing.T) {
	s := begin(t, tuesday)
	o := paper("o", through(t, "2026-12-31"))
	o.StartsOn = day(t, "2026-06-01")
	s.file(tuesday, o)
	s.restraint("o").Ended = at(t, "2026-04-01T00:00:00Z")
	s.due("2026-07-01T00:00:00Z", tuesday)
}

func TestE43_NothingMayCoverWithinThreeSecondsOfNowNorBeginBeforeTheHandOver(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("past", instant(t, "2026-04-01T00:00:00Z")))
	next := paper("next", through(t, "2026-06-30"))
	next.StartsOn = day(t, "2026-05-01")
	s.file(tuesday, next)
	for now, want := range map[string]bool{
		"2026-04-01T00:00:00Z": false, "2026-04-01T00:00:02Z": false, "2026-04-01T00:00:03Z": true,
		"2026-05-01T03:59:44Z": true, "2026-05-01T03:59:45Z": false, "2026-05-01T04:00:00Z": false,
	} {
		s.clear(now, want)
	}
}

func TestE44_NewZoneDataOnlyLengthen(t *testing.T) {
	s := begin(t, tuesday)
	r := s.file(tuesday, paper("o", through(t, "2026-06-30")))
	r.Until = at(t, "2026-07-01T05:00:00Z")
	s.due(tuesday, "2026-07-01T05:00:00Z")
	r.Until = at(t, "2026-07-01T03:00:00Z")
	s.due(tuesday, "2026-07-01T04:00:00Z")
	r.Until = time.Time{}
	s.due(tuesday, "")

	later := paper("later", through(t, "2026-12-31"))
	later.StartsOn = day(t, "2026-06-01")
	r = s.file(tuesday, later)
	from := func() time.Time { return restraint.NewEvaluator().Ends(r, time.Time{}).From }
	r.From = at(t, "2026-06-01T05:00:00Z")
	require.Equal(t, at(t, "2026-06-01T04:00:00Z"), from())
	r.From = at(t, "2026-06-01T03:00:00Z")
	require.Equal(t, at(t, "2026-06-01T03:00:00Z"), from())
	r.From = time.Time{}
	require.Zero(t, from())
}

func TestAGapThatWasMissedIsGone(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("first", through(t, "2026-03-09")))
	second := paper("second", through(t, "2026-04-30"))
	second.StartsOn = day(t, "2026-03-20")
	s.file(tuesday, second)
	s.due("2026-03-05T00:00:00Z", "2026-03-10T04:00:00Z")
	s.due("2026-03-15T00:00:00Z", "2026-03-10T04:00:00Z")
	s.due("2026-03-25T00:00:00Z", "2026-05-01T04:00:00Z")
	s.due("2026-05-25T00:00:00Z", "2026-05-01T04:00:00Z")
}

func TestABaseAfterTheOrdersEndIsTheDue(t *testing.T) {
	s := begin(t, "2026-05-05T00:00:00Z")
	s.file(tuesday, paper("o", through(t, "2026-03-31")))
	s.due(tuesday, "2026-05-05T00:00:00Z")
	s.due("2026-06-05T00:00:00Z", "2026-05-05T00:00:00Z")
	s.clear("2026-05-04T23:59:59Z", false)
	s.clear("2026-05-05T00:00:00Z", true)
}

func TestAnOpenOrderAfterAGapLeavesTheGapDue(t *testing.T) {
	s := begin(t, tuesday)
	o := paper("o", none())
	o.StartsOn = day(t, "2026-04-01")
	s.file(tuesday, o)
	s.due("2026-03-05T00:00:00Z", tuesday)
	s.due("2026-04-05T00:00:00Z", "")
}

func TestAPleaHoldsTenDaysAfterItWasRecordedOrToItsStatedEnd(t *testing.T) {
	for name, row := range map[string]struct {
		end  matter.End
		want string
	}{
		"without an end": {none(), "2026-03-13T12:00:00Z"},
		"a later end":    {through(t, "2026-12-31"), "2026-03-13T12:00:00Z"},
		"an earlier end": {through(t, "2026-03-06"), "2026-03-07T05:00:00Z"},
		"an absurd length": {matter.End{Kind: matter.EndPeriod, N: 99_999, Unit: "years", From: "signed"},
			"2026-03-13T12:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, tuesday)
			o := paper("plea", row.end)
			o.Kind, o.SignedOn = matter.Plea, day(t, "2026-01-01")
			s.file(tuesday, o)
			s.due(tuesday, row.want)
			s.state(s.order("plea"), tuesday, matter.OrderPlea)
			s.state(s.order("plea"), "2027-03-03T12:00:00Z", matter.OrderPlea)
			visit, open := restraint.NewEvaluator().NextOrderVisit(s.order("plea"), &s.head, at(t, tuesday))
			require.True(t, open)
			require.Equal(t, at(t, row.want), visit)
			_, open = restraint.NewEvaluator().NextOrderVisit(s.order("plea"), &s.head, at(t, row.want))
			require.False(t, open)
		})
	}
}

func TestWhomARestraintCovers(t *testing.T) {
	u1 := matter.CoveredSubjects{IDs: []string{"u1", "nobody"}}
	for name, row := range map[string]struct {
		change func(*matter.Restraint)
		u1, u2 bool
		admin  bool
	}{
		"a named subject only":             {func(*matter.Restraint) {}, true, false, true},
		"an unknown name covers everybody": {func(r *matter.Restraint) { r.Unknown = []string{"nobody"} }, true, true, true},
		"a torn list covers everybody":     {func(r *matter.Restraint) { r.Torn, r.Subjects = true, nil }, true, true, true},
		"all covers everybody":             {func(r *matter.Restraint) { r.All, r.Subjects = true, nil }, true, true, true},
		"recipients narrow": {func(r *matter.Restraint) { r.Recipients = []matter.Role{matter.User} }, true,
			false, false},
		"recipients narrow an unknown name": {func(r *matter.Restraint) {
			r.Unknown, r.Recipients = []string{"nobody"},
				[]matter.Role{matter.User}
		}, true, true, false},
		"a void one covers nobody": {func(r *matter.Restraint) { r.Void, r.All, r.Torn = true, true, true }, false,
			false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, tuesday)
			o := paper("o", none())
			o.Covers.Subjects = u1
			o.Silence = "subject"
			row.change(s.file(tuesday, o))
			e := restraint.NewEvaluator()
			covered := func(subject string, role matter.Role) bool {
				return len(e.Covering(&s.head, restraint.Target{Subject: subject, Role: role})) > 0
			}
			require.Equal(t, row.u1, covered("u1", matter.User))
			require.Equal(t, row.u2, covered("u2", matter.User))
			require.Equal(t, row.admin, covered("u1", matter.Admin))
		})
	}
}

func TestE10_ARestraintCoversTheRecipientsThatItsPeopleShare(t *testing.T) {
	s := begin(t, tuesday)
	o := paper("o", none())
	o.Covers.Subjects = matter.CoveredSubjects{IDs: []string{"u1"}}
	r := s.file(tuesday, o)
	covered := func(tenant string) bool {
		target := restraint.Target{Subject: "u2", Role: matter.Admin, Tenant: tenant}
		return len(restraint.NewEvaluator().Covering(&s.head, target)) > 0
	}
	require.False(t, covered("acme"))
	r.Tenants = []string{"acme"}
	require.True(t, covered("acme"))
	require.False(t, covered("beta"))
	require.False(t, covered(""), "a recipient of one person's own")
	r.Tenants = []string{matter.AnyTenant}
	require.True(t, covered("beta"))
	require.False(t, covered(""))
	r.Recipients = []matter.Role{matter.User}
	require.False(t, covered("beta"), "the order lets the admin be told")
}

func TestARestraintCoversWhoeverSharesAMailboxWithItsPeople(t *testing.T) {
	s := begin(t, tuesday)
	o := paper("o", none())
	o.Covers.Subjects = matter.CoveredSubjects{IDs: []string{"u2"}}
	r := s.file(tuesday, o)
	covered := func(n *notice.Notice, of *matter.Subject) bool {
		return len(restraint.NewEvaluator().Covering(&s.head, restraint.TargetOf(n, of))) > 0
	}
	require.False(t, covered(s.notice(), u1()))
	r.Mailboxes = []string{"box-u1"}
	require.True(t, covered(s.notice(), u1()), "tenant or not")
	elsewhere := u1()
	elsewhere.Contacts[0].Mailbox = "box-elsewhere"
	require.False(t, covered(s.notice(), elsewhere))
	elsewhere.Contacts[0].Mailbox = ""
	require.False(t, covered(s.notice(), elsewhere), "no mailbox is nobody's")
	sent := s.notice()
	sent.State, sent.Token = notice.Sent, "t1"
	sent.Attempts = []notice.Attempt{{Token: "t1", Outcome: notice.OutcomeAccepted,
		Recipient: matter.Recipient{Role: matter.User, Mailbox: "box-u1"}}}
	require.True(t, covered(sent, elsewhere), "the mail went where it went")
	r.Mailboxes, r.Spread = nil, 2
	require.True(t, covered(s.notice(), elsewhere), "without room for all mailboxes it covers everybody")
	r.Recipients = []matter.Role{matter.Admin}
	require.False(t, covered(s.notice(), elsewhere), "the order lets the user be told")
}

func TestAPeriodFromDisclosureCountsFromEachNoticesOwn(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", matter.End{Kind: matter.EndPeriod, N: 30, Unit: "days", From: "disclosed"}))
	s.due(tuesday, "2026-04-03T04:00:00Z")
	s.base = at(t, "2026-04-01T12:00:00Z")
	s.due(tuesday, "2026-05-02T04:00:00Z") // 30 days on is Friday 1 May
	s.base = time.Time{}
	s.clear("2030-01-01T00:00:00Z", false)

	e, r := restraint.NewEvaluator(), s.restraint("o")
	require.Zero(t, e.LatestUntil(r, nil), "no end before any disclosure")
	require.Equal(t, at(t, "2026-05-02T04:00:00Z"), e.LatestUntil(r,
		[]time.Time{at(t, "2026-04-01T12:00:00Z"), at(t, tuesday)}))
	s.state(s.order("o"), tuesday, matter.OrderInForce)
	visit, open := e.NextOrderVisit(s.order("o"), &s.head, at(t, tuesday))
	require.True(t, open)
	require.Equal(t, at(t, tuesday).AddDate(0, 0, 90), visit)
}
