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

// Store keeps the notices and their agenda rows. Notice is a consistent read, Move one conditional write with the meaning
// of notice.Move.Apply; both store.ErrNotFound where there is no such notice. PutRow never replaces a row planned under a
// higher version, DeleteRow deletes only under the version given.
type Store interface {
	Notice(ctx context.Context, id string) (notice.Notice, error)
	Move(ctx context.Context, m notice.Move) (notice.Notice, bool, error)
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
	m, ok := e.move()
	if !ok {
		s.Log.InfoContext(ctx, "delivery: an SES event is not about a notice", "event", known(e.EventType))
		return nil
	}
	m.Now = matter.Floor(s.Now())
	if m.Op == notice.OpBounce {
		var err error
		if m, err = s.returned(ctx, m); err != nil {
			return err
		}
	}
	n, moved, err := s.Store.Move(ctx, m)
	if err == nil && !moved && m.Op == notice.OpReturn && n.State == notice.Delivered {
		// The report of its delivery came in between.
		m.Op, m.Dead, m.Next = notice.OpBounce, false, time.Time{}
		n, moved, err = s.Store.Move(ctx, m)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.Log.WarnContext(ctx, "delivery: an SES event is about a notice that does not exist", "id", m.Notice, "op", string(m.Op))
		return nil
	case err != nil:
		return fmt.Errorf("record %s of notice %s: %w", m.Op, m.Notice, err)
	}
	s.learned(ctx, m, &n, moved)
	if !moved {
		// The first taking may have ended between the move and the row, so the rest is done again.
		s.Log.InfoContext(ctx, "delivery: an SES event changes nothing", "id", m.Notice, "op", string(m.Op), "state", string(n.State))
	}
	if err := s.settle(ctx, m, &n); err != nil {
		return err
	}
	if moved && (m.Reason == notice.ReasonContent || m.Op == notice.OpReject) {
		s.Log.ErrorContext(ctx, "delivery: a mail was refused for what it holds", "id", n.ID, "op", string(m.Op))
	}
	return s.tell(ctx, m, &n)
}

// learned logs an acceptance that only SES's report tells of, the answer that said so being lost. It is the line that the
// dispatcher writes of every other; each report repeats it, for one may be all that is ever taken.
func (s *Service) learned(ctx context.Context, m notice.Move, n *notice.Notice, moved bool) {
	a := n.Attempt(m.Token)
	if a == nil || a.Outcome != "accepted" || a.MessageID != m.MessageID || !a.WasUnknown && !(moved && a.At.Equal(m.Now)) {
		return
	}
	t := notice.Trace{
		Notice: n.ID, Attempt: a.Token, MessageID: a.MessageID, At: a.At, Due: a.Due, Rules: a.Rules, Contact: a.Contact, Spare: a.Spare,
	}
	s.Log.InfoContext(ctx, t.Line(), t.Args()...)
}

// returned says what follows from a bounce: the same address once more where the mail came back for the moment only, else
// the subject's next contact, else nothing, nor after a delivery: somebody may have read it. What goes on has a row first;
// where the move then changes nothing, the row is one look too many.
func (s *Service) returned(ctx context.Context, m notice.Move) (notice.Move, error) {
	n, err := s.Store.Notice(ctx, m.Notice)
	if errors.Is(err, store.ErrNotFound) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read notice %s, whose mail came back: %w", m.Notice, err)
	}
	a := n.Attempt(m.Token)
	if a == nil || !a.Bounced.IsZero() || n.State == notice.Delivered {
		return m, nil
	}
	wait, again := n.RetryAfter(a)
	again = again && m.Reason == notice.ReasonSoftBounce
	if !again && !a.Spare {
		return m, nil
	}
	m.Op, m.Dead, m.Next = notice.OpReturn, !again, m.Now
	if again {
		m.Next = m.Now.Add(wait)
	}
	// A second before the one that settle puts: a sweep that looked before the move deletes what it has read.
	if err := s.Store.PutRow(ctx, row(&n, m.Next.Add(-time.Second))); err != nil {
		return m, fmt.Errorf("put the row of notice %s, whose mail came back: %w", n.ID, err)
	}
	return m, nil
}

// row is one of a notice that depends on no restraint, planned as the dispatcher does: under the last attempt's version.
func row(n *notice.Notice, at time.Time) agenda.Row {
	return agenda.Row{At: matter.Ceil(at), Kind: agenda.Notice, ID: n.ID, Planned: n.Attempts[len(n.Attempts)-1].Head}
}

