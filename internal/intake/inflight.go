package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

const (
	// answering is how long before the caller's deadline the wait for what is in flight ends.
	answering = 4 * time.Second
	// longestWait bounds the wait of a caller who has no deadline: a lost race's longest patience, and a call to SES.
	longestWait = 25 * time.Second
	// forgotten is the time after an event from which no attempt that was checked before it can still reach SES.
	forgotten = notice.LeaseTime + time.Minute
	// readAtOnce is how many notices are read at the same time.
	readAtOnce = 16
)

// forbids reports whether an event of the type can forbid a mail that is on its way to SES already. The answers to such
// events say what was.
func forbids(t event.Type) bool {
	switch t {
	case event.OrderReceived, event.OrderAssessed,
		event.ExceptionRequested, event.ExceptionApproved, event.ExceptionRenewed, event.ExceptionEnded,
		event.RequestReceived, event.RequestAmended,
		event.NoticeHeld, event.NoticeObjected, event.NoticeCancelled, event.ContactChanged, ledger.EntryRefused:
		return true
	case event.RequestDecided, event.RequestChallenged, event.RequestClosed, event.DisclosureMade,
		event.OrderChallenged, event.OrderEnded, event.NoticeReleased, event.NoticeTold, event.ApprovalGiven:
		// They end restraints, make something due, or tell what has happened. An approval waits as its event does.
		return false
	}
	return false
}

// nothingInFlight is what the answer to an event of the type says before anything was found: nil where its type forbids
// nothing.
func nothingInFlight(t event.Type) []ledger.InFlight {
	if !forbids(t) {
		return nil
	}
	return []ledger.InFlight{}
}

// open is a recorded event whose answer does not say yet what was in flight.
type open struct {
	ev      event.Event
	receipt ledger.Receipt
}

// opened returns what the answer of the receipt still waits for, nil where that is settled. An event is settled by time
// too: every lease that was claimed before it is over.
func (s *Service) opened(ev event.Event, r ledger.Receipt) *open {
	if r.Answer.InFlight == nil || r.Settled || s.Now().Sub(r.At) > forgotten {
		return nil
	}
	return &open{ev, r}
}

// Await waits for what the recorded events forbid and what had passed its final check before them, and completes their
// answers with it. It returns at the latest 4 s before the deadline of ctx, and after 25 s: what is open then is in
// doubt. An error says that nobody can tell what is in flight. The events are recorded all the same, and the same
// events posted again wait again.
func (s *Service) Await(ctx context.Context, results ...*Result) error {
	all, err := s.landings(ctx, results)
	if err != nil || len(all) == 0 {
		return err
	}
	limit, stop := untilAnswer(ctx)
	defer stop()
	for n := 1; ; n++ {
		waits := false
		for _, l := range all {
			running, err := l.look(ctx)
			if err != nil {
				return err
			}
			waits = waits || running
		}
		if !waits || limit.Err() != nil || s.Wait == nil || s.Wait(limit, n) != nil {
			break
		}
	}
	for _, l := range all {
		l.answer(ctx)
	}
	return nil
}

// untilAnswer is the part of ctx in which an answer may wait.
func untilAnswer(ctx context.Context) (context.Context, context.CancelFunc) {
	limited, stop := context.WithTimeout(ctx, longestWait)
	deadline, ok := ctx.Deadline()
	if !ok {
		return limited, stop
	}
	limited, stopEarlier := context.WithDeadline(limited, deadline.Add(-answering))
	return limited, func() { stopEarlier(); stop() }
}

// landing is the wait of one answer.
type landing struct {
	*Service
	*open
	result   *Result
	attempts []flown
}

// flown is an attempt that ran when the event was recorded.
type flown struct {
	notice, token string
	// outcome is "" while the attempt runs, and where no mail of it can have reached SES (landed).
	outcome ledger.FlightOutcome
	landed  bool
}

