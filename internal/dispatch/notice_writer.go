package dispatch

import (
	"context"
	"fmt"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
)

// noticeWriter records what happens to a notice, and keeps its row in step. Both passes and the sender use it.
type noticeWriter struct{ *pass }

// apply applies an act to the notice (owed.Apply).
func (w *noticeWriter) apply(ctx context.Context, held *notice.Notice, a notice.Act) (notice.Notice, bool, error) {
	return owed.Apply(ctx, w.store, held, a)
}

// revive puts a notice that is owed back, where there is a contact that it was not tried with (owed.Revive). It returns
// what is left to do about the notice.
func (w *noticeWriter) revive(ctx context.Context, n *notice.Notice, planned int) (notice.Notice, owed.Debt, error) {
	return owed.Revive(ctx, w.store, *n, planned, w.wall())
}

// finish announces the end of a notice that is over, and deletes its row. A notice that is owed goes on instead, if new
// contacts came while it ended: their re-plan may have seen it open still. The row moves to the next slow visit where
// something is left to do or to wait for.
func (w *noticeWriter) finish(ctx context.Context, v visit, n *notice.Notice) error {
	after, debt, err := w.revive(ctx, n, v.row.Planned)
	if err != nil || debt == owed.Open {
		return err
	}
	return w.close(ctx, v, &after, debt)
}

// close announces the end of the notice, if that is not done, and takes its row away or to the next slow visit.
func (w *noticeWriter) close(ctx context.Context, v visit, n *notice.Notice, debt owed.Debt) error {
	if !owed.Slow(n, v.row) {
		if err := w.announceEnd(ctx, n); err != nil {
			return err
		}
	}
	if slow, ok := owed.SlowRow(n, v.row.Planned, w.wall()); ok && debt != owed.Settled {
		w.move(ctx, v, slow)
		return nil
	}
	w.drop(ctx, v)
	return nil
}

// announceEnd publishes an end that no report of SES made. Those are delivery's to announce. The notice's row goes only
// after the bus took the event, so an end may be announced twice, and never not at all. That of a security message is
// nobody's to act on.
func (w *noticeWriter) announceEnd(ctx context.Context, n *notice.Notice) error {
	if n.Actor != notice.ActorLapse || n.Kind == notice.Moved {
		return nil
	}
	switch n.State {
	case notice.Failed:
		return w.publish(ctx, event.NoticeUndeliverableDetail{Matter: n.Matter, Notice: n.ID, Reason: string(n.Reason)})
	case notice.Unconfirmed:
		return w.publish(ctx, event.NoticeUnknownDetail{Matter: n.Matter, Notice: n.ID, Reason: string(n.Reason)})
	}
	return nil
}

// markFailed ends a notice that cannot be mailed, by the act that says why. code is what SES said, if it said anything.
func (w *noticeWriter) markFailed(ctx context.Context, v visit, held *notice.Notice, act notice.Act,
	code string) error {
	n, ok, err := w.apply(ctx, held, act)
	if err != nil || !ok {
		return err
	}
	// The re-plan of contacts that came meanwhile saw the notice open.
	after, debt, err := w.revive(ctx, &n, v.row.Planned)
	if debt == owed.Open {
		return err
	}
	if n.Kind == notice.Moved {
		w.log.Warn("sweep: a security message cannot be mailed", "id", n.ID, "reason", act.Reason, "code", code)
		return firstError(err, w.close(ctx, v, &after, debt))
	}
	w.tally.add(func(r *Report) { r.Failed++ })
	w.log.Warn("sweep: a notice needs another channel", "id", n.ID, "reason", act.Reason, "code", code)
	if err != nil {
		return err
	}
	return w.close(ctx, v, &after, debt)
}

