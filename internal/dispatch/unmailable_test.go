package dispatch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
)

// TestAnOrderThatComesBeforeANoticeIsGivenUpHoldsIt: the end of a notice that cannot be mailed is announced. So the
// restraints are read afresh before it, as before a mail (law 1). An order recorded after the first read holds it.
func TestAnOrderThatComesBeforeANoticeIsGivenUpHoldsIt(t *testing.T) {
	for reason, begin := range map[notice.Reason]func(w *world){
		notice.ReasonNoContact: func(w *world) { w.unverified("u1") },
		notice.ReasonAttempts: func(w *world) {
			w.mail.answer = func(notice.Mail) (bool, error) {
				return false, &notice.SendError{Outcome: notice.OutcomeUnknown}
			}
			for range notice.MaxAttempts {
				w.sweep()
				w.advance(notice.ReconcileWindow)
			}
			w.mail.answer = nil
		},
	} {
		t.Run(string(reason), func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.disclose("d1", "u1")
			w.makes()
			begin(w)
			before := w.notice("d1", "u1").State
			end := matter.Ceil(w.clock()).AddDate(0, 0, 30)
			w.store.Fault = nth("Head", 1, func() memory.Effect {
				w.order("ord-1", end)
				return memory.None
			})
			r := w.sweep()
			require.Equal(t, 1, r.Blocked, "the order holds it")
			require.Zero(t, r.Failed)
			n := w.notice("d1", "u1")
			require.Equal(t, before, n.State)
			require.Equal(t, end, w.rows(n.ID)[0].At)
			for _, e := range w.bus.all() {
				require.NotContains(t, e, "lapse.notice.undeliverable", "the announcement would tell somebody")
			}
			w.store.Fault = nil
			w.at(end.Add(matter.Margin))
			require.Equal(t, 1, w.sweep().Failed, "once the order is over")
			require.Equal(t, reason, w.notice("d1", "u1").Reason)
		})
	}
}
