package dynamo_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/matter"
)

// failing answers the first n requests of the operation with the fate.
func failing(op string, n int, f fate) func(string, int, bool) fate {
	return func(of string, i int, _ bool) fate {
		if of == op && i <= n {
			return f
		}
		return fate{}
	}
}

// conflicts are the answers that pass by themselves.
func conflicts() map[string]fate {
	return map[string]fate{
		"another transaction has the item":        {code: "TransactionConflictException"},
		"the partition is hot":                    {code: "ProvisionedThroughputExceededException"},
		"the account is throttled":                {code: "ThrottlingException"},
		"the same transaction is still under way": {code: "TransactionInProgressException"},
		"cancelled by a conflict":                 {code: "TransactionCanceledException", reasons: []string{"None", "TransactionConflict", "None"}},
		"cancelled by a throttle":                 {code: "TransactionCanceledException", reasons: []string{"ThrottlingError"}},
		"cancelled by a hot partition":            {code: "TransactionCanceledException", reasons: []string{"None", "ProvisionedThroughputExceeded"}},
	}
}

// acts are calls that make one write each, by its operation.
func acts(t *testing.T, s *dynamo.Store) map[string]func() error {
	h := opened(t, s, sampleMatter)
	n := sampleNotice("u1")
	require.NoError(t, s.PutNotice(t.Context(), n, rowOf(n, at(1))))
	return map[string]func() error{
		"TransactWriteItems": func() error { return s.Commit(t.Context(), next(h, "e1")) },
		"PutItem":            func() error { return s.PutRow(t.Context(), rowOf(n, at(2))) },
		"DeleteItem":         func() error { return s.DeleteRow(t.Context(), rowOf(n, at(1))) },
		"UpdateItem": func() error {
			_, _, err := s.Move(t.Context(), matter.Move{Op: matter.OpClaim, Notice: n.ID, Token: "t1", Now: at(1), Next: at(61)})
			return err
		},
		"GetItem":      func() error { _, err := s.Notice(t.Context(), n.ID); return err },
		"BatchGetItem": func() error { _, err := s.Subjects(t.Context(), sampleMatter, []string{"u1"}); return err },
		"Query":        func() error { _, err := s.Orders(t.Context(), sampleMatter); return err },
	}
}

func TestConflictsAndThrottlesAreOutlived(t *testing.T) {
	for name, f := range conflicts() {
		w := &wire{decide: func(string, int, bool) fate { return fate{} }}
		s := open(t, w.on)
		all := acts(t, s)
		for op, act := range all {
			before := w.count(op)
			w.decide = failing(op, before+5, f)
			require.NoError(t, act(), "%s: %s", op, name)
			require.GreaterOrEqual(t, w.count(op), before+6, "%s: %s", op, name)
		}
	}
}

func TestConflictsThatLastMakeBusy(t *testing.T) {
	for name, f := range conflicts() {
		w := &wire{decide: func(string, int, bool) fate { return fate{} }}
		s := open(t, w.on)
		var pauses []time.Duration
		s.Sleep = func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil }
		for op, act := range acts(t, s) {
			w.decide, pauses = failing(op, 1000, f), nil
			require.ErrorIs(t, act(), matter.ErrBusy, "%s: %s", op, name)
			require.Len(t, pauses, 5, "%s: %s", op, name)
		}
	}
}

func TestPausesAreRandomAndGrow(t *testing.T) {
	w := &wire{decide: failing("GetItem", 1000, fate{code: "TransactionConflictException"})}
	s := open(t, w.on)
	highest := make([]time.Duration, 5)
	for range 40 {
		i := 0
		s.Sleep = func(_ context.Context, d time.Duration) error { highest[i] = max(highest[i], d); i++; return nil }
		_, err := s.Notice(t.Context(), sampleMatter+".none")
		require.ErrorIs(t, err, matter.ErrBusy)
	}
	for i := range highest {
		require.Less(t, highest[i], 25*time.Millisecond<<i)
		require.Greater(t, highest[i], 10*time.Millisecond<<i)
	}
}

func TestCancelledWaitEndsTheRetries(t *testing.T) {
	w := &wire{decide: failing("GetItem", 1000, fate{code: "TransactionConflictException"})}
	s := open(t, w.on)
	gone := errors.New("the caller has left")
	s.Sleep = func(context.Context, time.Duration) error { return gone }
	_, err := s.Notice(t.Context(), sampleMatter+".none")
	require.ErrorIs(t, err, gone)
	require.Equal(t, 1, w.count("GetItem"))
}

func TestRefusedConditionBesideAConflictIsARace(t *testing.T) {
	w := &wire{decide: failing("TransactWriteItems", 1000, fate{code: "TransactionCanceledException", reasons: []string{"TransactionConflict", "ConditionalCheckFailed"}})}
	s := open(t, w.on)
	require.ErrorIs(t, s.Commit(t.Context(), next(opened(t, s, sampleMatter), "e1")), matter.ErrRace)
	require.Equal(t, 1, w.count("TransactWriteItems"))
}

func TestServerErrorsAreOutlivedByTheSDKAndTold(t *testing.T) {
	broken := fate{code: "InternalServerError", status: http.StatusInternalServerError}
	w := &wire{decide: func(string, int, bool) fate { return fate{} }}
	s := open(t, w.on)
	for op, act := range acts(t, s) {
		w.decide = failing(op, w.count(op)+1, broken)
		require.NoError(t, act(), op)
		w.decide = failing(op, 1000, broken)
		err := act()
		require.Error(t, err, op)
		for _, told := range []error{matter.ErrBusy, matter.ErrRace, matter.ErrNotFound} {
			require.NotErrorIs(t, err, told, op)
		}
	}
}

// TestConflictAfterALostReply: the transaction was made, its answer lost, and the repetition met somebody else's.
func TestConflictAfterALostReply(t *testing.T) {
	w := &wire{decide: func(op string, n int, _ bool) fate {
		switch {
		case op == "TransactWriteItems" && n == 1:
			return fate{lost: true}
		case op == "TransactWriteItems" && n <= 4:
			return fate{code: "TransactionCanceledException", reasons: []string{"TransactionConflict"}}
		}
		return fate{}
	}}
	s := open(t, w.on)
	c := next(opened(t, s, sampleMatter), "e1")
	require.NoError(t, s.Commit(t.Context(), c))
	h, err := s.Head(t.Context(), sampleMatter)
	require.NoError(t, err)
	require.Equal(t, 1, h.Version)
}
