package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func TestDisclosureCutAfterEveryChunk(t *testing.T) {
	all := names(100)
	for cut := 1; cut <= 4; cut++ {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			w := newWorld(t)
			w.Settings.SendingEnabled = false
			w.open(all...)
			w.disclose("d1", all...)
			var chunks atomic.Int64
			w.store.Fault = func(op, _ string) memory.Effect {
				if op == "Subjects" && chunks.Add(1) >= int64(cut) {
					return memory.FailBefore
				}
				return memory.None
			}
			w.faultySweep()
			rows := w.work(agenda.MakeNotices)
			require.Len(t, rows, 1, "the row stays until all are made")
			w.store.Fault = nil
			w.sweep()
			require.Empty(t, w.work(agenda.MakeNotices))
			for _, u := range all {
				require.Len(t, w.rows(w.notice("d1", u).ID), 1)
			}
		})
	}
}

func TestOrderLiftedWhileNoticesAreMade(t *testing.T) {
	w := newWorld(t)
	all := names(70)
	w.open(all...)
	w.order("ord-1", start.AddDate(5, 0, 0))
	w.sweep()
	w.disclose("d1", all...)
	w.store.Fault = nth("Subjects", 2, func() memory.Effect {
		w.lift("ord-1", start.Add(-time.Hour))
		_, err := w.another().Sweep(context.Background())
		require.NoError(t, err)
		return memory.None
	})
	w.sweep()
	w.store.Fault = nil
	w.sweep()
	require.Equal(t, 70, w.mail.count(), "a notice made under the old restraints is planned anew")
}

func TestThousandNoticesReplanned(t *testing.T) {
	w := newWorld(t)
	all := names(1000)
	w.open(all...)
	end := start.AddDate(0, 0, 90)
	w.order("ord-1", end)
	w.disclose("d1", all...)
	w.sweep()
	later := end.AddDate(0, 0, 90)
	w.order("ord-2", later)
	w.sweep()
	for _, u := range all {
		rows := w.rows(w.notice("d1", u).ID)
		require.Equal(t, []time.Time{end, later}, []time.Time{rows[0].At, rows[1].At}, "the new row first")
	}
	w.at(end.Add(matter.Margin))
	require.Equal(t, 1000, w.sweep().Blocked)
	require.Zero(t, w.mail.count())
	w.lift("ord-2", matter.Floor(w.clock()))
	w.advance(matter.Margin)
	require.Equal(t, 1000, w.sweep().Sent)
}

func TestReplanGoesOnWhereItWasCut(t *testing.T) {
	w := newWorld(t)
	all := names(250)
	w.open(all...)
	w.order("ord-1", start.AddDate(0, 0, 90))
	w.disclose("d1", all...)
	w.sweep()
	later := start.AddDate(0, 0, 180)
	w.order("ord-2", later)
	var pages atomic.Int64
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Notices" && pages.Add(1) == 3 {
			return memory.FailBefore
		}
		return memory.None
	}
	require.Equal(t, 1, w.faultySweep().Errors)
	require.NotEmpty(t, w.work(agenda.Replan)[0].Cursor)
	w.sweep()
	require.EqualValues(t, 4, pages.Load(), "no page twice")
	require.Empty(t, w.work(agenda.Replan))
	for _, u := range all {
		rows := w.rows(w.notice("d1", u).ID)
		require.Equal(t, later, rows[len(rows)-1].At)
	}
}

func TestMakingNoticesGoesOnWhereItWasCut(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(w *world)
		again     int64
	}{
		"under the same head":             {func(*world) {}, 100 - 2*matter.ChunkSize},
		"from the start under a new head": {func(w *world) { w.order("ord-1", start.AddDate(0, 0, 90)) }, 100},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			all := names(100)
			w.open(all...)
			w.disclose("d1", all...)
			w.store.Fault = nth("Subjects", 3, func() memory.Effect { return memory.FailBefore })
			require.Equal(t, 1, w.faultySweep().Errors)
			c.meanwhile(w)
			var puts atomic.Int64
			w.store.Fault = func(op, _ string) memory.Effect {
				if op == "PutNotice" {
					puts.Add(1)
				}
				return memory.None
			}
			w.makes()
			require.Equal(t, c.again, puts.Load())
			require.Empty(t, w.work(agenda.MakeNotices))
			for _, u := range all {
				w.notice("d1", u)
			}
		})
	}
}

