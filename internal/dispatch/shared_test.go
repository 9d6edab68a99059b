package dispatch

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestASharedReadingBeginsAfterAllWhoShareItAsked: a head that was read before a claim was made says nothing about the
// orders recorded in between.
func TestASharedReadingBeginsAfterAllWhoShareItAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s shared[int64]
		var reads atomic.Int64
		read := func() (int64, error) {
			n := reads.Add(1)
			time.Sleep(time.Second)
			return n, nil
		}
		var g sync.WaitGroup
		ask := func(after time.Duration, want int64) {
			g.Go(func() {
				time.Sleep(after)
				n, err := s.get("matter", read)
				require.NoError(t, err)
				require.Equal(t, want, n)
			})
		}
		ask(0, 1)
		for range 3 {
			ask(100*time.Millisecond, 2)
		}
		ask(900*time.Millisecond, 2)
		ask(1500*time.Millisecond, 3)
		ask(10*time.Second, 4)
		g.Wait()
		require.EqualValues(t, 4, reads.Load())
		require.Empty(t, s.runs, "nothing is remembered")
	})
}

func TestReadingsOfDifferentKeysDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s shared[string]
		began := time.Now()
		var g sync.WaitGroup
		for _, key := range []string{"a", "b"} {
			g.Go(func() {
				v, err := s.get(key, func() (string, error) {
					time.Sleep(time.Second)
					return key, nil
				})
				require.NoError(t, err)
				require.Equal(t, key, v)
			})
		}
		g.Wait()
		require.Equal(t, time.Second, time.Since(began))
	})
}

func TestAFailedReadingFailsForAllWhoShareIt(t *testing.T) {
	var s shared[int]
	broken := errors.New("broken")
	_, err := s.get("k", func() (int, error) { return 0, broken })
	require.ErrorIs(t, err, broken)
	v, err := s.get("k", func() (int, error) { return 7, nil })
	require.NoError(t, err)
	require.Equal(t, 7, v)
}
