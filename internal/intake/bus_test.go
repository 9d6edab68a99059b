package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/store"
)

// deliver gives an event to the bus door that was queued so long ago.
func (w *world) deliver(posted []byte, ago time.Duration) error {
	return w.svc.Deliver(w.Context(), intake.Message{Raw: posted, Queued: w.now.Add(-ago),
		Principal: "events:123456789012"})
}

// putAside wants the last event on the dead-letter queue with the pointers, a record without a body, and an
// announcement.
func (w *world) putAside(count int, pointers ...string) ledger.Refusal {
	w.Helper()
	require.Len(w, w.dead.events, count)
	var got []string
	for _, f := range w.dead.faults[count-1] {
		got = append(got, f.Pointer)
	}
	require.Equal(w, pointers, got)
	var newest ledger.Refusal
	for _, r := range w.store.Refusals() {
		require.Len(w, w.rowsOf(agenda.Announce, agenda.ForRefused(r.Digest, w.now).ID()), 1)
		if len(r.Faults) == len(pointers) && r.Faults[0].Pointer == pointers[0] {
			newest = r
		}
	}
	require.Equal(w, w.dead.faults[count-1], newest.Faults)
	return newest
}

func TestTheSameEventThroughBothDoorsIsOneEvent(t *testing.T) {
	w := newWorld(t)
	posted := w.event("request.received", request("u1"))
	require.NoError(t, w.deliver(posted, 0))
	e, err := w.store.Entry(t.Context(), mat, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"bus", "events:123456789012"}, []string{string(e.Door), e.Principal})
	res, err := w.svc.Take(t.Context(), posted, "http", "")
	require.NoError(t, err)
	require.True(t, res.Answer.Replayed)
	spaced := strings.Replace(string(posted), `{`, `{ "time": "2026-03-03T11:00:00Z", `, 1)
	require.NoError(t, w.deliver([]byte(spaced), 0), "its time and its spaces are no part of it")
	require.Equal(t, 1, w.head().Version)
	require.Empty(t, w.dead.events)
}

func TestAPredecessorIsWaitedForAnHour(t *testing.T) {
	for name, kind := range map[string]struct {
		kind string
		data object
	}{
		"the request":                   {"request.decided", decision("comply")},
		"the order":                     {"order.ended", ending("o1", "2026-03-03T12:00:00Z")},
		"an amendment that adds a name": {"disclosure.made", disclosure("d1", "u9")},
		"a subject to contact":          {"contact.changed", contact("u9", "x@example.com")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if kind.kind != "request.decided" {
				w.post("request.received", request("u1"))
				w.post("request.decided", decision("comply"))
			}
			posted := w.event(kind.kind, kind.data)
			require.ErrorIs(t, w.deliver(posted, 0), event.ErrPredecessor)
			require.ErrorIs(t, w.deliver(posted, time.Hour-time.Second), event.ErrPredecessor)
			require.ErrorIs(t, w.svc.Deliver(t.Context(), intake.Message{Raw: posted}), event.ErrPredecessor,
				"nobody knows since when it waits")
			require.Empty(t, w.dead.events)
			require.NoError(t, w.deliver(posted, time.Hour))
			r := w.putAside(1, "")
			require.Equal(t, "lapse."+kind.kind+".v1", r.Type)
			require.Equal(t, mat, r.Subject)
		})
	}
}

func TestAPredecessorThatComesInTimeLetsTheEventIn(t *testing.T) {
	w := newWorld(t)
	posted := w.event("request.decided", decision("comply"))
	require.ErrorIs(t, w.deliver(posted, 0), event.ErrPredecessor)
	w.post("request.received", request("u1"))
	require.NoError(t, w.deliver(posted, time.Minute))
	require.Equal(t, matter.Approved, w.head().State)
}

