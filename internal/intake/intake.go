// Package intake takes events in: it decodes them, checks them against what is recorded, and records each as one
// transaction: the event's receipt and ledger entry, the matter's head, and what the event is about. What it answers is
// recorded with it, so that a replay is answered alike.
//
// The first lines of every event are the same (Service.Take): a replay is answered from its receipt; else the event is
// planned against the head as it stands, committed under the head's version, and planned anew if another event came
// first. A plan reads and never writes what others can see, with one exception: subjects of a request are put before
// its transaction, where they count for nothing until the request is recorded.
package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/calendar"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/restraint"
	"lapse/internal/review"
	"lapse/internal/store"
)

// Store is what intake needs of the store. From the control state it takes the quota, for the forecast.
type Store interface {
	store.Matters
	store.Changes
	store.Receipts
	store.Ledger
	store.Subjects
	store.Notices
	store.Agenda
	Control(ctx context.Context) (store.Dispatcher, error)
}

// Sealer makes a matter's keys and seals addresses under its public one; it cannot open them.
type Sealer interface {
	NewKeys(ctx context.Context, matterID string) (public, wrapped []byte, err error)
	Seal(public []byte, a matter.Address, associated []byte) ([]byte, error)
}

// Service takes events in. All fields but Dead and Decode are needed; Dead only at the bus door.
type Service struct {
	Now    func() time.Time
	Store  Store
	Sealer Sealer
	Dead   DeadLetters
	Law    *law.Book
	// Policy is the version of the notice policy that matters are decided under.
	Policy string
	// Rules are the numbers and names of that policy which orders and requests are checked against.
	Rules law.Policy
	// Fields is what a request has to say.
	Fields review.Fields
	// Terms bound the exceptions of each kind; matter.DefaultTerms where one is missing.
	Terms map[matter.ExceptionKind]matter.Terms
	// Decode reads an event, as of an instant; nil is events.Decode.
	Decode func(raw []byte, now time.Time) (event.Event, error)
	// Wait passes the time before try n (1, 2, ...) after a lost race; nil does not wait.
	Wait func(ctx context.Context, n int) error
	Log  *slog.Logger
}

// tries is how often an event is planned anew before the sender is asked to come back.
const tries = 5

// Result is the answer to an accepted event. New tells an event just recorded from a replay.
type Result struct {
	Answer ledger.Answer
	New    bool
}

// Take records one event. Its errors are *event.Faults for a bad event, event.ErrConflict and event.ErrPredecessor
// for one that does not fit what is recorded, store.ErrBusy when races outlast the tries; others are failures of ours.
func (s *Service) Take(ctx context.Context, raw []byte, door, principal string) (Result, error) {
	decode := events.Decode
	if s.Decode != nil {
		decode = s.Decode
	}
	ev, err := decode(raw, s.Now())
	if err != nil {
		return Result{}, err
	}
	ev.Door, ev.Principal = door, principal
	return s.record(ctx, ev)
}

func (s *Service) record(ctx context.Context, ev event.Event) (Result, error) {
	for n := range tries {
		if n > 0 && s.Wait != nil {
			if err := s.Wait(ctx, n); err != nil {
				return Result{}, fmt.Errorf("wait to record event for %s: %w", ev.Matter, err)
			}
		}
		if res, done, err := s.replay(ctx, ev); done {
			return res, err
		}
		res, err := s.try(ctx, ev)
		if !errors.Is(err, store.ErrRace) {
			return res, err
		}
	}
	return Result{}, fmt.Errorf("record event for %s: %w", ev.Matter, store.ErrBusy)
}

// replay answers an event that is recorded already.
func (s *Service) replay(ctx context.Context, ev event.Event) (Result, bool, error) {
	rec, err := s.Store.Receipt(ctx, ledger.ReceiptKey(ev.Source, ev.ID))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Result{}, false, nil
	case err != nil:
		return Result{}, true, fmt.Errorf("look for the receipt of an event for %s: %w", ev.Matter, err)
	case rec.Digest != ev.Digest:
		return Result{}, true, fault("/id", "an event with this source and id is recorded with other content")
	}
	return repeated(rec.Answer), true, nil
}

// recordedBefore answers an event that says what another one said: as that one was answered. The items of a transaction
// become visible one by one, so a missing receipt will be there soon.
func (s *Service) recordedBefore(ctx context.Context, ev event.Event, key string) (Result, error) {
	rec, err := s.Store.Receipt(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		err = store.ErrRace
	}
	if err != nil {
		return Result{}, fmt.Errorf("read the receipt of what %s for %s repeats: %w", ev.Type, ev.Matter, err)
	}
	return repeated(rec.Answer), nil
}

func repeated(a ledger.Answer) Result {
	a.Replayed = true
	return Result{Answer: a}
}

// fault is a bad event with one thing wrong.
func fault(pointer, detail string) *event.Faults {
	return &event.Faults{List: []event.Fault{{Pointer: pointer, Detail: detail}}}
}

// plan is what an event will do. A plan that names a receipt does nothing more: the same
// content was recorded before.
type plan struct {
	*draft
	recorded string
	// after runs once the change is recorded; whatever it leaves undone an agenda row makes good.
	after func(ctx context.Context)
}

func (s *Service) try(ctx context.Context, ev event.Event) (Result, error) {
	p, err := s.plan(ctx, ev)
	if err != nil {
		return Result{}, err
	}
	if p.recorded != "" {
		return s.recordedBefore(ctx, ev, p.recorded)
	}
	c, err := p.finish()
	if err != nil {
		return Result{}, err
	}
	if err := s.Store.Commit(ctx, c); err != nil {
		return Result{}, fmt.Errorf("record %s for %s: %w", ev.Type, ev.Matter, err)
	}
	if p.after != nil {
		p.after(ctx)
	}
	return Result{Answer: c.Receipt.Answer, New: true}, nil
}

