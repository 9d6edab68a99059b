package dispatch

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

const (
	firstBackoff = 5 * time.Second
	maxBackoff   = 10 * time.Minute
	// recording is how long an outcome may take to be written once the invocation is being ended.
	recording = 10 * time.Second
)

// outlive is for what has to be written even if the invocation is being ended.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recording)
}

// settle records what became of the mail, also where the sweep is being ended: what SES did has happened.
func (w *sweep) settle(ctx context.Context, a *attempt, messageID string, sendErr error) error {
	ctx, stop := outlive(ctx)
	defer stop()
	if sendErr == nil {
		return w.accepted(ctx, a, messageID)
	}
	outcome, code := notice.OutcomeUnknown, ""
	if e, ok := errors.AsType[*notice.SendError](sendErr); ok {
		outcome, code = e.Outcome, e.Code
	}
	w.Log.Warn("sweep: SES did not accept a mail", "id", a.notice.ID, "outcome", string(outcome), "code", code)
	account := outcome == notice.OutcomeAccount || outcome == notice.OutcomeDaily ||
		outcome == notice.OutcomeRejected && w.gate.rejected()
	if account || a.probe {
		if err := w.pause(ctx, w.pauseReason(account, outcome, code)); err != nil {
			w.trouble("pause sending", a.notice.ID, err)
		}
	}
	switch outcome {
	case notice.OutcomeThrottled, notice.OutcomeUnreached:
		w.pace.slower(w.wall())
		w.tally.add(func(r *Report) { r.Refused++ })
		return w.retry(ctx, a, string(outcome))
	case notice.OutcomeDaily, notice.OutcomeAccount:
		w.tally.add(func(r *Report) { r.Waiting++ })
		if a.probe && outcome == notice.OutcomeAccount {
			// It may be this message alone that SES will not have: the others that wait are probes before it.
			return w.giveWay(ctx, a, probeAfter, string(outcome))
		}
		return w.release(ctx, a)
	case notice.OutcomeRejected:
		return w.rejected(ctx, a, code, account || a.probe)
	}
	return w.unknown(ctx, a.row, &a.notice, notice.Unsure(a.token, matter.Floor(w.wall())))
}

// accepted records the mail; the row goes to the day by which a sign should have come.
func (w *sweep) accepted(ctx context.Context, a *attempt, messageID string) error {
	w.pace.faster()
	w.gate.accepted(a.probe)
	w.tally.add(func(r *Report) { r.Sent++ })
	now := matter.Floor(w.wall())
	// First, and beside the table: a table restored to an instant before this one has to learn of it.
	w.trace(notice.Trace{
		Notice: a.notice.ID, Attempt: a.token, MessageID: messageID, At: now, Due: a.due, Rules: a.head.Rules,
		Contact: a.contact.name, Spare: a.contact.spare,
	})
	n, ok, err := w.apply(ctx, &a.notice, notice.Complete(a.token, messageID, now))
	if a.probe {
		if err := w.Store.PutPause(ctx, store.Pause{}); err != nil {
			w.trouble("end the pause", a.notice.ID, err)
		}
	}
	if err != nil {
		// The lease ends, the attempt becomes unknown, and the sign from SES or the policy settles it.
		return err
	}
	if !ok || n.MessageID != messageID {
		w.tally.add(func(r *Report) { r.Duplicates++ })
		w.Log.Warn("sweep: a mail was accepted beside an earlier one", "id", n.ID, "messageId", messageID, "earlier",
			n.MessageID)
		return nil
	}
	w.tell(ctx, "sent", &n, told{})
	if n.State.Terminal() {
		return w.drop(ctx, a.row)
	}
	return w.place(ctx, a.row, confirmRow(&n))
}

// trace logs what a table restored to an instant before has to learn of an attempt.
func (w *sweep) trace(t notice.Trace) { w.Log.Info(t.Line(), t.Args()...) }

// retry gives back an attempt that did not reach SES, or that SES would not take now, for a later one. How often in a
// row stands in the agenda row.
func (w *sweep) retry(ctx context.Context, a *attempt, reason string) error {
	next := matter.Ceil(w.wall().Add(w.backoff(a.row.Retries)))
	if err := w.giveBack(ctx, a, notice.PutOff(a.token, reason, next, matter.Floor(w.wall()))); err != nil {
		return err
	}
	row := agenda.ForNotice(a.notice.Matter, a.notice.ID, next, max(a.head.Version, a.row.Planned))
	row.Retries = a.row.Retries + 1
	return w.place(ctx, a.row, row)
}

// backoff is a random part of 5 s x 2^n, at most ten minutes ("full jitter"), and at least a second.
func (w *sweep) backoff(n int) time.Duration {
	limit := maxBackoff
	if n = max(n, 0); n < 7 {
		limit = min(limit, firstBackoff<<n)
	}
	return max(time.Second, time.Duration(w.Jitter(int64(limit))))
}

// rejected ends a notice whose message SES refuses for good. Many in a row, or one that was to probe a pause, point to
// the account instead, and the notice waits.
func (w *sweep) rejected(ctx context.Context, a *attempt, code string, account bool) error {
	if account {
		w.tally.add(func(r *Report) { r.Waiting++ })
		return w.giveWay(ctx, a, probeAfter+time.Minute, notice.ReasonRejected)
	}
	if err := w.release(ctx, a); err != nil {
		return err
	}
	return w.failed(ctx, a.row, &a.notice, notice.ReasonRejected, code)
}

// giveWay puts a notice behind those that wait, so that it cannot be every probe.
func (w *sweep) giveWay(ctx context.Context, a *attempt, wait time.Duration, reason string) error {
	next := matter.Floor(w.wall().Add(wait))
	if err := w.giveBack(ctx, a, notice.PutOff(a.token, reason, next, matter.Floor(w.wall()))); err != nil {
		return err
	}
	return w.place(ctx, a.row, agenda.ForNotice(a.notice.Matter, a.notice.ID, next, max(a.head.Version, a.row.Planned)))
}

// pauseReason says why sending is paused: the trouble of the account just met, or the one that a probe left standing.
func (w *sweep) pauseReason(account bool, o notice.Outcome, code string) string {
	switch {
	case !account && w.paused.Reason != "":
		return w.paused.Reason
	case code == "":
		return string(o)
	}
	return string(o) + ":" + code
}

// pause stops the sending of this sweep and of those to come until a probe is accepted.
func (w *sweep) pause(ctx context.Context, reason string) error {
	now := matter.Floor(w.wall())
	w.tally.add(func(r *Report) { r.Paused = reason })
	p := store.Pause{Reason: reason, Since: w.gate.shut(now), ProbeAt: now.Add(probeAfter)}
	if err := w.Store.PutPause(ctx, p); err != nil {
		return fmt.Errorf("record the pause: %w", err)
	}
	return nil
}
