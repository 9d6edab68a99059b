package mailbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/mailbox"
	"lapse/internal/matter"
)

func TestMailIsReportedSentAtOnceAndDeliveredTwoSecondsLater(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	ses := client(t, s)
	_, pending := s.Pending()
	require.False(t, pending)
	id := send(t, ses)
	at, pending := s.Pending()
	require.True(t, pending)
	require.Equal(t, c.Now(), at)

	got := deliver(t, s, c.Now())
	require.Equal(t, []string{"Send " + id}, names(got))
	require.Equal(t, []string{"user@example.org"}, got[0].Mail.Destination)
	require.Equal(t, "legal@example.com", got[0].Mail.Source)
	require.Equal(t, []string{"0123456789abcdef0123456789abcdef"}, got[0].Mail.Tags["attempt"])
	require.Equal(t, []string{"lapse"}, got[0].Mail.Tags["ses:configuration-set"])
	require.Equal(t, []string{"example.com"}, got[0].Mail.Tags["ses:from-domain"])

	at, pending = s.Pending()
	require.True(t, pending)
	require.Equal(t, c.Now().Add(2*time.Second), at)
	require.Empty(t, deliver(t, s, at.Add(-1)))
	require.Equal(t, []string{"Delivery " + id}, names(deliver(t, s, at)))
	_, pending = s.Pending()
	require.False(t, pending)
}

func TestEventsOfManyMailsComeInOrderOfTheirInstants(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	ses := client(t, s)
	first := send(t, ses)
	c.push(3 * time.Second)
	second := send(t, ses)
	require.Equal(t, []string{"Send " + first, "Delivery " + first, "Send " + second, "Delivery " + second},
		names(deliver(t, s, c.push(time.Minute))))
}

func TestToldEventReplacesTheDeliveryThatIsStillOwed(t *testing.T) {
	for _, row := range []struct{ told, want string }{
		{"delivery", "Delivery"}, {"bounce", "Bounce"}, {"complaint", "Complaint"}, {"reject", "Reject"},
		{"delivery_delay", "DeliveryDelay"}, {"deliveryDelay", "DeliveryDelay"}, {"Delivery Delay", "DeliveryDelay"},
	} {
		t.Run(row.told, func(t *testing.T) {
			c := newClock()
			s := open(t, "", c)
			id := send(t, client(t, s))
			require.NoError(t, s.Tell(mailbox.Telling{MessageID: id, Event: row.told}))
			require.Equal(t, []string{"Send " + id, row.want + " " + id}, names(deliver(t, s, c.push(time.Hour))))
		})
	}
}

func TestAddressesOfTheSimulatorSayWhatBecomesOfTheirMail(t *testing.T) {
	for address, want := range map[string][]string{
		"success": {"Delivery"}, "bounce": {"Bounce Permanent General"}, "bounce+u1": {"Bounce Permanent General"},
		"suppressionlist": {"Bounce Permanent Suppressed"}, "softbounce+u1": {"Bounce Transient MailboxFull"},
		"complaint": {"Delivery", "Complaint"}, "nobody": {"Delivery"},
	} {
		t.Run(address, func(t *testing.T) {
			c := newClock()
			s := open(t, "", c)
			m := mailOf(t, "u1")
			var err error
			m.To, err = matter.ParseAddress(address + "@simulator.amazonses.com")
			require.NoError(t, err)
			_, err = client(t, s).Send(t.Context(), m)
			require.NoError(t, err)
			require.Len(t, deliver(t, s, c.Now()), 1, "Send")
			var got []string
			for _, e := range deliver(t, s, c.push(2*time.Second)) {
				got = append(got, strings.TrimSpace(e.EventType+" "+e.Bounce.BounceType+" "+e.Bounce.BounceSubType))
			}
			require.Equal(t, want, got)
		})
	}
}

func TestSendToldLeavesTheDelivery(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	id := send(t, client(t, s))
	require.NoError(t, s.Tell(mailbox.Telling{MessageID: id, Event: "send"}))
	require.Equal(t, []string{"Send " + id, "Send " + id, "Delivery " + id}, names(deliver(t, s, c.push(time.Hour))))
}

func TestBounceAfterADeliveryCounts(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	id := send(t, client(t, s))
	require.Len(t, deliver(t, s, c.push(2*time.Second)), 2)
	require.NoError(t, s.Tell(mailbox.Telling{MessageID: id, Event: "bounce"}))
	got := deliver(t, s, c.push(time.Hour))
	require.Equal(t, []string{"Bounce " + id}, names(got))
	require.Equal(t, "Permanent", got[0].Bounce.BounceType)
	require.Equal(t, "General", got[0].Bounce.BounceSubType)
	require.Equal(t, newClock().push(2*time.Second), got[0].Bounce.Timestamp)
}

