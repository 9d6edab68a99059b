package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"lapse/internal/ledger"
	"lapse/internal/store"
)

type flightKey struct {
	sweep string
	page  int
}

// PutFlight implements store.Flights.
func (s *Store) PutFlight(ctx context.Context, f store.Flight) error {
	return s.do(ctx, "PutFlight", f.Sweep, func() error {
		if !whole(f.Until) {
			return s.violated("page %d of sweep %s ends at an instant with a fraction of a second", f.Page, f.Sweep)
		}
		f.Notices = slices.Clone(f.Notices)
		put(&s.flights, flightKey{f.Sweep, f.Page}, f)
		return nil
	})
}

// DeleteFlight implements store.Flights.
func (s *Store) DeleteFlight(ctx context.Context, f store.Flight) error {
	return s.do(ctx, "DeleteFlight", f.Sweep, func() error {
		delete(s.flights, flightKey{f.Sweep, f.Page})
		return nil
	})
}

// Flights implements store.Flights.
func (s *Store) Flights(ctx context.Context) ([]store.Flight, error) {
	return call(ctx, s, "Flights", "C", func() ([]store.Flight, error) {
		keys := slices.SortedFunc(maps.Keys(s.flights), func(a, b flightKey) int {
			return cmp.Or(cmp.Compare(a.sweep, b.sweep), cmp.Compare(a.page, b.page))
		})
		out := make([]store.Flight, len(keys))
		for i, k := range keys {
			out[i] = s.flights[k]
			out[i].Notices = slices.Clone(out[i].Notices)
		}
		return out, nil
	})
}

// Settle implements store.Receipts.
func (s *Store) Settle(ctx context.Context, r ledger.Receipt) error {
	return s.do(ctx, "Settle", r.Key, func() error {
		if _, ok := s.receipts[r.Key]; !ok {
			return store.ErrNotFound
		}
		s.receipts[r.Key] = cloneReceipt(r)
		return nil
	})
}