// landings finds, for every result that is not settled, what it has to wait for. It reads what is in flight once.
func (s *Service) landings(ctx context.Context, results []*Result) ([]*landing, error) {
	var all []*landing
	for _, r := range results {
		if r.open != nil {
			all = append(all, &landing{Service: s, open: r.open, result: r})
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	flights, err := s.Store.Flights(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what is in flight: %w", err)
	}
	ids := map[string][]string{}
	for _, f := range flights {
		for _, id := range f.Notices {
			if m, _, ok := notice.SplitID(id); ok && !slices.Contains(ids[m], id) {
				ids[m] = append(ids[m], id)
			}
		}
	}
	for _, l := range all {
		if err := l.find(ctx, ids[l.receipt.Matter]); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(all, func(l *landing) bool { return len(l.attempts) == 0 }), nil
}

// find keeps the attempts that run, were claimed before the event was recorded, and are forbidden by it. The final
// check of an attempt demands the version of the matter that its claim names.
func (l *landing) find(ctx context.Context, ids []string) error {
	notices, err := l.read(ctx, ids)
	if err != nil || len(notices) == 0 {
		return err
	}
	running := slices.DeleteFunc(notices, func(n notice.Notice) bool {
		a := n.Attempt(n.Token)
		return n.State != notice.Sending || a == nil || a.Head >= l.receipt.Version
	})
	if len(running) == 0 {
		return nil
	}
	head, err := l.Store.Head(ctx, l.receipt.Matter)
	if err != nil {
		return fmt.Errorf("read what %s forbids: %w", l.ev.Type, err)
	}
	eval, now := restraint.NewEvaluator(), l.Now()
	for i := range running {
		n := &running[i]
		covering := eval.Covering(&head, restraint.TargetAt(n, n.Attempt(n.Token).Recipient))
		if l.names(n) || !restraint.Clear(covering, n.Base, now) {
			l.attempts = append(l.attempts, flown{notice: n.ID, token: n.Token})
		}
	}
	return nil
}

// read reads the notices that exist among ids, in that order. The error is that of the first id whose read failed.
func (l *landing) read(ctx context.Context, ids []string) ([]notice.Notice, error) {
	found, errs := make([]notice.Notice, len(ids)), make([]error, len(ids))
	_ = owed.Each(len(ids), readAtOnce, func(i int) error {
		found[i], errs[i] = l.Store.Notice(ctx, ids[i])
		return nil
	})
	for i, err := range errs {
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("read notice %s, which is in flight: %w", ids[i], err)
		}
	}
	return slices.DeleteFunc(found, func(n notice.Notice) bool { return n.ID == "" }), nil
}

// names reports whether the event is about the notice or its subject, whatever the restraints are.
func (l *landing) names(n *notice.Notice) bool {
	switch data := l.ev.Data.(type) {
	case *event.NoticeActData:
		return data.NoticeID == n.ID
	case *event.ApprovalGivenData:
		return slices.ContainsFunc(l.receipt.Answer.Notices, func(b ledger.NoticeBrief) bool { return b.ID == n.ID })
	case *event.ContactChangedData:
		return data.SubjectID == n.Subject
	case *event.RequestAmendedData:
		return slices.ContainsFunc(data.Subjects, func(s matter.PostedSubject) bool { return s.ID == n.Subject })
	}
	return false
}

// look reads the attempts that ran when they were read last. It reports whether one still runs under its lease. After
// its lease nothing of an attempt is handed over any more.
func (l *landing) look(ctx context.Context) (running bool, err error) {
	for i := range l.attempts {
		f := &l.attempts[i]
		if f.landed {
			continue
		}
		n, err := l.Store.Notice(ctx, f.notice)
		if err != nil {
			return false, fmt.Errorf("wait for notice %s, which is in flight: %w", f.notice, err)
		}
		a := n.Attempt(f.token)
		switch {
		case a == nil:
			f.landed = true // it was released: no mail of it reached SES
		case a.Outcome == notice.OutcomeAccepted:
			f.landed, f.outcome = true, ledger.HandedOver
		case a.Outcome != "":
			f.landed = true
			if a.WasUnknown {
				f.outcome = ledger.InDoubt
			}
		case n.Token == f.token && n.Lease.After(l.Now()):
			running = true
		}
	}
	return running, nil
}

// answer completes the result. What landed is kept in the receipt, so that a replay says the same and waits no more.
func (l *landing) answer(ctx context.Context) {
	settled := true
	list := []ledger.InFlight{}
	for _, f := range l.attempts {
		outcome := f.outcome
		if !f.landed {
			settled, outcome = false, ledger.InDoubt
		}
		if outcome != "" {
			list = append(list, ledger.InFlight{Notice: f.notice, Outcome: outcome})
		}
	}
	l.result.Answer.InFlight = list
	if !settled || len(list) == 0 {
		return
	}
	r := l.receipt
	r.Answer.InFlight, r.Settled = list, true
	if err := l.Store.Settle(ctx, r); err != nil {
		l.Log.WarnContext(ctx, "what was in flight is not kept for a replay", "matter", r.Matter, "version", r.Version,
			"error", err)
	}
}
