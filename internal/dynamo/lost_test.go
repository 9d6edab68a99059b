package dynamo_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/storetest"
)

// losing is a store each of whose requests loses its first answer, so that all that counts is the SDK's repetition.
// Reports of SES and final states, which notice.Move.Apply does not recognise as its own, go the safe way; what they
// leave behind is TestLostReplyLeavesWhatTheOpWants.
type losing struct {
	*dynamo.Store
	safe *dynamo.Store
}

// Move implements storetest.Notices.
func (l losing) Move(ctx context.Context, m notice.Move) (notice.Notice, bool, error) {
	own := []notice.Op{notice.OpClaim, notice.OpComplete, notice.OpRelease, notice.OpUnsure, notice.OpLost, notice.OpLate, notice.OpDelay}
	if slices.Contains(own, m.Op) {
		return l.Store.Move(ctx, m)
	}
	return l.safe.Move(ctx, m)
}

func loseFirst(_ string, _ int, again bool) fate { return fate{lost: !again} }

func TestStoreKeepsTheLawsOfStoresThoughEveryAnswerIsLostOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		name := table(t)
		lossy := over(name, (&wire{decide: loseFirst}).on)
		return losing{lossy, over(name)}
	})
}

func TestLostReplyLeavesWhatTheOpWants(t *testing.T) {
	name := table(t)
	safe, lossy := over(name), over(name, (&wire{decide: loseFirst}).on)
	notices, moves := storetest.Moving(t)
	for i, n := range notices {
		m := moves[i]
		require.NoError(t, safe.PutNotice(t.Context(), n, rowOf(n, at(100))))
		want := n
		want.Attempts = slices.Clone(n.Attempts)
		require.True(t, m.Apply(&want), n.Subject)

		got, _, err := lossy.Move(t.Context(), m)
		require.NoError(t, err)
		slices.SortFunc(got.Attempts, byToken)
		slices.SortFunc(want.Attempts, byToken)
		require.Equal(t, want, got, n.Subject)
	}
}

func byToken(a, b notice.Attempt) int { return cmp.Compare(a.Token, b.Token) }

// TestStoreAnswersAsTheModelThoughAnswersAreLost: every second answer on average is lost.
func TestStoreAnswersAsTheModelThoughAnswersAreLost(t *testing.T) {
	w := &wire{decide: func(string, int, bool) fate { return fate{} }}
	s := open(t, w.on)
	w.decide = func(_ string, _ int, again bool) fate { return fate{lost: !again && rand.IntN(2) == 0} }
	storetest.Compare(t, &memory.Store{}, s, w.repeated)
}
