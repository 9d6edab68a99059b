package dispatch

import (
	"context"
	"fmt"
	"iter"

	"lapse/internal/agenda"
)

// pageSize is how many rows or notices are read at once.
const pageSize = 100

// pages reads a partition, oldest first, until a short page or the end of time. A failure to read makes the sweep an
// unfinished one.
func (p *pass) pages(ctx context.Context, work bool, shard int) iter.Seq[[]agenda.Row] {
	return func(yield func([]agenda.Row) bool) {
		for cursor := ""; ; {
			page, next, err := p.store.Rows(ctx, work, shard, p.upTo, cursor, pageSize)
			if err != nil {
				p.mu.Lock()
				p.unread = append(p.unread, fmt.Errorf("read agenda partition %d (work %t): %w", shard, work, err))
				p.mu.Unlock()
				return
			}
			if len(page) == 0 || !yield(page) || next == "" {
				return
			}
			if p.over() {
				p.tally.add(func(r *Report) { r.AtCapacity = true })
				return
			}
			cursor = next
		}
	}
}

// mergePages passes the rows of the shards on, always the oldest of the first ones. A shard that is nil has none.
func mergePages(shards []chan []agenda.Row, out chan<- agenda.Row) {
	pages := make([][]agenda.Row, 0, len(shards))
	from := make([]chan []agenda.Row, 0, len(shards))
	for _, c := range shards {
		if c == nil {
			continue
		}
		if page, ok := <-c; ok {
			pages, from = append(pages, page), append(from, c)
		}
	}
	for len(pages) > 0 {
		oldest := 0
		for i := range pages {
			if pages[i][0].At.Before(pages[oldest][0].At) {
				oldest = i
			}
		}
		out <- pages[oldest][0]
		if pages[oldest] = pages[oldest][1:]; len(pages[oldest]) > 0 {
			continue
		}
		page, ok := <-from[oldest]
		if !ok {
			last := len(pages) - 1
			pages[oldest], from[oldest] = pages[last], from[last]
			pages, from = pages[:last], from[:last]
			continue
		}
		pages[oldest] = page
	}
}
