package cases_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// back has SES report that the newest mail came back.
func (w *world) back(kind, sub string) {
	w.T.Helper()
	w.report("Bounce", kind, sub)
}

// report has SES report something of the newest mail.
func (w *world) report(what, kind, sub string) {
	w.T.Helper()
	require.NoError(w.T, w.Delivery.Take(w.T.Context(), w.newest(what, kind, sub)))
}

// lostReport is report by a delivery that fails.
func (w *world) lostReport(what, kind, sub string) {
	w.T.Helper()
	require.Error(w.T, w.Delivery.Take(w.T.Context(), w.newest(what, kind, sub)))
}

// newest is an event of SES about the newest mail.
func (w *world) newest(what, kind, sub string) []byte {
	w.T.Helper()
	mails := w.mails()
	return w.reportOf(mails[len(mails)-1], what, kind, sub)
}

// reportOf is an event of SES about a mail.
func (w *world) reportOf(m worldtest.Mail, what, kind, sub string) []byte {
	w.T.Helper()
	n, err := w.Store.Notice(w.T.Context(), m.Notice)
	require.NoError(w.T, err)
	_, hash, _ := notice.SplitID(m.Notice)
	event, err := json.Marshal(object{
		"eventType": what, "bounce": object{"bounceType": kind, "bounceSubType": sub},
		"mail": object{"messageId": n.MessageID, "tags": object{"matter": []string{n.Matter}, "notice": []string{hash},
			"attempt": []string{n.Token}}},
	})
	require.NoError(w.T, err)
	return event
}

// TestAMailThatComesBackIsTriedAgainUnlessAnOrderCame walks down the whole ladder of soft bounces. Each try is as good
// as the first: an order that came meanwhile holds it.
func TestAMailThatComesBackIsTriedAgainUnlessAnOrderCame(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.sweep()
	require.Len(t, w.mails(), 1)
	w.back("Transient", "MailboxFull")
	require.Equal(t, notice.Retry, w.notice("u1").State)

	w.Advance(30 * time.Minute)
	w.Post(worldtest.Order("ord-1").Through("2026-04-30"))
	w.at(w.Now().Add(2 * time.Hour))
	require.Len(t, w.mails(), 1, "the order forbids the second try as it does the first")
	require.Equal(t, "2026-05-01T04:00:00Z", w.notice("u1").Due.Format(time.RFC3339))
	w.at(worldtest.Instant(t, "2026-05-01T04:00:00Z"))
	require.Len(t, w.mails(), 2)

	for i, wait := range []time.Duration{6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour} {
		w.back("Transient", "MailboxFull")
		came := w.Now()
		w.at(came.Add(wait - 10*time.Second))
		require.Len(t, w.mails(), 2+i, wait)
		w.at(came.Add(wait))
		require.Len(t, w.mails(), 3+i, wait)
	}
	w.back("Transient", "MailboxFull")
	n := w.notice("u1")
	require.Equal(t, notice.Bounced, n.State)
	require.Equal(t, notice.ReasonSoftBounce, *n.Reason)
	w.at(w.Now().AddDate(0, 1, 0))
	require.Len(t, w.mails(), 6, "and no more")

	w.Post(worldtest.ContactChange("u1", "other"))
	w.at(w.Now())
	require.Len(t, w.mails(), 7, "it is still owed, and goes to the new address")
	require.Contains(t, w.mails()[6].Text(), worldtest.Address("other"))
	for _, wait := range []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour,
		7 * 24 * time.Hour} {
		w.back("Transient", "MailboxFull")
		w.at(w.Now().Add(wait))
	}
	require.Len(t, w.mails(), 12, "which has the whole ladder of its own")
}

// TestTheNextContactIsWrittenToAfterOneThatTakesNoMail: an address that is gone, or that SES may not write to.
func TestTheNextContactIsWrittenToAfterOneThatTakesNoMail(t *testing.T) {
	for name, bounce := range map[string][2]string{"nobody there": {"Permanent", "NoEmail"},
		"suppressed": {"Permanent", "OnAccountSuppressionList"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			unverified := worldtest.With(worldtest.Contact("user", "unverified"), object{"verified": false})
			w.Post(worldtest.RequestAbout(worldtest.With(worldtest.Subject("u1"), object{"contacts": []object{
				worldtest.Contact("user", "first"), unverified, worldtest.Contact("user", "second"),
			}})))
			w.Post(worldtest.Comply())
			w.Post(worldtest.Disclosure("d1", "u1"))
			w.sweep()
			require.Contains(t, w.mails()[0].Text(), "To: <"+worldtest.Address("first")+">")
			w.back(bounce[0], bounce[1])
			w.at(w.Now())
			require.Len(t, w.mails(), 2)
			require.Contains(t, w.mails()[1].Text(), "To: <"+worldtest.Address("second")+">")
			w.back(bounce[0], bounce[1])
			w.at(w.Now().AddDate(0, 0, 20))
			require.Len(t, w.mails(), 2, "there is nobody left to write to")
			require.Equal(t, notice.Bounced, w.notice("u1").State)
		})
	}
}

// TestOneAddressIsNoNextContactOfItself, however often it is posted.
func TestOneAddressIsNoNextContactOfItself(t *testing.T) {
	w := approved(t)
	shouted := strings.Replace(worldtest.Address("first"), "example", "EXAMPLE", 1)
	w.Post(worldtest.ContactChange("u1").With(object{"contacts": []object{
		{"role": "user", "email": shouted, "verified": false}, worldtest.Contact("user", "first"),
	}}))
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.sweep()
	require.Len(t, w.mails(), 1, "one of the two says that it is verified")
	w.back("Permanent", "General")
	w.at(w.Now().AddDate(0, 1, 0))
	require.Len(t, w.mails(), 1)
	require.Equal(t, notice.Bounced, w.notice("u1").State)
	require.Contains(t, w.why("u1").Text, "still owed")
	require.Contains(t, w.Bus.String(), `"reason":"hard_bounce"`)
}

// TestAComplaintIsTheEnd: the mail was delivered, nothing is owed, and no other contact is written to, a new one
// neither.
func TestAComplaintIsTheEnd(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.ContactChange("u1", "first", "second"))
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.sweep()
	w.report("Complaint", "", "")
	w.Post(worldtest.ContactChange("u1", "other"))
	w.at(w.Now().AddDate(0, 1, 0))
	n := w.notice("u1")
	require.Equal(t, notice.Complained, n.State)
	require.Len(t, w.mails(), 1)
	require.NotContains(t, w.why("u1").Text, "owed")
	require.NotContains(t, w.agenda(), "notice "+strings.TrimPrefix(n.ID, worldtest.Matter+"."))
}