func (s *Service) plan(ctx context.Context, ev event.Event) (plan, error) {
	switch data := ev.Data.(type) {
	case *event.RequestReceivedData:
		return s.received(ctx, ev, data)
	case *event.RequestAmendedData:
		return s.amended(ctx, ev, data)
	case *event.RequestDecidedData:
		return s.decided(ctx, ev, data)
	case *event.DisclosureMadeData:
		return s.disclosed(ctx, ev, data)
	case *matter.PostedOrder:
		return s.ordered(ctx, ev, data)
	case *event.OrderAssessedData:
		return s.assessed(ctx, ev, data)
	case *event.OrderChallengedData:
		return s.challenged(ctx, ev, data)
	case *event.OrderEndedData:
		return s.ended(ctx, ev, data)
	case *matter.PostedException:
		return s.exceptionRequested(ctx, ev, data)
	case *event.ExceptionApprovedData:
		return s.exceptionApproved(ctx, ev, data)
	case *event.ExceptionRenewedData:
		return s.exceptionRenewed(ctx, ev, data)
	case *event.ExceptionEndedData:
		return s.exceptionEnded(ctx, ev, data)
	case *event.ContactChangedData:
		return s.contact(ctx, ev, data)
	case *event.NoticeActData:
		return s.acted(ctx, ev, data)
	}
	return plan{}, fault("/type", "this version of Lapse does not take events of this type")
}

// open returns the matter's head, opening the matter if nobody has.
func (s *Service) open(ctx context.Context, id string) (matter.Head, error) {
	h, err := s.head(ctx, id)
	if !errors.Is(err, store.ErrNotFound) {
		return h, err
	}
	public, wrapped, err := s.Sealer.NewKeys(ctx, id)
	if err != nil {
		return matter.Head{}, fmt.Errorf("make keys for matter %s: %w", id, err)
	}
	h, err = s.Store.Open(ctx, matter.Head{Matter: id, State: matter.AwaitingRequest, PublicKeyset: public,
		WrappedKeyset: wrapped})
	return h, wrap(err, "open matter %s", id)
}

// wrap adds what was being done to an error, and leaves nil alone.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// existing returns the head and the request of a matter whose request is recorded; else event.ErrPredecessor.
func (s *Service) existing(ctx context.Context, id string) (matter.Head, matter.Request, error) {
	h, err := s.head(ctx, id)
	if err == nil && h.State != matter.AwaitingRequest {
		r, err := s.request(ctx, &h)
		if err != nil {
			return h, matter.Request{}, err
		}
		return h, *r, nil
	}
	if err == nil || errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("the request of matter %s: %w", id, event.ErrPredecessor)
	}
	return matter.Head{}, matter.Request{}, err
}

// draft gathers one event's change.
type draft struct {
	ev     event.Event
	now    time.Time
	change store.Change
	answer ledger.Answer
	eval   *restraint.Evaluator
}

// begin starts the change that makes the head's next version.
func (s *Service) begin(ev event.Event, h matter.Head) *draft {
	now := matter.Ceil(s.Now())
	h.Version++
	h.Rules, h.Policy, h.TZ = s.Law.Revision(), s.Policy, calendar.Version()
	return &draft{
		ev: ev, now: now, eval: restraint.NewEvaluator(),
		change: store.Change{
			Head: h,
			Entry: ledger.Entry{
				Matter: h.Matter, Seq: h.Version, Type: string(ev.Type), Source: ev.Source, EventID: ev.ID, Digest: ev.Digest,
				Actor: ev.Actor, Principal: ev.Principal, Door: ev.Door, EventTime: matter.Floor(ev.Time), At: now,
				Rules: h.Rules, Policy: h.Policy, TZ: h.TZ, Data: ev.Raw, Extensions: ev.Extensions, Prev: h.LastHash,
			},
		},
		answer: ledger.Answer{Matter: h.Matter, Version: h.Version, Findings: []matter.Finding{},
			Warnings: []ledger.Warning{}},
	}
}

// head is the head as the change will leave it.
func (d *draft) head() *matter.Head { return &d.change.Head }

// row adds an agenda row to the change.
func (d *draft) row(r agenda.Row) { d.change.Rows = append(d.change.Rows, r) }

// replan asks the next sweep to put the row of every unfinished notice anew.
func (d *draft) replan() {
	d.row(agenda.ForReplan(d.head().Matter, d.head().Version, d.now))
}

// announce asks the next sweep to tell the bus about this version.
func (d *draft) announce() {
	d.row(agenda.ForAnnounce(d.head().Matter, d.head().Version, d.now))
}

// finish chains the ledger entry and makes the receipt.
func (d *draft) finish() (store.Change, error) {
	c := d.change
	if len(c.Entry.Pending) > 0 {
		c.Head.Pending = c.Head.Version
	}
	c.Entry.Findings = d.answer.Findings
	if err := c.Entry.Chain(); err != nil {
		return c, fmt.Errorf("seal the ledger entry of %s: %w", c.Head.Matter, err)
	}
	c.Head.LastHash = c.Entry.Hash
	c.Receipt = ledger.Receipt{
		Key: ledger.ReceiptKey(d.ev.Source, d.ev.ID), Digest: d.ev.Digest, Matter: c.Head.Matter, Version: c.Head.Version,
		Answer: d.answer, At: d.now,
	}
	return c, nil
}
