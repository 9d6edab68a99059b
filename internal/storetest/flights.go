package storetest

import (
	"fmt"
	"testing"

	"lapse/internal/ledger"
	"lapse/internal/notice"
	"lapse/internal/store"

	"github.com/stretchr/testify/require"
)

func flightLaws() []law {
	return []law{
		{"flight: each stands as last put until it is deleted", flightsStand},
		{"flight: a page of the longest ids is kept", flightOfLongIDs},
		{"receipt: what is settled replaces the answer, and only that of a receipt", receiptSettled},
	}
}

func inFlight(t *testing.T, s store.Store) []store.Flight {
	all, err := s.Flights(t.Context())
	require.NoError(t, err)
	return all
}

func flightsStand(t *testing.T, s store.Store) {
	ctx := t.Context()
	require.Empty(t, inFlight(t, s))
	first := store.Flight{Sweep: "aa", Page: 2, Notices: []string{"mat-1.n1", "mat-2.n1"}, Until: at(60)}
	second := store.Flight{Sweep: "aa", Page: 10, Notices: []string{"mat-1.n2"}, Until: at(61)}
	other := store.Flight{Sweep: "bb", Notices: []string{"mat-1.n1"}, Until: at(62)}
	filled(t, first)
	for _, f := range []store.Flight{other, second, first, first} {
		require.NoError(t, s.PutFlight(ctx, f))
	}
	require.Equal(t, []store.Flight{first, second, other}, inFlight(t, s))

	first.Notices, first.Until = []string{"mat-3.n1"}, at(120)
	require.NoError(t, s.PutFlight(ctx, first))
	require.Equal(t, []store.Flight{first, second, other}, inFlight(t, s))

	for range 2 {
		require.NoError(t, s.DeleteFlight(ctx, store.Flight{Sweep: "aa", Page: 2}))
		require.Equal(t, []store.Flight{second, other}, inFlight(t, s))
	}
	require.Zero(t, control(t, s), "the control state is apart")
}

func flightOfLongIDs(t *testing.T, s store.Store) {
	f := store.Flight{Sweep: "aa", Page: 1, Until: at(1)}
	for i := range 100 {
		f.Notices = append(f.Notices, notice.JoinID(fmt.Sprintf("%064d", i), fmt.Sprintf("%064d", i)))
	}
	require.NoError(t, s.PutFlight(t.Context(), f))
	require.Equal(t, []store.Flight{f}, inFlight(t, s))
}

func receiptSettled(t *testing.T, s store.Store) {
	ctx := t.Context()
	c := next(t, opened(t, s, sampleMatter), "e1")
	c.Receipt.Answer = sampleAnswer()
	c.Receipt.Settled = false
	require.ErrorIs(t, s.Settle(ctx, c.Receipt), store.ErrNotFound)
	_, err := s.Receipt(ctx, c.Receipt.Key)
	require.ErrorIs(t, err, store.ErrNotFound)

	require.NoError(t, s.Commit(ctx, c))
	c.Receipt.Settled = true
	c.Receipt.Answer.InFlight = []ledger.InFlight{{Notice: "mat-1.n1", Outcome: ledger.HandedOver}}
	for range 2 {
		require.NoError(t, s.Settle(ctx, c.Receipt))
		got, err := s.Receipt(ctx, c.Receipt.Key)
		require.NoError(t, err)
		same(t, c.Receipt, got)
	}
}

// flight puts or deletes one of a few flights.
func (c *comparison) flight() {
	f := store.Flight{Sweep: "s", Page: c.number("page", 1, 3), Notices: c.notices, Until: at(c.step)}
	if c.number("delete", 0, 1) == 1 {
		c.both("delete flight", func(s store.Store) (any, error) { return nil, s.DeleteFlight(c.ctx, f) })
	} else {
		c.both("put flight", func(s store.Store) (any, error) { return nil, s.PutFlight(c.ctx, f) })
	}
	c.both("flights", func(s store.Store) (any, error) { return s.Flights(c.ctx) })
}
