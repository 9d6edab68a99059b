package cases_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// loses makes the store lose the answer of the next Commit.
func (w *world) loses() {
	w.Store.Fault = func(op, _ string) memory.Effect {
		if op != "Commit" {
			return memory.None
		}
		w.Store.Fault = nil
		return memory.FailAfter
	}
}

// orders are two orders in which the items of a transaction become visible.
func orders() map[string]func([]string) {
	return map[string]func([]string){"the head first": nil, "the head last": slices.Reverse[[]string]}
}

// TestALostAnswerAsksAndApprovesOnce: whoever got no answer posts again, and nothing is asked or approved twice.
func TestALostAnswerAsksAndApprovesOnce(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	ending := w.Numbered(worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z"))
	w.loses()
	_, err := w.as(ann, ending)
	require.ErrorIs(t, err, memory.ErrInjected)
	version := w.view().Version
	id := w.asked(ann, ending).ID
	require.Equal(t, version, w.view().Version)

	approval := w.Numbered(worldtest.Given(id))
	w.loses()
	_, err = w.as(bob, approval)
	require.ErrorIs(t, err, memory.ErrInjected)
	require.True(t, orderState(matter.OrderEnded)(w))
	require.True(t, w.taken(bob, approval).Replayed)
	require.True(t, w.taken(ann, ending).Replayed)
	require.Equal(t, version+1, w.view().Version)
}

// TestWhatIsHalfRecordedIsAskedOnce: the items of a transaction become visible one by one, in any order, and somebody
// posts the same meanwhile.
func TestWhatIsHalfRecordedIsAskedOnce(t *testing.T) {
	for name, sequence := range orders() {
		t.Run(name, func(t *testing.T) {
			w := approved(t)
			w.Intake.Principals = true
			w.taken(ann, worldtest.Order("o1"))
			ending := w.Numbered(worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z"))
			w.Store.Sequence = sequence
			w.Intake.Wait = func(context.Context, int) error { return context.DeadlineExceeded }
			steps := 0
			w.Store.Torn = func(int) {
				steps++
				if _, err := w.as(bob, ending); err != nil {
					require.ErrorIs(t, err, store.ErrBusy)
				}
			}
			id := w.asked(ann, ending).ID
			require.Positive(t, steps)
			w.Store.Torn = nil
			require.Equal(t, id, w.asked(bob, ending).ID)
			all, err := w.Store.Approvals(t.Context(), worldtest.Matter)
			require.NoError(t, err)
			require.Len(t, all, 1)
		})
	}
}

// TestAnUnapprovedEmergencyTellsNobodyWhileItIsHalfRecorded: a sweep between any two items sends nothing.
func TestAnUnapprovedEmergencyTellsNobodyWhileItIsHalfRecorded(t *testing.T) {
	for name, sequence := range orders() {
		t.Run(name, func(t *testing.T) {
			w := approved(t)
			w.Intake.Principals = true
			w.Store.Sequence = sequence
			steps := 0
			w.Store.Torn = func(int) {
				steps++
				w.Sweep()
			}
			id := w.asked(ann, worldtest.Disclosure("d1", "u1").With(object{"basis": "emergency"})).ID
			require.Equal(t, 6, steps, "between seven items")
			w.Store.Torn = nil
			w.at(morning.Add(time.Hour))
			require.Empty(t, w.mailed())
			w.taken(bob, worldtest.Given(id))
			w.at(morning.Add(2 * time.Hour))
			require.Equal(t, []string{"u1"}, w.mailed())
		})
	}
}

// TestTwoApproveAtOnce: one approval takes effect, and the other is told so.
func TestTwoApproveAtOnce(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	id := w.asked(ann, worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z")).ID
	version := w.view().Version
	w.Store.Fault = func(op, _ string) memory.Effect {
		if op == "Commit" {
			w.Store.Fault = nil
			w.taken(eve, worldtest.Given(id))
		}
		return memory.None
	}
	w.conflicts(bob, worldtest.Given(id))
	require.Equal(t, version+1, w.view().Version)
	require.Equal(t, eve, w.last().Approval.Given[0].Principal)
}
