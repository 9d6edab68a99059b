package store

import (
	"context"
	"time"
)

// Flight names the notices that a dispatcher may be handing to SES. It stands from before the first claim of one of
// them until the outcome of every attempt is recorded. An order that is recorded meanwhile finds here which notices to
// wait for, however big the matter is.
type Flight struct {
	// Sweep and Page identify the flight: a random id of the sweep, and the number of the page in it.
	Sweep string
	Page  int
	// Notices are the ids of the page's notices, of all matters.
	Notices []string
	// Until is when the last lease that a claim of the page can have ends. A flight that is older was left by a sweep that
	// was cut off.
	Until time.Time
}

// Flights keeps which notices may be on their way to SES.
type Flights interface {
	// PutFlight puts the flight over the one of the same Sweep and Page.
	PutFlight(ctx context.Context, f Flight) error
	// DeleteFlight deletes the flight of that Sweep and Page. If it is gone, the result is nil.
	DeleteFlight(ctx context.Context, f Flight) error
	// Flights returns all of them, by Sweep and Page ascending.
	Flights(ctx context.Context) ([]Flight, error)
}
