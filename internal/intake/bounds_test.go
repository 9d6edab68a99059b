package intake_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// TestAnEventOf256KBIsTakenOverTheBus: that is what the contract allows, and a byte more is refused.
func TestAnEventOf256KBIsTakenOverTheBus(t *testing.T) {
	w := asked(t)
	largest := w.event("order.received", order("o1"))
	largest = append(bytes.TrimSuffix(largest, []byte("}")), bytes.Repeat([]byte(" "), 256<<10-len(largest))...)
	largest = append(largest, '}')
	require.Len(t, largest, 256<<10)
	require.NoError(t, w.svc.Deliver(t.Context(), intake.Message{Raw: largest}))
	require.Empty(t, w.dead.events)
	w.order("o1")
	require.NoError(t, w.svc.Deliver(t.Context(), intake.Message{Raw: append(largest, ' ')}))
	require.Len(t, w.dead.events, 1)
}

// TestAContactThatIsPostedTwiceIsKeptOnce: where one address fails another is tried, which must be another one.
func TestAContactThatIsPostedTwiceIsKeptOnce(t *testing.T) {
	w := newWorld(t)
	contact := func(role, email string) object { return object{"role": role, "email": email, "verified": true} }
	s := with(subject("u1"), object{"contacts": []object{
		contact("user", "a@example.com"), contact("user", "a@example.com"), contact("admin", "a@example.com"),
		contact("user", "b@example.com"),
	}})
	w.post("request.received", with(request("u1"), object{"subjects": []object{s}}))
	var kept []string
	h := w.head()
	for _, c := range w.subject("u1").Contacts {
		a, err := w.open.Open(t.Context(), mat, h.WrappedKeyset, c.Sealed, matter.AssociatedData(mat, "u1", c.Role))
		require.NoError(t, err)
		kept = append(kept, string(c.Role)+" "+a.Reveal())
	}
	require.Equal(t, []string{"user a@example.com", "admin a@example.com", "user b@example.com"}, kept)
}

// TestADisclosureUnderManyOrdersThatCountFromItIsTaken: a row for each order does not fit beside the disclosure. The
// others are found at their next review.
func TestADisclosureUnderManyOrdersThatCountFromItIsTaken(t *testing.T) {
	w := asked(t)
	for i := range store.MaxItems {
		w.post("order.received", with(order(fmt.Sprintf("o%02d", i)),
			object{"end": object{"kind": "period", "n": 90, "unit": "days", "from": "disclosed"}}))
	}
	w.post("disclosure.made", disclosure("d1", "u1"))
	last := w.store.changes[len(w.store.changes)-1]
	require.Zero(t, last.Room(), "it took what room there was")
	require.Len(t, w.notices(), 1)
}

// TestNoticesThatWereMadeBeforeTheAnswerLeaveNoRow, unless the matter has changed meanwhile: then the sweep looks
// again.
func TestNoticesThatWereMadeBeforeTheAnswerLeaveNoRow(t *testing.T) {
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	require.Empty(t, w.rows(agenda.MakeNotices))

	interrupt := true
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "PutNotice" && interrupt {
			interrupt = false
			w.post("order.received", order("o1"))
		}
		return memory.None
	}
	_, err := w.svc.Take(t.Context(), w.event("disclosure.made", disclosure("d2", "u2")), "http", "arn:counsel")
	require.NoError(t, err)
	require.False(t, interrupt)
	require.Len(t, w.rows(agenda.MakeNotices), 1)
}

// TestAHeadSaysThatSubjectsArePendingOnlyWhileTheyAre: a final check waits as long as it does.
func TestAHeadSaysThatSubjectsArePendingOnlyWhileTheyAre(t *testing.T) {
	w := asked(t)
	last := func() store.Change { return w.store.changes[len(w.store.changes)-1] }
	w.post("order.received", order("o1"))
	require.Zero(t, last().Head.Pending, "an order brings no subjects")
	w.post("request.amended", object{"subjects": []object{subject("u1")}})
	require.Equal(t, last().Head.Version, last().Head.Pending)
	require.Zero(t, w.head().Pending, "they were written before the answer")
}

// TestAHoldFitsTheStateOfItsNotice: one that is being sent takes it at once, one that is over never does.
func TestAHoldFitsTheStateOfItsNotice(t *testing.T) {
	for state, refused := range map[notice.State]bool{notice.Sending: false, notice.Scheduled: false,
		notice.Cancelled: true, notice.Complained: true} {
		t.Run(string(state), func(t *testing.T) {
			w := asked(t)
			w.post("disclosure.made", disclosure("d1", "u1"))
			id := w.notices()[0].ID
			w.store.PeekAt(id).State = state
			hold := object{"noticeId": id, "reason": "counsel asks"}
			if refused {
				w.refuse("notice.held", hold, event.ErrConflict)
				return
			}
			w.post("notice.held", hold)
		})
	}
}

// TestADecisionThatIsLeftToTheSweepStandsInTheLog, and one that was carried out does not.
func TestADecisionThatIsLeftToTheSweepStandsInTheLog(t *testing.T) {
	const left = "a person's decision about a notice is left to the sweep"
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1", "u2"))
	w.post("notice.held", object{"noticeId": w.notices()[0].ID, "reason": "counsel asks"})
	require.NotContains(t, w.logs.String(), left)
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply hold" {
			return memory.FailBefore
		}
		return memory.None
	}
	w.post("notice.held", object{"noticeId": w.notices()[1].ID, "reason": "counsel asks"})
	require.Contains(t, w.logs.String(), left)
}

// TestAnOrderHasNotTheIdOfAnException: the ids of both stand for restraints of one head.
func TestAnOrderHasNotTheIdOfAnException(t *testing.T) {
	w := asked(t)
	w.post("exception.requested", object{"exceptionId": "x1", "kind": "child", "covers": object{"subjects": "all"},
		"facts": "a child is at risk", "reviewAt": "2026-03-20T00:00:00Z"})
	w.refuse("order.received", order("x1"), event.ErrConflict)
	w.post("order.received", order("x2"))
}
