package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// serve runs the handler on loopback for tests of what only a connection shows.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

type agendaPage struct {
	Items []struct{ At, Kind, ID string } `json:"items"`
	Next  string                          `json:"next"`
}

// agenda lists what the agenda says of notices and orders, as "<kind> <id without the matter> <at>".
func (w *world) agenda(query string) []string {
	w.T.Helper()
	list := []string{}
	for _, i := range decode[agendaPage](w.T, w.found("/v1/agenda"+query)).Items {
		if i.Kind == "notice" || i.Kind == "order" {
			_, id, _ := strings.Cut(i.ID, ".")
			list = append(list, i.Kind+" "+id+" "+i.At)
		}
	}
	return list
}

// short is a notice's id without the matter.
func short(disclosure, subject string) string {
	_, hash, _ := notice.SplitID(notice.ID(worldtest.Salt(), worldtest.Matter, disclosure, subject))
	return hash
}

func TestTheAgendaListsOneItemAThingAtTheInstantComputed(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(order("ord-1"))
	w.record(disclosure("d1", "u0"))
	n := "notice " + short("d1", "u0")
	require.Equal(t, []string{n + " 2026-09-01T07:00:00Z", "order ord-1 2026-09-01T07:00:00Z"}, w.agenda(""))

	t.Run("after an extension, before the re-plan was worked", func(t *testing.T) {
		w.record(order("ord-2").Until("2026-12-31").Extends("ord-1"))
		require.Equal(t, []string{
			"order ord-1 2026-09-01T07:00:00Z", n + " 2027-01-01T08:00:00Z", "order ord-2 2027-01-01T08:00:00Z",
		}, w.agenda(""))
		require.Equal(t, []string{"order ord-1 2026-09-01T07:00:00Z"}, w.agenda("?before=2026-12-31T00:00:00Z"))
	})
	t.Run("with the row put anew beside the one left behind", func(t *testing.T) {
		row := agenda.ForNotice(worldtest.Matter, worldtest.Matter+"."+short("d1", "u0"),
			time.Date(2027, 1, 1, 8, 0, 0, 0, time.UTC), 5)
		require.NoError(t, w.Store.PutRows(t.Context(), row))
		require.Equal(t, []string{
			"order ord-1 2026-09-01T07:00:00Z", n + " 2027-01-01T08:00:00Z", "order ord-2 2027-01-01T08:00:00Z",
		}, w.agenda(""))
	})
	t.Run("after both are lifted", func(t *testing.T) {
		w.Set(start.Add(time.Hour))
		for _, id := range []string{"ord-1", "ord-2"} {
			w.record(worldtest.Ending(id, "lifted", "2026-03-01T10:30:00Z"))
		}
		require.Equal(t, []string{n + " 2026-03-01T10:30:00Z"}, w.agenda(""))
		require.Equal(t, []string{n + " 2026-03-01T10:30:00Z"}, w.agenda("?before=2026-03-01T12:00:00Z"))
	})
}

func TestAHeldNoticeIsNotListedAndItsOrdersReviewIs(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(order("ord-1").Endless())
	w.record(disclosure("d1", "u0"))
	require.Equal(t, []string{"order ord-1 2026-05-30T10:00:00Z"}, w.agenda(""), "90 days after it was recorded")
}

func TestBeforeBoundsTheAgendaAndTakesAnyOffset(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(order("ord-1"))
	for before, listed := range map[string]int{
		"2026-09-01T06:59:59Z": 0, "2026-09-01T07:00:00Z": 1, "2026-09-01T09:00:00%2B02:00": 1,
		"2026-09-01T08:59:59%2B02:00": 0,
		"2026-09-01T09:00:00+02:00":   1,
	} {
		require.Len(t, w.agenda("?before="+before), listed, before)
	}
}

func TestPagesOfTheAgendaAreCompleteAndWithoutDoubles(t *testing.T) {
	w := newWorld(t)
	w.approved(250)
	w.record(order("ord-1", ids(0, 120)...))
	w.record(disclosure("d1", ids(0, 250)...))
	var sizes []int
	seen := map[string]bool{}
	last := ""
	for next := ""; ; {
		target := "/v1/agenda"
		if next != "" {
			target += "?cursor=" + url.QueryEscape(next)
		}
		page := decode[agendaPage](t, w.found(target))
		for _, i := range page.Items {
			require.False(t, seen[i.Kind+i.ID], "twice")
			seen[i.Kind+i.ID] = true
			require.LessOrEqual(t, last, i.At, "ascending")
			last = i.At
		}
		sizes = append(sizes, len(page.Items))
		if next = page.Next; next == "" {
			break
		}
	}
	// 250 notices, the order, its re-plan, and what is announced of the request and the order.
	require.Equal(t, []int{100, 100, 54}, sizes)
	require.Len(t, decode[agendaPage](t, w.found("/v1/agenda?limit=1000")).Items, 254)
}

func TestAnEmptyAgendaIsAnEmptyList(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, "{\"items\":[]}\n", w.found("/v1/agenda").Body.String())
}
