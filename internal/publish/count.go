package publish

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"lapse/internal/facts"
	"lapse/internal/store"
	"lapse/internal/transparency"
)

// pageSize is how many rows are read at once.
const pageSize = 500

// count counts all rows of the half, the partitions side by side. No row is kept, so the memory that it takes does not
// go by their number. With settled, a row that may have changed after it was reckoned stops the count.
func (s *Service) count(ctx context.Context, c transparency.Counting, settled bool) (*transparency.Count, error) {
	counts := make([]*transparency.Count, store.ReportSecret+1)
	var waiting atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for shard := range counts {
		counts[shard] = transparency.NewCount(c)
		g.Go(func() error {
			return rows(ctx, s.Rows, c.Half, shard, func(r *store.ReportRow) (bool, error) {
				if settled && !r.Settled && r.Counted.Before(c.Half.End()) {
					waiting.Add(1)
				}
				var row facts.Row
				if err := json.Unmarshal(r.Facts, &row); err != nil {
					return false, fmt.Errorf("read the row of matter %s: %w", r.Matter, err)
				}
				return true, counts[shard].Add(row)
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if n := waiting.Load(); n > 0 {
		return nil, fmt.Errorf("%d matters are counted in the day before %s: %w", n,
			c.Half.FreezeAt().Format("2006-01-02 15:04 MST"), ErrUnsettled)
	}
	for _, other := range counts[1:] {
		if err := counts[0].Merge(other); err != nil {
			return nil, err
		}
	}
	return counts[0], nil
}

// parallel is how many partitions are read at once.
const parallel = 4

// rows passes the rows of one partition on, until take returns false. A part of a matter that its first row does not
// know of was left by an earlier reckoning, and is passed over.
func rows(ctx context.Context, from store.Reports, h transparency.Half, shard int,
	take func(*store.ReportRow) (bool, error)) error {
	parts, last := 0, ""
	for cursor := ""; ; {
		page, next, err := from.ReportRows(ctx, h.String(), shard, cursor, pageSize)
		if err != nil {
			return err
		}
		for i := range page {
			r := &page[i]
			if r.Matter != last {
				last, parts = r.Matter, 0
			}
			if r.Part == 0 {
				parts = r.Parts
			} else if r.Part >= parts {
				continue
			}
			if more, err := take(r); !more || err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// began reports whether a matter of the half had its first event by the half's end.
func (s *Service) began(ctx context.Context, h transparency.Half) (bool, error) {
	found := false
	for shard := range store.ReportSecret + 1 {
		err := rows(ctx, s.Rows, h, shard, func(r *store.ReportRow) (bool, error) {
			found = !r.Opened.IsZero() && r.Opened.Before(h.End())
			return !found, nil
		})
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}
