package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/delivery"
	"lapse/internal/dispatch"
	"lapse/internal/mailbox"
	"lapse/internal/matter"
	"lapse/internal/store"
	"lapse/internal/transparency"
)

// errPast is the error for a push back in time.
var errPast = errors.New("the clock goes forward only")

// agendaRows reads the agenda and the pause of sending.
type agendaRows interface {
	Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string, limit int) ([]agenda.Row, string, error)
	Control(ctx context.Context) (store.Dispatcher, error)
}

// sweeper sweeps the agenda once.
type sweeper interface {
	Sweep(ctx context.Context) (dispatch.Report, error)
	Settle(ctx context.Context) error
}

// walker moves the stack through time. It does one thing after the other.
type walker struct {
	clock    *clock
	rows     agendaRows
	dispatch sweeper
	delivery *delivery.Service
	mailbox  *mailbox.Server
	stories  *storyteller
	// reports is nil where nobody publishes.
	reports *reporter

	mu sync.Mutex
}

// sweep does everything that is due now: the next steps of the stories, one sweep, and SES' reports.
func (w *walker) sweep(ctx context.Context) (dispatch.Report, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.step(ctx)
}

func (w *walker) step(ctx context.Context) (dispatch.Report, error) {
	if err := w.stories.tell(ctx, w.clock.Now()); err != nil {
		return dispatch.Report{}, err
	}
	report, err := w.dispatch.Sweep(ctx)
	if err != nil {
		return report, fmt.Errorf("sweep the agenda: %w", err)
	}
	if err := w.mailbox.Deliver(ctx, w.clock.Now(), w.delivery.Take); err != nil || w.reports == nil {
		return report, err
	}
	return report, w.reports.due(ctx)
}

// alone runs the function while nothing else moves the stack.
func (w *walker) alone(f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return f()
}

// push moves the clock to the target and returns once it has arrived. It stops at every agenda instant on the way and
// sweeps matter.Margin after it, so that every mail carries its own time. to computes the target after earlier work is
// done and the clock is stopped, so that a duration counts from there.
func (w *walker) push(ctx context.Context, to func(now time.Time) (time.Time, error)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock.stand()
	defer w.clock.run()
	target, err := to(w.clock.Now())
	if err != nil {
		return err
	}
	if target.Before(w.clock.Now()) {
		return errPast
	}
	for {
		if _, err := w.step(ctx); err != nil {
			return err
		}
		next, err := w.next(ctx, target)
		if err != nil {
			return err
		}
		if next, err = w.orFreeze(ctx, next, target); err != nil {
			return err
		}
		if next.IsZero() {
			break
		}
		if err := w.clock.set(next); err != nil {
			return err
		}
	}
	if err := w.clock.set(target); err != nil {
		return err
	}
	_, err = w.step(ctx)
	return err
}

// next returns the first instant after now and up to the target at which there is something to do. It returns zero if
// there is none.
func (w *walker) next(ctx context.Context, target time.Time) (time.Time, error) {
	now := w.clock.Now()
	var first time.Time
	take := func(t time.Time) {
		if t.After(now) && !t.After(target) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if at, ok := w.mailbox.Pending(); ok {
		take(at)
	}
	if at, ok := w.stories.next(); ok {
		take(at)
	}
	control, err := w.rows.Control(ctx)
	if err != nil {
		return first, fmt.Errorf("read the pause of sending: %w", err)
	}
	take(control.Pause.ProbeAt)
	for shard := range agenda.WorkShards + agenda.NoticeShards {
		work := shard < agenda.WorkShards
		if !work {
			shard -= agenda.WorkShards
		}
		at, err := w.firstRow(ctx, work, shard, now.Add(-matter.Margin), target)
		if err != nil {
			return first, err
		}
		if !at.IsZero() {
			take(at.Add(matter.Margin))
		}
	}
	return first, nil
}

// orFreeze returns the earlier of next and the next freeze of a report, up to the target. An empty stack freezes
// nothing: a push to a far year would stop at thousands of empty halves.
func (w *walker) orFreeze(ctx context.Context, next, target time.Time) (time.Time, error) {
	freeze := nextFreeze(w.clock.Now())
	if w.reports == nil || freeze.After(target) || !next.IsZero() && !freeze.Before(next) {
		return next, nil
	}
	begun, err := w.reports.service.Begun(ctx)
	for shard := 0; err == nil && !begun && shard < agenda.WorkShards; shard++ {
		var rows []agenda.Row
		rows, _, err = w.rows.Rows(ctx, true, shard, target, "", 100)
		begun = slices.ContainsFunc(rows, func(r agenda.Row) bool { return r.Kind == agenda.Count })
	}
	if err != nil || !begun {
		return next, err
	}
	return freeze, nil
}

// nextFreeze is the first instant after now at which a report is frozen.
func nextFreeze(now time.Time) time.Time {
	h := transparency.HalfOf(now)
	if at := h.Previous().FreezeAt(); at.After(now) {
		return at
	}
	return h.FreezeAt()
}

// firstRow returns the instant of the partition's first row after the given instant, zero if there is none up to the
// target. Earlier rows were visited already and stay for a reason of their own.
func (w *walker) firstRow(ctx context.Context, work bool, shard int, after, target time.Time) (time.Time, error) {
	for cursor := ""; ; {
		rows, next, err := w.rows.Rows(ctx, work, shard, target, cursor, 100)
		if err != nil {
			return time.Time{}, fmt.Errorf("read the agenda: %w", err)
		}
		for _, r := range rows {
			if r.At.After(after) && r.Kind != agenda.Count { // a freeze counts by itself, and nobody waits for it
				return r.At, nil
			}
		}
		if cursor = next; cursor == "" {
			return time.Time{}, nil
		}
	}
}
