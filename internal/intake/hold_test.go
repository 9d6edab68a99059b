package intake_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// TestAnEventThatSwellsIsRecordedOrRefusedForItsSize, and never a failure of ours. An order of texts is recorded
// whatever its characters are.
func TestAnEventThatSwellsIsRecordedOrRefusedForItsSize(t *testing.T) {
	t.Parallel()
	for name, e := range worldtest.Swollen() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := worldtest.New(t)
			w.Approved("u1")
			w.Post(worldtest.Order("o1", "u1"))
			require.LessOrEqual(t, len(w.Numbered(e).JSON(t)), intake.MaxEvent)
			_, err := w.Take(e)
			if strings.HasPrefix(name, "order ") || strings.HasPrefix(name, "findings ") {
				require.NoError(t, err)
			}
			if err != nil {
				require.ErrorIs(t, err, store.ErrTooLarge)
			}
			if held, ok := errors.AsType[*intake.Held](err); ok {
				h := w.Head()
				r, _ := h.Restraint(held.Restraint)
				require.Equal(t, matter.OriginUnreadable, r.Origin)
			}
			require.Equal(t, err != nil && e.Type == event.OrderReceived, errors.As(err, new(*intake.Held)))
		})
	}
}

var errBroken = errors.New("the table is on fire")

// aboutAnOrder reports whether a change records an event about an order.
func aboutAnOrder(c store.Change) bool { return c.Receipt.Answer.Order != nil }

// brokenCommits fails every commit of an event about an order, and no other.
func brokenCommits(w *world) {
	w.store.Fail = func(c store.Change) error {
		if aboutAnOrder(c) {
			return errBroken
		}
		return nil
	}
}

// TestAnOrderThatLapseFailsToRecordHolds over both doors, until the same event is recorded: then the order alone holds.
func TestAnOrderThatLapseFailsToRecordHolds(t *testing.T) {
	for name, take := range map[string]func(*world, []byte) error{
		"over HTTP": func(w *world, posted []byte) error {
			_, err := w.svc.Take(w.Context(), posted, "http", "arn:counsel")
			return err
		},
		"over the bus": func(w *world, posted []byte) error { return w.deliver(posted, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			w := asked(t)
			w.post("disclosure.made", disclosure("d1", "u1", "u2"))
			brokenCommits(w)
			posted := w.event("order.received", order("o1", "u1"))
			for range 2 {
				require.ErrorIs(t, take(w, posted), errBroken)
				require.Empty(t, w.dead.events, "it may come again")
				require.Len(t, w.head().Restraints, 1, "once")
				require.True(t, w.covered("u2"), "nobody knows whom it covers")
			}
			id := w.head().Restraints[0].ID
			require.Contains(t, w.order(id).Findings[0].Message, "failed to record")

			w.store.Fail = nil
			require.NoError(t, take(w, posted))
			require.True(t, w.covered("u1"))
			require.False(t, w.covered("u2"), "the order does not cover the second subject")
			w.state(id, matter.OrderEnded)
			require.Equal(t, law.EndedByRecord, w.order(id).Endings[0].How)
			w.state("o1", matter.OrderInForce)
			w.chain(w.head().Version)
		})
	}
}

func TestTheAnswerSaysThatTheHoldOfAnOrderIsOver(t *testing.T) {
	w := asked(t)
	brokenCommits(w)
	posted := w.event("order.received", order("o1"))
	_, err := w.svc.Take(t.Context(), posted, "http", "")
	require.ErrorAs(t, err, new(*intake.Held))
	w.store.Fail = nil
	res, err := w.svc.Take(t.Context(), posted, "http", "")
	require.NoError(t, err)
	require.Equal(t, intake.RefusedBefore, res.Answer.Warnings[0].Code)
}

// TestAnOrderWhoseAnswerIsLostLeavesNothing: it is recorded, and holds as it says.
func TestAnOrderWhoseAnswerIsLostLeavesNothing(t *testing.T) {
	w := asked(t)
	brokenCommits(w)
	w.store.Lose = true
	posted := w.event("order.received", order("o1", "u1"))
	_, err := w.svc.Take(t.Context(), posted, "http", "")
	require.ErrorIs(t, err, errBroken)
	require.NotErrorAs(t, err, new(*intake.Held))
	require.Len(t, w.head().Restraints, 1)
	_, err = w.svc.Take(t.Context(), raw("another id", "order.received", order("o1", "u1")), "http", "")
	require.NoError(t, err)
	require.Len(t, w.head().Restraints, 1)
}

