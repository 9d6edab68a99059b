package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

func TestE01_AnOrderAfterTheMailIsRecordedAsLateAndNothingIsRecalled(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	require.Equal(t, []string{"u1"}, w.mailed())
	w.Post(worldtest.Order("o1"))
	require.Equal(t, 1, w.at(morning.Add(time.Minute)).LateOrders)
	require.Contains(t, w.Bus.String(), `lapse.notice.late_order {"matter":"mat-2026-0001","order":"o1"`)
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE02_AnOrderBetweenSchedulingAndSendingHolds(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Store.Fault = nil
	w.Post(worldtest.Order("o1"))
	w.at(morning)
	require.Empty(t, w.mailed())
	w.due("u1", "2026-09-01T04:00:00Z")
}

func TestE03_E05_AnExtensionMovesTheDueAndOneAfterTheMailIsLate(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1").Through("2026-03-31"))
	w.at(morning.Add(day))
	w.Post(worldtest.Order("o2").Through("2026-04-30").Extends("o1"))
	require.Contains(t, w.order("o1").Flags, "extended")
	w.at(worldtest.Instant(t, "2026-04-01T04:00:00Z"))
	require.Empty(t, w.mailed())
	w.at(worldtest.Instant(t, "2026-05-01T04:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
	w.Post(worldtest.Order("o3").Through("2026-06-30").Extends("o2"))
	require.Equal(t, 1, w.at(worldtest.Instant(t, "2026-05-02T00:00:00Z")).LateOrders)
}

func TestE04_AnExtensionAfterTheEndAndBeforeTheMailBlocksFromItsReceipt(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1").Through("2026-03-31"))
	w.Set(worldtest.Instant(t, "2026-04-01T04:00:01Z")) // nobody has swept since
	w.Post(worldtest.Order("o2").Through("2026-04-30").Extends("o1").SignedOn("2026-03-30"))
	w.at(worldtest.Instant(t, "2026-04-02T04:00:00Z"))
	require.Empty(t, w.mailed())
	w.due("u1", "2026-05-01T04:00:00Z")
}

func TestE06_E07_OverlappingOrdersAreAUnionAndAShorterOneHasNoEffect(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("federal").Through("2026-04-30"))
	w.Post(worldtest.Order("state").Through("2026-05-31"))
	w.Post(worldtest.Order("short").Through("2026-03-31"))
	w.due("u1", "2026-06-01T04:00:00Z")
	require.Len(t, w.why("u1").Restraints, 3, "each is cited internally")
}

func TestE08_AnOrderOverSomeLeavesTheOthersToBeTold(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2", "u3"))
	w.Post(worldtest.Order("o1", "u2"))
	w.at(morning)
	require.Equal(t, []string{"u1", "u3"}, w.mailed())
	for _, m := range w.SES.Mails() {
		require.NotContains(t, m.Text(), "u2", "no notice hints at another")
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
			w.Post(worldtest.Disclosure("d1", "u1"))
			answer := w.Post(worldtest.Order("o1").Ends(end))
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
				w.Post(worldtest.Request("u1").Under(row.instrument).From(worldtest.Of(row.country)))
				w.Post(worldtest.Disclosure("d1", "u1").Consented())
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
					w.Post(worldtest.Ending(id, "permitted", "2027-03-04T00:00:00Z"))
				} else {
					w.Refused(worldtest.Assessment(id, "void", "counsel:ak").Reason("no such law"), "/data/approvedBy")
					w.Post(worldtest.Assessment(id, "void", "counsel:ak", "counsel:bl").Reason("no such law"))
				}
				w.at(worldtest.Instant(t, "2027-03-04T00:01:00Z"))
				require.Equal(t, map[string]matter.OrderState{"permitted": matter.OrderEnded, "void": matter.OrderVoid}[how],
					w.order(id).State)
				require.Equal(t, []string{"u1"}, w.mailed())
			}
		})
	}
}

