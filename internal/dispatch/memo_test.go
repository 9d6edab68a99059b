package dispatch

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"lapse/internal/letter"

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

func TestAMemoKnowsWhatItHas(t *testing.T) {
	var m memo[int]
	_, ok := m.kept("k")
	require.False(t, ok)
	broken := errors.New("broken")
	_, err := m.get("k", func() (int, error) { return 1, broken })
	require.ErrorIs(t, err, broken)
	_, ok = m.kept("k")
	require.False(t, ok, "errors are not kept")
	_, err = m.get("k", func() (int, error) {
		_, ok := m.kept("k")
		require.False(t, ok, "it is being read")
		return 2, nil
	})
	require.NoError(t, err)
	v, ok := m.kept("k")
	require.True(t, ok)
	require.Equal(t, 2, v)
	m.put("k", 3)
	v, _ = m.kept("k")
	require.Equal(t, 3, v)
}

func TestLettersOfOneSecondWithTheSameFactsArePreparedOnce(t *testing.T) {
	var p preparedLetters
	calls := 0
	prepare := func(letter.Facts) (Prepared, error) {
		calls++
		return nil, nil
	}
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	get := func(matterID string, at time.Time) {
		_, err := p.get(prepare, letterKey{matter: matterID, now: at}, letter.Facts{})
		require.NoError(t, err)
	}
	for range 3 {
		get("m", now)
	}
	require.Equal(t, 1, calls)
	for i := range maxPrepared - 1 {
		get(fmt.Sprint(i), now)
	}
	require.Len(t, p.kept, maxPrepared)
	get("one more", now)
	require.Len(t, p.kept, 1, "so many letters are kept at most")
	get("m", now.Add(time.Second))
	require.Len(t, p.kept, 1, "those of another second are kept no longer")
}
