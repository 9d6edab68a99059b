// Package delivery takes what SES reports about mails it accepted, and moves the notices accordingly. "Sent" is what
// SES took; only a delivery is evidence that somebody was told (law 7, docs/adr/0011).
package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Service takes the signs of SES. Every field is needed.
type Service struct {
	// Now is the wall clock; signs are recorded at the instant they are taken.
	Now   func() time.Time
	Store Store
	Bus   Announcer
	Log   *slog.Logger
}

// Store is what delivery needs of the store.
type Store interface {
	store.Notices
	PutRow(ctx context.Context, r agenda.Row) error
	DeleteRow(ctx context.Context, r agenda.Row) error
}

// Announcer publishes an event of Lapse; detail is JSON and holds ids only.
type Announcer interface {
	Announce(ctx context.Context, detailType string, detail []byte) error
}

// ErrMalformed is matched by the error of an event that nobody will ever be able to read; trying again does not help.
var ErrMalformed = errors.New("malformed SES event")

// sign is the part of an SES event that Lapse reads: of its addresses none.
type sign struct {
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

// Take takes one SES event, the detail of its EventBridge event. The same event may come twice, late, and out of order.
// An event that is none of ours, or about an attempt or notice that is not known, is no error. Errors are ErrMalformed,
// or those of the store and the bus, after which the event has to be taken again.
func (s *Service) Take(ctx context.Context, detail []byte) error {
	var e sign
	if err := json.Unmarshal(detail, &e); err != nil {
		// The JSON error may quote the event, which holds addresses.
		return fmt.Errorf("read an SES event of %d bytes: %w", len(detail), ErrMalformed)
	}
	id, act, ok := e.report(matter.Floor(s.Now()))
	if !ok {
		s.Log.InfoContext(ctx, "delivery: an SES event is not about a notice", "event", known(e.EventType))
		return nil
	}
	held := notice.Notice{ID: id}
	if act.Op == notice.OpBounce {
		var err error
		if held, act, err = s.bounced(ctx, held, act); err != nil {
			return err
		}
	}
	n, taken, err := s.Store.Apply(ctx, held, act)
	if err == nil && !taken && act.Op == notice.OpReturn && n.State == notice.Delivered {
		// The report of its delivery came in between.
		act = notice.Reported(notice.OpBounce, act.Token, act.MessageID, act.Reason, act.At)
		n, taken, err = s.Store.Apply(ctx, n, act)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.Log.WarnContext(ctx, "delivery: an SES event is about a notice that does not exist", "id", id, "op", string(act.Op))
		return nil
	case err != nil:
		return fmt.Errorf("record %s of notice %s: %w", act.Op, id, err)
	}
	s.traceAcceptance(ctx, act, &n, taken)
	if !taken {
		// The first taking may have ended between the notice and the row, so the rest is done again.
		s.Log.InfoContext(ctx, "delivery: an SES event changes nothing", "id", id, "op", string(act.Op), "state",
			string(n.State))
	}
	if err := s.putRows(ctx, act, &n); err != nil {
		return err
	}
	if taken && (act.Reason == notice.ReasonContent || act.Op == notice.OpReject) {
		s.Log.ErrorContext(ctx, "delivery: a mail was refused for what it holds", "id", n.ID, "op", string(act.Op))
	}
	return s.tell(ctx, act, &n)
}

// traceAcceptance logs an acceptance that only SES's report tells of, because the answer that said so was lost. It is
// the line that the dispatcher writes of every other. Each report repeats it, since one may be all that is ever taken.
func (s *Service) traceAcceptance(ctx context.Context, act notice.Act, n *notice.Notice, taken bool) {
	a := n.Attempt(act.Token)
	if a == nil || a.Outcome != notice.OutcomeAccepted || a.MessageID != act.MessageID {
		return
	}
	if !a.WasUnknown && !(taken && a.At.Equal(act.At)) {
		return
	}
	t := notice.Trace{
		Notice: n.ID, Attempt: a.Token, MessageID: a.MessageID, At: a.At, Due: a.Due, Rules: a.Rules, Contact: a.Contact,
		Spare: a.Spare,
	}
	s.Log.InfoContext(ctx, t.Line(), t.Args()...)
}

// bounced reads the notice, and says what follows from the bounce. If the mail came back for the moment only, the same
// address is tried once more, else the subject's next contact, else nothing. Nothing follows after a delivery either:
// somebody may have read the mail. A notice that goes on has a row first. If the bounce then changes nothing, that row
// is one visit too many.
func (s *Service) bounced(ctx context.Context, held notice.Notice, bounce notice.Act) (notice.Notice, notice.Act,
	error) {
	n, err := s.Store.Notice(ctx, held.ID)
	if errors.Is(err, store.ErrNotFound) {
		return held, bounce, nil
	}
	if err != nil {
		return held, bounce, fmt.Errorf("read notice %s, whose mail came back: %w", held.ID, err)
	}
	a := n.Attempt(bounce.Token)
	if a == nil || !a.Bounced.IsZero() || n.State == notice.Delivered {
		return n, bounce, nil
	}
	wait, again := n.RetryAfter(a)
	again = again && bounce.Reason == notice.ReasonSoftBounce
	if !again && !a.Spare {
		return n, bounce, nil
	}
	next := bounce.At
	if again {
		next = next.Add(wait)
	}
	// A second before the one that putRows puts: a sweep that comes before the notice changes deletes what it has read.
	if err := s.Store.PutRow(ctx, row(&n, next.Add(-time.Second))); err != nil {
		return n, bounce, fmt.Errorf("put the row of notice %s, whose mail came back: %w", n.ID, err)
	}
	return n, notice.Return(bounce, next, !again), nil
}

// row is one of a notice that depends on no restraint, planned as the dispatcher does: under the last attempt's
// version.
func row(n *notice.Notice, at time.Time) agenda.Row {
	return agenda.ForNotice(n.Matter, n.ID, matter.Ceil(at), n.Attempts[len(n.Attempts)-1].Head)
}

// putRows deletes the row that waits for a report about a notice now delivered. Where only this report tells of the
// next visit, it puts that row. Any other row is the sweep's.
func (s *Service) putRows(ctx context.Context, act notice.Act, n *notice.Notice) error {
	a := n.Attempt(act.Token)
	var visit time.Time
	switch {
	case a == nil:
		return nil
	case act.Op == notice.OpDelivery && n.State == notice.Delivered:
		if err := s.Store.DeleteRow(ctx, row(n, n.SentAt.Add(notice.ConfirmWindow))); err != nil {
			return fmt.Errorf("delete the row of delivered notice %s: %w", n.ID, err)
		}
		return nil
	case (act.Op == notice.OpReturn || act.Op == notice.OpBounce) && n.State == notice.Retry:
		// A sweep that came before the notice changed has taken the row for one visit too many.
		visit = n.Next
	case (act.Op == notice.OpReturn || act.Op == notice.OpBounce) && n.State == notice.Held && !n.Next.IsZero():
		visit = n.Next
	case act.Op == notice.OpBounce && n.State == notice.Bounced:
		// New contacts may have come before the notice was owed, when their re-plan had nothing to put back.
		visit = n.Changed
	case act.Op == notice.OpSend && n.State == notice.Sent && a.WasUnknown:
		// The row may stand at a review far ahead.
		visit = n.SentAt.Add(notice.ConfirmWindow)
	default:
		return nil
	}
	if err := s.Store.PutRow(ctx, row(n, visit)); err != nil {
		return fmt.Errorf("put the row of %s notice %s: %w", n.State, n.ID, err)
	}
	return nil
}

// report is the notice's id and what SES reports about it. ok is false where the event is not about an attempt of ours.
func (e *sign) report(at time.Time) (id string, act notice.Act, ok bool) {
	op, reason, ok := e.op()
	matterID, hash, token := e.tag("matter"), e.tag("notice"), e.tag("attempt")
	if !ok || matterID == "" || hash == "" || token == "" || e.Mail.MessageID == "" {
		return "", notice.Act{}, false
	}
	return notice.JoinID(matterID, hash), notice.Reported(op, token, e.Mail.MessageID, reason, at), true
}

// tag is the one value of a message tag, "" where there is none or it could not have been ours.
func (e *sign) tag(name string) string {
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

// op reads the event type, and of a bounce why: the subtypes are those of the SES developer guide, "Bounce object".
func (e *sign) op() (op notice.Op, reason string, ok bool) {
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

// bounceReason is the reason that a bounce gives the notice.
func (e *sign) bounceReason() string {
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

// known keeps foreign text out of the log.
func known(eventType string) string {
	switch eventType {
	case "Send", "Delivery", "Complaint", "Reject", "DeliveryDelay", "Bounce", "Open", "Click", "Subscription",
		"Rendering Failure":
		return eventType
	}
	return "other"
}

// tell publishes what the sign means for the notice; a sign of an attempt that the notice does not rest on means
// nothing for it. An end is published again with every report of it: the first may have moved the notice, and not come
// to tell.
func (s *Service) tell(ctx context.Context, act notice.Act, n *notice.Notice) error {
	detailType := ""
	a := n.Attempt(act.Token)
	switch {
	case n.LastSign != act.Op, n.State != act.Op.To():
		return nil
	case act.Op == notice.OpSend && a != nil && a.WasUnknown:
		detailType = "lapse.notice.sent"
	case act.Op == notice.OpDelivery || act.Op == notice.OpComplaint:
		detailType = "lapse.notice.delivered"
	case act.Op == notice.OpBounce || act.Op == notice.OpReject:
		detailType = "lapse.notice.undeliverable"
	default:
		return nil
	}
	detail, err := json.Marshal(told{Matter: n.Matter, Notice: n.ID, Reason: n.Reason})
	if err == nil {
		ctx, stop := context.WithTimeout(ctx, announceTime)
		defer stop()
		err = s.Bus.Announce(ctx, detailType, detail)
	}
	if err != nil {
		return fmt.Errorf("publish %s of notice %s: %w", detailType, n.ID, err)
	}
	return nil
}

// announceTime is the longest one announcement may take. A bus that hangs must not keep the other signs of a batch, ten
// at most in the function's thirty seconds, from being recorded.
const announceTime = 2 * time.Second

// told is the detail of an event of Lapse: ids and codes, nothing else.
type told struct {
	Matter string `json:"matter"`
	Notice string `json:"notice"`
	Reason string `json:"reason,omitempty"`
}
