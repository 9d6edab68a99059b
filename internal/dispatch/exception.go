package dispatch

import (
	"context"
	"fmt"
	"slices"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// visitException counts an exception that came up for its review, or that nobody has approved. Until the exception
// ends, the row goes to the next instant at which a person is needed.
func (w *workPass) visitException(ctx context.Context, row agenda.Row) error {
	id, exceptionID := row.Matter, row.Ref
	all, err := w.store.Exceptions(ctx, id)
	if err != nil {
		return fmt.Errorf("read the exceptions of matter %s: %w", id, err)
	}
	i := slices.IndexFunc(all, func(x matter.Exception) bool { return x.ID == exceptionID })
	if i < 0 {
		return fmt.Errorf("read exception %s: %w", row.ID(), store.ErrNotFound)
	}
	head, err := w.freshHead(ctx, id)
	if err != nil {
		return err
	}
	if _, ok := head.Restraint(exceptionID); !ok {
		return fmt.Errorf("visit exception %s: %w", row.ID(), errUnseen)
	}
	at, open := w.eval.NextExceptionVisit(&all[i], head, w.wall())
	if !open {
		return w.deleteRow(ctx, row)
	}
	if then, _ := w.eval.NextExceptionVisit(&all[i], head, justBefore(row)); then.Equal(row.At) {
		w.callPerson(row, calls{reviews: 1})
	}
	return w.moveRow(ctx, row, rescheduled(row, at, head.Version))
}
