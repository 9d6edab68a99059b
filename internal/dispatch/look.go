package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// errStale says that the matter changed since it was looked at; what was remembered of it is fresh again.
var errStale = errors.New("the matter changed meanwhile")

// look does for the notice of a row what its state and the restraints call for. The row is deleted only when the notice
// needs none here any more.
func (w *sweep) look(ctx context.Context, row agenda.Row) error {
	n, err := w.Store.Notice(ctx, row.ID())
	if errors.Is(err, store.ErrNotFound) {
		return w.missing(ctx, row, err)
	}
	if err != nil {
		return fmt.Errorf("read notice: %w", err)
	}
	if n.State.Terminal() && !n.State.Accepted() {
		return w.finished(ctx, row, &n)
	}
	head, err := w.head(ctx, n.Matter)
	if err == nil && head.Version < row.Planned {
		// Whoever planned the row knew of a change that is not remembered here; moved by what is, the row would be lost.
		head, err = w.freshHead(ctx, n.Matter)
	}
	if err != nil {
		return err
	}
	if n.State.Accepted() && torn(head) {
		// Whether an order came too late cannot be told just now.
		w.tally.add(func(r *Report) { r.Blocked++ })
		return nil
	}
	// A re-plan that saw the attempt still running leaves the question to whoever looks next.
	if err := w.lateOrder(ctx, &n, head); err != nil {
		return err
	}
	switch {
	case n.State.Terminal():
		return w.finished(ctx, row, &n)
	case n.State == notice.Sent:
		return w.confirm(ctx, row, &n)
	case n.State == notice.Sending:
		return w.lost(ctx, row, &n)
	}
	return w.consider(ctx, row, &n, head)
}

// finished drops the row of a notice that is over, unless it is owed and new contacts came while it ended: the re-plan
// of those may have seen it open still.
func (w *sweep) finished(ctx context.Context, row agenda.Row, n *notice.Notice) error {
	if back, err := w.revive(ctx, row, n); err != nil || back {
		return err
	}
	if err := w.ended(ctx, n); err != nil {
		return err
	}
	return w.drop(ctx, row)
}

// ended announces an end that no sign of SES made, which is delivery's to announce. The notice's row goes only after
// the bus took it: an end may be told twice, and never not at all.
func (w *sweep) ended(ctx context.Context, n *notice.Notice) error {
	what := map[notice.State]string{notice.Failed: "undeliverable", notice.Unconfirmed: "unknown"}[n.State]
	if what == "" || n.Actor != lapse {
		return nil
	}
	return w.publish(ctx, "lapse.notice."+what, told{Matter: n.Matter, Notice: n.ID, Reason: n.Reason})
}

// revive puts a notice that is owed back, where there is a contact it was not tried with, and reports whether it did.
// The row goes first: the one that was read may be gone by now.
func (w *sweep) revive(ctx context.Context, row agenda.Row, n *notice.Notice) (bool, error) {
	if !n.Owed() {
		return false, nil
	}
	subjects, err := w.Store.Subjects(ctx, n.Matter, []string{n.Subject})
	if err != nil {
		return false, fmt.Errorf("read the subject of notice %s: %w", n.ID, err)
	}
	if s := subjects[n.Subject]; !untried(n, &s) {
		return false, nil
	}
	now := matter.Ceil(w.wall())
	row.At, row.MissingSince, row.Retries = now, time.Time{}, 0
	if err := w.Store.PutRow(ctx, row); err != nil {
		return false, fmt.Errorf("put row of notice %s: %w", n.ID, err)
	}
	moved, _, err := w.apply(ctx, n, notice.Reopen(now))
	// Refused, it may have been put back before: by somebody else, or by this very move, whose reply was lost.
	return err == nil && !moved.State.Terminal(), err
}

// untried reports whether a notice that is owed can go to a contact it was not tried with. After a delivery, too, only
// new contacts put it back: somebody may have read the mail that came back.
func untried(n *notice.Notice, s *matter.Subject) bool {
	_, _, _, ok := n.Contact(s)
	read := !n.DeliveredAt.IsZero() && slices.ContainsFunc(n.Attempts,
		func(a notice.Attempt) bool { return a.Head >= s.Revision })
	return ok && !read
}

// missing moves a row whose item does not exist, or is not visible yet. The row keeps since when, and is never
// deleted.
func (w *sweep) missing(ctx context.Context, row agenda.Row, cause error) error {
	now := w.wall()
	since, wait := now, firstOrphan
	if !row.MissingSince.IsZero() {
		since, wait = row.MissingSince, nextOrphan
	}
	w.orphaned(row, since, cause)
	moved := row
	moved.At, moved.MissingSince = matter.Ceil(now.Add(wait)), matter.Floor(since)
	return w.place(ctx, row, moved)
}

// confirm waits for a sign about a sent notice, and ends it without any after notice.ConfirmWindow.
func (w *sweep) confirm(ctx context.Context, row agenda.Row, n *notice.Notice) error {
	end, now := confirmRow(n), w.wall()
	if end.At.After(now) {
		return w.place(ctx, row, end)
	}
	over, ok, err := w.apply(ctx, n, notice.Unconfirm(matter.Floor(now)))
	if err != nil || !ok {
		return err
	}
	w.tally.add(func(r *Report) { r.Unconfirmed++ })
	return w.finished(ctx, row, &over)
}

// lost leaves a running attempt alone while its lease lasts; afterwards nobody knows whether SES took its mail.
func (w *sweep) lost(ctx context.Context, row agenda.Row, n *notice.Notice) error {
	now := matter.Floor(w.wall())
	if !n.Lease.Before(now) {
		w.tally.add(func(r *Report) { r.Contended++ })
		return nil
	}
	return w.unknown(ctx, row, n, notice.Lost(n.Token, now))
}

