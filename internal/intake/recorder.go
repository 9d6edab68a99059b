package intake

import (
	"context"
	"errors"
	"fmt"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// recorder records events: each once, and each planned on the head that its transaction carries forward.
type recorder struct{ *Service }

func (r recorder) record(ctx context.Context, ev event.Event) (res Result, err error) {
	err = r.retry(ctx, ev.Matter, func() error {
		var done bool
		if res, done, err = r.replay(ctx, ev); !done {
			res, err = r.attempt(ctx, ev)
		}
		return err
	})
	return res, err
}

// replay answers an event that is recorded already.
func (r recorder) replay(ctx context.Context, ev event.Event) (Result, bool, error) {
	rec, err := r.Store.Receipt(ctx, ledger.ReceiptKey(ev.Source, ev.ID))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Result{}, false, nil
	case err != nil:
		return Result{}, true, fmt.Errorf("look for the receipt of an event for %s: %w", ev.Matter, err)
	case rec.Digest != ev.Digest:
		return Result{}, true, fault("/id", "an event with this source and id is recorded with other content")
	}
	return r.repeated(ev, rec), true, nil
}

// recordedBefore answers an event that says what another event said: as that event was answered. It leaves a receipt of
// its own, so that its source and id stand for this content from now on. The items of a transaction become visible one
// by one, so a missing receipt will be there soon.
func (r recorder) recordedBefore(ctx context.Context, ev event.Event, key string) (Result, error) {
	rec, err := r.Store.Receipt(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		a, failed := approvals{planner{records(r)}}.waitingFor(ctx, ev.Matter, key)
		if a != nil {
			return Result{Waiting: a.Answer()}, nil
		}
		if err = failed; err == nil {
			err = store.ErrRace
		}
	}
	if err != nil {
		return Result{}, fmt.Errorf("read the receipt of what %s for %s repeats: %w", ev.Type, ev.Matter, err)
	}
	again := rec
	again.Key, again.Digest, again.At = ledger.ReceiptKey(ev.Source, ev.ID), ev.Digest, matter.Ceil(r.Now())
	if err := r.Store.PutReceipt(ctx, again); err != nil {
		return Result{}, fmt.Errorf("keep the receipt of what %s for %s repeats: %w", ev.Type, ev.Matter, err)
	}
	return r.repeated(ev, again), nil
}

// repeated answers an event by its receipt.
func (r recorder) repeated(ev event.Event, rec ledger.Receipt) Result {
	a := rec.Answer
	a.Replayed = true
	return Result{Answer: a, open: r.opened(ev, rec)}
}

// plan is what an event will do.
type plan struct {
	*draft
	// recorded is the key of the receipt of the event that said the same before. Such a plan does nothing more.
	recorded string
	// after runs once the change is recorded. An agenda row makes good whatever it leaves undone.
	after func(ctx context.Context)
}

// attempt plans the event on the head as it stands and commits the plan.
func (r recorder) attempt(ctx context.Context, ev event.Event) (Result, error) {
	switch data := ev.Data.(type) {
	case *event.ApprovalGivenData:
		return r.given(ctx, ev, data)
	}
	if a, err := (approvals{planner{records(r)}}).waiting(ctx, ev); err != nil {
		return Result{}, err
	} else if a != nil {
		return Result{Waiting: a.Answer()}, nil
	}
	p, err := r.plan(ctx, ev)
	if err != nil {
		return Result{}, err
	}
	if p.recorded != "" {
		return r.recordedBefore(ctx, ev, p.recorded)
	}
	if p.waits() {
		return r.second(ctx, p)
	}
	return r.commit(ctx, p)
}

// commit makes the plan's change.
func (r recorder) commit(ctx context.Context, p plan) (Result, error) {
	c, err := p.finish()
	if err != nil {
		return Result{}, err
	}
	err = r.Store.Commit(ctx, c)
	if errors.Is(err, store.ErrBusy) {
		// Somebody else's transaction or a throttle stood in the way, and the sender may have patience left.
		err = fmt.Errorf("%w: %w", store.ErrRace, err)
	}
	if err != nil {
		return Result{}, fmt.Errorf("record %s for %s: %w", c.Entry.Type, c.Head.Matter, err)
	}
	if p.after != nil {
		p.after(ctx)
	}
	if p.unanswered {
		return Result{Waiting: c.Approval.Answer(), New: true}, nil
	}
	return Result{Answer: c.Receipt.Answer, New: true, open: r.opened(p.ev, c.Receipt)}, nil
}

// plan asks the planner of the event's noun what the event will do.
func (r recorder) plan(ctx context.Context, ev event.Event) (plan, error) {
	p := planner{records(r)}
	switch data := ev.Data.(type) {
	case *event.RequestReceivedData:
		return requestPlanner{p}.received(ctx, ev, data)
	case *event.RequestAmendedData:
		return requestPlanner{p}.amended(ctx, ev, data)
	case *event.RequestDecidedData:
		return requestPlanner{p}.decided(ctx, ev, data)
	case *event.RequestChallengedData:
		return requestPlanner{p}.challenged(ctx, ev, data)
	case *event.RequestClosedData:
		return requestPlanner{p}.closed(ctx, ev, data)
	case *event.DisclosureMadeData:
		return disclosurePlanner{p}.made(ctx, ev, data)
	case *matter.PostedOrder:
		return orderPlanner{p}.received(ctx, ev, data)
	case *event.OrderAssessedData:
		return orderPlanner{p}.assessed(ctx, ev, data)
	case *event.OrderChallengedData:
		return orderPlanner{p}.challenged(ctx, ev, data)
	case *event.OrderEndedData:
		return orderPlanner{p}.ended(ctx, ev, data)
	case *matter.PostedException:
		return exceptionPlanner{p}.requested(ctx, ev, data)
	case *event.ExceptionApprovedData:
		return exceptionPlanner{p}.approved(ctx, ev, data)
	case *event.ExceptionRenewedData:
		return exceptionPlanner{p}.renewed(ctx, ev, data)
	case *event.ExceptionEndedData:
		return exceptionPlanner{p}.ended(ctx, ev, data)
	case *event.ContactChangedData:
		return contactPlanner{p}.changed(ctx, ev, data)
	case *event.NoticeActData:
		return noticePlanner{p}.decided(ctx, ev, data)
	case *event.NoticeToldData:
		return noticePlanner{p}.told(ctx, ev, data)
	}
	return plan{}, fault("/type", "this version of Lapse does not take events of this type")
}