// markUnknown records that SES may or may not have taken the mail. The row then waits for a report of SES.
func (w *noticeWriter) markUnknown(ctx context.Context, v visit, held *notice.Notice, act notice.Act) error {
	// The line is logged first, like that of an acceptance. Somebody may have released the attempt meanwhile, and the act
	// is refused. Then the log has a doubt too many, which is better than a mail that no line tells of.
	if a := held.Attempt(act.Token); a != nil {
		w.trace(notice.Trace{
			Notice: held.ID, Attempt: a.Token, At: a.Claimed, Due: a.Due, Rules: a.Rules, Contact: a.Contact, Spare: a.Spare,
		})
	}
	n, ok, err := w.apply(ctx, held, act)
	if err != nil || !ok {
		return err
	}
	w.tally.add(func(r *Report) { r.Unknown++ })
	w.log.Warn("sweep: the outcome of a mail is unknown", "id", n.ID, "op", string(act.Op))
	w.publishBestEffort(ctx, n.ID, event.NoticeUnknownDetail{Matter: n.Matter, Notice: n.ID})
	planned := v.row.Planned
	if k := len(held.Attempts); k > 0 {
		planned = max(planned, held.Attempts[k-1].Head)
	}
	w.move(ctx, v, owed.Row(&n, matter.Ceil(n.Next), planned))
	return nil
}

// trace logs an attempt for a table that is restored to an instant before it.
func (w *noticeWriter) trace(t notice.Trace) { w.log.Info(t.Line(), t.Args()...) }

// carryOut carries out the decision that a person's ledger entry holds about a notice, where that is not done yet. The
// error matches errRunning while an attempt is running, because nobody knows yet how that attempt ends.
func (w *noticeWriter) carryOut(ctx context.Context, entry *ledger.Entry) error {
	d, ok, err := entry.Decision()
	if err != nil || !ok {
		return err
	}
	n, done, err := w.store.Apply(ctx, notice.Notice{ID: d.Notice}, d.Act)
	switch {
	case err != nil:
		return fmt.Errorf("%s notice %s: %w", d.Act.Op, d.Notice, err)
	case !done && n.State == notice.Sending && n.CarriedOut < d.Act.Version:
		return fmt.Errorf("%s notice %s: %w", d.Act.Op, d.Notice, errRunning)
	case !done:
		w.log.Warn("sweep: a person's decision came too late for a notice",
			"id", n.ID, "op", string(d.Act.Op), "state", string(n.State))
	}
	return nil
}

// moveToNextVisit moves the row to the notice's next visit. The row stays where that is not ahead, because only the
// margin holds the notice then. It stays too where a restraint's list could not be read: it may be readable any moment.
func (w *noticeWriter) moveToNextVisit(ctx context.Context, v visit, n *notice.Notice, s *matter.Subject,
	head *matter.Head, now time.Time) error {
	at, open := w.eval.NextVisit(n, s, head, now)
	if !open || !at.After(now) || torn(head) {
		return nil
	}
	w.move(ctx, v, owed.Row(n, at, head.Version))
	return nil
}

// plannedRow is the row that a notice has to have under this head, as its subject stands. ok is false where it needs
// none.
func (w *noticeWriter) plannedRow(n *notice.Notice, s *matter.Subject, head *matter.Head) (row agenda.Row, ok bool) {
	if n.State == notice.Sent {
		return confirmRow(n), true
	}
	if n.State.Terminal() {
		return owed.SlowRow(n, head.Version, w.wall())
	}
	at, open := w.eval.NextVisit(n, s, head, w.wall())
	return owed.Row(n, at, head.Version), open
}

// confirmRow is the row at which a sent notice without a report becomes unconfirmed. It depends on no restraint, so it
// is planned under the version of the last attempt and no revision. Delivery can name the row, then, to delete it.
func confirmRow(n *notice.Notice) agenda.Row {
	row := agenda.ForNotice(n.Matter, n.ID, matter.Ceil(n.SentAt.Add(notice.ConfirmWindow)), 0)
	if k := len(n.Attempts); k > 0 {
		row.Planned = n.Attempts[k-1].Head
	}
	return row
}
