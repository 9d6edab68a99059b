package dispatch

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/facts"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/reckon"
	"lapse/internal/recount"
	"lapse/internal/store"
)

// count reckons what the transparency report counts of the matter, from its records, and puts it into the rows of every
// half-year that it belongs to. The row goes last, so nothing is lost; a row is put over the one before, so nothing is
// counted twice. An unfinished matter keeps a row that comes up before the next freeze.
func (w *workPass) count(ctx context.Context, row agenda.Row) error {
	began := w.wall()
	head, err := w.freshHead(ctx, row.Matter)
	if err != nil {
		return err
	}
	if head.Version < row.Planned {
		return errUnseen
	}
	r, err := w.reckon(ctx, head)
	if err != nil {
		return err
	}
	if r == nil {
		return nil // no time is left; the next sweep begins anew
	}
	result := r.Result(began)
	if err := w.putReport(ctx, head, &result, matter.Floor(began)); err != nil {
		return err
	}
	switch {
	case !r.Complete() && began.Sub(result.Opened) < revisitAfter:
		return w.moveRow(ctx, row, rescheduled(row, matter.Ceil(began.Add(notice.ReconcileWindow)), head.Version))
	case !result.Settled:
		return w.moveRow(ctx, row, rescheduled(row, nextSettling(row.Matter, began), head.Version))
	}
	return w.deleteRow(ctx, row)
}

// reckon reads the matter's records; nil where the sweep's time is over.
func (w *workPass) reckon(ctx context.Context, head *matter.Head) (*reckon.Reckoning, error) {
	orders, err := w.store.Orders(ctx, head.Matter)
	if err != nil {
		return nil, fmt.Errorf("read the orders of matter %s: %w", head.Matter, err)
	}
	r := reckon.New(*head, orders)
	whole, err := recount.Feed(ctx, w.store, head, r, w.over)
	if errors.Is(err, recount.ErrUnseen) {
		return nil, errUnseen
	}
	if err != nil || !whole {
		return nil, err
	}
	return r, nil
}

// putReport puts the rows, and drops those that a matter had before it was one of national security.
func (w *workPass) putReport(ctx context.Context, head *matter.Head, result *reckon.Result, began time.Time) error {
	for h := result.First; !h.Start().After(result.Last.Start()); h = h.Next() {
		for part := range result.Rows {
			body, err := matter.JSON(result.Rows[part])
			if err != nil {
				return fmt.Errorf("write the report's row of matter %s: %w", head.Matter, err)
			}
			r := store.ReportRow{Half: h.String(), Matter: head.Matter, Part: part, Parts: len(result.Rows),
				Secret: result.Secret, Version: head.Version, Counted: began, Opened: result.Opened,
				Settled: result.Settled, Facts: body}
			if err := w.store.PutReport(ctx, r); err != nil {
				return err
			}
			if !result.Secret {
				continue
			}
			r.Secret = false
			if err := w.store.DropReport(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// settlingHours is over how many hours before a freeze the matters are counted again, so that a million do not fall on
// one minute.
const settlingHours = 23

// nextSettling is when the matter is counted again before the next freeze: a whole hour of the day before, by its id.
func nextSettling(matterID string, now time.Time) time.Time {
	h := fnv.New32a()
	h.Write([]byte(matterID))
	before := time.Duration(1+h.Sum32()%settlingHours) * time.Hour
	half := facts.HalfOf(now)
	if at := half.Previous().FreezeAt().Add(-before); at.After(now) {
		return at
	}
	return half.FreezeAt().Add(-before)
}

// Settle counts every matter that has a row for it, whenever that row comes up. It is for a report on demand: then the
// rows say what is recorded now. The error is that of reading the agenda, else those of counting matters.
func (s *Service) Settle(ctx context.Context) error {
	control, err := s.Store.Control(ctx)
	if err != nil {
		return fmt.Errorf("settle the report's rows: read pause and quota: %w", err)
	}
	claims, stop := claiming(ctx)
	defer stop()
	w := s.begin(ctx, claims, control, Group{}).work
	var failed error
	for shard := range agenda.WorkShards {
		for cursor := ""; ; {
			page, next, err := w.store.Rows(ctx, true, shard, farAhead(), cursor, pageSize)
			if err != nil {
				return fmt.Errorf("settle the report's rows: read agenda partition %d: %w", shard, err)
			}
			for _, row := range page {
				if row.Kind != agenda.Count {
					continue
				}
				if err := w.count(ctx, row); err != nil && !errors.Is(err, errUnseen) {
					failed = errors.Join(failed, err)
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return failed
}

// farAhead is after every row of the agenda.
func farAhead() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }
