package delivery

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lapse/internal/notice"
)

// ErrMalformed is matched by the error of an event that nobody will ever be able to read. Trying again does not help.
var ErrMalformed = errors.New("malformed SES event")

// sesEvent is the part of an SES event that Lapse reads. It has none of the event's addresses.
type sesEvent struct {
	EventType string `json:"eventType"`
	Mail      struct {
		MessageID string              `json:"messageId"`
		Tags      map[string][]string `json:"tags"`
	} `json:"mail"`
	Bounce struct {
		Type    string `json:"bounceType"`
		SubType string `json:"bounceSubType"`
	} `json:"bounce"`
}

// readEvent decodes an SES event, or returns an error that matches ErrMalformed.
func readEvent(detail []byte) (*sesEvent, error) {
	var e sesEvent
	if err := json.Unmarshal(detail, &e); err != nil {
		// The JSON error may quote the event, which holds addresses.
		return nil, fmt.Errorf("read an SES event of %d bytes: %w", len(detail), ErrMalformed)
	}
	return &e, nil
}

// report returns the id of the notice and what SES reports about it. ok is false where the event is not about an
// attempt of Lapse.
func (e *sesEvent) report(at time.Time) (id string, act notice.Act, ok bool) {
	op, reason, ok := e.op()
	matterID, hash, token := e.tag("matter"), e.tag("notice"), e.tag("attempt")
	if !ok || matterID == "" || hash == "" || token == "" || e.Mail.MessageID == "" {
		return "", notice.Act{}, false
	}
	return notice.JoinID(matterID, hash), notice.Reported(op, token, e.Mail.MessageID, reason, at), true
}

// tag is the one value of a message tag, or "" where there is none or Lapse could not have set it.
func (e *sesEvent) tag(name string) string {
	v := e.Mail.Tags[name]
	if len(v) != 1 || len(v[0]) > 64 {
		return ""
	}
	for _, c := range []byte(v[0]) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return ""
		}
	}
	return v[0]
}

// op reads the event type, and the reason of a bounce.
func (e *sesEvent) op() (op notice.Op, reason notice.Reason, ok bool) {
	switch e.EventType {
	case "Send":
		return notice.OpSend, "", true
	case "Delivery":
		return notice.OpDelivery, notice.ReasonDelivered, true
	case "Complaint":
		return notice.OpComplaint, notice.ReasonComplained, true
	case "Reject":
		return notice.OpReject, notice.ReasonRejected, true
	case "DeliveryDelay":
		return notice.OpDelay, "", true
	case "Bounce":
		return notice.OpBounce, e.bounceReason(), true
	}
	return "", "", false
}

// bounceReason is the reason that a bounce gives the notice. The subtypes are those of the SES developer guide, "Bounce
// object".
func (e *sesEvent) bounceReason() notice.Reason {
	switch {
	case e.Bounce.SubType == "MessageTooLarge" || e.Bounce.SubType == "ContentRejected" ||
		e.Bounce.SubType == "AttachmentRejected":
		return notice.ReasonContent
	case e.Bounce.Type != "Permanent":
		return notice.ReasonSoftBounce
	case e.Bounce.SubType == "Suppressed" || e.Bounce.SubType == "OnAccountSuppressionList" ||
		e.Bounce.SubType == "UnsubscribedRecipient":
		return notice.ReasonSuppressed
	}
	return notice.ReasonHardBounce
}

// loggable is the event type if SES has one of that name. It keeps foreign text out of the log.
func loggable(eventType string) string {
	switch eventType {
	case "Send", "Delivery", "Complaint", "Reject", "DeliveryDelay", "Bounce", "Open", "Click", "Subscription",
		"Rendering Failure":
		return eventType
	}
	return "other"
}
