package mailbox

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// The eventTypes of SES that the stand-in can report.
const (
	eventSend      = "Send"
	eventDelivery  = "Delivery"
	eventBounce    = "Bounce"
	eventComplaint = "Complaint"
	eventReject    = "Reject"
	eventDelay     = "DeliveryDelay"
)

// Telling is a report about a mail that a person or a test asks of SES.
type Telling struct {
	MessageID string
	// Event is an eventType of SES in any spelling: delivery, bounce, complaint, reject, delivery_delay, send.
	Event string
	// BounceType and BounceSubType are SES' own words for a bounce. The defaults are Permanent and General.
	BounceType, BounceSubType string
}

// simulated is the domain of SES' mailbox simulator. The local part of such an address decides the report about its
// mail. A label, as in "bounce+u1@", changes nothing.
const simulated = "@simulator.amazonses.com"

// reports returns the automatic events: Send, and deliveryAfter later the outcome of the mail. SES' simulator knows
// success, bounce, complaint and suppressionlist. softbounce exists only here.
func (m *stored) reports(id int) []owed {
	end := owed{N: m.N, At: m.ReceivedAt.Add(deliveryAfter), Event: eventDelivery, Auto: true}
	all := []owed{{N: m.N, At: m.ReceivedAt, Event: eventSend, Auto: true}}
	local, simulator := strings.CutSuffix(m.Destinations[0], simulated)
	name, _, _ := strings.Cut(local, "+")
	switch {
	case !simulator:
	case name == "bounce":
		end.Event, end.BounceType, end.BounceSubType = eventBounce, "Permanent", "General"
	case name == "suppressionlist":
		end.Event, end.BounceType, end.BounceSubType = eventBounce, "Permanent", "Suppressed"
	case name == "softbounce":
		end.Event, end.BounceType, end.BounceSubType = eventBounce, "Transient", "MailboxFull"
	}
	all = append(all, end)
	if simulator && name == "complaint" {
		end.Event = eventComplaint
		all = append(all, end)
	}
	for i := range all {
		all[i].ID = id + i
	}
	return all
}

