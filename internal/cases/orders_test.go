package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/matter"
)

func TestE01_AnOrderAfterTheMailIsRecordedAsLateAndNothingIsRecalled(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.at(morning)
	require.Equal(t, []string{"u1"}, w.mailed())
	w.post("order.received", order("o1", through("2026-08-31")))
	require.Equal(t, 1, w.at(morning.Add(time.Minute)).LateOrders)
	require.Contains(t, strings.Join(w.told, "\n"), `lapse.notice.late_order {"matter":"mat-1","order":"o1"`)
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE02_AnOrderBetweenSchedulingAndSendingHolds(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.store.Fault = nil
	w.post("order.received", order("o1", through("2026-08-31")))
	w.at(morning)
	require.Empty(t, w.mailed())
	w.due("u1", "2026-09-01T04:00:00Z")
}

func TestE03_E05_AnExtensionMovesTheDueAndOneAfterTheMailIsLate(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("order.received", order("o1", through("2026-03-31")))
	w.at(morning.Add(day))
	w.post("order.received", with(order("o2", through("2026-04-30")), object{"extends": "o1"}))
	require.Contains(t, w.order("o1").Flags, "extended")
	w.at(instant(t, "2026-04-01T04:00:00Z"))
	require.Empty(t, w.mailed())
	w.at(instant(t, "2026-05-01T04:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
	w.post("order.received", with(order("o3", through("2026-06-30")), object{"extends": "o2"}))
	require.Equal(t, 1, w.at(instant(t, "2026-05-02T00:00:00Z")).LateOrders)
}

func TestE04_AnExtensionAfterTheEndAndBeforeTheMailBlocksFromItsReceipt(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("order.received", order("o1", through("2026-03-31")))
	w.now = instant(t, "2026-04-01T04:00:01Z") // nobody has swept since
	w.post("order.received", with(order("o2", through("2026-04-30")), object{"extends": "o1", "signedOn": "2026-03-30"}))
	w.at(instant(t, "2026-04-02T04:00:00Z"))
	require.Empty(t, w.mailed())
	w.due("u1", "2026-05-01T04:00:00Z")
}

func TestE06_E07_OverlappingOrdersAreAUnionAndAShorterOneHasNoEffect(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("order.received", order("federal", through("2026-04-30")))
	w.post("order.received", order("state", through("2026-05-31")))
	w.post("order.received", order("short", through("2026-03-31")))
	w.due("u1", "2026-06-01T04:00:00Z")
	require.Len(t, w.why("u1").Restraints, 3, "each is cited internally")
}

func TestE08_AnOrderOverSomeLeavesTheOthersToBeTold(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1", "u2", "u3"))
	w.post("order.received", order("o1", through("2026-08-31"), "u2"))
	w.at(morning)
	require.Equal(t, []string{"u1", "u3"}, w.mailed())
	for _, m := range w.mails {
		require.NotContains(t, m.raw, "u2", "no notice hints at another")
	}
}

func TestE11_E13_E14_AnOrderWithoutADateHoldsIsDeficientAndReviewed(t *testing.T) {
	for name, end := range map[string]object{
		"E11 none":                  {"kind": "none"},
		"E13 until further order":   {"kind": "event", "text": "until further order of the court"},
		"E14 until indictment":      {"kind": "event", "text": "until indictment"},
		"E23 from a missing date":   {"kind": "period", "n": 90, "unit": "days", "from": "served"},
		"a date that was before it": {"kind": "date", "date": "1026-08-31", "wording": "until"},
	} {
		t.Run(name, func(t *testing.T) {
			w := approved(t)
			w.post("disclosure.made", disclosure("d1", "u1"))
			answer := w.post("order.received", order("o1", end))
			require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
			require.Equal(t, matter.Fail, statuses(answer.Findings)["K04"])
			require.Equal(t, morning.AddDate(0, 0, 90), w.agenda()["order o1"])
			require.Equal(t, 1, w.at(morning.AddDate(0, 0, 90)).Reviews)
			require.Equal(t, morning.AddDate(0, 0, 180), w.agenda()["order o1"])
			require.Empty(t, w.mailed())
			w.due("u1", "")
		})
	}
}

func TestE12_SecrecyByStatuteIsNotDeficientAndEndsByPermissionOrByTwoPersons(t *testing.T) {
	for _, row := range []struct{ country, instrument string }{
		{"US", "pen_register"}, {"US", "wiretap"}, {"US", "fisa"}, {"US", "nsl"}, {"NL", "production_order"}, {"BR",
			"subpoena"},
	} {
		t.Run(row.country+" "+row.instrument, func(t *testing.T) {
			for _, how := range []string{"permitted", "void"} {
				w := newWorld(t)
				who := with(issuer(), object{"country": row.country})
				delete(who, "zone")
				w.post("request.received", with(request("u1"), object{"instrument": row.instrument, "issuer": who}))
				w.post("disclosure.made", with(disclosure("d1", "u1"),
					object{"basis": "consent", "note": "asked for by the customer"}))
				standing := w.view().Orders
				require.Len(t, standing, 1)
				id := standing[0].ID
				require.Regexp(t, "^law-", id)
				require.Equal(t, matter.OrderOpenEnded, standing[0].State)
				require.NotEmpty(t, w.why("u1").Restraints[0].Citation)
				review := 365
				if row.country == "NL" || row.country == "BR" { // no verified rule: counsel is asked
					review = 90
				}
				require.Equal(t, morning.AddDate(0, 0, review), w.agenda()["order "+id], "its review")
				w.at(morning.AddDate(1, 0, 0))
				require.Empty(t, w.mailed())
				if how == "permitted" {
					w.post("order.ended", ending(id, "permitted", "2027-03-04T00:00:00Z"))
				} else {
					w.refused("order.assessed", object{"orderId": id, "verdict": "void", "reason": "no such law",
						"approvedBy": []string{"counsel:ak"}}, "/data/approvedBy")
					w.post("order.assessed", object{"orderId": id, "verdict": "void", "reason": "no such law",
						"approvedBy": []string{"counsel:ak", "counsel:bl"}})
				}
				w.at(instant(t, "2027-03-04T00:01:00Z"))
				require.Equal(t, map[string]matter.OrderState{"permitted": matter.OrderEnded, "void": matter.OrderVoid}[how],
					w.order(id).State)
				require.Equal(t, []string{"u1"}, w.mailed())
			}
		})
	}
}

func TestE15_ADateWithoutATimeHoldsThroughTheCourtsDay(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("order.received", order("o1", object{"kind": "date", "date": "2026-08-31", "wording": "until"}))
	w.at(instant(t, "2026-09-01T03:59:00Z"))
	require.Empty(t, w.mailed())
	w.at(instant(t, "2026-09-01T04:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE28_AnOrderOverTheMaximumHoldsToItsStatedEnd(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	german := object{"name": "AG Berlin-Tiergarten", "role": "court", "country": "DE", "zone": "Europe/Berlin"}
	answer := w.post("order.received", with(order("o1",
		object{"kind": "period", "n": 12, "unit": "months", "from": "signed"}),
		object{"issuer": german, "legalBasis": "StPO 95a(6)", "signedOn": "2026-03-02"}))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["K05"])
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
	w.at(instant(t, "2026-09-05T00:00:00Z"))
	require.Empty(t, w.mailed(), "the maximum shortens nothing")
	w.at(*answer.Order.Until)
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE26_E27_ALongOrderAndALongChainAreInForceAndFlagged(t *testing.T) {
	w := approved(t)
	signed := object{"signedOn": "2026-03-02"}
	long := w.post("order.received", with(order("long",
		object{"kind": "period", "n": 400, "unit": "days", "from": "signed"}), signed))
	require.Equal(t, matter.Fail, statuses(long.Findings)["K06"])
	require.NotEqual(t, matter.OrderReceived, long.Order.State)
	w.post("order.received", with(order("o1", object{"kind": "period", "n": 300, "unit": "days", "from": "signed"}),
		signed))
	w.now = instant(t, "2026-12-20T00:00:00Z")
	chain := w.post("order.received", with(order("o2",
		object{"kind": "period", "n": 300, "unit": "days", "from": "signed"}),
		object{"signedOn": "2026-12-18", "extends": "o1"}))
	require.Equal(t, matter.Fail, statuses(chain.Findings)["K17"], "the chain's alarm at a year")
}

func TestE31_TwoBasesOfOneMatterAreHeldByTheLaterOrder(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", with(request("u1"), object{"instrument": "emergency"}))
	w.post("disclosure.made", with(disclosure("d1", "u1"),
		object{"basis": "emergency", "approvedBy": []string{"counsel:ak", "counsel:bl"}}))
	w.post("request.amended", object{"instrument": "search_warrant"})
	w.post("request.decided", object{"decision": "comply", "reason": "the warrant came"})
	w.post("order.received", order("o1", through("2026-08-31")))
	w.post("disclosure.made", disclosure("d2", "u1"))
	w.at(morning.Add(day))
	require.Empty(t, w.mailed())
	require.Len(t, w.why("u1").Notices, 2)
	w.at(instant(t, "2026-09-01T04:00:00Z"))
	require.Equal(t, []string{"u1", "u1"}, w.mailed())
}

func TestE32_E35_LiftingNeedsADocumentAndTwoPersons(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("order.received", order("o1", through("2026-08-31")))
	byPhone := ending("o1", "lifted", "2026-03-04T00:00:00Z")
	delete(byPhone, "documentSha256")
	w.refused("order.ended", byPhone, "/data/documentSha256")
	w.refused("order.ended", with(ending("o1", "lifted", "2026-03-04T00:00:00Z"),
		object{"approvedBy": []string{"counsel:ak", "COUNSEL:ak"}}), "/data/approvedBy")
	w.at(morning.AddDate(0, 0, 2))
	require.Empty(t, w.mailed())
}

func TestE33_E34_TheAuthoritysLetterReleasesTheSameDay(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", with(request("u1"), object{"instrument": "nsl"}))
	w.post("disclosure.made", with(disclosure("d1", "u1"), object{"basis": "consent", "note": "asked for"}))
	w.at(morning.AddDate(0, 2, 0))
	require.Empty(t, w.mailed())
	w.post("order.ended", ending(w.view().Orders[0].ID, "permitted", "2026-05-03T15:00:00Z"))
	w.at(instant(t, "2026-05-03T15:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE41_ADispatcherThatWasDownCatchesUp(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1", "u2"))
	w.post("order.received", order("o1", through("2026-03-31")))
	w.at(morning)
	w.now = instant(t, "2026-04-01T04:10:00Z")
	require.False(t, w.notice("u1").Overdue, "a sweep may take its time")
	w.now = instant(t, "2026-04-04T04:00:00Z")
	require.True(t, w.notice("u1").Overdue)
	r := w.at(w.now)
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	require.False(t, w.notice("u1").Overdue)
	require.GreaterOrEqual(t, r.OldestOverdueSeconds, int64(3*24*3600))
}

func TestANoticeThatSESRefusesIsOverdueHoweverOftenItIsTried(t *testing.T) {
	w := approved(t)
	w.out.Mailer = &limited{world: w}
	w.post("disclosure.made", disclosure("d1", "u1"))
	for _, minutes := range []int{0, 16, 32} {
		w.at(morning.Add(time.Duration(minutes) * time.Minute))
		require.Equal(t, minutes > 0, w.notice("u1").Overdue, minutes)
	}
}

func TestAMailboxThatIsGivenTimeIsNotOverdue(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.at(morning)
	w.back("Transient", "MailboxFull")
	w.now = w.now.Add(time.Hour)
	require.False(t, w.notice("u1").Overdue)
	w.now = w.now.Add(time.Hour)
	require.True(t, w.notice("u1").Overdue)
}

func TestE48_AWithdrawnRequestOfWhichNothingWasDisclosedTellsNobody(t *testing.T) {
	w := approved(t)
	w.post("request.decided", object{"decision": "withdrawn", "reason": "the agency withdrew"})
	w.at(morning.AddDate(1, 0, 0))
	require.Empty(t, w.mails)
	_, err := w.try("counsel:ak", "disclosure.made", disclosure("d1", "u1"))
	require.ErrorIs(t, err, event.ErrPredecessor)
}

func TestAnAssessmentSettlesWhatOnlyAPersonCan(t *testing.T) {
	w := approved(t)
	unsigned := order("o1", through("2026-08-31"))
	delete(unsigned, "signed")
	answer := w.post("order.received", unsigned)
	require.Equal(t, matter.OrderReceived, answer.Order.State)
	require.Equal(t, morning.Add(day), w.agenda()["order o1"], "unread too long")
	require.Equal(t, 1, w.at(morning.Add(day)).Unread)
	answer = w.post("order.assessed", object{"orderId": "o1", "verdict": "binding", "reason": "called the clerk",
		"approvedBy": []string{"counsel:ak"}})
	require.Equal(t, matter.OrderInForce, answer.Order.State)
	for _, f := range answer.Findings {
		require.NotContains(t, []matter.Status{matter.Unknown, matter.NeedsPerson}, f.Status, f.Check)
	}
	require.Equal(t, "A person has looked and found that it binds: called the clerk", answer.Findings[0].Message)
	require.Equal(t, "unknown", answer.Findings[0].Evidence["settled"].(map[string]any)["status"])
	answer = w.post("order.assessed", object{"orderId": "o1", "verdict": "plea", "reason": "only a letter",
		"approvedBy": []string{"counsel:ak", "counsel:bl"}})
	require.Equal(t, matter.OrderPlea, answer.Order.State)
	require.Equal(t, matter.Fail, statuses(answer.Findings)["K02"])
	require.Equal(t, morning.AddDate(0, 0, 10), w.agenda()["order o1"], "the plea's grace")
}

func TestAChallengedOrderHoldsAndItsClockIsOnTheAgenda(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("order.received", order("o1", object{"kind": "none"}))
	challenge := object{"orderId": "o1", "route": "motion to vacate", "filedAt": "2026-03-03T16:00:00Z", "clockDays": 14}
	answer := w.post("order.challenged", challenge)
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
	clock := instant(t, "2026-03-18T04:00:00Z") // fourteen days after 3 March, to the end of the court's day
	require.Equal(t, clock, w.agenda()["order o1"])
	report := w.at(clock)
	require.Equal(t, 1, report.Clocks)
	require.Zero(t, report.Reviews, "its review is another day")
	require.Equal(t, morning.AddDate(0, 0, 90), w.agenda()["order o1"], "then its review again")

	file, err := w.ask.Challenge(w.ctx, mat, "o1")
	require.NoError(t, err)
	require.Contains(t, statuses(file.Failed), "K04")
	require.Contains(t, file.Citations, "18 U.S.C. 2705(b)")
	require.Equal(t, []string{"challenged"}, file.Order.Flags)
	require.Len(t, file.Challenges, 1)
	require.Equal(t, clock, file.Challenges[0].Clock)

	answer = w.post("order.challenged", with(challenge, object{"outcome": "vacated"}))
	require.Equal(t, "still_holds", answer.Warnings[0].Code)
	require.Len(t, w.order("o1").Challenges, 1, "the outcome of the same challenge")
	w.at(clock.Add(day))
	require.Empty(t, w.mailed())
	w.post("order.ended", ending("o1", "vacated", "2026-03-20T00:00:00Z"))
	w.at(instant(t, "2026-03-20T00:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
	require.Equal(t, matter.OrderEnded, w.order("o1").State)
}

func TestAReciprocalNoticeGivesTheGovernmentThirtyDays(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", with(request("u1"), object{"instrument": "nsl"}))
	id := w.view().Orders[0].ID
	w.post("order.challenged", object{"orderId": id, "route": "reciprocal notice", "filedAt": "2026-03-03T16:00:00Z"})
	require.Equal(t, 30, w.order(id).Challenges[0].ClockDays)
	require.Equal(t, instant(t, "2026-04-03T04:00:00Z"), w.agenda()["order "+id])
	require.Equal(t, matter.OrderOpenEnded, w.order(id).State)
}
