package sim

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/notice"
	"lapse/internal/store"

	"github.com/stretchr/testify/require"
)

// number reads a setting of the environment.
func number(t *testing.T, name string, fallback uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, name)
	return n
}

// bubble makes the runs of a batch of seeds, in order, until each says stop.
func bubble(t *testing.T, s *setup, from, to uint64, m mutant, traced bool, each func(*world) bool) {
	synctest.Test(t, func(*testing.T) {
		var c crew
		defer c.dismiss()
		for seed := from; seed < to; seed++ {
			w := newWorld(s, seed, m, traced)
			w.run(&c)
			w.finish()
			if !each(w) {
				return
			}
		}
	})
}

// story tells how a run went wrong and how to see it again.
func story(w *world) string {
	return fmt.Sprintf("seed %d breaks %q: %s\nreplay: SIM_SEED=%d go test ./internal/sim -run TestReplay -v", w.seed,
		w.broken, w.why, w.seed)
}

// TestReplay prints one run, step by step: SIM_SEED says which.
func TestReplay(t *testing.T) {
	s, err := newSetup()
	require.NoError(t, err)
	seed := number(t, "SIM_SEED", 1)
	bubble(t, s, seed, seed+1, mutant{}, true, func(w *world) bool {
		if os.Getenv("SIM_SEED") != "" {
			t.Log("\n" + strings.Join(w.trace, "\n"))
		}
		if w.failed() {
			t.Error(story(w))
		}
		return true
	})
}

// TestSeedsReplay makes some runs twice: a seed that does not replay exactly would be of no use.
func TestSeedsReplay(t *testing.T) {
	s, err := newSetup()
	require.NoError(t, err)
	for seed := uint64(1); seed <= 20/slower; seed++ {
		var traces [2][]string
		for i := range traces {
			bubble(t, s, seed, seed+1, mutant{}, true, func(w *world) bool {
				traces[i] = w.trace
				return true
			})
		}
		require.NotEmpty(t, traces[0])
		require.Equal(t, traces[0], traces[1], "seed %d", seed)
	}
}

// TestSeeds makes SIM_SEEDS runs from SIM_FROM on. What it says of the CPU is true where it runs alone.
func TestSeeds(t *testing.T) {
	t.Parallel()
	s, err := newSetup()
	require.NoError(t, err)
	from, count := number(t, "SIM_FROM", 1), number(t, "SIM_SEEDS", 10_000/slower)
	var next atomic.Uint64
	next.Store(from)
	var steps, mails, repeated, unknowns, crashes, done atomic.Int64
	var broken atomic.Bool
	before := used()
	shown := progress{count: count, began: time.Now()}
	t.Run("runs", func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				const batch = 50
				for !broken.Load() {
					a := next.Add(batch) - batch
					if a >= from+count {
						return
					}
					violations := 0
					bubble(t, s, a, min(a+batch, from+count), mutant{}, false, func(w *world) bool {
						steps.Add(int64(w.steps))
						mails.Add(int64(w.mails))
						repeated.Add(int64(w.repeated))
						unknowns.Add(int64(w.unknowns))
						crashes.Add(int64(w.crashes))
						done.Add(1)
						if w.failed() {
							t.Error(story(w))
							broken.Store(true)
							violations++
							return false
						}
						return true
					})
					shown.show(done.Load(), violations)
				}
			})
		}
	})
	t.Logf("%d runs, %d steps, %d mails, %d repeated, %d unknown outcomes, %d crashes, %.0f runs/s, %.2f ms of CPU a run",
		done.Load(), steps.Load(), mails.Load(), repeated.Load(), unknowns.Load(), crashes.Load(),
		float64(done.Load())/time.Since(shown.began).Seconds(),
		float64(used()-before)/float64(time.Millisecond)/float64(max(1, done.Load())))
}

// TestAChangeWithoutItsRowIsSeenAtOnce: a disclosure without the row that makes its notices, and a notice that nothing
// plans anew for the change.
func TestAChangeWithoutItsRowIsSeenAtOnce(t *testing.T) {
	s, err := newSetup()
	require.NoError(t, err)
	for name, made := range map[string]bool{"disclosure": false, "notice": true} {
		t.Run(name, func(t *testing.T) {
			w := oneNotice(s, &pathPilot{}, mutant{}, made, false)
			d, err := w.store.Disclosure(t.Context(), mat, "d1", 1)
			require.NoError(t, err)
			c := store.Change{Disclosure: &d}
			w.afterCommit(c)
			require.Empty(t, w.broken, w.why)
			row := agenda.ForMakeNotices(mat, "d1", 1, d.Recorded, d.Version)
			if made {
				n := notice.New(&d, nil, d.Targets[0], "en", "")
				c.Disclosure = nil
				row = agenda.ForNotice(n.Matter, n.ID, n.Base, d.Version)
			}
			require.NoError(t, w.store.DeleteRows(t.Context(), row))
			w.afterCommit(c)
			require.Equal(t, "superset rule", w.broken)
		})
	}
}
