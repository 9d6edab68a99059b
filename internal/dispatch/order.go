package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// visitOrder announces an order's end. Until that end, the row goes to the next instant at which something about the
// order may change or a person is needed.
func (w *workPass) visitOrder(ctx context.Context, row agenda.Row) error {
	// The head first: an order that is lifted between the two reads counts as lifted then, and not as expired.
	head, err := w.freshHead(ctx, row.Matter)
	if err != nil {
		return err
	}
	o, err := w.order(ctx, row)
	if err != nil {
		return err
	}
	paper, ok := head.Restraint(o.ID)
	if !ok {
		return fmt.Errorf("visit order %s: %w", row.ID(), errUnseen)
	}
	now := w.wall()
	state := w.eval.State(&o, head, now)
	if state == matter.OrderExpired {
		// The row makes sure that the end is announced: it goes only after the bus took the event.
		if err := w.publish(ctx, event.OrderExpiredDetail{Matter: row.Matter, Order: o.ID}); err != nil {
			return fmt.Errorf("announce the end of order %s: %w", row.ID(), err)
		}
	}
	w.callPerson(row, calls{unread: unread(&o, state, now), clocks: clocksRun(&o, row.At, now)})
	at, open := w.eval.NextOrderVisit(&o, head, now)
	if !open {
		return w.deleteRow(ctx, row)
	}
	if !at.After(now) {
		return nil
	}
	if w.eval.Ends(paper, head.LastDisclosed).NextReview(justBefore(row)).Equal(row.At) {
		w.callPerson(row, calls{reviews: 1})
	}
	return w.moveRow(ctx, row, rescheduled(row, at, head.Version))
}

// order reads the order that the row points to.
func (w *workPass) order(ctx context.Context, row agenda.Row) (matter.Order, error) {
	orders, err := w.store.Orders(ctx, row.Matter)
	if err != nil {
		return matter.Order{}, fmt.Errorf("read the orders of matter %s: %w", row.Matter, err)
	}
	i := slices.IndexFunc(orders, func(o matter.Order) bool { return o.ID == row.Ref })
	if i < 0 {
		return matter.Order{}, fmt.Errorf("read order %s: %w", row.ID(), store.ErrNotFound)
	}
	return orders[i], nil
}

// calls counts why a paper needs a person: unread orders, reviews, and clocks of challenges that ran out.
type calls struct{ unread, reviews, clocks int }

// callPerson counts why the paper of the row needs a person, and logs which paper it is: the metrics name none.
func (w *workPass) callPerson(row agenda.Row, c calls) {
	if c == (calls{}) {
		return
	}
	w.tally.add(func(r *Report) {
		r.Unread, r.Reviews, r.Clocks = r.Unread+c.unread, r.Reviews+c.reviews, r.Clocks+c.clocks
	})
	w.log.Warn("sweep: a paper needs a person", "kind", string(row.Kind), "id", row.ID(),
		"unread", c.unread, "reviews", c.reviews, "clocks", c.clocks)
}

// justBefore is an instant at which the reason for the row still lay ahead. A row of an earlier plan has no such
// reason, and calls nobody.
func justBefore(row agenda.Row) time.Time { return row.At.Add(-time.Second) }

// unread is 1 for an order that nobody has assessed within a day.
func unread(o *matter.Order, state matter.OrderState, now time.Time) int {
	if state == matter.OrderReceived && now.Sub(o.Recorded) >= restraint.UnreadAlarm {
		return 1
	}
	return 0
}

// clocksRun counts the pending challenges whose clock ran out at the row's instant: somebody has to ask the court.
func clocksRun(o *matter.Order, at, now time.Time) int {
	n := 0
	for _, c := range o.Challenges {
		if c.Outcome == matter.ChallengePending && !c.Clock.IsZero() && c.Clock.Equal(at) && !c.Clock.After(now) {
			n++
		}
	}
	return n
}
