package inquire_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/agenda"
	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

var farAhead = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// all pages through the agenda and returns everything, in the order answered.
func (w *world) all(ctx context.Context, t require.TestingT, before time.Time, limit int) []inquire.Item {
	var list []inquire.Item
	for next := ""; ; {
		require.LessOrEqual(t, len(list), 10000, "the pages never end")
		page, err := w.Inquire.AgendaUntil(ctx, before, next, limit)
		require.NoError(t, err)
		require.NotNil(t, page.Items)
		require.LessOrEqual(t, len(page.Items), limit)
		list = append(list, page.Items...)
		if next = page.Next; next == "" {
			return list
		}
	}
}

// of is the disclosure of another matter.
func of(matterID string, at time.Time) matter.Disclosure {
	d := worldtest.Disclosed("d1", at, "u1")
	d.Matter = matterID
	return d
}

// crowd makes n notices of one matter, each with its row where it is due, and returns their dues by id.
func (w *world) crowd(n int) map[string]time.Time {
	w.T.Helper()
	w.Disclosed(worldtest.Disclosed("d0", start, "u1"))
	dues := map[string]time.Time{}
	for i := range n {
		x := worldtest.Notice(worldtest.Disclosed("d1", start.Add(time.Duration(i/7)*time.Minute), fmt.Sprintf("u%d", i)))
		w.Made(x, x.Base)
		dues[x.ID] = x.Base
	}
	return dues
}

func TestEveryPageOfALargeAgendaIsReached(t *testing.T) {
	w := newWorld(t)
	dues := w.crowd(9000) // more than two reads of every partition
	list := w.all(t.Context(), t, farAhead, 1000)
	require.Len(t, list, len(dues))
	last := time.Time{}
	for _, i := range list {
		require.Equal(t, dues[i.ID], i.At)
		require.False(t, i.At.Before(last), "ascending")
		last = i.At
		delete(dues, i.ID)
	}
	require.Empty(t, dues, "each once")
}

// counting counts the notices read.
type counting struct {
	inquire.Store
	read int
}

func (c *counting) Notice(ctx context.Context, id string) (notice.Notice, error) {
	c.read++
	return c.Store.Notice(ctx, id)
}

func TestAPageReadsAboutAsManyNoticesAsItLists(t *testing.T) {
	w := newWorld(t)
	w.crowd(3000)
	w.Set(start.Add(-time.Hour))
	c := &counting{Store: w.Store}
	w.Inquire.Store = c
	next := ""
	for range 5 {
		c.read = 0
		page, err := w.Inquire.AgendaUntil(t.Context(), farAhead, next, 100)
		require.NoError(t, err)
		require.Len(t, page.Items, 100)
		require.Less(t, c.read, 120)
		next = page.Next
	}
}

// Whatever rows stale plans have left behind, every page size lists the same, each thing once, at its own instant.
func TestPagesAgreeWhateverIsLeftBehind(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		want := map[string]time.Time{}
		for m := range rapid.IntRange(1, 6).Draw(rt, "matters") {
			id := fmt.Sprintf("m%d", m)
			base := start.Add(time.Duration(rapid.IntRange(-5, 20).Draw(rt, "base")) * time.Minute)
			n := w.Disclosed(of(id, base))
			w.Made(n, n.Base)
			for range rapid.IntRange(0, 3).Draw(rt, "left behind") {
				earlier := time.Duration(rapid.IntRange(0, 30).Draw(rt, "earlier")) * time.Minute
				w.Put(agenda.ForNotice(n.Matter, n.ID, n.Base.Add(-earlier), 1))
			}
			want[n.ID] = n.Base
		}
		for _, limit := range []int{1, 2, 100} {
			got := map[string]time.Time{}
			for _, i := range w.all(context.Background(), rt, farAhead, limit) {
				require.NotContains(rt, got, i.ID, "twice")
				got[i.ID] = i.At
			}
			require.Equal(rt, want, got)
		}
	})
}

