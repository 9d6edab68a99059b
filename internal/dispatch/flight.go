package dispatch

import (
	"context"
	"fmt"
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
	of    map[visited]*flight
}

// visited identifies a row that is to be visited.
type visited struct {
	at int64
	id string
}

// flight is one page: its item, and how many of its rows are still to be visited.
type flight struct {
	mu   sync.Mutex
	item store.Flight
	left int
}

func visitOf(row agenda.Row) visited { return visited{row.At.Unix(), row.ID()} }

// board registers a page of rows before it is worked. Each of its rows has to land.
func (f *flights) board(page []agenda.Row) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[visited]*flight{}
	}
	f.pages++
	fl := &flight{item: store.Flight{Page: f.pages}, left: len(page)}
	for _, row := range page {
		fl.item.Notices = append(fl.item.Notices, row.Ref)
		f.of[visitOf(row)] = fl
	}
}

// cover makes sure that the item of the row's page stands, and outlasts the lease of a claim that is to be made. The
// page's other claims wait for it.
func (f *flights) cover(ctx context.Context, row agenda.Row, lease time.Time) error {
	f.mu.Lock()
	if f.sweep == "" {
		f.sweep = f.token()
	}
	fl := f.of[visitOf(row)]
	f.mu.Unlock()
	if fl == nil {
		return fmt.Errorf("claim the notice of row %s: its page is not registered", row.ID())
	}
	fl.mu.Lock()
	defer fl.mu.Unlock()
	if !fl.item.Until.Before(lease) {
		return nil
	}
	put := fl.item
	put.Sweep, put.Until = f.sweep, matter.Ceil(lease.Add(flightTime))
	if err := f.store.PutFlight(ctx, put); err != nil {
		return err
	}
	fl.item = put
	return nil
}

// land says that a row was visited. The last row of a page deletes the page's item, also while the sweep is being
// ended. An item that stays is deleted by a later sweep.
func (f *flights) land(ctx context.Context, row agenda.Row) {
	f.mu.Lock()
	fl := f.of[visitOf(row)]
	delete(f.of, visitOf(row))
	last := false
	if fl != nil {
		fl.left--
		last = fl.left == 0
	}
	f.mu.Unlock()
	if !last || fl.item.Until.IsZero() {
		return
	}
	ctx, stop := outlive(ctx)
	defer stop()
	if err := f.store.DeleteFlight(ctx, fl.item); err != nil {
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
