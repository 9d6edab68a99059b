package dynamo_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

func TestConflictsAndThrottlesAreOutlived(t *testing.T) {
	f := newFaulty(t)
	for name, answer := range conflicts() {
		f.each(func(method string, act func() error) {
			f.answer(answer, func(n int) bool { return n <= 5 })
			require.NoError(t, act(), "%s: %s", method, name)
			require.GreaterOrEqual(t, f.asked, 6, "%s: %s", method, name)
		})
	}
}

func TestConflictsThatLastMakeBusyAndLeaveNothingHalfDone(t *testing.T) {
	for name, answer := range conflicts() {
		f := newFaulty(t)
		f.each(func(method string, act func() error) {
			before := f.dump()
			f.answer(answer, func(int) bool { return true })
			require.ErrorIs(t, act(), matter.ErrBusy, "%s: %s", method, name)
			require.Len(t, f.pauses, 5, "%s: %s", method, name)
			require.Equal(t, before, f.dump(), "%s: %s", method, name)
		})
	}
}

// TestACallCutAnywhereIsCompletedByItsRepetition: whichever request of a call is the first to fail for good, the call is
// told busy, it has written all or nothing, and the same call again succeeds.
func TestACallCutAnywhereIsCompletedByItsRepetition(t *testing.T) {
	f := newFaulty(t)
	for from := 1; from < 4; from++ {
		f.each(func(method string, act func() error) {
			before := f.dump()
			f.answer(fate{code: "ThrottlingException"}, func(n int) bool { return n >= from })
			if err := act(); err != nil {
				require.ErrorIs(t, err, matter.ErrBusy, "%s cut at request %d", method, from)
				cut := f.dump()
				f.answer(fate{}, func(int) bool { return false })
				require.NoError(t, act(), "%s repeated after request %d was cut", method, from)
				if method == "PutNotice" { // its row stands before it
					_, err := f.safe.Notice(t.Context(), f.notice().ID)
					require.NoError(t, err)
				} else if !reflect.DeepEqual(before, cut) {
					require.Equal(t, f.dump(), cut, "%s cut at request %d", method, from)
				}
			}
		})
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
	f := newFaulty(t)
	broken := fate{code: "InternalServerError", status: http.StatusInternalServerError}
	f.each(func(method string, act func() error) {
		before := f.dump()
		f.answer(broken, func(int) bool { return true })
		err := act()
		require.Error(t, err, method)
		for _, told := range []error{matter.ErrBusy, matter.ErrRace, matter.ErrNotFound} {
			require.NotErrorIs(t, err, told, method)
		}
		require.Equal(t, before, f.dump(), method)
		f.answer(broken, func(n int) bool { return n <= 2 })
		require.NoError(t, act(), method)
		require.Empty(t, f.pauses, "the SDK's own repetition")
	})
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
