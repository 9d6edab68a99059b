package memory

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/agenda"
	"lapse/internal/notice"
)

// pair is ordered by its key alone.
type pair struct{ key, value int }

func (a pair) compare(b pair) int { return cmp.Compare(a.key, b.key) }

func TestSortedIsAnOrderedMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var s sorted[pair]
		model := map[int]int{}
		width := rapid.SampledFrom([]int{20, 5000}).Draw(rt, "width")
		random := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(rt, "seed")))
		for step := range rapid.IntRange(0, 3000).Draw(rt, "steps") {
			key := random.IntN(width)
			if random.IntN(4) == 0 {
				s.remove(pair{key: key})
				delete(model, key)
				continue
			}
			s.put(pair{key, step})
			model[key] = step
		}
		var want []pair
		for k, v := range model {
			want = append(want, pair{k, v})
		}
		slices.SortFunc(want, pair.compare)
		require.Equal(rt, want, slices.Collect(s.after(pair{key: -1})))
		from := rapid.IntRange(-1, width).Draw(rt, "from")
		rest := slices.DeleteFunc(slices.Clone(want), func(p pair) bool { return p.key <= from })
		require.ElementsMatch(rt, rest, slices.Collect(s.after(pair{key: from})))
		got, ok := s.get(pair{key: from})
		v, has := model[from]
		require.Equal(rt, has, ok)
		require.Equal(rt, v, got.value)
		for _, c := range s.chunks {
			require.NotEmpty(rt, c)
			require.LessOrEqual(rt, len(c), chunkLimit)
		}
	})
}

func TestDeliveredNeverGoesBack(t *testing.T) {
	for _, after := range []notice.State{notice.Sending, notice.Scheduled, notice.Sent, notice.Failed} {
		var s Store
		require.Error(t, s.keepsDelivered(&notice.Notice{ID: "n", State: notice.Delivered}, &notice.Notice{State: after},
			notice.OpClaim), after)
		require.Len(t, s.Violations, 1)
	}
	var s Store
	for _, after := range []notice.State{notice.Delivered, notice.Bounced, notice.Complained} {
		require.NoError(t, s.keepsDelivered(&notice.Notice{State: notice.Delivered}, &notice.Notice{State: after},
			notice.OpBounce))
	}
	require.NoError(t, s.keepsDelivered(&notice.Notice{State: notice.Sent}, &notice.Notice{State: notice.Sending},
		notice.OpClaim), "the state table alone judges this")
	require.Empty(t, s.Violations)
}

// BenchmarkApply claims and releases one notice after the other: two acts an iteration.
func BenchmarkApply(b *testing.B) {
	var s Store
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = notice.ID(nil, "m", "d", fmt.Sprint(i))
		n := notice.Notice{ID: ids[i], Matter: "m", State: notice.Scheduled}
		require.NoError(b, s.PutRows(b.Context(), agenda.ForNotice("m", ids[i], time.Time{}, 0)))
		require.NoError(b, s.PutNotice(b.Context(), n))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n := notice.Notice{ID: ids[i%len(ids)]}
		_, _, _ = s.Apply(b.Context(), n, notice.Claim(notice.Attempt{Token: "t"}, "", time.Time{}, 0))
		_, _, _ = s.Apply(b.Context(), n, notice.Release("t", time.Time{}))
	}
}

// BenchmarkAgenda moves a row within a partition of 1,000,000.
func BenchmarkAgenda(b *testing.B) {
	var s sorted[row]
	spread := func(i int) row {
		return newRow(agenda.ForNotice("m", "n", time.Unix(int64(i*7919%1_000_003), 0).UTC(), 0))
	}
	for i := range 1_000_000 {
		s.put(spread(i))
	}
	for i := 0; b.Loop(); i++ {
		s.remove(spread(i))
		s.put(spread(i + 1_000_000))
	}
}
