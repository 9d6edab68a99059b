package dispatch

import (
	"context"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/store"
)

const (
	// flightTime is for how long after its first claim a page may make claims under one put of its item.
	flightTime = 3 * time.Minute
	// abandoned is how long after its end a flight is deleted by another sweep. The clocks of two may differ.
	abandoned = time.Minute
)

// flights name the notices that may be on their way to SES, a page of rows at a time (store.Flight). A page's item
// stands before its first claim and until its last row was visited. A page that claims nothing has none, so a sweep
// makes at most two requests more a page.
type flights struct {
	*pass
	token func() string

	mu sync.Mutex
	// sweep is this sweep's id, "" before its first claim.
	sweep string
	pages int
}

// board makes a page of rows. Each of its rows has to land.
func (f *flights) board(read []agenda.Row) *page {
	rows, old := superseded(read)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages++
	p := &page{rows: rows, left: len(rows), ended: make([]bool, len(rows)), flight: store.Flight{Page: f.pages},
		gone: old}
	for _, row := range rows {
		p.flight.Notices = append(p.flight.Notices, row.Ref)
	}
	return p
}

// cover makes sure that the page's item stands, and outlasts the lease of a claim that is to be made. The page's other
// claims wait for it.
func (f *flights) cover(ctx context.Context, p *page, lease time.Time) error {
	f.mu.Lock()
	if f.sweep == "" {
		f.sweep = f.token()
	}
	f.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.flight.Until.Before(lease) {
		return nil
	}
	put := p.flight
	put.Sweep, put.Until = f.sweep, matter.Ceil(lease.Add(flightTime))
	if err := f.store.PutFlight(ctx, put); err != nil {
		return err
	}
	p.flight = put
	return nil
}

// land says that a row was visited. After the last one of a page, the page's rows are written and its item is deleted,
// also while the sweep is being ended. An item that stays is deleted by a later sweep: so does that of an attempt whose
// outcome could not be recorded.
func (f *flights) land(ctx context.Context, v visit) {
	v.page.mu.Lock()
	v.page.left--
	v.page.ended[v.at] = true
	last, item, kept := v.page.left == 0, v.page.flight, v.page.unrecorded
	v.page.mu.Unlock()
	if !last {
		return
	}
	ctx, stop := outlive(ctx)
	defer stop()
	f.writeRows(ctx, v.page)
	if item.Until.IsZero() || kept {
		return
	}
	if err := f.store.DeleteFlight(ctx, item); err != nil {
		f.log.Warn("sweep: what was in flight is left for a later sweep to delete", "error", err)
	}
}

// clear deletes the items of sweeps that were cut off. Their leases are over, so nothing of them is handed to SES any
// more.
func (f *flights) clear(ctx context.Context) {
	all, err := f.store.Flights(ctx)
	if err != nil {
		f.recordFailure("read what is in flight", "", err)
		return
	}
	for _, old := range all {
		if f.upTo.Before(old.Until.Add(abandoned)) {
			continue
		}
		if err := f.store.DeleteFlight(ctx, old); err != nil {
			f.recordFailure("delete what was in flight", "", err)
		}
	}
}
