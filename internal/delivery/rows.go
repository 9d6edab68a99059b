package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// guardAfter is when the row stands that is put before a bounce moves a notice that was over, in case the function is
// cut off in between.
const guardAfter = time.Hour

// prepareBounce reads the notice, and returns it with the act that follows from the bounce. If the mail came back for
// the moment only, the same address is tried once more. Else the subject's next contact is tried, if there is one.
// Nothing follows after a delivery, because somebody may have read the mail. A notice that goes on has a row first. If
// the bounce then changes nothing, that row is one visit too many.
func (s *Service) prepareBounce(ctx context.Context, held notice.Notice, bounce notice.Act) (notice.Notice, notice.Act,
	error) {
	n, err := s.Store.Notice(ctx, held.ID)
	if errors.Is(err, store.ErrNotFound) {
		return held, bounce, nil
	}
	if err != nil {
		return held, bounce, fmt.Errorf("read notice %s, whose mail came back: %w", held.ID, err)
	}
	a := n.Attempt(bounce.Token)
	if a == nil || !a.Bounced.IsZero() {
		return n, bounce, nil
	}
	if n.State.Terminal() {
		// If this taking is cut off after the notice was moved, its repetition may come hours later, or never.
		if err := s.Store.PutRows(ctx, rowAhead(&n, s.Now().Add(guardAfter))); err != nil {
			return n, bounce, fmt.Errorf("put the row of notice %s, whose mail came back late: %w", n.ID, err)
		}
	}
	if n.State == notice.Delivered {
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
	ahead := next
	if now := s.Now(); now.After(ahead) {
		ahead = now
	}
	if err := s.Store.PutRows(ctx, rowAhead(&n, ahead)); err != nil {
		return n, bounce, fmt.Errorf("put the row of notice %s, whose mail came back: %w", n.ID, err)
	}
	return n, notice.Return(bounce, next, !again), nil
}

// lastAttemptRow is a row of the notice that depends on no restraint. It is planned as the dispatcher plans such rows:
// under the last attempt's version.
func lastAttemptRow(n *notice.Notice, at time.Time) agenda.Row {
	return agenda.ForNotice(n.Matter, n.ID, matter.Ceil(at), n.Attempts[len(n.Attempts)-1].Head)
}

// rowAhead is a row that is put before the notice changes. The sweep leaves it alone until then, because it names the
// revision that the change makes.
func rowAhead(n *notice.Notice, at time.Time) agenda.Row {
	r := lastAttemptRow(n, at)
	r.Revision = n.Revision + 1
	return r
}

// updateRows deletes the row that waits for a report about a notice now delivered. Where only this report tells of the
// next visit, it puts that row. Any other row is the sweep's.
func (s *Service) updateRows(ctx context.Context, act notice.Act, n *notice.Notice) error {
	a := n.Attempt(act.Token)
	if a != nil && (act.Op == notice.OpBounce || act.Op == notice.OpReturn || act.Op == notice.OpReject) {
		// The report counted the mail as told, perhaps in a half-year that is over. No other report changes that.
		row := agenda.ForCount(n.Matter, matter.Ceil(s.Now()), n.Attempts[len(n.Attempts)-1].Head)
		if err := s.Store.PutRows(ctx, row); err != nil {
			return fmt.Errorf("have matter %s counted, whose mail came back: %w", n.Matter, err)
		}
	}
	var visit time.Time
	switch {
	case a == nil:
		return nil
	case act.Op == notice.OpDelivery && n.State == notice.Delivered:
		if err := s.Store.DeleteRows(ctx, lastAttemptRow(n, n.SentAt.Add(notice.ConfirmWindow))); err != nil {
			return fmt.Errorf("delete the row of delivered notice %s: %w", n.ID, err)
		}
		return nil
	case (act.Op == notice.OpReturn || act.Op == notice.OpBounce) && n.State == notice.Retry:
		// Where somebody else changed the notice first, a sweep may have taken the row that was put ahead.
		visit = n.Next
	case (act.Op == notice.OpReturn || act.Op == notice.OpBounce) && n.State == notice.Held && !n.Next.IsZero():
		visit = n.Next
	case act.Op == notice.OpBounce && n.State == notice.Bounced, act.Op == notice.OpReject && n.State == notice.Failed:
		// New contacts may have come before the notice was owed, when their re-plan had nothing to put back.
		visit = n.Changed
	case act.Op == notice.OpSend && n.State == notice.Sent && a.WasUnknown:
		// The row may stand at a review far ahead.
		visit = n.SentAt.Add(notice.ConfirmWindow)
	default:
		return nil
	}
	if err := s.Store.PutRows(ctx, lastAttemptRow(n, visit)); err != nil {
		return fmt.Errorf("put the row of %s notice %s: %w", n.State, n.ID, err)
	}
	return nil
}
