package dispatch

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"lapse/internal/agenda"
	"lapse/internal/store"
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

// page is some rows of a notice partition that were read together, the oldest first.
type page struct {
	rows []agenda.Row

	mu sync.Mutex
	// flight is the page's item. left counts the rows that are still to be visited, ended marks the others.
	flight store.Flight
	left   int
	ended  []bool
	// looks are what was read last of the rows' notices.
	looks looks
	// unrecorded says that an outcome could not be recorded.
	unrecorded bool
	// put and gone are the rows that visits have planned and done with since the last were written.
	put, gone []agenda.Row
}

// keepFlight leaves the page's item to a later sweep.
func (p *page) keepFlight() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unrecorded = true
}

// visit is a row that is to be visited, and where its page has it.
type visit struct {
	row  agenda.Row
	page *page
	at   int
}

// mergePages passes the rows of the shards on, always the oldest of the first ones. A shard that is nil has none.
func mergePages(shards []chan *page, out chan<- visit) {
	first := make([]visit, 0, len(shards))
	from := make([]chan *page, 0, len(shards))
	for _, c := range shards {
		if c == nil {
			continue
		}
		if p, ok := <-c; ok {
			first, from = append(first, visit{p.rows[0], p, 0}), append(from, c)
		}
	}
	for len(first) > 0 {
		oldest := 0
		for i := range first {
			if first[i].row.At.Before(first[oldest].row.At) {
				oldest = i
			}
		}
		v := &first[oldest]
		out <- *v
		if v.at++; v.at < len(v.page.rows) {
			v.row = v.page.rows[v.at]
			continue
		}
		if p, ok := <-from[oldest]; ok {
			*v = visit{p.rows[0], p, 0}
			continue
		}
		last := len(first) - 1
		first[oldest], from[oldest] = first[last], from[last]
		first, from = first[:last], from[:last]
	}
}