func TestE15_ADateWithoutATimeHoldsThroughTheCourtsDay(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1").Until("2026-08-31"))
	w.at(worldtest.Instant(t, "2026-09-01T03:59:00Z"))
	require.Empty(t, w.mailed())
	w.at(worldtest.Instant(t, "2026-09-01T04:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE28_AnOrderOverTheMaximumHoldsToItsStatedEnd(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	answer := w.Post(worldtest.Order("o1").For(12, "months",
		"signed").From(worldtest.Berlin()).SignedOn("2026-03-02").Citing("StPO 95a(6)"))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["K05"])
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
	w.at(worldtest.Instant(t, "2026-09-05T00:00:00Z"))
	require.Empty(t, w.mailed(), "the maximum shortens nothing")
	w.at(*answer.Order.Until)
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE26_E27_ALongOrderAndALongChainAreInForceAndFlagged(t *testing.T) {
	w := approved(t)
	signed := object{"signedOn": "2026-03-02"}
	long := w.Post(worldtest.Order("long").For(400, "days", "signed").With(signed))
	require.Equal(t, matter.Fail, statuses(long.Findings)["K06"])
	require.NotEqual(t, matter.OrderReceived, long.Order.State)
	w.Post(worldtest.Order("o1").For(300, "days", "signed").With(signed))
	w.Set(worldtest.Instant(t, "2026-12-20T00:00:00Z"))
	chain := w.Post(worldtest.Order("o2").For(300, "days", "signed").SignedOn("2026-12-18").Extends("o1"))
	require.Equal(t, matter.Fail, statuses(chain.Findings)["K17"], "the chain's alarm at a year")
}

func TestE31_TwoBasesOfOneMatterAreHeldByTheLaterOrder(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").Under("emergency"))
	w.Post(worldtest.Disclosure("d1", "u1").ApprovedBy("counsel:ak", "counsel:bl").With(object{"basis": "emergency"}))
	w.Post(worldtest.Amendment(object{"instrument": "search_warrant"}))
	w.Post(worldtest.Comply().Reason("the warrant came"))
	w.Post(worldtest.Order("o1"))
	w.Post(worldtest.Disclosure("d2", "u1"))
	w.at(morning.Add(day))
	require.Empty(t, w.mailed())
	require.Len(t, w.why("u1").Notices, 2)
	w.at(worldtest.Instant(t, "2026-09-01T04:00:00Z"))
	require.Equal(t, []string{"u1", "u1"}, w.mailed())
}

func TestE32_E35_LiftingNeedsADocumentAndTwoPersons(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1"))
	byPhone := worldtest.Ending("o1", "lifted", "2026-03-04T00:00:00Z").Without("documentSha256")
	w.Refused(byPhone, "/data/documentSha256")
	w.Refused(worldtest.Ending("o1", "lifted", "2026-03-04T00:00:00Z").ApprovedBy("counsel:ak", "COUNSEL:ak"),
		"/data/approvedBy")
	w.at(morning.AddDate(0, 0, 2))
	require.Empty(t, w.mailed())
}

