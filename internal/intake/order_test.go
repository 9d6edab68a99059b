package intake_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/store"
)

func TestAnOrderBlocksAndIsAnswered(t *testing.T) {
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1", "u2"))
	answer := w.post("order.received", order("o1", "u1"))
	require.Equal(t, "o1", answer.Order.ID)
	require.Equal(t, matter.OrderInForce, answer.Order.State)
	require.Equal(t, augustEnds, *answer.Order.Until)
	require.Equal(t, "America/New_York", *answer.Order.Zone)
	require.Len(t, answer.Notices, 1, "the covered ones")
	require.Equal(t, "u1", answer.Notices[0].Subject)
	require.Equal(t, augustEnds, *answer.Notices[0].Due)
	require.Len(t, answer.Findings, 20, "K01 to K20, those that pass too")
	for check, want := range map[string]matter.Status{
		"K01": matter.Pass, "K02": matter.Pass, "K04": matter.Pass, "K10": matter.NeedsPerson, "K14": matter.NotApplicable,
		"K15": matter.Pass,
		"K16": matter.NotApplicable, "K18": matter.NeedsPerson,
	} {
		require.Equal(t, want, statuses(answer.Findings)[check], check)
	}
	require.True(t, w.covered("u1"))
	require.False(t, w.covered("u2"))
	require.Equal(t, []time.Time{augustEnds}, w.rowsOf(agenda.Order, "mat-1.o1"))
	require.Len(t, w.rowsOf(agenda.Replan, "mat-1@4"), 1)
	require.Len(t, w.rowsOf(agenda.Announce, "mat-1@4"), 1)
}

func TestAnOrderBeforeTheRequestOpensTheMatterAndBlocksEverybody(t *testing.T) {
	w := newWorld(t)
	answer := w.post("order.received", order("o1", "u1"))
	require.Equal(t, 1, answer.Version)
	require.Equal(t, matter.AwaitingRequest, w.head().State)
	require.Equal(t, matter.Unknown, statuses(answer.Findings)["K15"])
	require.True(t, w.covered("u1"))
	require.True(t, w.covered("u2"), "it names somebody unknown")
	_, err := w.store.Request(t.Context(), mat)
	require.ErrorIs(t, err, store.ErrNotFound)

	w.post("request.received", request("u1", "u2"))
	require.Equal(t, matter.Received, w.head().State)
	require.True(t, w.covered("u1"))
	require.False(t, w.covered("u2"), "everybody it names is known now")
	require.Len(t, w.rowsOf(agenda.Replan, "mat-1@2"), 1)
}

func TestUnknownNamesCoverEverybodyUntilTheyAreKnownOrAPersonHasLooked(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1", "u1", "x1", "x2"))
	w.post("order.received", order("o2", "x3"))
	require.True(t, w.covered("u2"))
	w.post("request.amended", object{"subjects": []object{subject("x1")}})
	require.Equal(t, []string{"x2"}, w.restraint("o1").Unknown)
	w.post("order.assessed", assessment("o2", "binding", "counsel:ak"))
	require.True(t, w.covered("u2"), "o1 still names an unknown")
	w.post("request.amended", object{"subjects": []object{subject("x2")}})
	require.False(t, w.covered("u2"))
	require.True(t, w.covered("x2"))
	require.True(t, w.covered("x3"), "it covers those it names whenever they appear")
}

func TestAnOrderPostedAgain(t *testing.T) {
	w := asked(t)
	data := order("o1")
	first := w.post("order.received", data)
	w.repeat(w.event("order.received", data), first)
	w.post("order.assessed", assessment("o1", "void", "counsel:ak", "counsel:bl"))
	w.repeat(w.event("order.received", data), first)
	w.refuse("order.received", order("o1", "u1"), event.ErrConflict)
	require.Len(t, w.head().Restraints, 1)
}

func TestTheSameDocumentUnderAnotherIdIsNotBelievedUntilAPersonHasLooked(t *testing.T) {
	w := asked(t)
	w.post("order.received", with(order("o1"), object{"documentSha256": strings.Repeat("ab", 32)}))
	answer := w.post("order.received", with(order("o2"), object{"documentSha256": strings.Repeat("AB", 32)}))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["K14"])
	require.Equal(t, matter.OrderReceived, answer.Order.State)
	require.Equal(t, morning.Add(24*time.Hour), w.rowsOf(agenda.Order, "mat-1.o2")[0], "on the work list after a day")
	answer = w.post("order.assessed", assessment("o2", "binding", "counsel:ak"))
	require.Equal(t, matter.OrderInForce, answer.Order.State, "a verdict answers K01, K02 and K14")
}

