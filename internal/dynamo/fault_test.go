package dynamo_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"lapse/internal/store"
	"lapse/internal/worldtest"

	"github.com/stretchr/testify/require"
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

// throttles are the answers that say to come back later.
func throttles() map[string]fate {
	return map[string]fate{
		"the partition is hot":     {code: "ProvisionedThroughputExceededException"},
		"the account is throttled": {code: "ThrottlingException"},
	}
}

// conflicts are the answers that say that another writer was faster.
func conflicts() map[string]fate {
	return map[string]fate{
		"another transaction has the item":        {code: "TransactionConflictException"},
		"the same transaction is still under way": {code: "TransactionInProgressException"},
		"cancelled by a conflict": {code: "TransactionCanceledException",
			reasons: []string{"None", "TransactionConflict", "None"}},
		"cancelled by a throttle": {code: "TransactionCanceledException",
			reasons: []string{"ThrottlingError"}},
		"cancelled by a hot partition": {code: "TransactionCanceledException",
			reasons: []string{"None", "ProvisionedThroughputExceeded"}},
	}
}

func TestConflictsAndThrottlesAreOutlived(t *testing.T) {
	f := newFaulty(t)
	for _, answers := range []map[string]fate{throttles(), conflicts()} {
		for name, answer := range answers {
			f.each(func(method string, act func() error) {
				f.answer(answer, func(n int) bool { return n <= 5 })
				require.NoError(t, act(), "%s: %s", method, name)
				require.GreaterOrEqual(t, f.asked, 6, "%s: %s", method, name)
			})
		}
	}
}

func TestThrottlesThatLastMakeBusyAndLeaveNothingHalfDone(t *testing.T) {
	for name, answer := range throttles() {
		f := newFaulty(t)
		f.busy(name, answer, func(method string) { require.Len(t, f.pauses, 5, "%s: %s", method, name) })
	}
}

// Sixteen senders of one matter conflict with each other more often than five times.
func TestConflictsMakeBusyOnlyAfterTwentySeconds(t *testing.T) {
	for name, answer := range conflicts() {
		f := newFaulty(t)
		f.busy(name, answer, func(method string) {
			last := len(f.pauses) - 1
			require.NoError(t, outlasted(f.pauses[:last]), "%s: %s", method, name)
			require.Error(t, outlasted(f.pauses), "%s: %s", method, name)
		})
	}
}

// busy wants every method to be busy, and to change nothing, while all its requests are answered so.
func (f *faulty) busy(name string, answer fate, check func(method string)) {
	f.each(func(method string, act func() error) {
		before := f.dump()
		f.answer(answer, func(int) bool { return true })
		require.ErrorIs(f.t, act(), store.ErrBusy, "%s: %s", method, name)
		check(method)
		require.Equal(f.t, before, f.dump(), "%s: %s", method, name)
	})
}

// cuts are the failures that end a call, with what the caller is told of each.
func cuts() map[string]fate {
	return map[string]fate{
		"a throttle":     {code: "ThrottlingException"},
		"a server error": {code: "InternalServerError", status: http.StatusInternalServerError},
	}
}

// mostRequests is how many requests a call of the sample matter makes at most; one that needs more has to be looked at.
const mostRequests = 8

// TestACallCutAnywhereIsCompletedByItsRepetition: whichever request of a call is the first to fail for good, the call
// is told so, it has written all or nothing, and the same call again succeeds. Every call is cut at its first request,
// its second, and so on, until it has made all its requests before the cut.
func TestACallCutAnywhereIsCompletedByItsRepetition(t *testing.T) {
	for name, cut := range cuts() {
		f := newFaulty(t)
		whole := map[string]bool{}
		for from := 1; from == 1 || slices.Contains(slices.Collect(maps.Values(whole)), false); from++ {
			require.LessOrEqual(t, from, mostRequests, "%v", whole)
			f.each(func(method string, act func() error) {
				if !whole[method] {
					whole[method] = f.cutAt(from, cut, method+" cut by "+name, act)
				}
			})
		}
	}
}

// cutAt lets the requests of a call fail from the given one on, and reports whether the call made none of those.
func (f *faulty) cutAt(from int, cut fate, what string, act func() error) (whole bool) {
	before := f.dump()
	f.answer(cut, func(n int) bool { return n >= from })
	err := act()
	if f.asked < from {
		require.NoError(f.t, err, "%s at request %d", what, from)
		return true
	}
	require.Error(f.t, err, "%s at request %d", what, from)
	require.Equal(f.t, cut.status == 0, errors.Is(err, store.ErrBusy), "%s at request %d", what, from)
	left := f.dump()
	f.answer(fate{}, func(int) bool { return false })
	require.NoError(f.t, act(), "%s repeated after request %d was cut", what, from)
	if strings.HasPrefix(what, "PutNotice") { // its row stands before it
		_, err := f.safe.Notice(f.t.Context(), f.notice().ID)
		require.NoError(f.t, err)
	} else if !reflect.DeepEqual(before, left) {
		require.Equal(f.t, f.dump(), left, "%s at request %d", what, from)
	}
	return false
}

func TestPausesAreRandomAndGrow(t *testing.T) {
	w := &wire{decide: failing("GetItem", 10_000, fate{code: "TransactionConflictException"})}
	s := open(t, w.on)
	highest := make([]time.Duration, 8)
	for range 40 {
		i := 0
		s.Sleep = func(_ context.Context, d time.Duration) error {
			highest[i] = max(highest[i], d)
			if i++; i == len(highest) {
				return context.DeadlineExceeded
			}
			return nil
		}
		_, err := s.Notice(t.Context(), worldtest.Matter+".none")
		require.ErrorIs(t, err, store.ErrBusy)
	}
	for i := range highest {
		bound := 25 * time.Millisecond << min(i, 5)
		require.Less(t, highest[i], bound)
		require.Greater(t, highest[i], bound*10/25)
	}
}

func TestCancelledWaitEndsTheRetries(t *testing.T) {
	w := &wire{decide: failing("GetItem", 1000, fate{code: "TransactionConflictException"})}
	s := open(t, w.on)
	gone := errors.New("the caller has left")
	s.Sleep = func(context.Context, time.Duration) error { return gone }
	_, err := s.Notice(t.Context(), worldtest.Matter+".none")
	require.ErrorIs(t, err, gone)
	require.ErrorIs(t, err, store.ErrBusy)
	require.Equal(t, 1, w.count("GetItem"))
}

func TestRefusedConditionBesideAConflictIsARace(t *testing.T) {
	w := &wire{decide: failing("TransactWriteItems", 1000,
		fate{code: "TransactionCanceledException", reasons: []string{"TransactionConflict", "ConditionalCheckFailed"}})}
	s := open(t, w.on)
	require.ErrorIs(t, s.Commit(t.Context(), worldtest.Change(opened(t, s, worldtest.Matter), "e1")), store.ErrRace)
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
		for _, told := range []error{store.ErrBusy, store.ErrRace, store.ErrNotFound} {
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
	c := worldtest.Change(opened(t, s, worldtest.Matter), "e1")
	require.NoError(t, s.Commit(t.Context(), c))
	h, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, 1, h.Version)
}
