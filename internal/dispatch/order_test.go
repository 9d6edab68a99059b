package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// unsigned records an order of which nobody knows whether it is signed, with a challenge whose clock runs out at the
// instant. Its row comes up then.
func (w *world) unsigned(id string, clock time.Time) {
	w.t.Helper()
	w.record(event.OrderReceived, fmt.Sprintf(`{"orderId":%q}`, id), func(c *store.Change) {
		end := matter.End{Kind: matter.EndInstant, At: start.AddDate(0, 0, 90)}
		c.Head.Restraints = append(c.Head.Restraints, matter.Restraint{ID: id, Kind: matter.CourtOrder, All: true,
			Until: end.At, Paper: matter.Paper{End: end}, Recorded: c.Entry.At, Revision: c.Head.Version})
		c.Orders = []matter.Order{{
			Matter: aMatter, ID: id, Recorded: c.Entry.At, Version: c.Head.Version, Revision: c.Head.Version,
			Findings:   []matter.Finding{{Check: "K01", Status: matter.Unknown, Severity: matter.Binding}},
			Challenges: []matter.OrderChallenge{{Outcome: matter.ChallengePending, Clock: clock}},
			Received:   matter.PostedOrder{OrderID: id, Kind: matter.CourtOrder, End: end},
		}}
		w.row(agenda.ForOrder(aMatter, id, clock, c.Head.Version), c)
	})
}

func TestAnOrderCallsAPersonOnceItWasUnreadForADay(t *testing.T) {
	for after, want := range map[time.Duration]int{restraint.UnreadAlarm - time.Second: 0, restraint.UnreadAlarm: 2} {
		w := newWorld(t)
		w.open("u1")
		w.unsigned("o1", start.Add(after))
		w.unsigned("o2", start.Add(after))
		w.at(start.Add(after))
		r := w.sweep()
		require.Equal(t, want, r.Unread, "two papers, %v after they were recorded", after)
		require.Equal(t, 2, r.Clocks)
	}
}

func TestARowWithoutItsRecordIsAnAlarmAfterADay(t *testing.T) {
	for missing, want := range map[time.Duration]int{24*time.Hour - time.Second: 0, 24 * time.Hour: 1} {
		w := newWorld(t)
		w.open("u1")
		row := agenda.ForMakeNotices(aMatter, "d9", 1, start, 9)
		row.MissingSince = start.Add(-missing)
		require.NoError(t, w.store.PutRows(t.Context(), row))
		require.Equal(t, want, w.sweep().OrphanAlarms, "missing for %v", missing)
	}
}
