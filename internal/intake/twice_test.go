package intake_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/intake"
	"lapse/internal/matter"
)

// overtaken is a store whose first read of subjects comes after something else has happened.
type overtaken struct {
	*watched
	first func()
}

func (o *overtaken) Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error) {
	if f := o.first; f != nil {
		o.first = nil
		f()
	}
	return o.watched.Subjects(ctx, id, ids)
}

// twice takes the event while the same event is taken and recorded by somebody else, after the head was read.
func (w *world) twice(event []byte) intake.Result {
	w.Helper()
	second := *w.svc
	second.Store = &overtaken{watched: w.store, first: func() {
		_, err := w.svc.Take(w.Context(), event, "http", "")
		require.NoError(w, err)
	}}
	res, err := second.Take(w.Context(), event, "bus", "")
	require.NoError(w, err)
	return res
}

func TestTheSameRequestTwiceAtOnceKeepsTheContactRecordedBeforeIt(t *testing.T) {
	w := newWorld(t)
	w.post("contact.changed", contact("u1", "new@example.com"))
	require.True(t, w.twice(w.event("request.received", request("u1", "u2"))).Answer.Replayed)
	require.Equal(t, "new@example.com", w.address("u1", matter.User))
}

func TestTheSameAmendmentTwiceAtOnceBringsNoErasedContactBack(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", request("u1", "u2"))
	require.NoError(t, w.store.Erase(t.Context(), mat, "u1", w.subject("u1").Revision, w.head().Version))
	w.twice(w.event("request.amended", object{"subjects": []object{subject("u1")}}))
	require.True(t, w.subject("u1").Erased)
	require.Empty(t, w.subject("u1").Contacts)
}

func TestManyLongOrdersBeforeTheRequestLeaveRoomForIt(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 60 {
		ids = append(ids, fmt.Sprintf("s%d", i))
	}
	for i := range 8 {
		w.post("order.received", order(fmt.Sprintf("o%d", i), ids...))
	}
	w.post("contact.changed", contact("s0", "new@example.com"))
	a := w.post("request.received", with(request(ids...),
		object{"issuer": object{"name": "x", "role": "court", "country": "BR"}}))
	require.Len(t, a.Warnings, 2, "two of the eight lists had no room")
	require.Equal(t, "still_covers_everybody", a.Warnings[0].Code)
}

func TestAnOrderThatNamesThousandsNobodyKnowsCoversEverybody(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", request("u1"))
	var ids []string
	for i := range 3800 {
		ids = append(ids, fmt.Sprintf("%064d", i))
	}
	a := w.post("order.received", order("o1", ids...))
	i := slices.IndexFunc(a.Findings, func(f matter.Finding) bool { return f.Check == "K15" })
	require.Equal(t, 3800, a.Findings[i].Evidence["count"])
	require.LessOrEqual(t, len(a.Findings[i].Evidence["unknown"].([]string)), 101, "not all of them once more")
	h, err := w.store.Head(t.Context(), mat)
	require.NoError(t, err)
	r, _ := h.Restraint("o1")
	require.Len(t, r.Subjects, 3800)
	require.Less(t, len(r.Unknown), 3000, "as many as fit an item beside them")
	require.Greater(t, len(r.Unknown), 2000)
	require.Contains(t, r.Unknown, "", "what never becomes known keeps it over everybody")
}

func TestAnExtendedOrderHalfSeenIsNotPlannedOn(t *testing.T) {
	for step := 1; step < 10; step++ {
		w := quietWorld(t)
		w.post("request.received", request("u1", "u2"))
		w.post("order.received", order("o1", "u1"))
		w.store.Sequence = func(items []string) {
			first := slices.IndexFunc(items, func(s string) bool { return strings.HasSuffix(s, "order o1") })
			last := slices.IndexFunc(items, func(s string) bool { return strings.HasSuffix(s, "order o2") })
			if first >= 0 && last > first {
				items[first], items[last] = items[last], items[first]
			}
		}
		w.torn(step, false, w.event("order.received", with(order("o2"), object{"extends": "o1"})),
			w.event("order.assessed", assessment("o1", "binding", "counsel:ak")))
		require.True(t, w.order("o1").Extended, "step %d", step)
	}
}

func TestADisclosureMovesTheRowsOfOrdersThatCountFromIt(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", request("u1", "u2"))
	w.post("request.decided", decision("comply"))
	w.post("order.received", with(order("o1", "u1"),
		object{"end": object{"kind": "period", "n": 30, "unit": "days", "from": "disclosed"}}))
	a := w.post("disclosure.made", disclosure("d1", "u1"))
	due := *a.Notices[0].Due
	require.True(t, slices.ContainsFunc(w.rows(agenda.Order), func(r agenda.Row) bool { return r.At.Equal(due) }),
		"a row at the order's end")
}

func TestTheBusMayNotSayAnotherTypeThanTheEvent(t *testing.T) {
	w := newWorld(t)
	event := w.event("contact.changed", contact("u1", "new@example.com"))
	require.NoError(t, w.svc.Deliver(t.Context(), intake.Message{Raw: event, DetailType: "lapse.order.received.v1"}))
	w.putAside(1, "/type")
	h, err := w.store.Head(t.Context(), mat)
	require.NoError(t, err)
	require.Len(t, h.Restraints, 1, "what the bus calls an order holds, whatever it holds inside")
	require.True(t, strings.HasPrefix(h.Restraints[0].ID, "law-refused-"))
}

func TestAnEventOver256KBOnTheBusIsPutAsideAndHolds(t *testing.T) {
	w := newWorld(t)
	event := w.event("order.received", with(order("o1"), object{"note": strings.Repeat("x", 256<<10)}))
	require.NoError(t, w.svc.Deliver(t.Context(), intake.Message{Raw: event, DetailType: "lapse.order.received.v1"}))
	w.putAside(1, "")
	h, err := w.store.Head(t.Context(), mat)
	require.NoError(t, err)
	require.Len(t, h.Restraints, 1)
}