// settle deletes the row that waits for a sign of a notice now delivered, and puts the one that has to look at it next where
// only this sign tells of that. Any other row is the sweep's.
func (s *Service) settle(ctx context.Context, m notice.Move, n *notice.Notice) error {
	a := n.Attempt(m.Token)
	var look time.Time
	switch {
	case a == nil:
		return nil
	case m.Op == notice.OpDelivery && n.State == notice.Delivered:
		if err := s.Store.DeleteRow(ctx, row(n, n.SentAt.Add(notice.ConfirmWindow))); err != nil {
			return fmt.Errorf("delete the row of delivered notice %s: %w", n.ID, err)
		}
		return nil
	case (m.Op == notice.OpReturn || m.Op == notice.OpBounce) && n.State == notice.Retry:
		// A sweep that came before the move has taken the row for one look too many.
		look = n.Next
	case (m.Op == notice.OpReturn || m.Op == notice.OpBounce) && n.State == notice.Held && !n.Next.IsZero():
		look = n.Next
	case m.Op == notice.OpBounce && n.State == notice.Bounced:
		// New contacts may have come before the notice was owed, when their re-plan had nothing to put back.
		look = n.Changed
	case m.Op == notice.OpSend && n.State == notice.Sent && a.WasUnknown:
		// The row may stand at a review far ahead.
		look = n.SentAt.Add(notice.ConfirmWindow)
	default:
		return nil
	}
	if err := s.Store.PutRow(ctx, row(n, look)); err != nil {
		return fmt.Errorf("put the row of %s notice %s: %w", n.State, n.ID, err)
	}
	return nil
}

// move is what the event means for a notice; ok is false where it is not about an attempt of ours.
func (e *sign) move() (m notice.Move, ok bool) {
	m.Op, m.Reason, ok = e.op()
	matterID, hash, token := e.tag("matter"), e.tag("notice"), e.tag("attempt")
	if !ok || matterID == "" || hash == "" || token == "" || e.Mail.MessageID == "" {
		return notice.Move{}, false
	}
	m.Notice, m.Token, m.MessageID, m.Actor = matterID+"."+hash, token, e.Mail.MessageID, "ses"
	return m, true
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
		return notice.OpBounce, e.bounced(), true
	}
	return "", "", false
}

func (e *sign) bounced() string {
	switch {
	case e.Bounce.SubType == "MessageTooLarge" || e.Bounce.SubType == "ContentRejected" || e.Bounce.SubType == "AttachmentRejected":
		return notice.ReasonContent
	case e.Bounce.Type != "Permanent":
		return notice.ReasonSoftBounce
	case e.Bounce.SubType == "Suppressed" || e.Bounce.SubType == "OnAccountSuppressionList" || e.Bounce.SubType == "UnsubscribedRecipient":
		return notice.ReasonSuppressed
	}
	return notice.ReasonHardBounce
}

// known keeps foreign text out of the log.
func known(eventType string) string {
	switch eventType {
	case "Send", "Delivery", "Complaint", "Reject", "DeliveryDelay", "Bounce", "Open", "Click", "Subscription", "Rendering Failure":
		return eventType
	}
	return "other"
}

// tell publishes what the sign means for the notice; a sign of an attempt that the notice does not rest on means nothing
// for it. An end is published again with every report of it: the first may have moved the notice, and not come to tell.
func (s *Service) tell(ctx context.Context, m notice.Move, n *notice.Notice) error {
	detailType := ""
	a := n.Attempt(m.Token)
	switch {
	case n.LastSign != string(m.Op), n.State != m.Op.To():
		return nil
	case m.Op == notice.OpSend && a != nil && a.WasUnknown:
		detailType = "lapse.notice.sent"
	case m.Op == notice.OpDelivery || m.Op == notice.OpComplaint:
		detailType = "lapse.notice.delivered"
	case m.Op == notice.OpBounce || m.Op == notice.OpReject:
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

// announceTime is the longest one announcement may take. A bus that hangs must not keep the other signs of a batch, ten at
// most in the function's thirty seconds, from being recorded.
const announceTime = 2 * time.Second

// told is the detail of an event of Lapse: ids and codes, nothing else.
type told struct {
	Matter string `json:"matter"`
	Notice string `json:"notice"`
	Reason string `json:"reason,omitempty"`
}
