package dispatch

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMemoReadsOnceAndForgetsWhatFailed(t *testing.T) {
	var m memo[int]
	reads, broken := 0, errors.New("broken")
	read := func() (int, error) {
		reads++
		if reads == 1 {
			return 0, broken
		}
		return reads, nil
	}
	_, err := m.get("k", read)
	require.ErrorIs(t, err, broken)
	for range 3 {
		v, err := m.get("k", read)
		require.NoError(t, err)
		require.Equal(t, 2, v)
	}
	require.Equal(t, 2, reads)
}