// Tell adds an event that is due from now on. It replaces an automatic delivery or bounce that is still to come, but a
// Send replaces nothing. The error matches ErrNoMail if there is no mail of that id. An unknown event is an error too.
func (s *Server) Tell(t Telling) error {
	event, ok := eventType(t.Event)
	if !ok {
		return fmt.Errorf("tell an event: SES has no event %q", t.Event)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.byID[t.MessageID]
	if !ok {
		return fmt.Errorf("tell an event: %w", ErrNoMail)
	}
	e := owed{ID: s.owed.next, N: n, At: s.cfg.Now().UTC(), Event: event}
	if event == eventBounce {
		e.BounceType, e.BounceSubType = or(t.BounceType, "Permanent"), or(t.BounceSubType, "General")
	}
	r := record{Owe: []owed{e}}
	if replaced, ok := s.owed.deliveries[n]; ok && event != eventSend {
		r.Done = []int{replaced}
	}
	if err := s.commit(r); err != nil {
		return fmt.Errorf("tell an event: %w", err)
	}
	return nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func eventType(name string) (string, bool) {
	plain := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
	for _, e := range []string{eventSend, eventDelivery, eventBounce, eventComplaint, eventReject, eventDelay} {
		if plain == strings.ToLower(e) {
			return e, true
		}
	}
	return "", false
}

// The shapes below follow "Contents of event data that Amazon SES publishes" in SES' developer guide. They are also the
// detail of SES' EventBridge events. Like the real ones they hold addresses.
type (
	sesEvent struct {
		EventType string     `json:"eventType"`
		Mail      sesMail    `json:"mail"`
		Send      *struct{}  `json:"send,omitempty"`
		Delivery  *delivery  `json:"delivery,omitempty"`
		Bounce    *bounce    `json:"bounce,omitempty"`
		Complaint *complaint `json:"complaint,omitempty"`
		Reject    *reject    `json:"reject,omitempty"`
		Delay     *delay     `json:"deliveryDelay,omitempty"`
	}
	sesMail struct {
		Timestamp        string              `json:"timestamp"`
		Source           string              `json:"source"`
		SendingAccountID string              `json:"sendingAccountId"`
		MessageID        string              `json:"messageId"`
		Destination      []string            `json:"destination"`
		HeadersTruncated bool                `json:"headersTruncated"`
		Headers          []struct{}          `json:"headers"`
		CommonHeaders    commonHeaders       `json:"commonHeaders"`
		Tags             map[string][]string `json:"tags"`
	}
	commonHeaders struct {
		From      []string `json:"from"`
		To        []string `json:"to"`
		MessageID string   `json:"messageId"`
		Subject   string   `json:"subject"`
	}
	delivery struct {
		Timestamp            string   `json:"timestamp"`
		ProcessingTimeMillis int64    `json:"processingTimeMillis"`
		Recipients           []string `json:"recipients"`
		SMTPResponse         string   `json:"smtpResponse"`
		ReportingMTA         string   `json:"reportingMTA"`
	}
	bounce struct {
		BounceType        string    `json:"bounceType"`
		BounceSubType     string    `json:"bounceSubType"`
		BouncedRecipients []trouble `json:"bouncedRecipients"`
		Timestamp         string    `json:"timestamp"`
		FeedbackID        string    `json:"feedbackId"`
		ReportingMTA      string    `json:"reportingMTA"`
	}
	complaint struct {
		ComplainedRecipients  []trouble `json:"complainedRecipients"`
		Timestamp             string    `json:"timestamp"`
		FeedbackID            string    `json:"feedbackId"`
		ComplaintSubType      *string   `json:"complaintSubType"`
		UserAgent             string    `json:"userAgent"`
		ComplaintFeedbackType string    `json:"complaintFeedbackType"`
		ArrivalDate           string    `json:"arrivalDate"`
	}
	reject struct {
		Reason string `json:"reason"`
	}
	delay struct {
		Timestamp         string    `json:"timestamp"`
		DelayType         string    `json:"delayType"`
		ExpirationTime    string    `json:"expirationTime"`
		DelayedRecipients []trouble `json:"delayedRecipients"`
	}
	// trouble is one recipient in an event other than a delivery.
	trouble struct {
		EmailAddress   string `json:"emailAddress"`
		Action         string `json:"action,omitempty"`
		Status         string `json:"status,omitempty"`
		DiagnosticCode string `json:"diagnosticCode,omitempty"`
	}
)

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// detail returns the JSON of an event.
func (s *Server) detail(e owed) ([]byte, error) {
	m, ok := s.stored(e.N)
	if !ok {
		return nil, ErrNoMail
	}
	at, feedback := stamp(e.At), fmt.Sprintf("0100-feedback-%d", e.ID)
	out := sesEvent{EventType: e.Event, Mail: m.sesMail()}
	switch e.Event {
	case eventSend:
		out.Send = &struct{}{}
	case eventDelivery:
		out.Delivery = &delivery{at, e.At.Sub(m.ReceivedAt).Milliseconds(), m.Destinations, "250 2.6.0 Message received",
			"mta.example"}
	case eventBounce:
		out.Bounce = &bounce{e.BounceType, e.BounceSubType,
			m.troubles(trouble{Action: "failed", Status: "5.1.1",
				DiagnosticCode: "smtp; 550 5.1.1 user unknown"}), at, feedback, "dsn; mta.example"}
	case eventComplaint:
		out.Complaint = &complaint{m.troubles(trouble{}), at, feedback, nil, "Lapse mailbox", "abuse", at}
	case eventReject:
		out.Reject = &reject{"Bad content"}
	case eventDelay:
		out.Delay = &delay{at, "TransientCommunicationFailure", stamp(e.At.Add(12 * time.Hour)),
			m.troubles(trouble{Status: "4.4.1", DiagnosticCode: "smtp; 421 4.4.1 Unable to connect to remote host"})}
	}
	return json.Marshal(out)
}

// sesMail is the part that all events about a mail share. It leaves the headers out and says so, as SES does where they
// are long.
func (m *stored) sesMail() sesMail {
	tags := map[string][]string{"ses:configuration-set": {m.ConfigurationSet}, "ses:caller-identity": {"local"}}
	if a, err := mail.ParseAddress(m.From); err == nil {
		_, domain, _ := strings.Cut(a.Address, "@")
		tags["ses:from-domain"] = []string{domain}
	}
	for name, value := range m.Tags {
		tags[name] = []string{value}
	}
	return sesMail{Timestamp: stamp(m.ReceivedAt), Source: m.Source, SendingAccountID: "123456789012",
		MessageID:   m.MessageID,
		Destination: m.Destinations, HeadersTruncated: true, Headers: []struct{}{},
		CommonHeaders: commonHeaders{[]string{m.From}, m.Destinations, m.MessageID, m.Subject}, Tags: tags}
}

// troubles repeats t for every recipient.
func (m *stored) troubles(t trouble) []trouble {
	out := make([]trouble, len(m.Destinations))
	for i, d := range m.Destinations {
		t.EmailAddress = d
		out[i] = t
	}
	return out
}
