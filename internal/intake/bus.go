package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// DeadLetters keeps events that will never be taken, with what is wrong with them, where people look.
type DeadLetters interface {
	Put(ctx context.Context, posted []byte, faults []event.Fault) error
}

// redelivery is how long an event from the bus waits for its predecessor before it is given up: EventBridge and SQS
// keep no order, but an event is seldom this late.
const redelivery = time.Hour

// MaxEvent bounds an event in bytes, at both doors.
const MaxEvent = 256 << 10

// Message is an event as the bus brought it.
type Message struct {
	Raw []byte
	// DetailType is what the bus says the event's type is; "" if it does not say.
	DetailType string
	// Queued is when the message was first queued, zero if nobody knows.
	Queued time.Time
	// Principal is who was authenticated at the bus.
	Principal string
}

// Deliver takes one event from the bus. A nil error means that the message can be deleted: the event is recorded, or it
// is bad and stands on the dead-letter queue with its faults. Any other error is a failure of ours, or a predecessor
// that may still come: the message has to be delivered again.
func (s *Service) Deliver(ctx context.Context, m Message) error {
	err := s.deliver(ctx, m)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, event.ErrPredecessor) && (m.Queued.IsZero() || s.Now().Sub(m.Queued) < redelivery):
		return err
	case errors.Is(err, event.ErrPredecessor), errors.Is(err, event.ErrConflict):
		return s.refuse(ctx, m, fault("", err.Error()).List, unreadMessage)
	case len(m.Raw) > MaxEvent:
		return s.refuse(ctx, m, fault("", "an event is at most 256 KB").List, tooLargeMessage)
	case errors.Is(err, store.ErrTooLarge):
		return s.refuse(ctx, m, fault("", "what would be recorded of it is larger than the store keeps").List,
			tooLargeMessage)
	}
	if faults, ok := errors.AsType[*event.Faults](err); ok {
		return s.refuse(ctx, m, faults.List, unreadMessage)
	}
	return err
}

func (s *Service) deliver(ctx context.Context, m Message) error {
	if len(m.Raw) > MaxEvent {
		return fmt.Errorf("an event of %d bytes: %w", len(m.Raw), store.ErrTooLarge)
	}
	ev, err := s.decode(m.Raw)
	if err != nil {
		return err
	}
	if m.DetailType != "" && m.DetailType != string(ev.Type) {
		return fault("/type", "the bus says another type in detail-type")
	}
	ev.Caller = event.Caller{Door: event.DoorBus, Principal: m.Principal}
	_, err = s.recordOrHold(ctx, ev)
	return err
}

// refuse puts a bad event aside. An order that cannot be read leaves a restraint first. Then the event goes on the
// dead-letter queue. Its record and announcement come last, so a crash repeats these steps and forgets none. held is
// the message of such a restraint.
func (s *Service) refuse(ctx context.Context, m Message, faults []event.Fault, held string) error {
	// A bad event still names its type and matter where those are well-formed, and its digest in any case.
	ev := s.skim(m.Raw)
	anOrder := ev.Type == event.OrderReceived || m.DetailType == string(event.OrderReceived)
	if anOrder && ev.Matter != "" {
		ev.Caller = event.Caller{Door: event.DoorBus, Principal: m.Principal}
		if _, err := s.holdRefused(ctx, store.Patience, ev, held); err != nil && !errors.Is(err, errRecorded) {
			return err
		}
	}
	if err := s.Dead.Put(ctx, m.Raw, faults); err != nil {
		return fmt.Errorf("put a bad event aside: %w", err)
	}
	now := matter.Ceil(s.Now())
	refusal := ledger.Refusal{Digest: ev.Digest, Type: known(ev.Type), Subject: ev.Matter, At: now, Faults: faults}
	if err := s.Store.Refuse(ctx, refusal); err != nil {
		return fmt.Errorf("record a refused event: %w", err)
	}
	return wrap(s.Store.PutRows(ctx, agenda.ForRefused(ev.Digest, now)), "announce a refused event")
}

// skim reads what can be told of an event that is refused.
func (s *Service) skim(raw []byte) event.Event {
	if len(raw) > MaxEvent {
		return events.Skim(raw)
	}
	ev, _ := s.decode(raw)
	return ev
}

// known keeps the type of a bad event only if it is one of ours: nothing else of it is trusted to be free of addresses.
func known(t event.Type) string {
	if slices.Contains(event.Types(), t) {
		return string(t)
	}
	return ""
}
