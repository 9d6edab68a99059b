package dispatch

import (
	"context"
	"errors"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// recordOutcome records what became of the mail, also where the sweep is being ended: what SES did has happened.
func (s *sender) recordOutcome(ctx context.Context, a *attempt, messageID string, sendErr error) error {
	ctx, stop := outlive(ctx)
	defer stop()
	if sendErr == nil {
		return s.recordAcceptance(ctx, a, messageID)
	}
	outcome, code := notice.OutcomeUnknown, ""
	if e, ok := errors.AsType[*notice.SendError](sendErr); ok {
		outcome, code = e.Outcome, e.Code
	}
	s.log.Warn("sweep: SES did not accept a mail", "id", a.notice.ID, "outcome", notice.Reason(outcome), "code", code)
	account := outcome == notice.OutcomeAccount || outcome == notice.OutcomeDaily
	message := false
	if outcome == notice.OutcomeRejected {
		account, message = s.blame(ctx, a, code)
	}
	if account || a.probe {
		if err := s.pause(ctx, account, outcome, code); err != nil {
			s.recordFailure("pause sending", a.notice.ID, err)
		}
	}
	switch outcome {
	case notice.OutcomeThrottled, notice.OutcomeUnreached:
		s.pace.slower(s.wall())
		s.tally.add(func(r *Report) { r.Refused++ })
		return s.retryLater(ctx, a, notice.Reason(outcome))
	case notice.OutcomeDaily, notice.OutcomeAccount:
		s.tally.add(func(r *Report) { r.Waiting++ })
		if a.probe && outcome == notice.OutcomeAccount {
			// SES may refuse this message alone: the others that wait are probes before it.
			return s.yieldProbe(ctx, a, probeAfter, notice.Reason(outcome))
		}
		return s.release(ctx, a)
	case notice.OutcomeRejected:
		return s.recordRejection(ctx, a, code, message)
	}
	return s.markUnknown(ctx, a.visit, &a.notice, notice.Unsure(a.token, matter.Floor(s.wall())))
}

// recordAcceptance records that SES took the mail. The row goes to the day by which a report should have come.
func (s *sender) recordAcceptance(ctx context.Context, a *attempt, messageID string) error {
	s.gate.accepted(a.probe, matter.Floor(s.wall()))
	s.tally.add(func(r *Report) { r.Sent++ })
	now := matter.Floor(s.wall())
	// First, and beside the table: a table restored to an instant before this one has to learn of it.
	s.trace(notice.Trace{
		Notice: a.notice.ID, Attempt: a.token, MessageID: messageID, At: now, Due: a.due, Rules: a.head.Rules,
		Contact: a.contact.Name, Spare: a.contact.Spare,
	})
	n, ok, err := s.apply(ctx, &a.notice, notice.Complete(a.token, messageID, now))
	if a.probe {
		if err := s.store.PutPause(ctx, store.Pause{}); err != nil {
			s.recordFailure("end the pause", a.notice.ID, err)
		}
	}
	if err != nil {
		// The lease ends, and the attempt becomes unknown. The report of SES or the policy resolves that.
		return err
	}
	if !ok || n.MessageID != messageID {
		s.tally.add(func(r *Report) { r.Duplicates++ })
		s.log.Warn("sweep: a mail was accepted beside an earlier one", "id", n.ID, "messageId", messageID, "earlier",
			n.MessageID)
		return nil
	}
	if n.Kind == notice.Told {
		s.publishBestEffort(ctx, n.ID, event.NoticeSentDetail{Matter: n.Matter, Notice: n.ID})
	}
	s.lookAfterFormer(ctx, a)
	if n.State.Terminal() {
		return s.finish(ctx, a.visit, &n) // a report of SES came first
	}
	s.move(ctx, a.visit, confirmRow(&n))
	return nil
}

// blame decides whether the account or the message caused a refusal, if that is known yet. It is the account where the
// last calls were all refused alike. It is the message where SES refused it once before, has taken another mail in
// between, and has refused no other since.
func (s *sender) blame(ctx context.Context, a *attempt, code string) (account, message bool) {
	before, account := s.gate.rejected(code)
	s.keepRefusals(ctx)
	again := !a.refused.IsZero() && before.Accepted.After(a.refused)
	return account, again && before.Count == 0 && !account && !a.probe
}

// recordRejection ends a notice whose message SES refuses for good. While the account may be the reason, the notice
// waits.
func (s *sender) recordRejection(ctx context.Context, a *attempt, code string, message bool) error {
	if !message {
		s.tally.add(func(r *Report) { r.Waiting++ })
		return s.yieldProbe(ctx, a, probeAfter+time.Minute, notice.ReasonRejected)
	}
	return s.markFailed(ctx, a.visit, &a.notice, notice.Refuse(a.token, matter.Floor(s.wall())), code)
}

const (
	firstBackoff = 5 * time.Second
	maxBackoff   = 10 * time.Minute
)

// retryLater gives back an attempt that did not reach SES, or that SES would not take now, for a later one. The agenda
// row counts how often in a row.
func (s *sender) retryLater(ctx context.Context, a *attempt, reason notice.Reason) error {
	next := matter.Ceil(s.wall().Add(s.backoff(a.row.Retries)))
	row, err := s.putOff(ctx, a, reason, next)
	if err != nil {
		return err
	}
	row.Retries = a.row.Retries + 1
	s.move(ctx, a.visit, row)
	return nil
}

// backoff is a random part of 5 s x 2^n, at most ten minutes ("full jitter"), and at least a second.
func (s *sender) backoff(n int) time.Duration {
	limit := maxBackoff
	if n = max(n, 0); n < 7 {
		limit = min(limit, firstBackoff<<n)
	}
	return max(time.Second, time.Duration(s.jitter(int64(limit))))
}

// yieldProbe puts a notice behind those that wait, so that it cannot be every probe.
func (s *sender) yieldProbe(ctx context.Context, a *attempt, wait time.Duration, reason notice.Reason) error {
	row, err := s.putOff(ctx, a, reason, matter.Floor(s.wall().Add(wait)))
	if err != nil {
		return err
	}
	s.move(ctx, a.visit, row)
	return nil
}

// putOff gives the attempt back until next, and returns the row for then.
func (s *sender) putOff(ctx context.Context, a *attempt, reason notice.Reason, next time.Time) (agenda.Row, error) {
	err := s.giveBack(ctx, a, notice.PutOff(a.token, reason, next, matter.Floor(s.wall())))
	return owed.Row(&a.notice, next, max(a.head.Version, a.row.Planned)), err
}
