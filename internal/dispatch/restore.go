package dispatch

import (
	"context"
	"fmt"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// Restorer records in a table that was restored to an earlier instant which mails were sent since, and lets sending go
// on. Every field is needed. An operator's command uses it, and no function does.
type Restorer struct {
	Store interface {
		store.Matters
		store.Subjects
		store.Notices
		store.Agenda
		store.Control
	}
	// Now is the time at which rows are put.
	Now func() time.Time
}

// Mark records what the log tells of an attempt: SES took its mail, or the outcome is unknown. fresh is false where
// that was recorded already. A doubt about an attempt that the table has is never fresh. The error matches
// store.ErrNotFound where the table has no such notice. That notice was made after the instant restored to, and exists
// once its disclosure has been posted again. Mark may be repeated, in any order, with one exception: an attempt with a
// line of both kinds counts as once unknown only if that line comes first.
//
// The attempt counts as resting on the head as it stands, and as one to the recipient of today. As far as anybody can
// tell, later records are later than the mail.
func (r *Restorer) Mark(ctx context.Context, t notice.Trace) (fresh bool, err error) {
	n, err := r.Store.Notice(ctx, t.Notice)
	if err != nil {
		return false, fmt.Errorf("mark notice %s from the log: %w", t.Notice, err)
	}
	switch known := n.Attempt(t.Attempt); {
	case known == nil:
	case t.Unknown() || known.MessageID == t.MessageID:
		return false, nil
	case known.MessageID != "":
		return false, fmt.Errorf("mark notice %s as sent: its attempt has another message id: %w", t.Notice,
			event.ErrConflict)
	}
	if err := r.mark(ctx, &n, t); err != nil {
		return false, fmt.Errorf("mark notice %s as %s: %w", t.Notice, markedAs(t), err)
	}
	return true, nil
}

func markedAs(t notice.Trace) string {
	if t.Unknown() {
		return "unknown"
	}
	return "sent"
}

func (r *Restorer) mark(ctx context.Context, n *notice.Notice, t notice.Trace) error {
	head, err := r.Store.Head(ctx, n.Matter)
	if err != nil {
		return err
	}
	subject, err := owed.SubjectOf(ctx, r.Store, n)
	if err != nil {
		return err
	}
	attempt := notice.Attempt{
		Token: t.Attempt, Claimed: matter.Floor(t.At), Head: head.Version, Rules: t.Rules, Due: matter.Floor(t.Due),
		Contact: t.Contact, Spare: t.Spare, Recipient: n.Recipient(&subject),
	}
	act, at := notice.Restore(attempt, t.MessageID), attempt.Claimed.Add(notice.ConfirmWindow)
	if t.Unknown() {
		at = attempt.Claimed.Add(notice.ReconcileWindow)
		if n.Next.After(at) {
			at = n.Next // a wait that stands is not made shorter
		}
		act = notice.Doubt(attempt, at)
	}
	// The row first, because a notice that waits has one at every instant. The sweep deletes the rows it had before. This
	// one it leaves alone until the notice has the revision that the acts make.
	if now := r.Now(); now.After(at) {
		at = now
	}
	row := agenda.ForNotice(n.Matter, n.ID, matter.Ceil(at), head.Version)
	row.Revision = n.Revision + 1
	if r.ends(n, act) {
		row.Revision++
	}
	if err := r.Store.PutRows(ctx, row); err != nil {
		return fmt.Errorf("put its row: %w", err)
	}
	if err := r.endRunningAttempt(ctx, n, act); err != nil {
		return err
	}
	_, ok, err := r.Store.Apply(ctx, notice.Notice{ID: n.ID}, act)
	if err == nil && !ok {
		err = event.ErrConflict
	}
	return err
}

// ends reports whether the notice has an attempt to be ended before the act.
func (r *Restorer) ends(n *notice.Notice, act notice.Act) bool {
	return n.State == notice.Sending && n.Token != act.Token
}

// endRunningAttempt ends the attempt that ran at the instant restored to, where the attempt of the log came after its
// lease (else the act is refused). Once the notice rests on another attempt, no sweep would end this one, and SES may
// have taken its mail. A sweep over the copy does the same.
func (r *Restorer) endRunningAttempt(ctx context.Context, n *notice.Notice, act notice.Act) error {
	if !r.ends(n, act) {
		return nil
	}
	_, _, err := r.Store.Apply(ctx, *n, notice.Lost(n.Token, act.At))
	if err != nil {
		return fmt.Errorf("end the attempt before it: %w", err)
	}
	return nil
}

// Resumed names what kept the table from sending.
type Resumed struct {
	// Table is the id of the table. Named is the id that its control state named: another one where the table is a copy,
	// "" where it was never swept.
	Table, Named string
	// Pause is the pause that stood. One for trouble of the account comes back if the trouble lasts.
	Pause store.Pause
}

// Resume ends the pause and makes this table the one that may send. The pause goes first: cut off between the two, a
// copy still sends nothing.
func (r *Restorer) Resume(ctx context.Context) (Resumed, error) {
	id, err := r.Store.TableID(ctx)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume sending: %w", err)
	}
	control, err := r.Store.Control(ctx)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume sending: %w", err)
	}
	if err := r.Store.PutPause(ctx, store.Pause{}); err != nil {
		return Resumed{}, fmt.Errorf("resume sending: end the pause: %w", err)
	}
	if err := r.Store.PutTable(ctx, id); err != nil {
		return Resumed{}, fmt.Errorf("resume sending: %w", err)
	}
	return Resumed{Table: id, Named: control.Table, Pause: control.Pause}, nil
}
