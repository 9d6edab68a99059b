package dispatch

import (
	"context"
	"fmt"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Restorer brings a table that was restored to an earlier instant up to what was sent since, and lets sending go on. Every
// field is needed. It is for an operator's command: no function uses it.
type Restorer struct {
	Matters Matters
	Notices Notices
	Agenda  Agenda
	Control Control
	Table   Table
}

// Mark records what the log tells of an attempt: that SES took its mail, or that nobody knows. fresh is false where it was
// recorded already; of an attempt that the table has, a doubt is nothing new. The error matches store.ErrNotFound where
// the table has no such notice: it was made after the instant restored to, and is there once its disclosure has been
// posted again. It is safe to repeat, and in any order, save that an attempt with a line of both kinds counts as once
// unknown only where that line comes first.
//
// The attempt counts as resting on the head as it stands: what is recorded later is later than the mail, as far as
// anybody can tell.
func (r *Restorer) Mark(ctx context.Context, t notice.Trace) (fresh bool, err error) {
	n, err := r.Notices.Notice(ctx, t.Notice)
	if err != nil {
		return false, fmt.Errorf("mark what the log tells: %w", err)
	}
	switch known := n.Attempt(t.Attempt); {
	case known == nil:
	case t.Unknown() || known.MessageID == t.MessageID:
		return false, nil
	case known.MessageID != "":
		return false, fmt.Errorf("mark notice %s as sent: its attempt has another message id: %w", t.Notice, event.ErrConflict)
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
	head, err := r.Matters.Head(ctx, n.Matter)
	if err != nil {
		return err
	}
	m := notice.Move{
		Op: notice.OpRestore, Notice: n.ID, Token: t.Attempt, MessageID: t.MessageID, Now: matter.Floor(t.At),
		Head: head.Version, Rules: t.Rules, Due: matter.Floor(t.Due), Contact: t.Contact, Spare: t.Spare,
		Reason: notice.ReasonRestored, Actor: "operator",
	}
	at := m.Now.Add(notice.ConfirmWindow)
	if t.Unknown() {
		m.Op, m.Next = notice.OpDoubt, m.Now.Add(notice.ReconcileWindow)
		if n.Next.After(m.Next) {
			m.Next = n.Next // a wait that stands is not made shorter
		}
		at = m.Next
	}
	// The row first: at no instant is a notice that waits without one. The rows it had before are the sweep's.
	row := agenda.Row{At: matter.Ceil(at), Kind: agenda.Notice, ID: n.ID, Planned: head.Version}
	if err := r.Agenda.PutRow(ctx, row); err != nil {
		return fmt.Errorf("put its row: %w", err)
	}
	if err := r.lost(ctx, n, m); err != nil {
		return err
	}
	_, ok, err := r.Notices.Move(ctx, m)
	if err == nil && !ok {
		err = event.ErrConflict
	}
	return err
}

// lost ends the attempt that ran at the instant restored to, where the one of the log came after its lease (else the op is
// refused): nobody would look at it again once the notice rests on another, and SES may have taken its mail. A sweep over
// the copy does the same.
func (r *Restorer) lost(ctx context.Context, n *notice.Notice, m notice.Move) error {
	if n.State != notice.Sending || n.Token == m.Token {
		return nil
	}
	_, _, err := r.Notices.Move(ctx, notice.Move{
		Op: notice.OpLost, Notice: n.ID, Token: n.Token, Now: m.Now, Next: m.Now.Add(notice.ReconcileWindow),
	})
	if err != nil {
		return fmt.Errorf("end the attempt before it: %w", err)
	}
	return nil
}

// Resumed is what stood in the way of sending.
type Resumed struct {
	// Table is the id of the table, Named the one that its control state named: another where it is a copy, "" where it
	// was never swept.
	Table, Named string
	// Pause is the pause that stood; one for trouble of the account comes back if the trouble lasts.
	Pause store.Pause
}

// Resume ends the pause and makes this table the one that may send. The pause goes first: cut off between the two, a copy
// still sends nothing.
func (r *Restorer) Resume(ctx context.Context) (Resumed, error) {
	id, err := r.Table.TableID(ctx)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume sending: %w", err)
	}
	control, err := r.Control.Control(ctx)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume sending: %w", err)
	}
	if err := r.Control.PutPause(ctx, store.Pause{}); err != nil {
		return Resumed{}, fmt.Errorf("resume sending: end the pause: %w", err)
	}
	if err := r.Table.PutTable(ctx, id); err != nil {
		return Resumed{}, fmt.Errorf("resume sending: %w", err)
	}
	return Resumed{Table: id, Named: control.Table, Pause: control.Pause}, nil
}