func TestAnUnsignedOrderHoldsToItsEnd(t *testing.T) {
	for name, signed := range map[string]object{"not signed": {"signed": false}, "nobody says": {"signed": nil}} {
		t.Run(name, func(t *testing.T) {
			w := asked(t)
			data := with(order("o1"), signed)
			if signed["signed"] == nil {
				delete(data, "signed")
			}
			require.Equal(t, matter.OrderReceived, w.post("order.received", data).Order.State)
			w.now = morning.AddDate(0, 0, 30)
			require.True(t, w.covered("u1"))
			w.now = augustEnds
			require.False(t, w.covered("u1"))
			w.state("o1", matter.OrderExpired)
		})
	}
}

func TestAnExtensionMarksWhatItExtends(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1"))
	answer := w.post("order.received", with(order("o2"), object{"extends": "o1"}))
	require.Equal(t, matter.Pass, statuses(answer.Findings)["K16"])
	require.True(t, w.order("o1").Extended)
	answer = w.post("order.received", with(order("o3"), object{"extends": "missing"}))
	require.Equal(t, matter.Unknown, statuses(answer.Findings)["K16"])
	require.True(t, w.covered("u1"))
	require.False(t, w.order("o2").Extended)
	w.post("order.received", order("missing"))
	require.True(t, w.order("missing").Extended, "its extension came before it")
}

func TestADateAheadCountsAsMissingAndAFindingSaysSo(t *testing.T) {
	w := asked(t)
	answer := w.post("order.received", with(order("o1"), object{
		"signedOn": "2026-04-01", "end": object{"kind": "period", "n": 30, "unit": "days", "from": "signed"},
	}))
	require.Contains(t, statuses(answer.Findings), "date_ahead")
	require.Nil(t, answer.Order.Until)
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
}

func TestE17_SeveralZonesGiveNoZone(t *testing.T) {
	w := asked(t)
	answer := w.post("order.received", with(order("o1"),
		object{"issuer": object{"name": "court", "role": "court", "country": "US"}}))
	require.Nil(t, answer.Order.Zone)
	require.Equal(t, time.Date(2026, time.September, 1, 10, 0, 0, 0, time.UTC), *answer.Order.Until)
}

func TestAPeriodFromDisclosureEndsWithTheLatestDisclosure(t *testing.T) {
	w := asked(t)
	data := with(order("o1"), object{
		"issuer": with(issuer(), object{"region": "US-NY"}),
		"end":    object{"kind": "period", "n": 30, "unit": "days", "from": "disclosed"},
	})
	answer := w.post("order.received", data)
	require.Nil(t, answer.Order.Until, "null before any")
	made := w.post("disclosure.made", disclosure("d1", "u1"))
	require.Equal(t, time.Date(2026, time.April, 3, 4, 0, 0, 0, time.UTC), *made.Notices[0].Due)
	made = w.post("disclosure.made", with(disclosure("d2", "u1"), object{"at": "2026-03-04T09:00:00Z"}))
	require.Equal(t, time.Date(2026, time.April, 4, 4, 0, 0, 0, time.UTC), *made.Notices[0].Due,
		"each from its own: Friday 3 April")
	answer = w.post("order.assessed", assessment("o1", "binding", "counsel:ak"))
	require.Equal(t, time.Date(2026, time.April, 4, 4, 0, 0, 0, time.UTC), *answer.Order.Until)
}

func TestAnEndThatADisclosureOfLongAgoBringsAtOnceIsLookedAtAtOnce(t *testing.T) {
	w := asked(t)
	w.post("order.received", with(order("o1"), object{"end": object{"kind": "period", "n": 30, "unit": "days",
		"from": "disclosed"}}))
	before := w.rowsOf(agenda.Order, "mat-1.o1")
	w.post("disclosure.made", with(disclosure("d1", "u1"), object{"at": "2026-01-05T09:00:00Z"}))
	require.Contains(t, w.rowsOf(agenda.Order, "mat-1.o1"), morning, "its end is told now, not at its review")
	w.post("disclosure.made", with(disclosure("d2", "u1"), object{"at": "2026-01-04T09:00:00Z"}))
	require.Len(t, w.rowsOf(agenda.Order, "mat-1.o1"), len(before)+1, "once")
}