func TestALiftIsListedBeforeItsRePlanWasWorked(t *testing.T) {
	w := newWorld(t)
	n := w.Disclosed(worldtest.Disclosed("d1", start, "u1"), worldtest.CourtOrder("ord-1", start.AddDate(1, 0, 0)))
	w.Made(n, start.AddDate(1, 0, 0))
	lifted := worldtest.CourtOrder("ord-1", start.AddDate(1, 0, 0))
	lifted.Ended, lifted.Revision = start.Add(time.Hour), 2
	w.Set(start.Add(2 * time.Hour).Add(600 * time.Millisecond))
	// The row is rounded up to the next second, which lies ahead of the question.
	w.Commit(worldtest.Matter, store.Change{
		Head: matter.Head{State: matter.Disclosed, Restraints: []matter.Restraint{lifted}},
		Rows: []agenda.Row{agenda.ForReplan(worldtest.Matter, 2, start.Add(2*time.Hour+time.Second))},
	})
	require.Equal(t, []inquire.Item{
		{At: start.Add(time.Hour), Kind: agenda.Notice, ID: n.ID, Matter: worldtest.Matter, Ref: n.ID},
		{At: start.Add(2*time.Hour + time.Second), Kind: agenda.Replan, ID: worldtest.Matter + "@2",
			Matter: worldtest.Matter},
	}, w.all(t.Context(), t, farAhead, 10))
}

func TestANoticeThatTheSweepPutOffStandsWhereItWillBeLookedAt(t *testing.T) {
	w := newWorld(t)
	n := w.Disclosed(worldtest.Disclosed("d1", start, "u1"))
	w.Made(n, start.Add(time.Hour)) // due before, but sending is paused till then
	require.Equal(t, []inquire.Item{item(agenda.ForNotice(n.Matter, n.ID, start.Add(time.Hour), 0))},
		w.all(t.Context(), t, farAhead, 1))
}

// A row that is late may point to a thing that stands after the page before: it is looked at on every page.
func TestALateRowIsLookedAtOnEveryPage(t *testing.T) {
	w := newWorld(t)
	year := start.AddDate(1, 0, 0)
	held := w.Disclosed(of("m1", start), worldtest.CourtOrder("ord-1", year))
	w.Made(held, start)
	free := w.Disclosed(of("m2", start.AddDate(0, 1, 0)))
	w.Made(free, free.Base)
	w.Set(start.Add(time.Minute))
	require.Equal(t, []inquire.Item{
		item(agenda.ForNotice(free.Matter, free.ID, free.Base, 0)), item(agenda.ForNotice(held.Matter, held.ID, year, 0)),
	}, w.all(t.Context(), t, farAhead, 1))
}

// The items of a transaction become visible one by one: a row may be seen before its matter's head.
func TestAQuestionAmidAMattersFirstTransaction(t *testing.T) {
	w := newWorld(t)
	w.Store.Sequence = func(items []string) {
		for i, name := range items {
			if name == "row "+worldtest.Matter+".ord-1" {
				items[0], items[i] = items[i], items[0]
			}
		}
	}
	asked := 0
	w.Store.Torn = func(int) {
		asked++
		page, err := w.Inquire.AgendaUntil(t.Context(), farAhead, "", 10)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), 1)
	}
	order := matter.Order{Matter: worldtest.Matter, ID: "ord-1", Recorded: start}
	w.Commit(worldtest.Matter, store.Change{
		Head: matter.Head{State: matter.AwaitingRequest,
			Restraints: []matter.Restraint{worldtest.CourtOrder("ord-1", start.AddDate(1, 0, 0))}},
		Orders: []matter.Order{order},
		Rows:   []agenda.Row{agenda.ForOrder(worldtest.Matter, "ord-1", start.AddDate(1, 0, 0), 1)},
	})
	require.Positive(t, asked)
	require.Equal(t, []inquire.Item{item(agenda.ForOrder(worldtest.Matter, "ord-1", start.AddDate(1, 0, 0), 0))},
		w.all(t.Context(), t, farAhead, 10))
}

func TestACursorThatNoAnswerGave(t *testing.T) {
	w := newWorld(t)
	for _, cursor := range []string{"x", "!", "MTIz", "eCB5IHo"} {
		_, err := w.Inquire.AgendaUntil(t.Context(), farAhead, cursor, 10)
		require.ErrorIs(t, err, inquire.ErrCursor, cursor)
	}
}
