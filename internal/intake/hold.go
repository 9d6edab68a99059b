package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// The messages of the restraint that an unrecorded order leaves.
const (
	unreadMessage = "An order arrived that could not be read. It holds for everybody until two persons have " +
		"assessed it void."
	tooLargeMessage = "An order arrived that was too large to be kept. It holds for everybody until two persons " +
		"have assessed it void."
	unrecordedMessage = "An order arrived, and Lapse failed to record it. It holds for everybody until the same event " +
		"is recorded, or two persons have assessed it void."
)

// RefusedBefore is the code of the warning that a recorded order ends the restraint which it left when it was refused.
const RefusedBefore = "refused_before"

// Held is the error about an order that was not recorded and left a restraint. Err says why it was not.
type Held struct {
	Err error
	// Restraint is the id under which everybody in the matter is held.
	Restraint string
	// Hold is the record of the restraint. Await completes its answer with what was in flight when it began to hold.
	Hold Result
}

func (h *Held) Error() string { return fmt.Sprintf("restraint %s holds: %v", h.Restraint, h.Err) }

// Unwrap returns why the order was not recorded.
func (h *Held) Unwrap() error { return h.Err }

// recordOrHold records an event. An order that cannot be recorded, because it is too large or because Lapse fails,
// leaves a restraint. An order that says something wrong leaves none: its sender is told. A failure to hold is logged,
// because the first failure is the answer all the same.
func (s *Service) recordOrHold(ctx context.Context, ev event.Event) (Result, error) {
	res, err := recorder{s}.record(ctx, ev)
	if err == nil || ev.Type != event.OrderReceived || refuses(err) {
		return res, err
	}
	message := unrecordedMessage
	if errors.Is(err, store.ErrTooLarge) {
		message = tooLargeMessage
	}
	hold, failed := s.holdRefused(ctx, lastMoment, ev, message)
	if failed != nil {
		if errors.Is(failed, errRecorded) {
			return res, err // the answer was lost, and the order was not
		}
		s.Log.ErrorContext(ctx, "an order is neither recorded nor held", "matter", ev.Matter, "digest", ev.Digest, "error",
			failed)
		return Result{}, err
	}
	return Result{}, &Held{err, law.Unreadable(ev.Digest, "").ID, hold}
}

// Oversized leaves the restraint of an order that is too large to be decoded. ev is what package events skimmed of it.
// The error is a *Held once the restraint stands, store.ErrTooLarge for an event that is no order or names no matter,
// and a failure of ours otherwise.
func (s *Service) Oversized(ctx context.Context, ev event.Event) error {
	if ev.Type != event.OrderReceived || ev.Matter == "" {
		return store.ErrTooLarge
	}
	hold, err := s.holdRefused(ctx, store.Patience, ev, tooLargeMessage)
	if err != nil {
		return err
	}
	return &Held{store.ErrTooLarge, law.Unreadable(ev.Digest, "").ID, hold}
}

// errRecorded: the event that would leave a restraint is recorded.
var errRecorded = errors.New("the event is recorded")

const (
	// lastTries is how long at most Lapse tries to hold what it failed to record.
	lastTries = 4 * time.Second
	// toAnswer is what is left of the caller's time after that.
	toAnswer = time.Second
)

// lastMoment is the time in which Lapse tries to hold what it failed to record in time: the caller's last seconds.
func lastMoment(ctx context.Context) (context.Context, context.CancelFunc) {
	limited, stop := context.WithTimeout(context.WithoutCancel(ctx), lastTries)
	deadline, ok := ctx.Deadline()
	if !ok {
		return limited, stop
	}
	limited, stopEarlier := context.WithDeadline(limited, deadline.Add(-toAnswer))
	return limited, func() { stopEarlier(); stop() }
}

// patience limits how long something is tried.
type patience func(context.Context) (context.Context, context.CancelFunc)

