package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"lapse/internal/agenda"
	"lapse/internal/store"
)

// workPass does the rows that send nothing. Neither quota nor pause stops it.
type workPass struct {
	*noticeWriter
	// opener compares addresses. No mail comes of it.
	opener Opener
}

var (
	// errUnseen says that a row tells of a change which the head does not show yet.
	errUnseen = errors.New("the change is not visible yet")
	// errRunning says that a person's decision has to wait for the end of an attempt. No other attempt begins before the
	// decision is carried out. The row stays where it is: within a sweep of that end, the decision is carried out, or the
	// log says that it came too late.
	errRunning = errors.New("an attempt is running")
)

// run does the rows of all work partitions, each in its order.
func (w *workPass) run(ctx context.Context) {
	var g sync.WaitGroup
	for shard := range agenda.WorkShards {
		if !w.group.has(shard) {
			continue
		}
		g.Go(func() {
			for read := range w.pages(ctx, true, shard) {
				page, old := superseded(read)
				if len(old) > 0 {
					if err := w.store.DeleteRows(ctx, old...); err != nil {
						w.recordFailure("delete rows", old[0].ID(), err)
					}
				}
				for _, row := range page {
					if w.over() {
						w.tally.add(func(r *Report) { r.AtCapacity = true })
						return
					}
					w.doRow(ctx, row)
				}
			}
		})
	}
	g.Wait()
}

// doRow does one row. Where its item is missing the row is postponed, because the items of one transaction become
// visible one after the other.
func (w *workPass) doRow(ctx context.Context, row agenda.Row) {
	err := w.doKind(ctx, row)
	switch {
	case err == nil:
		w.tally.add(func(r *Report) { r.Work++ })
	case errors.Is(err, errRunning):
		w.tally.add(func(r *Report) { r.Contended++ })
	case errors.Is(err, store.ErrNotFound) || errors.Is(err, errUnseen):
		if err := w.postponeOrphan(ctx, row, err); err != nil {
			w.recordFailure(string(row.Kind), row.ID(), err)
		}
	default:
		w.recordFailure(string(row.Kind), row.ID(), err)
	}
}

func (w *workPass) doKind(ctx context.Context, row agenda.Row) error {
	switch row.Kind {
	case agenda.MakeNotices:
		return w.makeNotices(ctx, row)
	case agenda.Replan:
		return w.replan(ctx, row)
	case agenda.Order:
		return w.visitOrder(ctx, row)
	case agenda.Exception:
		return w.visitException(ctx, row)
	case agenda.Erase:
		return w.erase(ctx, row)
	case agenda.Approval:
		return w.visitApproval(ctx, row)
	case agenda.Announce:
		return w.announce(ctx, row)
	case agenda.Count:
		return w.count(ctx, row)
	case agenda.Moved:
		return w.visitMoved(ctx, row)
	}
	return fmt.Errorf("do row %s: unknown kind %q", row.ID(), row.Kind)
}
