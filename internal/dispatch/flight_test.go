package dispatch_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func (w *world) inFlight() []store.Flight {
	w.t.Helper()
	all, err := w.store.Flights(w.t.Context())
	require.NoError(w.t, err)
	return all
}

// callsByOp counts the store's calls by op.
func (w *world) callsByOp() map[string]int {
	var mu sync.Mutex
	calls := map[string]int{}
	w.store.Fault = func(op, _ string) memory.Effect {
		mu.Lock()
		defer mu.Unlock()
		calls[op]++
		return memory.None
	}
	return calls
}

func TestANoticeThatSESTakesStandsInFlightUntilItsOutcomeIsRecorded(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("u%d", i))
	}
	w.open(ids...)
	w.disclose("d1", ids...)
	w.order("o1", time.Time{}, "u0") // a notice that is not claimed is in a page too
	w.mail.answer = func(m notice.Mail) (bool, error) {
		n, err := w.store.Notice(t.Context(), m.Notice)
		require.NoError(t, err)
		covered := false
		for _, f := range w.inFlight() {
			for _, id := range f.Notices {
				covered = covered || id == m.Notice && !f.Until.Before(n.Lease)
			}
		}
		require.True(t, covered, "%s is handed to SES and no flight names it", m.Notice)
		return true, nil
	}
	calls := w.callsByOp()
	require.Equal(t, 39, w.sweep().Sent)
	require.Empty(t, w.inFlight())
	require.LessOrEqual(t, calls["PutFlight"], calls["Rows"], "a put a page at most")
	require.Equal(t, calls["PutFlight"], calls["DeleteFlight"])
}

func TestFlightsOfTwoSweepsHaveNothingInCommon(t *testing.T) {
	w := newWorld(t)
	w.open("u1", "u2")
	seen := map[string]bool{}
	w.mail.answer = func(notice.Mail) (bool, error) {
		for _, f := range w.inFlight() {
			require.NotEmpty(t, f.Sweep)
			seen[f.Sweep] = true
		}
		return true, nil
	}
	for _, id := range []string{"u1", "u2"} {
		w.disclose("d-"+id, id)
		require.Equal(t, 1, w.sweep().Sent)
	}
	require.Len(t, seen, 2)
}

func TestAFlightThatCannotBeDeletedIsLogged(t *testing.T) {
	for name, effect := range map[string]memory.Effect{"deleted": memory.None, "not deleted": memory.FailBefore} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		w.store.Fault = failing("DeleteFlight", effect, 9)
		require.Equal(t, 1, w.sweep().Sent)
		logged := strings.Contains(w.log.String(), "what was in flight is left for a later sweep")
		require.Equal(t, effect == memory.FailBefore, logged, name)
	}
}

// TestAMailWhoseOutcomeIsNotRecordedStaysInFlight: whoever forbids it now has to hear of it.
func TestAMailWhoseOutcomeIsNotRecordedStaysInFlight(t *testing.T) {
	for name, effect := range map[string]memory.Effect{"recorded": memory.None, "not recorded": memory.FailBefore} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		w.store.Fault = failing("Apply complete", effect, 9)
		w.faultySweep()
		flights, err := w.store.Flights(t.Context())
		require.NoError(t, err)
		require.Equal(t, effect == memory.FailBefore, len(flights) == 1, name)
	}
}

func TestAPageThatClaimsNothingHasNoFlight(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.order("o1", time.Time{})
	calls := w.callsByOp()
	w.sweep()
	require.Zero(t, calls["PutFlight"]+calls["DeleteFlight"])
}

func TestNothingIsClaimedWithoutItsFlight(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.store.Fault = failing("PutFlight", memory.FailBefore, 1)
	require.Equal(t, 1, w.faultySweep().Errors)
	require.Empty(t, w.notice("d1", "u1").Attempts)
	require.Equal(t, 1, w.sweep().Sent)
}

func TestAPageThatLastsPutsItsFlightAgain(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	ids := make([]string, 40)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%d", i)
	}
	w.open(ids...)
	w.disclose("d1", ids...)
	w.mail.answer = func(m notice.Mail) (bool, error) {
		n, err := w.store.Notice(t.Context(), m.Notice)
		require.NoError(t, err)
		for _, f := range w.inFlight() {
			for _, id := range f.Notices {
				require.True(t, id != m.Notice || !f.Until.Before(n.Lease), "the lease outlasts the flight")
			}
		}
		w.advance(2 * time.Minute)
		return true, nil
	}
	calls := w.callsByOp()
	w.sweep()
	require.Greater(t, calls["PutFlight"], calls["DeleteFlight"])
	require.Empty(t, w.inFlight())
}

func TestAFlightThatAKilledSweepLeftIsClearedOnceItsLeasesAreOver(t *testing.T) {
	w := newWorld(t)
	until := matter.Ceil(start.Add(notice.LeaseTime))
	left := store.Flight{Sweep: "killed", Page: 1, Notices: []string{"mat-1.n"}, Until: until}
	require.NoError(t, w.store.PutFlight(t.Context(), left))
	w.at(until.Add(59 * time.Second))
	w.sweep()
	require.Equal(t, []store.Flight{left}, w.inFlight(), "the clock of the other may be behind")
	w.at(until.Add(time.Minute))
	w.sweep()
	require.Empty(t, w.inFlight())
}
