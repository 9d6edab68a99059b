package cases_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/delivery"
	"lapse/internal/notice"
)

// back has SES report that the newest mail came back.
func (w *world) back(kind, sub string) {
	w.t.Helper()
	w.report("Bounce", kind, sub)
}

// report has SES report something of the newest mail.
func (w *world) report(what, kind, sub string) {
	w.t.Helper()
	last := w.mails[len(w.mails)-1]
	n, err := w.store.Notice(w.ctx, last.notice)
	require.NoError(w.t, err)
	_, hash, _ := notice.SplitID(last.notice)
	event, err := json.Marshal(object{
		"eventType": what, "bounce": object{"bounceType": kind, "bounceSubType": sub},
		"mail": object{"messageId": n.MessageID, "tags": object{"matter": []string{mat}, "notice": []string{hash},
			"attempt": []string{n.Token}}},
	})
	require.NoError(w.t, err)
	d := delivery.Service{Now: func() time.Time { return w.now }, Store: w.store, Bus: w,
		Log: slog.New(slog.NewJSONHandler(&w.logs, nil))}
	require.NoError(w.t, d.Take(w.ctx, event))
}

// TestAMailThatComesBackIsTriedAgainUnlessAnOrderCame walks down the whole ladder of soft bounces. Each try is as good
// as the first: an order that came meanwhile holds it.
func TestAMailThatComesBackIsTriedAgainUnlessAnOrderCame(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.sweep()
	require.Len(t, w.mails, 1)
	w.back("Transient", "MailboxFull")
	require.Equal(t, notice.Retry, w.notice("u1").State)

	w.now = w.now.Add(30 * time.Minute)
	w.post("order.received", order("ord-1", through("2026-04-30")))
	w.at(w.now.Add(2 * time.Hour))
	require.Len(t, w.mails, 1, "the order forbids the second try as it does the first")
	require.Equal(t, "2026-05-01T04:00:00Z", w.notice("u1").Due.Format(time.RFC3339))
	w.at(instant(t, "2026-05-01T04:00:00Z"))
	require.Len(t, w.mails, 2)

	for i, wait := range []time.Duration{6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour} {
		w.back("Transient", "MailboxFull")
		came := w.now
		w.at(came.Add(wait - 10*time.Second))
		require.Len(t, w.mails, 2+i, wait)
		w.at(came.Add(wait))
		require.Len(t, w.mails, 3+i, wait)
	}
	w.back("Transient", "MailboxFull")
	n := w.notice("u1")
	require.Equal(t, notice.Bounced, n.State)
	require.Equal(t, notice.ReasonSoftBounce, *n.Reason)
	w.at(w.now.AddDate(0, 1, 0))
	require.Len(t, w.mails, 6, "and no more")

	w.post("contact.changed", object{"subjectId": "u1", "contacts": subject("other")["contacts"]})
	w.at(w.now)
	require.Len(t, w.mails, 7, "it is still owed, and goes to the new address")
	require.Contains(t, w.mails[6].raw, "other@example.com")
	for _, wait := range []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour,
		7 * 24 * time.Hour} {
		w.back("Transient", "MailboxFull")
		w.at(w.now.Add(wait))
	}
	require.Len(t, w.mails, 12, "which has the whole ladder of its own")
}

// TestTheNextContactIsWrittenToAfterOneThatTakesNoMail: an address that is gone, or that SES may not write to.
func TestTheNextContactIsWrittenToAfterOneThatTakesNoMail(t *testing.T) {
	for name, bounce := range map[string][2]string{"nobody there": {"Permanent", "NoEmail"},
		"suppressed": {"Permanent", "OnAccountSuppressionList"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := request("u1")
			r["subjects"].([]object)[0]["contacts"] = []object{
				{"role": "user", "email": "first@example.com", "verified": true}, {"role": "user",
					"email": "unverified@example.com", "verified": false},
				{"role": "user", "email": "second@example.com", "verified": true},
			}
			w.post("request.received", r)
			w.post("request.decided", object{"decision": "comply", "reason": "valid process"})
			w.post("disclosure.made", disclosure("d1", "u1"))
			w.sweep()
			require.Contains(t, w.mails[0].raw, "To: <first@example.com>")
			w.back(bounce[0], bounce[1])
			w.at(w.now)
			require.Len(t, w.mails, 2)
			require.Contains(t, w.mails[1].raw, "To: <second@example.com>")
			w.back(bounce[0], bounce[1])
			w.at(w.now.AddDate(0, 0, 20))
			require.Len(t, w.mails, 2, "there is nobody left to write to")
			require.Equal(t, notice.Bounced, w.notice("u1").State)
		})
	}
}

// TestOneAddressIsNoNextContactOfItself, however often it is posted.
func TestOneAddressIsNoNextContactOfItself(t *testing.T) {
	w := approved(t)
	w.post("contact.changed", object{"subjectId": "u1", "contacts": []object{
		{"role": "user", "email": "first@EXAMPLE.com", "verified": false}, {"role": "user", "email": "first@example.com",
			"verified": true},
	}})
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.sweep()
	require.Len(t, w.mails, 1, "one of the two says that it is verified")
	w.back("Permanent", "General")
	w.at(w.now.AddDate(0, 1, 0))
	require.Len(t, w.mails, 1)
	require.Equal(t, notice.Bounced, w.notice("u1").State)
	require.Contains(t, w.why("u1").Text, "still owed")
	require.Contains(t, strings.Join(w.told, "\n"), `"reason":"hard_bounce"`)
}

// TestAComplaintIsTheEnd: the mail was delivered, nothing is owed, and no other contact is written to, a new one
// neither.
func TestAComplaintIsTheEnd(t *testing.T) {
	w := approved(t)
	w.post("contact.changed", object{"subjectId": "u1", "contacts": []object{
		{"role": "user", "email": "first@example.com", "verified": true}, {"role": "user", "email": "second@example.com",
			"verified": true},
	}})
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.sweep()
	w.report("Complaint", "", "")
	w.post("contact.changed", object{"subjectId": "u1", "contacts": subject("other")["contacts"]})
	w.at(w.now.AddDate(0, 1, 0))
	n := w.notice("u1")
	require.Equal(t, notice.Complained, n.State)
	require.Len(t, w.mails, 1)
	require.NotContains(t, w.why("u1").Text, "owed")
	require.NotContains(t, w.agenda(), "notice "+strings.TrimPrefix(n.ID, mat+"."))
}