func TestVoidEndsAndBindingBringsBack(t *testing.T) {
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("order.received", order("o1"))
	answer := w.post("order.assessed", assessment("o1", "void", "counsel:ak", "counsel:bl"))
	require.Equal(t, matter.OrderVoid, answer.Order.State)
	require.Empty(t, answer.Notices)
	require.False(t, w.covered("u1"))
	answer = w.post("order.assessed", assessment("o1", "binding", "counsel:ak"))
	require.Equal(t, matter.OrderInForce, answer.Order.State, "the last verdict counts")
	require.True(t, w.covered("u1"))
	require.Len(t, w.order("o1").Assessments, 2)
}

func TestAVerdictOfPleaHoldsTenDaysFromTheRecord(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1"))
	w.now = morning.AddDate(0, 0, 3)
	answer := w.post("order.assessed", assessment("o1", "plea", "counsel:ak", "counsel:bl"))
	require.Equal(t, matter.OrderPlea, answer.Order.State)
	require.Equal(t, morning.AddDate(0, 0, 10), *answer.Order.Until)
	w.post("order.assessed", assessment("o1", "binding", "counsel:ak"))
	require.Equal(t, matter.CourtOrder, w.restraint("o1").Kind)
	w.state("o1", matter.OrderInForce)
}

// slow is a store whose readings are made by a clock that is behind the store's.
type slow struct {
	intake.Store
	ahead time.Duration
}

func (s slow) Control(ctx context.Context) (store.Dispatcher, error) {
	c, err := s.Store.Control(ctx)
	c.Ahead = s.ahead
	return c, err
}

// TestAnOrderRecordedByAWrongClockHolds, and the operator hears of the clock: not recorded, it would hold nobody.
func TestAnOrderRecordedByAWrongClockHolds(t *testing.T) {
	w := asked(t)
	w.svc.Store = slow{w.store, -2 * time.Second}
	w.post("order.received", order("o1"))
	require.NotContains(t, w.logs.String(), "wrong instant", "it may be right")
	w.svc.Store = slow{w.store, -time.Hour}
	w.post("order.received", order("o2"))
	w.state("o2", matter.OrderInForce)
	require.Contains(t, w.logs.String(), "1h0m0s or more behind the table's: this machine's clock is wrong")
}

func TestAnEarlierOverrideNeedsTwoPersons(t *testing.T) {
	dated := func(d string) object { return object{"kind": "date", "date": d, "wording": "through"} }
	period := func(from string) object { return object{"kind": "period", "n": 30, "unit": "days", "from": from} }
	noEnd := object{"kind": "none"}
	for name, row := range map[string]struct {
		paper, override object
		two             bool
	}{
		"earlier":                        {dated("2026-08-31"), dated("2026-08-30"), true},
		"the same":                       {dated("2026-08-31"), dated("2026-08-31"), false},
		"later":                          {dated("2026-08-31"), dated("2026-09-01"), false},
		"none":                           {dated("2026-08-31"), noEnd, false},
		"an end where there was none":    {noEnd, dated("2036-01-01"), true},
		"none again":                     {noEnd, object{"kind": "event", "text": "indictment"}, false},
		"one that cannot be determined":  {dated("2026-08-31"), period("served"), false},
		"one from a disclosure to come":  {dated("2026-08-31"), period("disclosed"), true},
		"one instead of from disclosure": {period("disclosed"), dated("2036-01-01"), true},
	} {
		t.Run(name, func(t *testing.T) {
			w := asked(t)
			w.post("order.received", with(order("o1"), object{"end": row.paper}))
			one := with(assessment("o1", "binding", "counsel:ak", "COUNSEL:AK"), object{"untilOverride": row.override})
			if row.two {
				before := w.head()
				w.fault("order.assessed", one, "/data/approvedBy")
				require.Equal(t, before, w.head())
				one["approvedBy"] = []string{"counsel:ak", "counsel:bl"}
			}
			w.post("order.assessed", one)
			require.Equal(t, row.override["kind"], string(w.restraint("o1").Paper.End.Kind))
		})
	}
}

