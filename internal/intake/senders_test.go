package intake_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// racedForEver takes an order before each of whose commits another event is recorded.
func racedForEver(ctx context.Context, w *world) (tries int, err error) {
	w.store.Gate = func(c store.Change) {
		if c.Receipt.Answer.Order == nil {
			return
		}
		tries++
		other := raw(fmt.Sprintf("faster-%d", tries), "request.amended", object{"reference": fmt.Sprint(tries)})
		_, err := w.svc.Take(w.Context(), other, "http", "")
		require.NoError(w, err)
	}
	_, err = w.svc.Take(ctx, w.event("order.received", order("o1")), "http", "")
	return tries, err
}

func TestRacesAreLostForTwentySecondsBeforeTheAnswerIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := quietWorld(t)
		w.post("request.received", request("u1"))
		w.svc.Wait = func(ctx context.Context, _ int) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
				return nil
			}
		}
		began := time.Now()
		tries, err := racedForEver(t.Context(), w)
		require.ErrorIs(t, err, store.ErrBusy)
		require.Equal(t, 20*time.Second, time.Since(began))
		require.InDelta(t, 20, tries, 1)
		require.Len(t, w.head().Restraints, 1)
		require.Equal(t, matter.OriginUnreadable, w.head().Restraints[0].Origin, "what could not be recorded holds")
	})
}

func TestAWaitThatIsCutShortEndsTheTries(t *testing.T) {
	w := asked(t)
	w.svc.Wait = func(context.Context, int) error { return context.Canceled }
	tries, err := racedForEver(t.Context(), w)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, store.ErrBusy)
	require.Equal(t, 1, tries)
}

// senders and sentOrders are how many orders come at once from how many senders.
const (
	senders    = 16
	sentOrders = 80
)

// Eighty orders about one matter from sixteen senders at once: each is answered as new, and each stands on the ledger.
func TestEveryOneOfSixteenSendersIsAnswered(t *testing.T) {
	for name, turns := range map[string]*intake.Turns{"of several processes": nil, "of one process": {}} {
		t.Run(name, func(t *testing.T) {
			w := asked(t)
			var group errgroup.Group
			group.SetLimit(senders)
			// While a transaction becomes visible, the others plan on half of it.
			w.store.Torn = func(int) { runtime.Gosched() }
			w.svc.Wait, w.svc.Turns = func(context.Context, int) error { runtime.Gosched(); return nil }, turns
			for i := range sentOrders {
				id := fmt.Sprintf("o%d", i)
				posted := w.event("order.received", order(id))
				group.Go(func() error {
					res, err := w.svc.Take(t.Context(), posted, "http", "")
					if err == nil && !res.New {
						err = fmt.Errorf("order %s is answered as a replay", id)
					}
					return err
				})
			}
			require.NoError(t, group.Wait())
			require.Len(t, w.head().Restraints, sentOrders)
			w.chain(2 + sentOrders)
		})
	}
}

func TestWhoWaitsForATurnInVainIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := quietWorld(t)
		w.svc.Turns = &intake.Turns{}
		w.post("request.received", request("u1"))
		commits, hang := 0, make(chan struct{})
		w.store.Gate = func(c store.Change) {
			if c.Receipt.Answer.Order == nil {
				return
			}
			if commits++; commits > 1 {
				<-hang
				return
			}
			_, err := w.svc.Take(w.Context(), raw("faster", "request.amended", object{"reference": "x"}), "http", "")
			require.NoError(w, err)
		}
		first := make(chan error)
		go func() {
			_, err := w.svc.Take(w.Context(), raw("first", "order.received", order("o1")), "http", "")
			first <- err
		}()
		synctest.Wait()
		began := time.Now()
		_, err := w.svc.Take(w.Context(), raw("second", "request.amended", object{"reference": "y"}), "http", "")
		require.ErrorIs(t, err, store.ErrBusy)
		require.Equal(t, 20*time.Second, time.Since(began))
		close(hang)
		require.NoError(t, <-first)
		w.post("order.received", order("o3"))
	})
}
