package dynamo_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/storetest"
)

// losing is a store each of whose requests loses its first answer, so that all that counts is the SDK's repetition.
// Reports of SES and final states, which notice.Apply does not recognise as its own, go the safe way; what they
// leave behind is TestLostReplyLeavesWhatTheOpWants.
type losing struct {
	*dynamo.Store
	safe *dynamo.Store
}

// Apply implements store.Notices.
func (l losing) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	own := []notice.Op{notice.OpClaim, notice.OpComplete, notice.OpRelease, notice.OpUnsure, notice.OpLost, notice.OpLate,
		notice.OpDelay}
	if slices.Contains(own, m.Op) {
		return l.Store.Apply(ctx, held, m)
	}
	return l.safe.Apply(ctx, held, m)
}

func loseFirst(_ string, _ int, again bool) fate { return fate{lost: !again} }

func TestStoreKeepsTheLawsOfStoresThoughEveryAnswerIsLostOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		name := table(t)
		lossy := over(name, (&wire{decide: loseFirst}).on)
		return losing{lossy, over(name)}
	})
}

func TestLostReplyLeavesWhatTheOpWants(t *testing.T) {
	name := table(t)
	safe, lossy := over(name), over(name, (&wire{decide: loseFirst}).on)
	notices, acts := storetest.Applied(t)
	for i, n := range notices {
		a := acts[i]
		require.NoError(t, safe.PutRows(t.Context(), rowOf(n, at(100))))
		require.NoError(t, safe.PutNotice(t.Context(), n))
		want, effect := n.Apply(a)
		require.Equal(t, notice.Applied, effect, n.Subject)

		got, _, err := lossy.Apply(t.Context(), n, a)
		require.NoError(t, err)
		require.Equal(t, want, got, n.Subject)
	}
}

// TestStoreAnswersAsTheModelThoughAnswersAreLost: every second answer on average is lost.
func TestStoreAnswersAsTheModelThoughAnswersAreLost(t *testing.T) {
	w := &wire{decide: func(string, int, bool) fate { return fate{} }}
	s := open(t, w.on)
	w.decide = func(_ string, _ int, again bool) fate { return fate{lost: !again && rand.IntN(2) == 0} }
	storetest.Compare(t, &memory.Store{}, s, w.repeated)
}
