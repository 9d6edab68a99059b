// Package delivery takes what SES reports about mails it accepted, and moves the notices accordingly. "Sent" is what
// SES took. Only a delivery is evidence that somebody was told (law 7, docs/adr/0011).
package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lapse/internal/announce"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Service takes the reports of SES. Every field is needed.
type Service struct {
	// Now is the wall clock. A report is recorded at the instant it is taken.
	Now   func() time.Time
	Store Store
	Bus   announce.Bus
	Log   *slog.Logger
}

// Store is what delivery needs of the store.
type Store interface {
	store.Notices
	store.Agenda
}

// Take takes one SES event, the detail of its EventBridge event. The same event may come twice, late, and out of order.
// No error: an event of another sender, or about an attempt or a notice that does not exist. The error matches
// ErrMalformed, or it is one of the store or the bus, after which the event has to be taken again.
func (s *Service) Take(ctx context.Context, detail []byte) error {
	e, err := readEvent(detail)
	if err != nil {
		return err
	}
	id, act, ok := e.report(matter.Floor(s.Now()))
	if !ok {
		s.Log.InfoContext(ctx, "delivery: an SES event is not about a notice", "event", loggable(e.EventType))
		return nil
	}
	act, n, taken, err := s.apply(ctx, id, act)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.Log.WarnContext(ctx, "delivery: an SES event is about a notice that does not exist", "id", id, "op", string(act.Op))
		return nil
	case err != nil:
		return err
	}
	s.traceAcceptance(ctx, act, &n, taken)
	if !taken {
		// The first taking may have ended between the notice and the row, so the rest is done again.
		s.Log.InfoContext(ctx, "delivery: an SES event changes nothing", "id", id, "op", string(act.Op), "state",
			string(n.State))
	}
	if err := s.updateRows(ctx, act, &n); err != nil {
		return err
	}
	if taken && (act.Reason == notice.ReasonContent || act.Op == notice.OpReject) {
		s.Log.ErrorContext(ctx, "delivery: a mail was refused for its content", "id", n.ID, "op", string(act.Op))
	}
	return s.publish(ctx, act, &n)
}

// apply applies what SES reported to the notice. It returns the act that was applied, which is another one for some
// bounces, the notice as it stands afterwards, and whether the act changed it.
func (s *Service) apply(ctx context.Context, id string, act notice.Act) (notice.Act, notice.Notice, bool, error) {
	held := notice.Notice{ID: id}
	if act.Op == notice.OpBounce {
		var err error
		if held, act, err = s.prepareBounce(ctx, held, act); err != nil {
			return act, held, false, err
		}
	}
	n, taken, err := s.Store.Apply(ctx, held, act)
	if err == nil && !taken && act.Op == notice.OpReturn && n.State == notice.Delivered {
		// The report of its delivery came in between.
		act = notice.Reported(notice.OpBounce, act.Token, act.MessageID, act.Reason, act.At)
		n, taken, err = s.Store.Apply(ctx, n, act)
	}
	if err != nil {
		return act, n, false, fmt.Errorf("record %s of notice %s: %w", act.Op, id, err)
	}
	return act, n, taken, nil
}

// traceAcceptance logs an acceptance that only SES's report tells of, because the answer to the call was lost. The line
// is the one that the dispatcher writes of every other acceptance. Each report repeats it, because no other may come.
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
