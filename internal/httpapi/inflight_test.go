package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// flying is a matter whose notice of u0 is being handed to SES.
func flying(t *testing.T) (*world, string) {
	w := newWorld(t)
	w.approved(2)
	w.record(disclosure("d1", "u0"))
	id := worldtest.NoticeID("d1", "u0")
	n, err := w.Store.Notice(t.Context(), id)
	require.NoError(t, err)
	lease := start.Add(notice.LeaseTime).Truncate(time.Second)
	f := store.Flight{Sweep: "s", Page: 1, Notices: []string{id}, Until: lease}
	require.NoError(t, w.Store.PutFlight(t.Context(), f))
	attempt := notice.Attempt{Token: "t", Claimed: start.Truncate(time.Second), Head: 3}
	_, ok, err := w.Store.Apply(t.Context(), n, notice.Claim(attempt, "", lease, n.Limit()))
	require.NoError(t, err)
	require.True(t, ok)
	return w, id
}

func TestAnAnswerNamesWhatIsInFlight(t *testing.T) {
	w, id := flying(t)
	rec := w.post(w.event(order("o1", "u0")))
	require.Equal(t, http.StatusCreated, rec.Code)
	got := decode[map[string]any](t, rec)
	require.Equal(t, []any{map[string]any{"notice": id, "outcome": "unknown"}}, got["inFlight"])
	free := decode[map[string]any](t, w.post(w.event(worldtest.Comply())))
	require.NotContains(t, free, "inFlight")
}

func TestABatchReadsOnceWhatIsInFlight(t *testing.T) {
	w, id := flying(t)
	reads := 0
	w.Store.Fault = func(op, _ string) memory.Effect {
		if op == "Flights" {
			reads++
		}
		return memory.None
	}
	all := []string{w.event(order("o1", "u0")), w.event(worldtest.Comply()), w.event(order("o2", "u0"))}
	got := decode[[]item](t, w.batch("["+strings.Join(all, ",")+"]"))
	require.Equal(t, 1, reads)
	flown := []any{map[string]any{"notice": id, "outcome": "unknown"}}
	require.Equal(t, flown, got[0].Body["inFlight"])
	require.NotContains(t, got[1].Body, "inFlight")
	require.Equal(t, flown, got[2].Body["inFlight"])
}

func TestAnAnswerThatCannotKnowWhatIsInFlightIsAFailureOfOurs(t *testing.T) {
	w, _ := flying(t)
	w.Store.Fault = func(op, _ string) memory.Effect {
		if op == "Flights" {
			return memory.FailBefore
		}
		return memory.None
	}
	all := "[" + w.event(order("o1", "u0")) + "," + w.event(worldtest.Comply()) + "]"
	got := decode[[]item](t, w.batch(all))
	require.Equal(t, http.StatusInternalServerError, got[0].Status, "nobody may take the order for acknowledged")
	require.Equal(t, http.StatusCreated, got[1].Status)
	w.Store.Fault = nil
	got = decode[[]item](t, w.batch(all))
	require.Equal(t, http.StatusOK, got[0].Status)
	require.Len(t, got[0].Body["inFlight"], 1)
}

// TestARefusedOrderThatHoldsNamesWhatIsInFlight: its sender knows after the answer what can still reach somebody,
// though the order itself is not recorded.
func TestARefusedOrderThatHoldsNamesWhatIsInFlight(t *testing.T) {
	flown := func(id string) []any { return []any{map[string]any{"notice": id, "outcome": "unknown"}} }
	t.Run("an order too large to be read", func(t *testing.T) {
		w, id := flying(t)
		for range 2 { // the second time the hold stands already
			rec := w.post(w.large(worldtest.Order("o1"), worldtest.Matter))
			require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
			require.Equal(t, flown(id), decode[map[string]any](t, rec)["inFlight"])
		}
	})
	t.Run("in a batch", func(t *testing.T) {
		w, id := flying(t)
		got := decode[[]item](t, w.batch("["+w.large(worldtest.Order("o1"), worldtest.Matter)+"]"))
		require.Equal(t, http.StatusRequestEntityTooLarge, got[0].Status)
		require.Equal(t, flown(id), got[0].Body["inFlight"])
	})
	t.Run("a batch too large to be split", func(t *testing.T) {
		w, id := flying(t)
		list := w.large(worldtest.Order("o1"), worldtest.Matter)
		rec := w.batch("[" + strings.Repeat(list+",", 4) + list + "]")
		require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
		require.Equal(t, flown(id), decode[map[string]any](t, rec)["inFlight"])
	})
	t.Run("an event that is no order", func(t *testing.T) {
		w, _ := flying(t)
		rec := w.post(w.large(worldtest.Comply(), worldtest.Matter))
		require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
		require.NotContains(t, decode[map[string]any](t, rec), "inFlight")
	})
	t.Run("nobody can tell what is in flight", func(t *testing.T) {
		w, _ := flying(t)
		w.Store.Fault = func(op, _ string) memory.Effect {
			if op == "Flights" {
				return memory.FailBefore
			}
			return memory.None
		}
		rec := w.post(w.large(worldtest.Order("o1"), worldtest.Matter))
		require.Equal(t, http.StatusInternalServerError, rec.Code, "the sender posts the order again")
		body := decode[map[string]any](t, rec)
		require.NotContains(t, body, "inFlight")
		require.Contains(t, body["detail"], "law-refused-")
	})
}