func TestE33_E34_TheAuthoritysLetterReleasesTheSameDay(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").Under("nsl"))
	w.Post(worldtest.Disclosure("d1", "u1").Consented())
	w.at(morning.AddDate(0, 2, 0))
	require.Empty(t, w.mailed())
	w.Post(worldtest.Ending(w.view().Orders[0].ID, "permitted", "2026-05-03T15:00:00Z"))
	w.at(worldtest.Instant(t, "2026-05-03T15:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestE41_ADispatcherThatWasDownCatchesUp(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	w.Post(worldtest.Order("o1").Through("2026-03-31"))
	w.at(morning)
	w.Set(worldtest.Instant(t, "2026-04-01T04:10:00Z"))
	require.False(t, w.notice("u1").Overdue, "a sweep may take its time")
	w.Set(worldtest.Instant(t, "2026-04-04T04:00:00Z"))
	require.True(t, w.notice("u1").Overdue)
	r := w.at(w.Now())
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	require.False(t, w.notice("u1").Overdue)
	require.GreaterOrEqual(t, r.OldestOverdueSeconds, int64(3*24*3600))
}

func TestANoticeThatSESRefusesIsOverdueHoweverOftenItIsTried(t *testing.T) {
	w := approved(t)
	w.Dispatch.Mailer = &limited{world: w}
	w.Post(worldtest.Disclosure("d1", "u1"))
	for _, minutes := range []int{0, 16, 32} {
		w.at(morning.Add(time.Duration(minutes) * time.Minute))
		require.Equal(t, minutes > 0, w.notice("u1").Overdue, minutes)
	}
}

func TestAMailboxThatIsGivenTimeIsNotOverdue(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	w.back("Transient", "MailboxFull")
	w.Advance(time.Hour)
	require.False(t, w.notice("u1").Overdue)
	w.Advance(time.Hour)
	require.True(t, w.notice("u1").Overdue)
}

func TestE48_AWithdrawnRequestOfWhichNothingWasDisclosedTellsNobody(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Decision("withdrawn").Reason("the agency withdrew"))
	w.at(morning.AddDate(1, 0, 0))
	require.Empty(t, w.SES.Mails())
	_, err := w.Take(worldtest.Disclosure("d1", "u1"))
	require.ErrorIs(t, err, event.ErrPredecessor)
}

func TestAnAssessmentSettlesWhatOnlyAPersonCan(t *testing.T) {
	w := approved(t)
	unsigned := worldtest.Order("o1").Without("signed")
	answer := w.Post(unsigned)
	require.Equal(t, matter.OrderReceived, answer.Order.State)
	require.Equal(t, morning.Add(day), w.agenda()["order o1"], "unread too long")
	require.Equal(t, 1, w.at(morning.Add(day)).Unread)
	answer = w.Post(worldtest.Assessment("o1", "binding", "counsel:ak").Reason("called the clerk"))
	require.Equal(t, matter.OrderInForce, answer.Order.State)
	for _, f := range answer.Findings {
		require.NotContains(t, []matter.Status{matter.Unknown, matter.NeedsPerson}, f.Status, f.Check)
	}
	require.Equal(t, "A person has looked and found that it binds: called the clerk", answer.Findings[0].Message)
	require.Equal(t, "unknown", answer.Findings[0].Evidence["settled"].(map[string]any)["status"])
	answer = w.Post(worldtest.Assessment("o1", "plea", "counsel:ak", "counsel:bl").Reason("only a letter"))
	require.Equal(t, matter.OrderPlea, answer.Order.State)
	require.Equal(t, matter.Fail, statuses(answer.Findings)["K02"])
	require.Equal(t, morning.AddDate(0, 0, 10), w.agenda()["order o1"], "the plea's grace")
}

func TestAChallengedOrderHoldsAndItsClockIsOnTheAgenda(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1").Endless())
	challenge := worldtest.Challenge("o1", "motion to vacate", "2026-03-03T16:00:00Z").With(object{"clockDays": 14})
	answer := w.Post(challenge)
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
	clock := worldtest.Instant(t, "2026-03-18T04:00:00Z") // fourteen days after 3 March, to the end of the court's day
	require.Equal(t, clock, w.agenda()["order o1"])
	report := w.at(clock)
	require.Equal(t, 1, report.Clocks)
	require.Zero(t, report.Reviews, "its review is another day")
	require.Equal(t, morning.AddDate(0, 0, 90), w.agenda()["order o1"], "then its review again")

	file, err := w.Inquire.Challenge(w.T.Context(), worldtest.Matter, "o1")
	require.NoError(t, err)
	require.Contains(t, statuses(file.Failed), "K04")
	require.Contains(t, file.Citations, "18 U.S.C. 2705(b)")
	require.Equal(t, []string{"challenged"}, file.Order.Flags)
	require.Len(t, file.Challenges, 1)
	require.Equal(t, clock, file.Challenges[0].Clock)

	answer = w.Post(challenge.With(object{"outcome": "vacated"}))
	require.Equal(t, "still_holds", answer.Warnings[0].Code)
	require.Len(t, w.order("o1").Challenges, 1, "the outcome of the same challenge")
	w.at(clock.Add(day))
	require.Empty(t, w.mailed())
	w.Post(worldtest.Ending("o1", "vacated", "2026-03-20T00:00:00Z"))
	w.at(worldtest.Instant(t, "2026-03-20T00:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
	require.Equal(t, matter.OrderEnded, w.order("o1").State)
}

func TestAReciprocalNoticeGivesTheGovernmentThirtyDays(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").Under("nsl"))
	id := w.view().Orders[0].ID
	w.Post(worldtest.Challenge(id, "reciprocal notice", "2026-03-03T16:00:00Z"))
	require.Equal(t, 30, w.order(id).Challenges[0].ClockDays)
	require.Equal(t, worldtest.Instant(t, "2026-04-03T04:00:00Z"), w.agenda()["order "+id])
	require.Equal(t, matter.OrderOpenEnded, w.order(id).State)
}
