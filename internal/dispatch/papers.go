package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// order looks at an order: its end is announced, and until then the row goes to the next instant at which something
// about the order may change or a person should look.
func (w *sweep) order(ctx context.Context, row agenda.Row) error {
	id, orderID, ok := strings.Cut(row.ID, ".")
	if !ok {
		return fmt.Errorf("order row %s: not an order's", row.ID)
	}
	// The head first: an order lifted between the two reads is one lifted then, and not one that has expired.
	head, err := w.freshHead(ctx, id)
	if err != nil {
		return err
	}
	orders, err := w.Matters.Orders(ctx, id)
	if err != nil {
		return fmt.Errorf("read the orders of matter %s: %w", id, err)
	}
	i := slices.IndexFunc(orders, func(o matter.Order) bool { return o.ID == orderID })
	if i < 0 {
		return fmt.Errorf("order %s: %w", row.ID, store.ErrNotFound)
	}
	o := orders[i]
	paper, ok := head.Restraint(orderID)
	if !ok {
		return fmt.Errorf("order %s: %w", row.ID, errUnseen)
	}
	now := w.wall()
	state := w.eval.State(&o, head, now)
	if state == matter.OrderExpired {
		// The row is what makes sure that the end is told: it goes only after the bus took it.
		if err := w.publish(ctx, "lapse.order.expired", told{Matter: id, Order: orderID}); err != nil {
			return err
		}
	}
	w.calls(row, Report{Unread: unread(&o, state, now), Clocks: clocksRun(&o, row.At, now)})
	at, open := w.eval.OrderLook(&o, head, now)
	if !open {
		return w.drop(ctx, row)
	}
	if !at.After(now) {
		return nil
	}
	if w.eval.Ends(paper, head.LastDisclosed).NextReview(justBefore(row)).Equal(row.At) {
		w.calls(row, Report{Reviews: 1})
	}
	return w.place(ctx, row, agenda.Row{At: at, Kind: row.Kind, ID: row.ID, Planned: head.Version})
}

// calls counts what a paper calls a person for, and says which it is: the metrics name none.
func (w *sweep) calls(row agenda.Row, what Report) {
	if what == (Report{}) {
		return
	}
	w.tally.add(func(r *Report) {
		r.Unread, r.Reviews, r.Clocks = r.Unread+what.Unread, r.Reviews+what.Reviews, r.Clocks+what.Clocks
	})
	w.Log.Warn("sweep: a paper calls for a person", "kind", string(row.Kind), "id", row.ID,
		"unread", what.Unread, "reviews", what.Reviews, "clocks", what.Clocks)
}

// justBefore is an instant at which what the row was planned for still lay ahead. What does not is a row of an earlier
// plan, and calls for nobody.
func justBefore(row agenda.Row) time.Time { return row.At.Add(-time.Second) }

// unread is 1 for an order that nobody has settled within a day.
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

// exception looks at an exception: until it ends the row goes to the next instant at which a person should look, and an
// exception that came up for its review, or that nobody has approved, is counted.
func (w *sweep) exception(ctx context.Context, row agenda.Row) error {
	id, exceptionID, ok := strings.Cut(row.ID, ".")
	if !ok {
		return fmt.Errorf("exception row %s: not an exception's", row.ID)
	}
	all, err := w.Matters.Exceptions(ctx, id)
	if err != nil {
		return fmt.Errorf("read the exceptions of matter %s: %w", id, err)
	}
	i := slices.IndexFunc(all, func(x matter.Exception) bool { return x.ID == exceptionID })
	if i < 0 {
		return fmt.Errorf("exception %s: %w", row.ID, store.ErrNotFound)
	}
	head, err := w.freshHead(ctx, id)
	if err != nil {
		return err
	}
	if _, ok := head.Restraint(exceptionID); !ok {
		return fmt.Errorf("exception %s: %w", row.ID, errUnseen)
	}
	now := w.wall()
	at, open := w.eval.ExceptionLook(&all[i], head, now)
	if !open {
		return w.drop(ctx, row)
	}
	if then, _ := w.eval.ExceptionLook(&all[i], head, justBefore(row)); then.Equal(row.At) {
		w.calls(row, Report{Reviews: 1})
	}
	return w.place(ctx, row, agenda.Row{At: at, Kind: row.Kind, ID: row.ID, Planned: head.Version})
}