// unknown records that SES may or may not have taken the mail, and waits for its sign.
func (w *sweep) unknown(ctx context.Context, row agenda.Row, held *notice.Notice, act notice.Act) error {
	// Logged first, like an acceptance. What is refused below may have been given back meanwhile: then the line is one
	// doubt too many, which is never a mail without a word of it.
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
	w.Log.Warn("sweep: nobody knows whether a mail was taken", "id", n.ID, "op", string(act.Op))
	w.tell(ctx, "unknown", &n, told{})
	planned := row.Planned
	if k := len(held.Attempts); k > 0 {
		planned = max(planned, held.Attempts[k-1].Head)
	}
	return w.place(ctx, row, agenda.ForNotice(n.Matter, n.ID, matter.Ceil(n.Next), planned))
}

// consider decides about a notice that no attempt is running for.
func (w *sweep) consider(ctx context.Context, row agenda.Row, n *notice.Notice, head *matter.Head) error {
	if n.Waits() {
		return w.asked(ctx, row, n)
	}
	now := w.wall()
	covering := w.eval.Covering(head, restraint.TargetOf(n))
	free := n.State != notice.Held && restraint.Clear(covering, n.Base, now)
	if !free {
		w.tally.add(func(r *Report) { r.Blocked++ })
	}
	if !free || n.Next.After(now) {
		return w.wait(ctx, row, n, head, now)
	}
	due, _ := restraint.Due(covering, n.Base, now)
	since := due
	if n.Created.After(due) {
		since = n.Created
	}
	w.tally.overdue(since, now)
	if w.held != "" {
		// Not failed for want of a contact either: a copy may lack one that came later.
		w.tally.add(func(r *Report) { r.Waiting++ })
		return nil
	}
	switch {
	case len(n.Attempts) >= n.Limit():
		return w.fail(ctx, row, n, head, notice.ReasonAttempts)
	case n.State == notice.Unknown && w.Settings.Policy == AtMostOnce:
		w.tally.add(func(r *Report) { r.Held++ })
		at := matter.Ceil(now.Add(relook))
		return w.place(ctx, row, agenda.ForNotice(n.Matter, n.ID, at, head.Version))
	}
	to, ok, err := w.contact(ctx, n)
	if err != nil {
		return err
	}
	if !ok {
		return w.fail(ctx, row, n, head, notice.ReasonNoContact)
	}
	return w.send(ctx, &attempt{row: row, notice: *n, head: head, due: due, contact: to})
}

// asked carries out what a person decided about the notice while an attempt was running, or whoever recorded it did not
// come to; then it is looked at again. Where the table was restored to between two writes, the entry may be missing, or
// another's: that takes a person, for nobody knows any more what was decided.
func (w *sweep) asked(ctx context.Context, row agenda.Row, n *notice.Notice) error {
	entry, err := w.Store.Entry(ctx, n.Matter, n.Decision)
	if errors.Is(err, store.ErrNotFound) {
		return w.missing(ctx, row, err)
	}
	if err != nil {
		return fmt.Errorf("read ledger entry %d of matter %s: %w", n.Decision, n.Matter, err)
	}
	if decides, err := entry.Decides(n.ID); err != nil || !decides {
		return orElse(err, fmt.Errorf("ledger entry %d of matter %s decides nothing about notice %s, which waits for it",
			n.Decision, n.Matter, n.ID))
	}
	return orElse(w.act(ctx, &entry), errStale)
}

// wait puts the row where the notice has to be looked at again. It stays where that is not ahead (only the margin holds
// the notice), and where whom a restraint covers could not be read: that may be known any moment.
func (w *sweep) wait(ctx context.Context, row agenda.Row, n *notice.Notice, head *matter.Head, now time.Time) error {
	at, open := w.eval.NextVisit(n, head, now)
	if !open || !at.After(now) || torn(head) {
		return nil
	}
	return w.place(ctx, row, agenda.ForNotice(n.Matter, n.ID, at, head.Version))
}

// contact reads the contact that the notice is to be mailed to, and whether there is one.
func (w *sweep) contact(ctx context.Context, n *notice.Notice) (c contact, ok bool, err error) {
	subjects, err := w.Store.Subjects(ctx, n.Matter, []string{n.Subject})
	if err != nil {
		return c, false, fmt.Errorf("read the subject of notice %s: %w", n.ID, err)
	}
	s := subjects[n.Subject]
	c.SealedContact, c.name, c.spare, ok = n.Contact(&s)
	c.country = s.Country
	return c, ok, nil
}

// fail ends a notice that needs another channel. That too tells somebody something, so the restraints are read afresh.
func (w *sweep) fail(ctx context.Context, row agenda.Row, n *notice.Notice, head *matter.Head, reason string) error {
	fresh, err := w.freshHead(ctx, n.Matter)
	if err != nil {
		return err
	}
	if fresh.Version != head.Version {
		return errStale
	}
	return w.failed(ctx, row, n, reason, "")
}

func (w *sweep) failed(ctx context.Context, row agenda.Row, held *notice.Notice, reason, code string) error {
	n, ok, err := w.apply(ctx, held, notice.Fail(reason, held.Token, matter.Floor(w.wall())))
	if err != nil || !ok {
		return err
	}
	// Contacts that came meanwhile were planned for while the notice was open.
	back, err := w.revive(ctx, row, &n)
	if back {
		return nil
	}
	w.tally.add(func(r *Report) { r.Failed++ })
	w.Log.Warn("sweep: a notice needs another channel", "id", n.ID, "reason", reason, "code", code)
	if err == nil {
		err = w.ended(ctx, &n)
	}
	if err != nil {
		return err
	}
	return w.drop(ctx, row)
}