func TestNothingIsOwedWithAutoOffOrWithoutAConfigurationSet(t *testing.T) {
	s := open(t, "", newClock())
	s.ServeHTTP(httptest.NewRecorder(), form(nil))
	_, pending := s.Pending()
	require.False(t, pending, "SES publishes events by configuration set")

	require.NoError(t, s.SetAuto(false))
	s.ServeHTTP(httptest.NewRecorder(), form(url.Values{"ConfigurationSetName": {"lapse"}}))
	_, pending = s.Pending()
	require.False(t, pending)
	require.Len(t, s.Mails(), 2)
}

func TestUnknownMailAndUnknownEventAreRefused(t *testing.T) {
	s := open(t, "", newClock())
	require.ErrorIs(t, s.Tell(mailbox.Telling{MessageID: "nothing", Event: "bounce"}), mailbox.ErrNoMail)
	require.ErrorContains(t, s.Tell(mailbox.Telling{MessageID: send(t, client(t, s)), Event: "thunder"}), "thunder")
}

func TestEventStaysOwedUntilTheSinkTookIt(t *testing.T) {
	c := newClock()
	s := open(t, t.TempDir(), c)
	id := send(t, client(t, s))
	away := errors.New("the queue is away")
	calls := 0
	err := s.Deliver(t.Context(), c.push(time.Hour), func(context.Context, []byte) error { calls++; return away })
	require.ErrorIs(t, err, away)
	require.NotContains(t, err.Error(), "@")
	require.Equal(t, 1, calls, "the first error ends the round, so that the order stays")
	require.Equal(t, []string{"Send " + id, "Delivery " + id}, names(deliver(t, s, c.Now())))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Deliver(ctx, c.Now(), nil), context.Canceled)
}

func TestEventReplacedWhileItIsHandedOutIsSettledOnce(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	id := send(t, client(t, s))
	require.Len(t, deliver(t, s, c.Now()), 1)
	var got []string
	require.NoError(t, s.Deliver(t.Context(), c.push(2*time.Second), func(_ context.Context, detail []byte) error {
		var e event
		if err := json.Unmarshal(detail, &e); err != nil {
			return err
		}
		if got = append(got, e.EventType); len(got) == 1 {
			return s.Tell(mailbox.Telling{MessageID: id, Event: "complaint"})
		}
		return nil
	}))
	require.Equal(t, []string{"Delivery", "Complaint"}, got)
}

func TestShapesOfTheEventsAreThoseOfAWS(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	id := send(t, client(t, s))
	require.NoError(t, s.SetAuto(false))
	const at = "2026-03-01T10:00:00.000Z"
	for _, row := range []struct{ event, key, want string }{
		{"send", "send", `{}`},
		{"delivery", "delivery", `{"timestamp":"` + at +
			`","processingTimeMillis":0,"recipients":["user@example.org"],"smtpResponse":"250 2.6.0 Message received",` +
			`"reportingMTA":"mta.example"}`},
		{"bounce", "bounce",
			`{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"user@example.org",` +
				`"action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"` + at +
				`","feedbackId":"0100-feedback-5","reportingMTA":"dsn; mta.example"}`},
		{"complaint", "complaint", `{"complainedRecipients":[{"emailAddress":"user@example.org"}],"timestamp":"` + at +
			`","feedbackId":"0100-feedback-6","complaintSubType":null,"userAgent":"Lapse mailbox",` +
			`"complaintFeedbackType":"abuse","arrivalDate":"` + at + `"}`},
		{"reject", "reject", `{"reason":"Bad content"}`},
		{"delivery_delay", "deliveryDelay", `{"timestamp":"` + at +
			`","delayType":"TransientCommunicationFailure","expirationTime":"2026-03-01T22:00:00.000Z",` +
			`"delayedRecipients":[{"emailAddress":"user@example.org","status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 ` +
			`Unable to connect to remote host"}]}`},
	} {
		t.Run(row.event, func(t *testing.T) {
			require.NoError(t, s.Tell(mailbox.Telling{MessageID: id, Event: row.event}))
			var last map[string]json.RawMessage
			require.NoError(t, s.Deliver(t.Context(), c.Now(), func(_ context.Context, detail []byte) error {
				last = nil
				return json.Unmarshal(detail, &last)
			}))
			require.Len(t, last, 3)
			require.JSONEq(t, row.want, string(last[row.key]))
			m, _ := s.Mail(1)
			require.JSONEq(t, `{"timestamp":"`+at+`","source":"legal@example.com","sendingAccountId":"123456789012",
		"messageId":"`+id+`",
				"destination":["user@example.org"],"headersTruncated":true,"headers":[],
				"commonHeaders":{"from":["Legal <legal@example.com>"],"to":["user@example.org"],"messageId":"`+id+`",
		"subject":"Grüße"},
				"tags":{"ses:configuration-set":["lapse"],"ses:caller-identity":["local"],"ses:from-domain":["example.com"],
				"notice":["`+m.Tags["notice"]+`"],"matter":["mat-1"],
		"attempt":["0123456789abcdef0123456789abcdef"]}}`, string(last["mail"]))
		})
	}
}
