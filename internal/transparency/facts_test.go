package transparency

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestARowKeepsItsFactsAsJSON: rows are stored, and a stored row counts as the one it was made from. A row is small.
func TestARowKeepsItsFactsAsJSON(t *testing.T) {
	size, n := 0, 0
	for want := range Sample(3, Half{Year: 2025, Part: 1}, 4, 300) {
		raw, err := json.Marshal(want)
		require.NoError(t, err)
		var got Row
		require.NoError(t, json.Unmarshal(raw, &got))
		require.Equal(t, want, got)
		size, n = size+len(raw), n+1
	}
	require.Less(t, size/n, 1024, "one write unit a matter")
}

// TestTheSampleMeetsEveryRule: the sample has a case for every cell, so that looks and tests see all of them.
func TestTheSampleMeetsEveryRule(t *testing.T) {
	s, _ := sample(t, 3000)
	notices := s.table(UserNotices)
	for _, c := range notices.Columns[2:] {
		require.NotZero(t, notices.sum(c.Name, nil), c.Name)
	}
	orders := s.table(SecrecyOrders)
	for _, c := range orders.Columns[3:] {
		require.NotZero(t, orders.sum(c.Name, nil), c.Name)
	}
	require.NotEmpty(t, s.InProcess)
}