func TestAnOverrideReplacesTheEndAndTheSameRulesApply(t *testing.T) {
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	answer := w.post("order.received", with(order("o1"), object{"end": object{"kind": "none"}}))
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
	require.Equal(t, matter.Fail, statuses(answer.Findings)["K04"])
	require.Nil(t, answer.Notices[0].Due)
	override := object{"untilOverride": object{"kind": "date", "date": "2026-05-31", "wording": "until"}}
	answer = w.post("order.assessed", with(assessment("o1", "binding", "counsel:ak", "counsel:bl"), override))
	require.Equal(t, time.Date(2026, time.June, 1, 4, 0, 0, 0, time.UTC), *answer.Order.Until)
	require.Equal(t, *answer.Order.Until, *answer.Notices[0].Due)
	require.Equal(t, matter.Pass, statuses(answer.Findings)["K04"])
	require.Equal(t, matter.OrderInForce, answer.Order.State)
	receipt, err := w.store.Receipt(t.Context(), w.order("o1").Receipt)
	require.NoError(t, err)
	require.Equal(t, matter.Fail, statuses(receipt.Answer.Findings)["K04"], "what was answered first stays")
}

func TestE21_TwoPersonsMayChooseTheEarlierReading(t *testing.T) {
	w := asked(t)
	answer := w.post("order.received", with(order("o1"), object{
		"signedOn": "2024-02-29", "end": object{"kind": "period", "n": 3, "unit": "years", "from": "signed"},
		"issuer": with(issuer(), object{"region": "US-NY"}),
	}))
	require.Equal(t, time.Date(2027, time.March, 2, 5, 0, 0, 0, time.UTC), *answer.Order.Until, "1 March 2027 is a Monday")
	override := object{"untilOverride": object{"kind": "date", "date": "2027-02-28", "wording": "through"}}
	w.fault("order.assessed", with(assessment("o1", "binding", "counsel:ak"), override), "/data/approvedBy")
	answer = w.post("order.assessed", with(assessment("o1", "binding", "counsel:ak", "counsel:bl"), override))
	require.Equal(t, time.Date(2027, time.March, 1, 5, 0, 0, 0, time.UTC), *answer.Order.Until)
}

func TestE33_AnOrderEndedWorksFromItsInstant(t *testing.T) {
	for name, row := range map[string]struct {
		effective string
		state     matter.OrderState
		until     time.Time
	}{
		"now":         {"2026-03-03T12:00:00Z", matter.OrderEnded, morning},
		"in the past": {"2026-03-02T12:00:00Z", matter.OrderEnded, morning.AddDate(0, 0, -1)},
		"ahead": {"2026-06-01T00:00:00+02:00", matter.OrderInForce,
			time.Date(2026, time.May, 31, 22, 0, 0, 0, time.UTC)},
		"later lengthens nothing": {"2027-01-01T00:00:00Z", matter.OrderInForce, augustEnds},
		"a fraction rounds up": {"2026-06-01T00:00:00.25Z", matter.OrderInForce,
			time.Date(2026, time.June, 1, 0, 0, 1, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			w := asked(t)
			w.post("order.received", order("o1"))
			answer := w.post("order.ended", ending("o1", row.effective))
			require.Equal(t, row.state, answer.Order.State)
			require.Equal(t, row.until, *answer.Order.Until)
			require.Len(t, w.rowsOf(agenda.Replan, "mat-1@4"), 1)
			require.Equal(t, row.until.After(morning), w.covered("u1"))
		})
	}
}

func TestOfTwoEndingsTheFirstCounts(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1"))
	w.post("order.ended", ending("o1", "2026-05-01T00:00:00Z"))
	w.post("order.ended", with(ending("o1", "2026-04-01T00:00:00Z"), object{"how": "vacated"}))
	w.post("order.ended", ending("o1", "2026-06-01T00:00:00Z"))
	require.Equal(t, time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC), w.restraint("o1").Ended)
	w.now = time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC)
	w.state("o1", matter.OrderEnded)
	require.Len(t, w.order("o1").Endings, 3)
}

func TestRecipientsNarrowAndSilenceDoesNot(t *testing.T) {
	w := asked(t)
	narrow := order("o1")
	narrow["covers"] = object{"subjects": "all", "recipients": []string{"admin"}}
	w.post("order.received", narrow)
	require.False(t, w.covered("u1"))
	w.post("order.received", with(order("o2"), object{"silence": "except_counsel"}))
	require.True(t, w.covered("u1"))
}