// TestWhatTwoPersonsFoundVoidIsNotHeldAgain when the same event fails once more.
func TestWhatTwoPersonsFoundVoidIsNotHeldAgain(t *testing.T) {
	w := asked(t)
	brokenCommits(w)
	posted := w.event("order.received", order("o1"))
	for range 2 {
		_, err := w.svc.Take(t.Context(), posted, "http", "")
		require.ErrorIs(t, err, errBroken)
		id := w.head().Restraints[0].ID
		w.store.Fail = nil
		w.post("order.assessed", assessment(id, "void", "counsel:ak", "counsel:bl"))
		require.False(t, w.covered("u1"))
		brokenCommits(w)
	}
}

// TestOnlyAnOrderHolds: another event that Lapse fails to record forbids nothing by itself.
func TestOnlyAnOrderHolds(t *testing.T) {
	w := asked(t)
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Orders" {
			return memory.FailBefore
		}
		return memory.None
	}
	_, err := w.svc.Take(t.Context(), w.event("request.amended", object{"reference": "x"}), "http", "")
	require.ErrorIs(t, err, memory.ErrInjected)
	require.Empty(t, w.head().Restraints)
	_, err = w.svc.Take(t.Context(), w.event("order.received", order("o1")), "http", "")
	require.ErrorIs(t, err, memory.ErrInjected)
	require.NotErrorAs(t, err, new(*intake.Held), "the hold could not be recorded either")
	require.Contains(t, w.logs.String(), "an order is neither recorded nor held")
}

// TestALateHoldStillComes: the order's time is over, and the last seconds before the answer are enough to hold.
func TestALateHoldStillComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := quietWorld(t)
		w.post("request.received", request("u1"))
		w.svc.Wait = func(ctx context.Context, _ int) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(500 * time.Millisecond):
				return nil
			}
		}
		lost := 0
		w.store.Fail = func(c store.Change) error {
			if !aboutAnOrder(c) {
				lost++
			}
			if aboutAnOrder(c) || lost <= 2 {
				return store.ErrBusy
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		began := time.Now()
		_, err := w.svc.Take(ctx, w.event("order.received", order("o1")), "http", "")
		require.ErrorIs(t, err, store.ErrBusy)
		require.ErrorAs(t, err, new(*intake.Held))
		require.Equal(t, 11*time.Second, time.Since(began), "10 s for the order, and two lost tries of the hold")
	})
}

// TestAnOversizedOrderHoldsOnce, whatever the matter is, and nothing else holds.
func TestAnOversizedOrderHoldsOnce(t *testing.T) {
	w := asked(t)
	large := w.event("order.received", with(order("o1"), object{"pad": strings.Repeat("<", 256<<10)}))
	for range 2 {
		err := w.svc.Oversized(t.Context(), events.Skim(large))
		require.ErrorIs(t, err, store.ErrTooLarge)
		held, ok := errors.AsType[*intake.Held](err)
		require.True(t, ok)
		require.Equal(t, w.head().Restraints[0].ID, held.Restraint)
		require.NoError(t, w.svc.Deliver(t.Context(), intake.Message{Raw: large}), "the same over the bus")
		require.Len(t, w.head().Restraints, 1)
	}
	for name, raw := range map[string][]byte{
		"another type":         w.event("request.amended", object{}),
		"no matter":            []byte(`{"type":"lapse.order.received.v1"}`),
		"an id that is no one": []byte(`{"type":"lapse.order.received.v1","subject":"a b"}`),
	} {
		err := w.svc.Oversized(t.Context(), events.Skim(raw))
		require.ErrorIs(t, err, store.ErrTooLarge, name)
		require.NotErrorAs(t, err, new(*intake.Held), name)
	}
}

// TestTheAnswerToAnUnrecordedOrderWaitsForWhatIsInFlight: the restraint that the order leaves is acknowledged as an
// order is.
func TestTheAnswerToAnUnrecordedOrderWaitsForWhatIsInFlight(t *testing.T) {
	w, n := flying(t)
	brokenCommits(w)
	looked := w.landsAfter(3, func() { w.apply(n, notice.Complete("token", "m1", morning)) })
	_, err := w.svc.Take(t.Context(), w.event("order.received", order("o1")), "http", "")
	held, ok := errors.AsType[*intake.Held](err)
	require.True(t, ok)
	require.Equal(t, 3, *looked)
	require.Equal(t, []ledger.InFlight{{Notice: n.ID, Outcome: ledger.HandedOver}}, held.Hold.Answer.InFlight)
}
