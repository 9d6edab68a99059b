package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// TestALateBounceLeavesNoNoticeWithoutARow: the mail of an unconfirmed notice comes back. A sweep comes between the row
// that delivery puts first and the notice, and delivery is cut off after the notice.
func TestALateBounceLeavesNoNoticeWithoutARow(t *testing.T) {
	for name, after := range map[string]time.Duration{
		"while a sign may come": 9 * 24 * time.Hour, "when nobody expects one any more": 40 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			w := approved(t)
			w.Post(worldtest.ContactChange("u1", "first", "second"))
			w.Post(worldtest.Disclosure("d1", "u1"))
			w.at(morning)
			w.days(morning, 8)
			w.at(morning.Add(after))
			n := w.notice("u1")
			require.Equal(t, notice.Unconfirmed, n.State)
			swept, moved := false, false
			w.Store.Fault = func(op, _ string) memory.Effect {
				switch {
				case op == "Apply return" && !swept:
					swept = true
					w.Advance(5 * time.Second)
					w.sweep()
					moved = true
				case moved:
					return memory.FailBefore // delivery is ended here
				}
				return memory.None
			}
			w.lostReport("Bounce", "Permanent", "General")
			w.Store.Fault = nil
			require.True(t, swept && moved)
			require.Equal(t, notice.Retry, w.notice("u1").State)
			require.NotEmpty(t, w.RowsOf(agenda.Notice, n.ID), "law 2")
			w.days(w.Now(), 31)
			require.Len(t, w.mails(), 2, "it goes to the next contact")
		})
	}
}

// TestAContactPutsBackARejectedNotice: whatever event brings it.
func TestAContactPutsBackARejectedNotice(t *testing.T) {
	for name, bring := range map[string]func(w *world){
		"new contacts": func(w *world) { w.Post(worldtest.ContactChange("u1", "other")) },
		"an amendment": func(w *world) {
			w.Post(worldtest.Amendment(object{"subjects": []worldtest.Object{worldtest.With(worldtest.Subject("u1"),
				object{"contacts": []worldtest.Object{worldtest.Contact("user", "other")}})}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := approved(t)
			w.Post(worldtest.Disclosure("d1", "u1"))
			w.at(morning)
			w.report("Reject", "", "")
			require.Equal(t, notice.Failed, w.notice("u1").State)
			w.days(morning, 8)
			require.Len(t, w.RowsOf(agenda.Notice, w.notice("u1").ID), 1, "it is owed, so it keeps a slow row")
			require.Len(t, w.mails(), 1)
			bring(w)
			w.at(w.Now().Add(time.Minute))
			require.Len(t, w.mails(), 2)
			require.Contains(t, w.mails()[1].Text(), worldtest.Address("other"))
		})
	}
}

// TestASlowVisitFindsAContactWhosePlanWasLost: an owed notice is visited every 30 days.
func TestASlowVisitFindsAContactWhosePlanWasLost(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	w.back("Permanent", "General")
	w.days(morning, 8)
	w.Post(worldtest.ContactChange("u1", "other"))
	for _, lost := range w.RowsOf(agenda.Replan) {
		require.NoError(t, w.Store.DeleteRows(t.Context(), lost))
	}
	w.days(morning.AddDate(0, 0, 8), 21)
	require.Len(t, w.mails(), 1)
	w.days(morning.AddDate(0, 0, 29), 2)
	require.Len(t, w.mails(), 2)
}

// TestADeliveryReportedAfterAFailureCounts: eight attempts had no answer, and SES reports on one of them at last.
func TestADeliveryReportedAfterAFailureCounts(t *testing.T) {
	for sign, state := range map[string]notice.State{"Delivery": notice.Delivered, "Complaint": notice.Complained} {
		w := approved(t)
		w.Post(worldtest.Disclosure("d1", "u1"))
		w.at(morning)
		id := w.notice("u1").ID
		w.Move(id, worldtest.Report(notice.OpReject, w.mails()[0].Attempt, notice.ReasonRejected, morning))
		require.Equal(t, notice.Failed, w.notice("u1").State)
		w.report(sign, "", "")
		require.Equal(t, state, w.notice("u1").State)
	}
}

// TestAHoldWorksOnAnOwedNotice: a contact that comes later does not send it, until two persons release it.
func TestAHoldWorksOnAnOwedNotice(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	w.back("Permanent", "General")
	w.at(morning.Add(time.Hour))
	id := w.notice("u1").ID
	w.Post(worldtest.NoticeHold(id, "counsel asks the court first"))
	require.Equal(t, notice.Bounced, w.notice("u1").State, "it says still how it ended")
	w.at(w.Now().Add(time.Minute))
	w.Post(worldtest.ContactChange("u1", "other"))
	w.days(w.Now(), 3)
	require.Equal(t, notice.Held, w.notice("u1").State)
	require.Len(t, w.mails(), 1)
	w.Post(worldtest.NoticeRelease(id, "the court has answered"))
	w.at(w.Now().Add(time.Minute))
	require.Len(t, w.mails(), 2)
}

// TestAReleaseFreesAnOwedNotice that was held, before any contact came.
func TestAReleaseFreesAnOwedNotice(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	w.back("Permanent", "General")
	id := w.notice("u1").ID
	w.Post(worldtest.NoticeHold(id, "counsel asks the court first"))
	w.Post(worldtest.NoticeRelease(id, "the court has answered"))
	w.Post(worldtest.ContactChange("u1", "other"))
	w.at(w.Now().Add(time.Minute))
	require.Len(t, w.mails(), 2)
}
