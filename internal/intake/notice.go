package intake

import (
	"context"
	"errors"
	"fmt"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// noticePlanner plans the events about one notice.
type noticePlanner struct{ planner }

// decided records what a person decided about one notice: held, released, cancelled. The ledger entry is the decision.
// It is carried out on the notice right after, and by the re-plan row where that fails or an attempt is just running.
func (p noticePlanner) decided(ctx context.Context, ev event.Event, data *event.NoticeActData) (plan, error) {
	if ev.Type == event.NoticeObjected {
		return plan{}, fault("/type", "this version of Lapse tells nobody in advance, so there is nothing to object to")
	}
	if of, _, ok := notice.SplitID(data.NoticeID); !ok || of != ev.Matter {
		return plan{}, fault("/data/noticeId", "is no notice of the event's subject")
	}
	h, _, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	n, err := p.notice(ctx, data.NoticeID)
	if err != nil {
		return plan{}, err
	}
	d := p.begin(ev, h)
	decision, ok, err := d.change.Entry.Decision()
	switch {
	case err != nil:
		return plan{}, fmt.Errorf("read what %s decides about notice %s: %w", ev.Type, n.ID, err)
	case !ok:
		return plan{}, fault("/type", "this version of Lapse does not take events of this type")
	}
	if ev.Type != event.NoticeHeld {
		if err := p.needsTwo(d, data.ApprovedBy, "two different persons have to approve"); err != nil {
			return plan{}, err
		}
	}
	act := decision.Act
	if running := n.State == notice.Sending && ev.Type != event.NoticeReleased; !running && !n.Allows(act) {
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
	d.replan()
	d.answer.Notices = []ledger.NoticeBrief{d.noticeBrief(&n)}
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