func TestSweepsBetweenTheItemsOfATransaction(t *testing.T) {
	for name, sequence := range map[string]func([]string){"the head first": nil,
		"the head last": slices.Reverse[[]string]} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			all := names(60)
			w.open(append(all, "other")...)
			w.disclose("d1", all[0], "other")
			w.sweep()
			// A row that a re-plan put at a lease's end.
			other := w.notice("d1", "other")
			require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(other.Matter, other.ID, start, 2)))
			w.store.Sequence = sequence
			steps := 0
			w.store.Torn = func(int) {
				steps++
				w.sweep()
				require.Empty(t, w.notice("d1", "other").LateOrder, "a list that cannot be read is no evidence")
			}
			w.order("ord-1", start.AddDate(0, 0, 90), all...)
			require.Greater(t, steps, 5)
			w.store.Torn = nil
			w.advance(5 * time.Second)
			w.sweep()
			require.Empty(t, w.work(agenda.Replan))
			require.Equal(t, start.AddDate(0, 0, 90), w.work(agenda.Order)[0].At,
				"no row of a change that was half visible is lost")
			require.Equal(t, "ord-1", w.notice("d1", all[0]).LateOrder)
			require.Empty(t, w.notice("d1", "other").LateOrder)
		})
	}
}

func TestAmendedSubjectsAreWrittenBeforeTheReplan(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	s := w.subject("u1", 2)
	s.Contacts[0].Sealed = sealed("new")
	w.record(event.RequestAmended, "{}", func(c *store.Change) {
		c.Entry.Pending = []matter.Subject{s}
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
	})
	w.sweep()
	entry, err := w.store.Entry(t.Context(), aMatter, 2)
	require.NoError(t, err)
	require.Empty(t, entry.Pending)
	w.disclose("d1", "u1")
	w.sweep()
	require.Equal(t, "new-"+canary+"@example.com", w.mail.mails[0].To.Reveal())
}

func TestLateOrder(t *testing.T) {
	w := newWorld(t)
	w.open("u1", "u2")
	w.disclose("d1", "u1", "u2")
	w.sweep()
	w.advance(time.Hour)
	w.order("ord-1", start.AddDate(0, 0, 90), "u1")
	require.Equal(t, 1, w.sweep().LateOrders)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Sent, n.State, "nothing is recalled")
	require.Equal(t, "ord-1", n.LateOrder)
	require.Equal(t, w.clock(), n.LateAt)
	require.Empty(t, w.notice("d1", "u2").LateOrder, "not covered")
	require.Contains(t, w.bus.all(), fmt.Sprintf(`lapse.notice.late_order {"matter":%q,"order":"ord-1","notice":%q}`,
		aMatter, n.ID))
	require.Len(t, w.rows(n.ID), 1, "the row of a sent notice stays the one that delivery deletes")
	require.Equal(t, n.Attempts[0].Head, w.rows(n.ID)[0].Planned)
}

func TestOrderThatBeginsAfterTheMailIsNotLate(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	begins := start.AddDate(0, 0, 2)
	w.advance(time.Hour)
	w.restrain(matter.Restraint{
		ID: "ord-1", Kind: matter.CourtOrder, All: true, From: begins, Until: begins.AddDate(0, 0, 10),
		Paper: matter.Paper{End: matter.End{Kind: matter.EndInstant, At: begins.AddDate(0, 0, 10)},
			StartsOn: matter.DateOf(begins), Zone: "UTC"},
	})
	require.Zero(t, w.sweep().LateOrders)
}

func TestOrderWhileSESIsAskedIsLate(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.answer = func(notice.Mail) (bool, error) {
		w.order("ord-1", start.AddDate(0, 0, 90))
		_, err := w.another().Sweep(context.Background())
		require.NoError(t, err)
		return true, nil
	}
	w.sweep()
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Sent, n.State)
	require.Empty(t, n.LateOrder, "the re-plan saw it in sending")
	w.advance(notice.LeaseTime)
	require.Equal(t, 1, w.sweep().LateOrders, "and the visit after the lease sees it sent")
	require.Equal(t, "ord-1", w.notice("d1", "u1").LateOrder)
	require.Len(t, w.rows(n.ID), 1)
}

