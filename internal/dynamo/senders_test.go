package dynamo_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"lapse/internal/intake"
	"lapse/internal/ledger"
	wiring "lapse/internal/wire"
)

// senders and sentOrders are how many orders about one matter come at once, and from how many senders.
const (
	senders    = 16
	sentOrders = 80
)

// Eighty orders from sixteen senders at once, while answers of the engine are lost: each is answered, none is lost, and
// the ledger keeps their order.
func TestSixteenSendersOfOneMatterAreAllAnswered(t *testing.T) {
	r := newRace(t)
	r.in.Wait, r.in.Turns = wiring.Backoff, &intake.Turns{}
	r.begin(0)
	var group errgroup.Group
	group.SetLimit(senders)
	for i := range sentOrders {
		raw := fmt.Appendf(nil, `{"specversion":"1.0","id":"at-once-%d","source":"legal.example",`+
			`"type":"lapse.order.received.v1","subject":%q,"data":{"orderId":"o%d","kind":"court_order","issuer":%s,`+
			`"signed":true,"covers":{"subjects":"all"},"end":{"kind":"date","date":"2026-12-31","wording":"through"}}}`,
			i, raced(0), i, racedIssuer)
		group.Go(func() error {
			res, err := r.in.Take(t.Context(), raw, "http", "tester")
			if err == nil && res.Answer.Order.ID != fmt.Sprintf("o%d", i) {
				err = fmt.Errorf("order o%d is answered as %s", i, res.Answer.Order.ID)
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
	h, err := r.store.Head(t.Context(), raced(0))
	require.NoError(t, err)
	require.Equal(t, 2+sentOrders, h.Version)
	require.Len(t, h.Restraints, sentOrders)
	entries, err := r.store.Entries(t.Context(), raced(0), 0, 1000)
	require.NoError(t, err)
	require.Len(t, entries, 2+sentOrders)
	var before ledger.Entry
	for i, e := range entries {
		require.Equal(t, i+1, e.Seq)
		require.Equal(t, before.Hash, e.Prev)
		before = e
	}
	require.Equal(t, before.Hash, h.LastHash)
}
