package dispatch

import (
	"context"
	"fmt"

	"lapse/internal/matter"
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

// Mark records an acceptance that the log tells of. fresh is false where it was recorded already. The error matches
// matter.ErrNotFound where the table has no such notice: it was made after the instant restored to, and is there once its
// disclosure has been posted again. It is safe to repeat, and in any order.
//
// The attempt counts as resting on the head as it stands: what is recorded later is later than the mail, as far as
// anybody can tell.
func (r *Restorer) Mark(ctx context.Context, a matter.Trace) (fresh bool, err error) {
	n, err := r.Notices.Notice(ctx, a.Notice)
	if err != nil {
		return false, fmt.Errorf("mark as sent: %w", err)
	}
	if known := n.Attempt(a.Attempt); known != nil && known.MessageID != "" {
		if known.MessageID != a.MessageID {
			return false, fmt.Errorf("mark notice %s as sent: its attempt has another message id: %w", a.Notice, matter.ErrConflict)
		}
		return false, nil
	}
	head, err := r.Matters.Head(ctx, n.Matter)
	if err != nil {
		return false, fmt.Errorf("mark notice %s as sent: %w", a.Notice, err)
	}
	// The row first: at no instant is a notice that waits for a sign without one. The rows it had before are the sweep's.
	row := matter.Row{At: matter.Ceil(a.At.Add(matter.ConfirmWindow)), Kind: matter.KindNotice, ID: n.ID, Planned: head.Version}
	if err := r.Agenda.PutRow(ctx, row); err != nil {
		return false, fmt.Errorf("mark notice %s as sent: put its row: %w", a.Notice, err)
	}
	m := matter.Move{
		Op: matter.OpRestore, Notice: n.ID, Token: a.Attempt, MessageID: a.MessageID, Now: matter.Floor(a.At),
		Head: head.Version, Rules: a.Rules, Due: matter.Floor(a.Due),
		Contact: a.Contact, Spare: a.Spare, Reason: matter.ReasonRestored, Actor: "operator",
	}
	_, ok, err := r.Notices.Move(ctx, m)
	if err == nil && !ok {
		err = matter.ErrConflict
	}
	if err != nil {
		return false, fmt.Errorf("mark notice %s as sent: %w", a.Notice, err)
	}
	return true, nil
}

// Resumed is what stood in the way of sending.
type Resumed struct {
	// Table is the id of the table, Named the one that its control state named: another where it is a copy, "" where it
	// was never swept.
	Table, Named string
	// Pause is the pause that stood; one for trouble of the account comes back if the trouble lasts.
	Pause matter.Pause
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
	if err := r.Control.PutPause(ctx, matter.Pause{}); err != nil {
		return Resumed{}, fmt.Errorf("resume sending: end the pause: %w", err)
	}
	if err := r.Table.PutTable(ctx, id); err != nil {
		return Resumed{}, fmt.Errorf("resume sending: %w", err)
	}
	return Resumed{Table: id, Named: control.Table, Pause: control.Pause}, nil
}
