package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// TestAnActWaitsForTheOneBefore: a cancellation is on record, and whoever recorded it did not come to carry it out. A
// hold or a release that came in between would take its place, so its sender is asked to come back.
func TestAnActWaitsForTheOneBefore(t *testing.T) {
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	two := []string{"counsel:ak", "counsel:bl"}
	act := object{"noticeId": w.notices()[0].ID, "reason": "wrong account", "approvedBy": two}
	w.post("notice.held", act)
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply cancel" {
			return memory.FailBefore
		}
		return memory.None
	}
	w.post("notice.cancelled", act)
	require.Equal(t, notice.Held, w.notices()[0].State)
	w.refuse("notice.held", act, store.ErrBusy)
	w.refuse("notice.released", act, store.ErrBusy)

	w.store.Fault = nil
	w.post("notice.cancelled", act)
	require.Equal(t, notice.Cancelled, w.notices()[0].State)
	w.refuse("notice.released", act, event.ErrConflict)
}

// TestAnActAfterOneThatDidNotComeAlong: a restored table knows a notice that waits for a version, and not what was
// decided.
func TestAnActAfterOneThatDidNotComeAlong(t *testing.T) {
	for name, version := range map[string]int{"no entry": 99, "another's": 1} {
		t.Run(name, func(t *testing.T) {
			w := asked(t)
			w.post("disclosure.made", disclosure("d1", "u1"))
			id := w.notices()[0].ID
			w.store.PeekAt(id).Decision = version
			w.post("notice.held", object{"noticeId": id, "reason": "nobody knows"})
			require.Equal(t, notice.Held, w.notices()[0].State)
			require.Equal(t, w.head().Version, w.notices()[0].Decision)
		})
	}
}
