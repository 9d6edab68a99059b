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
)

var farAhead = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// all pages through the agenda and returns everything, in the order answered.
func (w *world) all(ctx context.Context, t require.TestingT, before time.Time, limit int) []inquire.Item {
	var list []inquire.Item
	for next := ""; ; {
		require.LessOrEqual(t, len(list), 10000, "the pages never end")
		page, err := w.AgendaUntil(ctx, before, next, limit)
		require.NoError(t, err)
		require.NotNil(t, page.Items)
		require.LessOrEqual(t, len(page.Items), limit)
		list = append(list, page.Items...)
		if next = page.Next; next == "" {
			return list
		}
	}
}

// crowd makes n notices of one matter, each with its row where it is due, and returns their dues by id.
func (w *world) crowd(n int) map[string]time.Time {
	w.t.Helper()
	w.disclosed(aMatter, "d0", start)
	dues := map[string]time.Time{}
	for i := range n {
		d := matter.Disclosure{Matter: aMatter, ID: "d1", Part: 1,
			Facts: matter.DisclosureFacts{At: start.Add(time.Duration(i/7) * time.Minute)}}
		x := notice.New(&d, matter.Target{Subject: fmt.Sprintf("u%d", i), Role: matter.User}, "en", "en-1")
		w.made(x, x.Base)
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
	w.now = start.Add(-time.Hour)
	c := &counting{Store: w.store}
	w.Store = c
	next := ""
	for range 5 {
		c.read = 0
		page, err := w.AgendaUntil(t.Context(), farAhead, next, 100)
		require.NoError(t, err)
		require.Len(t, page.Items, 100)
		require.Less(t, c.read, 120)
		next = page.Next
	}
}

// Whatever rows stale plans have left behind, every page size lists the same, each thing once, at its own instant.
func TestPagesAgreeWhateverIsLeftBehind(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		want := map[string]time.Time{}
		for m := range rapid.IntRange(1, 6).Draw(rt, "matters") {
			id := fmt.Sprintf("m%d", m)
			n := w.disclosed(id, "d1", start.Add(time.Duration(rapid.IntRange(-5, 20).Draw(rt, "base"))*time.Minute))
			w.made(n, n.Base)
			for range rapid.IntRange(0, 3).Draw(rt, "left behind") {
				w.row(agenda.Notice, n.ID, n.Base.Add(-time.Duration(rapid.IntRange(0, 30).Draw(rt, "earlier"))*time.Minute))
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
	n := w.disclosed(aMatter, "d1", start, until("ord-1", start.AddDate(1, 0, 0)))
	w.made(n, start.AddDate(1, 0, 0))
	lifted := until("ord-1", start.AddDate(1, 0, 0))
	lifted.Ended, lifted.Revision = start.Add(time.Hour), 2
	w.now = start.Add(2 * time.Hour).Add(600 * time.Millisecond)
	// The row is rounded up to the next second, which lies ahead of the question.
	w.commit(aMatter, store.Change{
		Head: matter.Head{State: matter.Disclosed, Restraints: []matter.Restraint{lifted}},
		Rows: []agenda.Row{agenda.ForReplan(aMatter, 2, start.Add(2*time.Hour+time.Second))},
	})
	require.Equal(t, []inquire.Item{
		{At: start.Add(time.Hour), Kind: agenda.Notice, ID: n.ID, Matter: aMatter, Ref: n.ID},
		{At: start.Add(2*time.Hour + time.Second), Kind: agenda.Replan, ID: aMatter + "@2", Matter: aMatter},
	}, w.all(t.Context(), t, farAhead, 10))
}

func TestANoticeThatTheSweepPutOffStandsWhereItWillBeLookedAt(t *testing.T) {
	w := newWorld(t)
	n := w.disclosed(aMatter, "d1", start)
	w.made(n, start.Add(time.Hour)) // due before, but sending is paused till then
	require.Equal(t, []inquire.Item{item(agenda.ForNotice(n.Matter, n.ID, start.Add(time.Hour), 0))},
		w.all(t.Context(), t, farAhead, 1))
}

// A row that is late may point to a thing that stands after the page before: it is looked at on every page.
func TestALateRowIsLookedAtOnEveryPage(t *testing.T) {
	w := newWorld(t)
	year := start.AddDate(1, 0, 0)
	held := w.disclosed("m1", "d1", start, until("ord-1", year))
	w.made(held, start)
	free := w.disclosed("m2", "d1", start.AddDate(0, 1, 0))
	w.made(free, free.Base)
	w.now = start.Add(time.Minute)
	require.Equal(t, []inquire.Item{
		item(agenda.ForNotice(free.Matter, free.ID, free.Base, 0)), item(agenda.ForNotice(held.Matter, held.ID, year, 0)),
	}, w.all(t.Context(), t, farAhead, 1))
}

// The items of a transaction become visible one by one: a row may be seen before its matter's head.
func TestAQuestionAmidAMattersFirstTransaction(t *testing.T) {
	w := newWorld(t)
	w.store.Sequence = func(items []string) {
		for i, name := range items {
			if name == "row "+aMatter+".ord-1" {
				items[0], items[i] = items[i], items[0]
			}
		}
	}
	asked := 0
	w.store.Torn = func(int) {
		asked++
		page, err := w.AgendaUntil(t.Context(), farAhead, "", 10)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), 1)
	}
	order := matter.Order{Matter: aMatter, ID: "ord-1", Recorded: start}
	w.commit(aMatter, store.Change{
		Head: matter.Head{State: matter.AwaitingRequest,
			Restraints: []matter.Restraint{until("ord-1", start.AddDate(1, 0, 0))}}, Orders: []matter.Order{order},
		Rows: []agenda.Row{agenda.ForOrder(aMatter, "ord-1", start.AddDate(1, 0, 0), 1)},
	})
	require.Positive(t, asked)
	require.Equal(t, []inquire.Item{item(agenda.ForOrder(aMatter, "ord-1", start.AddDate(1, 0, 0), 0))},
		w.all(t.Context(), t, farAhead, 10))
}

func TestACursorThatNoAnswerGave(t *testing.T) {
	w := newWorld(t)
	for _, cursor := range []string{"x", "!", "MTIz", "eCB5IHo"} {
		_, err := w.AgendaUntil(t.Context(), farAhead, cursor, 10)
		require.ErrorIs(t, err, inquire.ErrCursor, cursor)
	}
}