func TestABadEventFromTheBusIsPutAside(t *testing.T) {
	w := newWorld(t)
	bad := w.event("request.received", with(request("u1"), object{"colour": "red", "instrument": "stick"}))
	require.NoError(t, w.deliver(bad, 0))
	r := w.putAside(1, "/data/colour", "/data/instrument")
	require.Equal(t, bad, w.dead.events[0])
	require.Equal(t, "lapse.request.received.v1", r.Type)
	require.Equal(t, morning, r.At)
	require.NoError(t, w.deliver(bad, 0), "again: no second record")
	require.Len(t, w.store.Refusals(), 1)
	_, err := w.store.Head(t.Context(), mat)
	require.ErrorIs(t, err, store.ErrNotFound, "no order, no restraint")

	require.NoError(t, w.deliver([]byte(`{"subject": "mat-1", "type": "lapse.order.received.v1"`), 0),
		"not JSON: nobody can tell its matter")
	require.NoError(t, w.deliver([]byte(`{"type": "user@example.com", "subject": 7}`), 0))
	for _, r := range w.store.Refusals() {
		require.NotContains(t, encoded(t, r), "@")
	}
	_, err = w.store.Head(t.Context(), mat)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestAContradictionFromTheBusIsPutAside(t *testing.T) {
	w := asked(t)
	require.NoError(t, w.deliver(w.event("request.received", request("u7")), 0))
	w.putAside(1, "")
	require.NoError(t, w.deliver(raw("ev-1", "request.decided", decision("reject")), 0))
	w.putAside(2, "/id")
	require.Equal(t, matter.Approved, w.head().State)
}

func TestARefusedOrderHoldsEverybodyUntilTwoPersonsFindItVoid(t *testing.T) {
	for name, before := range map[string]func(*world){
		"of a matter not seen yet": func(*world) {},
		"of a known matter":        func(w *world) { w.post("request.received", request("u1")) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			before(w)
			bad := w.event("order.received", with(order("o1", "u5"), object{"until": "2026-03-04"}))
			require.NoError(t, w.deliver(bad, 0))
			require.NoError(t, w.deliver(bad, time.Minute), "delivered twice")
			w.putAside(2, "/data/until")
			h := w.head()
			require.Len(t, h.Restraints, 1)
			id := h.Restraints[0].ID
			require.Regexp(t, "^law-refused-[0-9a-f]{32}$", id, "an id that an event can name")
			require.True(t, w.covered("u1"))
			w.now = morning.AddDate(20, 0, 0)
			require.True(t, w.covered("u1"), "without end")
			w.state(id, matter.OrderOpenEnded)
			w.chain(h.Version)

			w.fault("order.assessed", assessment(id, "void", "counsel:ak"), "/data/approvedBy")
			require.True(t, w.covered("u1"))
			w.post("order.assessed", assessment(id, "void", "counsel:ak", "counsel:bl"))
			require.False(t, w.covered("u1"))
			w.state(id, matter.OrderVoid)
		})
	}
}

func TestAnOrderRefusedForItsIdHoldsToo(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1"))
	w.post("order.assessed", assessment("o1", "void", "counsel:ak", "counsel:bl"))
	require.NoError(t, w.deliver(w.event("order.received", order("o1", "u1")), 0))
	w.putAside(1, "")
	require.Len(t, w.head().Restraints, 2)
	require.True(t, w.covered("u2"))
	require.NoError(t, w.deliver(w.event("order.received", order("law-mine")), 0))
	require.Len(t, w.head().Restraints, 3)
	w.fault("order.received", order("law-theirs"), "/data/orderId")
	require.Len(t, w.head().Restraints, 3, "over HTTP the sender is told, nothing is left behind")
}

// Whatever call fails while a bad order is put aside, its redelivery leaves one restraint, one record, and a letter.
func TestPuttingARefusedOrderAsideSurvivesEveryFailure(t *testing.T) {
	for _, effect := range []memory.Effect{memory.FailBefore, memory.FailAfter} {
		for k := range 20 {
			w := quietWorld(t)
			calls := 0
			w.store.Fault = func(string, string) memory.Effect {
				if calls++; calls == k+1 {
					return effect
				}
				return memory.None
			}
			bad := w.event("order.received", with(order("o1"), object{"until": "2026-03-04"}))
			if err := w.deliver(bad, 0); err != nil {
				require.ErrorIs(t, err, memory.ErrInjected)
				require.NoError(t, w.deliver(bad, time.Second))
			}
			w.store.Fault = nil
			require.Len(t, w.head().Restraints, 1)
			require.NotEmpty(t, w.dead.events)
			require.Len(t, w.store.Refusals(), 1)
			w.chain(1)
		}
	}
}

func TestWhatFailsOnOurSideIsDeliveredAgain(t *testing.T) {
	w := newWorld(t)
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Receipt" {
			return memory.FailBefore
		}
		return memory.None
	}
	posted := w.event("request.received", request("u1"))
	require.ErrorIs(t, w.deliver(posted, 3*time.Hour), memory.ErrInjected)
	require.Empty(t, w.dead.events)
	w.store.Fault = nil
	require.NoError(t, w.deliver(posted, 3*time.Hour))

	w.dead.err = errors.New("the queue is away")
	require.ErrorIs(t, w.deliver(w.event("request.received", object{}), 0), w.dead.err)
	require.Empty(t, w.store.Refusals(), "told only once it is put aside")
}
