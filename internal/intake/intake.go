// Package intake takes events in: it decodes them, checks them against what is recorded, and records each as one
// transaction: the event's receipt and ledger entry, the matter's head, and what the event is about. What it answers is
// recorded with it, so that a replay is answered alike.
//
// # Recording
//
// The recorder takes every event the same way. A replay is answered from its receipt. Any other event is planned on the
// head as it stands and committed under the head's version. If another event came first, it is planned anew.
//
// # Planning
//
// Each noun has a planner: requests, orders, exceptions, disclosures, contacts, and decisions about notices. A planner
// reads what is recorded (records) and gathers the change (draft). It writes nothing that others can see, with one
// exception: the subjects of a request are put before its transaction. They count for nothing until the request is
// recorded.
package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
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
	store.Approvals
	Flights(ctx context.Context) ([]store.Flight, error)
	Control(ctx context.Context) (store.Dispatcher, error)
}

// Sealer makes a matter's keys and seals addresses under its public one; it cannot open them.
type Sealer interface {
	NewKeys(ctx context.Context, matterID string) (public, wrapped []byte, err error)
	Seal(public []byte, a matter.Address, associated []byte) ([]byte, error)
}

// saltBytes is the length of a matter's salt: as many bytes as HMAC-SHA256's output has, which RFC 2104 section 3 asks
// for.
const saltBytes = 32

// Mailboxes names mailboxes: equal addresses of one matter have the same name, and a name tells nothing of its address.
type Mailboxes interface {
	Mailbox(ctx context.Context, matterID string, a matter.Address) (string, error)
}

// Service takes events in. All fields but Dead and Decode are needed; Dead only at the bus door.
type Service struct {
	Now    func() time.Time
	Store  Store
	Sealer Sealer
	// Mailboxes names the mailboxes of contacts.
	Mailboxes Mailboxes
	Dead      DeadLetters
	Law       *law.Book
	// Policy is the version of the notice policy that matters are decided under.
	Policy string
	// Rules are the numbers and names of that policy which orders and requests are checked against.
	Rules law.Policy
	// Fields is what a request has to say.
	Fields review.Fields
	// Terms bound the exceptions of each kind; matter.DefaultTerms where one is missing.
	Terms map[matter.ExceptionKind]matter.Terms
	// AdvanceDays is how many days before a disclosure a person is told, where nothing forbids it; 0 is
	// matter.AdvanceDays. A decision keeps the days that it was made with.
	AdvanceDays int
	// Principals says that what needs two persons needs two authenticated principals. Else approvedBy names two.
	Principals bool
	// Salt makes the salt of a new matter; nil makes 32 random bytes.
	Salt func() []byte
	// Decode reads an event, as of an instant; nil is that of package events.
	Decode func(raw []byte, now time.Time) (event.Event, error)
	// Wait passes the time after the n-th lost race, and after the n-th look at what is in flight (1, 2, ...). An error of
	// it ends the tries. Nil does not wait.
	Wait func(ctx context.Context, n int) error
	// Turns lets the events of one matter be recorded in turn where they come to this process at once. Nil does not.
	Turns *Turns
	Log   *slog.Logger
}

// Result is the answer to an accepted event. New tells an event just recorded from a replay. Waiting is the answer
// instead where the event waits for another person.
type Result struct {
	Answer  ledger.Answer
	New     bool
	Waiting *ledger.Waiting
	// open is what the answer still has to wait for, nil for nothing.
	open *open
}

// Take records one event. Its errors are *event.Faults for a bad event, event.ErrConflict and event.ErrPredecessor
// for one that does not fit what is recorded, store.ErrTooLarge for one that the store cannot keep, store.ErrBusy when
// races outlast the sender's patience. Others are failures of ours. An order that is too large, or that a failure of
// ours keeps from being recorded, leaves a restraint: the error is then also a *Held. The principal counts as one
// person. Where the event forbids mails, the answer waits for those that are in flight (Await).
func (s *Service) Take(ctx context.Context, raw []byte, door event.Door, principal string) (Result, error) {
	return s.TakeFrom(ctx, raw, event.Caller{Door: door, Principal: principal, Person: principal})
}

// TakeFrom takes one event, as Take does, of a caller whose person is told apart from the principal.
func (s *Service) TakeFrom(ctx context.Context, raw []byte, by event.Caller) (Result, error) {
	res, err := s.Record(ctx, raw, by)
	if held, ok := errors.AsType[*Held](err); ok {
		return res, cmp.Or(s.Await(ctx, &held.Hold), err)
	}
	if err == nil {
		err = s.Await(ctx, &res)
	}
	return res, err
}

// Record records one event, with the errors of Take. Its answer is complete once Await has waited for the result.
func (s *Service) Record(ctx context.Context, raw []byte, by event.Caller) (Result, error) {
	ev, err := s.decode(raw)
	if err != nil {
		return Result{}, err
	}
	ev.Caller = by
	return s.recordOrHold(ctx, ev)
}

// decode reads an event as of now.
func (s *Service) decode(raw []byte) (event.Event, error) {
	switch {
	case s.Decode != nil:
		return s.Decode(raw, s.Now())
	case s.Principals:
		return events.DecodeByPrincipals(raw, s.Now())
	}
	return events.Decode(raw, s.Now())
}

// wrap adds what was being done to an error, and leaves nil alone.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// fault is a bad event with one thing wrong.
func fault(pointer, detail string) *event.Faults {
	return &event.Faults{List: []event.Fault{{Pointer: pointer, Detail: detail}}}
}
