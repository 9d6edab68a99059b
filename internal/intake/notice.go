package intake

import (
	"context"
	"errors"
	"fmt"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// noticePlanner plans the events about one notice.
type noticePlanner struct{ planner }

// decided records what a person decided about one notice: held, released, cancelled. The ledger entry is the decision.
// It is carried out on the notice right after, and by the re-plan row where that fails or an attempt is just running.
func (p noticePlanner) decided(ctx context.Context, ev event.Event, data *event.NoticeActData) (plan, error) {
	if ev.Type == event.NoticeObjected {
		return p.objected(ctx, ev, data)
	}
	d, n, err := p.about(ctx, ev, data.NoticeID)
	if err != nil {
		return plan{}, err
	}
	if ev.Type != event.NoticeHeld {
		if err := p.needsTwo(d, data.ApprovedBy, "two different persons have to approve"); err != nil {
			return plan{}, err
		}
	}
	return p.carry(ctx, d, n)
}

// told records that the recipient was told by another way than mail. That cannot have been before the disclosure. While
// a restraint covers the recipient nobody may be told, and no record says that it happened.
func (p noticePlanner) told(ctx context.Context, ev event.Event, data *event.NoticeToldData) (plan, error) {
	d, n, err := p.about(ctx, ev, data.NoticeID)
	if err != nil {
		return plan{}, err
	}
	if data.At.Before(n.Base) {
		return plan{}, fmt.Errorf("notice %s, told before the disclosure: %w", n.ID, event.ErrConflict)
	}
	about, err := p.subjectsAbout(ctx, n.Matter, []notice.Notice{n})
	if err != nil {
		return plan{}, err
	}
	for _, i := range d.eval.Covering(d.head(), restraint.TargetOf(&n, new(about[n.Subject]))) {
		if i.Covers(data.At) {
			return plan{}, fmt.Errorf("notice %s, told while %s covers it: %w", n.ID, i.Source, event.ErrConflict)
		}
	}
	if data.Document == "" {
		const fewer = "two different persons have to approve, or one with a document"
		if err := p.needsTwo(d, data.ApprovedBy, fewer); err != nil {
			return plan{}, err
		}
	}
	return p.carry(ctx, d, n)
}

// about begins the change of an event about one notice.
func (p noticePlanner) about(ctx context.Context, ev event.Event, id string) (*draft, notice.Notice, error) {
	if of, _, ok := notice.SplitID(id); !ok || of != ev.Matter {
		return nil, notice.Notice{}, fault("/data/noticeId", "is no notice of the event's subject")
	}
	h, _, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return nil, notice.Notice{}, err
	}
	n, err := p.notice(ctx, id)
	if err != nil {
		return nil, n, err
	}
	return p.begin(ev, h), n, nil
}

// carry completes a decision about a notice: it stands on the ledger, and is carried out right after.
func (p noticePlanner) carry(ctx context.Context, d *draft, n notice.Notice) (plan, error) {
	ev := d.ev
	decision, ok, err := d.change.Entry.Decision()
	switch {
	case err != nil:
		return plan{}, fmt.Errorf("read what %s decides about notice %s: %w", ev.Type, n.ID, err)
	case !ok:
		return plan{}, fault("/type", "this version of Lapse does not take events of this type")
	}
	act := decision.Act
	// A running attempt takes a hold or a cancellation once it is over; the others are about a notice at rest.
	idle := ev.Type == event.NoticeReleased || ev.Type == event.NoticeTold
	if running := n.State == notice.Sending && !idle; !running && !n.Allows(act) {
		return plan{}, fmt.Errorf("notice %s is %s: %w", n.ID, n.State, event.ErrConflict)
	}
	if err := p.carriedOut(ctx, &n, act.Op); err != nil {
		return plan{}, err
	}
	stands := n
	if act.Op != notice.OpFree {
		// In a table restored to between two writes, the notice may have this version's decision already.
		if decided, effect := n.Apply(notice.Decide(act.Version)); effect == notice.Applied {
			stands, d.change.Decided = decided, &decided
		}
	}
	n, _ = stands.Apply(act)
	about, err := p.subjectsAbout(ctx, n.Matter, []notice.Notice{n})
	if err != nil {
		return plan{}, err
	}
	d.replan()
	d.answer.Notices = []ledger.NoticeBrief{d.noticeBrief(&n, new(about[n.Subject]))}
	return plan{draft: d, after: func(ctx context.Context) {
		if _, done, err := p.Store.Apply(ctx, stands, act); err != nil || !done {
			p.Log.WarnContext(ctx, "a person's decision about a notice is left to the sweep",
				"id", decision.Notice, "op", string(act.Op), "error", err)
		}
	}}, nil
}

// notice reads the notice that an event is about; event.ErrPredecessor where there is none yet.
func (p noticePlanner) notice(ctx context.Context, id string) (notice.Notice, error) {
	n, err := p.Store.Notice(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return n, fmt.Errorf("notice %s: %w", id, event.ErrPredecessor)
	}
	return n, wrap(err, "read notice %s", id)
}

// carriedOut returns store.ErrBusy while an earlier decision about the notice still has to be carried out: the later
// one would take its place. Only a cancellation may come before that, because it outlives every decision before it.
func (p noticePlanner) carriedOut(ctx context.Context, n *notice.Notice, op notice.Op) error {
	if !n.Waits() || op == notice.OpCancel {
		return nil
	}
	entry, err := p.Store.Entry(ctx, n.Matter, n.Decision)
	if errors.Is(err, store.ErrNotFound) {
		return nil // it did not come along when the table was restored
	}
	if err != nil {
		return fmt.Errorf("read ledger entry %d of matter %s: %w", n.Decision, n.Matter, err)
	}
	decides, err := entry.Decides(n.ID)
	if err == nil && decides {
		err = store.ErrBusy
	}
	return wrap(err, "notice %s: what was decided at version %d is not carried out yet", n.ID, n.Decision)
}