// holdRefused records the restraint that a refused order leaves: for all, without end, until two persons assess it
// void. It returns errRecorded where the event is recorded after all.
func (s *Service) holdRefused(ctx context.Context, while patience, refused event.Event,
	message string) (res Result, err error) {
	limited, stop := while(ctx)
	defer stop()
	err = s.retryFor(limited, nil, refused.Matter, func() (err error) {
		res, err = s.hold(limited, refused, message)
		return err
	})
	return res, err
}

// refusedSource is the source of the events that Lapse records itself for what it refused.
const refusedSource = "lapse:refused"

// hold is one attempt to hold.
func (s *Service) hold(ctx context.Context, refused event.Event, message string) (Result, error) {
	p := planner{records{s}}
	h, err := p.open(ctx, refused.Matter)
	if err != nil {
		return Result{}, err
	}
	st := law.Unreadable(refused.Digest, message)
	ev := event.Event{
		ID: refused.Digest, Source: refusedSource, Type: ledger.EntryRefused, Matter: refused.Matter,
		Digest: refused.Digest, Raw: json.RawMessage(`{"orderId":"` + st.ID + `"}`), Caller: refused.Caller,
	}
	if _, have := h.Restraint(st.ID); have {
		return p.heldBefore(ctx, ev)
	}
	if recorded, err := p.isRecorded(ctx, refused); recorded || err != nil {
		return Result{}, cmp.Or(err, errRecorded)
	}
	d := p.begin(ev, h)
	p.addStanding(d, st.ID, st, matter.Issuer{Country: "ZZ"})
	d.announce()
	return recorder{s}.commit(ctx, plan{draft: d})
}

// heldBefore is the record of a restraint that the same order left before.
func (s records) heldBefore(ctx context.Context, ev event.Event) (Result, error) {
	rec, err := s.Store.Receipt(ctx, ledger.ReceiptKey(ev.Source, ev.ID))
	if err != nil {
		return Result{}, fmt.Errorf("look for what a refused order of matter %s left: %w", ev.Matter, err)
	}
	return Result{Answer: rec.Answer, open: s.opened(ev, rec)}, nil
}

// isRecorded reports whether an order is recorded all the same: by this very event, whose answer was lost, or by
// another one that says the same.
func (s records) isRecorded(ctx context.Context, ev event.Event) (bool, error) {
	rec, err := s.Store.Receipt(ctx, ledger.ReceiptKey(ev.Source, ev.ID))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, fmt.Errorf("look for the receipt of an order for %s: %w", ev.Matter, err)
	}
	orders, err := s.Store.Orders(ctx, ev.Matter)
	if err != nil {
		return false, fmt.Errorf("read the orders of %s: %w", ev.Matter, err)
	}
	same := func(o matter.Order) bool { return ev.Content != "" && o.Digest == ev.Content }
	return rec.Digest == ev.Digest || slices.ContainsFunc(orders, same), nil
}

// toComplete is how many items complete adds to the change of an order: the order, and two rows.
const toComplete = 3

// endRefused ends the restraint that this very event left when it was not recorded. From now on the order itself holds.
// Where the change has no room, the restraint stays.
func (p orderPlanner) endRefused(d *draft, orders []matter.Order) {
	id := law.Unreadable(d.ev.Digest, "").ID
	r, had := d.head().Restraint(id)
	o := orderOf(orders, id)
	if !had || o == nil || r.Void || !r.Ended.IsZero() || d.change.Room() <= toComplete {
		return
	}
	r.Ended, r.Revision = d.now, d.head().Version
	ended := *o
	ended.Revision = d.head().Version
	ended.Endings = append(slices.Clone(o.Endings), matter.Ending{How: law.EndedByRecord, EffectiveAt: d.now, At: d.now})
	d.change.Orders = append(d.change.Orders, ended)
	d.warn(RefusedBefore, "This order could not be recorded when it was sent before, and "+id+" has held everybody "+
		"since. That hold ends now. What this order forbids holds from its own beginning.")
}
