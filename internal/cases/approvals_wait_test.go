package cases_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// TestAnEventFromTheBusNeedsTwoApprovals: nobody is authenticated there as a person.
func TestAnEventFromTheBusNeedsTwoApprovals(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	ending := w.Numbered(worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z"))
	require.NoError(t, w.Deliver(ending))
	require.NoError(t, w.Deliver(ending), "it waits already")
	waiting := w.asked(ann, ending)
	require.Equal(t, 2, waiting.Needs)
	require.NoError(t, w.Deliver(worldtest.Given(waiting.ID)), "put aside: nobody approves over the bus")
	require.Len(t, w.Dead.Events, 1)
	first := w.Numbered(worldtest.Given(waiting.ID))
	require.Equal(t, 1, w.asked(ann, first).Needs)
	require.Equal(t, 1, w.asked(ann, first).Needs, "a repetition counts once")
	w.conflicts(ann, worldtest.Given(waiting.ID))
	require.False(t, orderState(matter.OrderEnded)(w))
	answer := w.taken(bob, worldtest.Given(waiting.ID))
	require.True(t, orderState(matter.OrderEnded)(w))
	replay := w.taken(ann, first)
	require.True(t, replay.Replayed, "the first approval is answered as the event was")
	require.Equal(t, answer.Version, replay.Version)
}

// TestWhoDidNotRequestApprovesAlone: of an exception the second principal is whoever did not request it.
func TestWhoDidNotRequestApprovesAlone(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z"))
	w.taken(bob, worldtest.Approval("ex-1").Without("approvedBy"))
	require.Equal(t, matter.ExceptionActive, w.exception("ex-1").State)
	w.taken(bob, worldtest.Renewal("ex-1", "2026-07-01T00:00:00Z"))
	w.asked(ann, worldtest.Renewal("ex-1", "2026-07-02T00:00:00Z"))

	require.NoError(t, w.Deliver(worldtest.Exception("ex-2", "child", "2026-06-01T00:00:00Z")))
	id := w.asked(bob, worldtest.Approval("ex-2").Without("approvedBy")).ID
	require.Equal(t, matter.ExceptionRequested, w.exception("ex-2").State, "nobody knows who requested it")
	w.taken(eve, worldtest.Given(id))
	require.Equal(t, matter.ExceptionActive, w.exception("ex-2").State)
}

// TestAnEmergencyDisclosureIsNeverLostForWantOfASecondPerson: it is recorded at once, its notices wait however long it
// takes, those of another disclosure do not, and every part needs its own approval.
func TestAnEmergencyDisclosureIsNeverLostForWantOfASecondPerson(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	emergency := func(subject string) worldtest.Event {
		return worldtest.Disclosure("d1", subject).With(object{"basis": "emergency"})
	}
	waiting := w.asked(ann, emergency("u1"))
	require.Nil(t, waiting.Expires, "it never lapses")
	require.Equal(t, waiting.ID, w.asked(ann, emergency("u1")).ID, "the same disclosure under a new id")
	part := w.asked(ann, emergency("u2"))
	require.NotEqual(t, waiting.ID, part.ID)
	why := w.why("u1")
	require.Equal(t, matter.Unapproved, why.Restraints[0].Kind)
	require.Equal(t, "unapproved-"+waiting.ID, why.Restraints[0].Source)
	w.taken(ann, worldtest.Disclosure("d2", "u1"))
	require.Len(t, w.view().Notices, 3, "recorded")

	w.at(morning.Add(400 * day))
	require.Equal(t, []string{"u1"}, w.mailed(), "of the other disclosure")
	w.taken(bob, worldtest.Given(waiting.ID))
	w.sweep()
	require.Equal(t, []string{"u1"}, w.mailed(), "the other part still waits for a person")
	w.taken(bob, worldtest.Given(part.ID))
	w.Advance(5 * time.Second)
	require.Zero(t, w.sweep().LateOrders)
	require.Equal(t, []string{"u1", "u1", "u2"}, w.mailed())
}

// approvalRows counts the agenda rows of approvals.
func (w *world) approvalRows() int {
	w.T.Helper()
	n := 0
	for shard := range agenda.WorkShards {
		rows, _, err := w.Store.Rows(w.T.Context(), true, shard, morning.AddDate(9, 0, 0), "", 1000)
		require.NoError(w.T, err)
		for _, row := range rows {
			if row.Kind == agenda.Approval {
				n++
			}
		}
	}
	return n
}

// TestWhatWaitsTooLongIsAnAlarmAndLapsesAloud: every sweep counts it after two days, and the bus hears once that it
// has lapsed.
func TestWhatWaitsTooLongIsAnAlarmAndLapsesAloud(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	id := w.asked(ann, worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z")).ID
	lapsed := `lapse.approval.lapsed {"matter":"` + worldtest.Matter + `","approval":"` + id + `"}`
	w.Set(morning.Add(2*day - time.Second))
	require.Zero(t, w.Sweep().Approvals)
	require.Equal(t, morning.Add(7*day), w.agenda()["approval "+id])
	for _, after := range []time.Duration{2 * day, 2*day + time.Minute, 7*day - time.Second} {
		w.Set(morning.Add(after))
		require.Equal(t, 1, w.Sweep().Approvals, after)
		require.NotContains(t, w.Bus.Told(), lapsed)
	}
	w.Set(morning.Add(7 * day))
	w.Bus.Fail = errors.New("the bus is away")
	_, err := w.Dispatch.Sweep(t.Context())
	require.NoError(t, err)
	w.Bus.Fail = nil
	require.Equal(t, 1, w.approvalRows(), "it stays until the bus has heard")
	require.Zero(t, w.Sweep().Approvals)
	require.Contains(t, w.Bus.Told(), lapsed)
	require.Zero(t, w.approvalRows())
	require.NotContains(t, w.agenda(), "approval "+id)
}

// TestWhatIsApprovedIsNoAlarm, and nothing is announced at its end.
func TestWhatIsApprovedIsNoAlarm(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	w.taken(bob, worldtest.Given(w.asked(ann, worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z")).ID))
	require.Empty(t, slices.DeleteFunc(slices.Collect(maps.Keys(w.agenda())), func(thing string) bool {
		return !strings.HasPrefix(thing, "approval ")
	}))
	for _, after := range []time.Duration{2 * day, 7 * day} {
		w.Set(morning.Add(after))
		require.Zero(t, w.Sweep().Approvals)
	}
	require.NotContains(t, w.Bus.String(), "lapse.approval.lapsed")
	require.Zero(t, w.approvalRows())
}

// TestAnUnapprovedEmergencyIsAnAlarmUntilTwoHaveDecided: it never lapses.
func TestAnUnapprovedEmergencyIsAnAlarmUntilTwoHaveDecided(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	id := w.asked(ann, worldtest.Disclosure("d1", "u1").With(object{"basis": "emergency"})).ID
	for _, after := range []time.Duration{2 * day, 8 * day, 400 * day} {
		w.Set(morning.Add(after))
		require.Equal(t, 1, w.Sweep().Approvals)
	}
	w.taken(bob, worldtest.Given(id))
	require.Zero(t, w.Sweep().Approvals)
	require.Zero(t, w.approvalRows())
	require.NotContains(t, w.Bus.String(), "lapse.approval.lapsed")
}