func TestOrderEndsAndIsAnnounced(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	end := start.AddDate(0, 0, 30)
	w.order("ord-1", end)
	w.sweep()
	expired := fmt.Sprintf(`lapse.order.expired {"matter":%q,"order":"ord-1"}`, aMatter)
	require.Contains(t, w.bus.all(), fmt.Sprintf(`lapse.order.checked {"matter":%q,"version":2,"order":"ord-1"}`, aMatter))
	require.Empty(t, w.work(agenda.Announce))
	require.Equal(t, end, w.work(agenda.Order)[0].At)
	w.at(end)
	w.bus.fail = errors.New("the bus is away")
	require.Equal(t, 1, w.faultySweep().Errors)
	require.Len(t, w.work(agenda.Order), 1, "the row goes only after the bus took the event")
	w.bus.fail = nil
	w.sweep()
	require.Contains(t, w.bus.all(), expired)
	require.Empty(t, w.work(agenda.Order))
}

// liftedMeanwhile has an order lifted just after the orders were read.
type liftedMeanwhile struct {
	dispatch.Store
	lift func()
}

func (l *liftedMeanwhile) Orders(ctx context.Context, id string) ([]matter.Order, error) {
	orders, err := l.Store.Orders(ctx, id)
	if l.lift != nil {
		l.lift()
		l.lift = nil
	}
	return orders, err
}

func TestAnOrderLiftedDuringItsVisitHasNotExpired(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.order("ord-1", time.Time{})
	w.sweep()
	w.at(w.work(agenda.Order)[0].At)
	w.Store = &liftedMeanwhile{w.Store, func() { w.lift("ord-1", w.clock().Add(-time.Minute)) }}
	w.sweep()
	require.NotContains(t, w.bus.all(), "lapse.order.expired")
	require.NotEmpty(t, w.work(agenda.Order), "it is visited again")
}

func TestAnnouncementWaitsForTheBus(t *testing.T) {
	w := newWorld(t)
	w.bus.fail = errors.New("the bus is away")
	w.open("u1")
	w.record(event.RequestAmended, "{}", func(c *store.Change) {
		w.row(agenda.ForAnnounce(aMatter, c.Head.Version, w.second()), c)
	})
	require.Equal(t, 1, w.faultySweep().Errors)
	require.Len(t, w.work(agenda.Announce), 1)
	w.bus.fail = nil
	w.sweep()
	require.Equal(t, []string{fmt.Sprintf(`lapse.request.reviewed {"matter":%q,"version":2}`, aMatter)}, w.bus.all())
	require.Empty(t, w.work(agenda.Announce))
}

func TestAPleaIsVisitedWhenItsGraceIsOver(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.restrain(matter.Restraint{ID: "plea-1", Kind: matter.Plea, All: true,
		Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}}})
	w.disclose("d1", "u1")
	w.sweep()
	require.Equal(t, start.Add(matter.PleaGrace), w.work(agenda.Order)[0].At)
	w.at(start.Add(matter.PleaGrace).Add(matter.Margin))
	require.Equal(t, 1, w.sweep().Sent)
	require.Empty(t, w.work(agenda.Order))
}

func TestWorkRowWithoutItsItemStays(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForMakeNotices(aMatter, "d9", 1, start, 9)))
	require.Equal(t, 1, w.sweep().Orphans)
	require.Zero(t, w.sweep().Orphans, "not every minute for ever")
	for range 24 {
		row := w.work(agenda.MakeNotices)
		require.Len(t, row, 1)
		w.at(row[0].At)
		r := w.sweep()
		require.Equal(t, 1, r.Orphans)
		require.Zero(t, r.OrphanAlarms)
		require.Equal(t, w.clock().Add(time.Hour), w.work(agenda.MakeNotices)[0].At)
	}
	w.advance(time.Hour)
	require.Equal(t, 1, w.sweep().OrphanAlarms)
	require.Len(t, w.work(agenda.MakeNotices), 1, "never deleted")
}

func TestUnreadableAgendaIsNoFinishedSweep(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.store.Fault = func(op, key string) memory.Effect {
		if op == "Rows" {
			return memory.FailBefore
		}
		return memory.None
	}
	_, err := w.Sweep(t.Context())
	require.ErrorIs(t, err, memory.ErrInjected)
	control, err := w.store.Control(t.Context())
	require.NoError(t, err)
	require.Zero(t, control.LastSweep)
}
