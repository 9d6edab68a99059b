package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/httpapi"
	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// padding makes an event too large to be decoded.
var padding = strings.Repeat("<", 256<<10)

// holds lists the restraints of refused orders in the matter, as its answer shows them.
func (w *world) holds(matterID string) []string {
	w.T.Helper()
	h, err := w.Store.Head(w.T.Context(), matterID)
	if err != nil {
		require.ErrorIs(w.T, err, store.ErrNotFound)
		return nil
	}
	var ids []string
	for _, r := range h.Restraints {
		require.Equal(w.T, matter.OriginUnreadable, r.Origin)
		require.True(w.T, r.All)
		ids = append(ids, r.ID)
	}
	return ids
}

// large is an oversized event of the type about a matter of its own. Its members stand in alphabetical order, with data
// first, as encoding/json writes a map.
func (w *world) large(t worldtest.Event, matterID string) string {
	w.T.Helper()
	return w.event(t.In(matterID).With(worldtest.Object{"pad": padding}))
}

// TestAnOversizedOrderIsRefusedAndHolds: its sender is told so, and nobody in the matter is until two persons have
// looked.
func TestAnOversizedOrderIsRefusedAndHolds(t *testing.T) {
	w := newWorld(t)
	order := worldtest.Order("o1")
	ended := worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z")
	const typed = `{"type":"lapse.order.received.v1"`
	inBinary := func(matterID string) []string {
		return []string{"Content-Type", "application/json", "Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "s",
			"Ce-Type", "lapse.order.received.v1", "Ce-Subject", matterID}
	}
	structured := []string{"Content-Type", "application/cloudevents+json"}
	for name, c := range map[string]struct {
		path, body string
		headers    []string
		held       int
	}{
		"an order":                                  {"/v1/events", w.large(order, "m0"), structured, 1},
		"an order on the route of orders":           {"/v1/events/order.received", w.large(order, "m1"), structured, 1},
		"an order where only endings may be posted": {"/v1/events/order.ended", w.large(order, "m2"), structured, 0},
		"another event":                             {"/v1/events", w.large(ended, "m3"), structured, 0},
		"an order that breaks off":                  {"/v1/events", w.large(order, "m4")[:256<<10+1], structured, 0},
		"an order that breaks off after its matter": {"/v1/events", typed + `,"subject":"m5","x":"` + padding, structured, 1},
		"what names no type on the route of orders": {"/v1/events/order.received", `{"subject":"m6","x":"` + padding,
			structured, 1},
		"an order in binary mode":                    {"/v1/events", `"` + padding + `"`, inBinary("m7"), 1},
		"a binary order where endings may be posted": {"/v1/events/order.ended", `"` + padding + `"`, inBinary("m8"), 0},
		"an order whose headers make it too large":   {"/v1/events", `"` + padding[:256<<10-40] + `"`, inBinary("m9"), 1},
		"a body without an object":                   {"/v1/events", "[" + padding, structured, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rec := w.do(http.MethodPost, c.path, c.body, c.headers...)
			require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code, rec.Body)
			detail := decode[httpapi.Problem](t, rec).Detail
			require.Equal(t, c.held == 1, strings.Contains(detail, "law-refused-"), detail)
		})
	}
	for i, want := range []int{1, 1, 0, 0, 0, 1, 1, 1, 0, 1} {
		require.Len(t, w.holds(fmt.Sprint("m", i)), want, i)
	}
	w.do(http.MethodPost, "/v1/events", w.event(order.In("m0").With(worldtest.Object{"pad": padding})), structured...)
	require.Len(t, w.holds("m0"), 2, "another event is another order")
	w.record(worldtest.Assessment(w.holds("m0")[0], "void", worldtest.Both()...).In("m0"))
}

// TestAnOversizedBatchHoldsForItsOrders, once a matter, however the array goes on.
func TestAnOversizedBatchHoldsForItsOrders(t *testing.T) {
	w := newWorld(t)
	small := worldtest.Order("o1")
	list := []string{w.event(small.In("a")), w.event(small.In("b")), w.event(small.In("a")),
		w.event(worldtest.Request("u1").In("c"))}
	for range 5 {
		list = append(list, w.large(worldtest.Comply(), "d"))
	}
	list = append(list, w.large(small, "e"))
	body := "[" + strings.Join(list, ",") + "]"
	require.Greater(t, len(body), 1<<20)
	for name, posted := range map[string]string{"whole": body, "breaking off": body[:len(body)-2]} {
		rec := w.batch(posted)
		require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code, name)
		require.Contains(t, decode[httpapi.Problem](t, rec).Detail, w.holds("a")[0])
	}
	for id, want := range map[string]int{"a": 1, "b": 1, "c": 0, "d": 0} {
		require.Len(t, w.holds(id), want, id)
	}
	require.Len(t, w.holds("e"), 2, "the digest of an order that breaks off is another")

	many := "[" + strings.Repeat("{},", 400_000) + w.event(small.In("f")) + "]"
	require.Equal(t, http.StatusRequestEntityTooLarge, w.batch(many).Code)
	require.Len(t, w.holds("f"), 1)
}

// TestAnOversizedOrderInABatchHolds, and the others are taken.
func TestAnOversizedOrderInABatchHolds(t *testing.T) {
	w := newWorld(t)
	got := decode[[]item](t, w.batch("["+w.large(worldtest.Order("o1"), "a")+","+w.event(received(1))+"]"))
	require.Equal(t, []int{413, 201}, []int{got[0].Status, got[1].Status})
	require.Contains(t, got[0].Body["detail"], w.holds("a")[0])
}

// TestNoMoreThanTenMegabytesAreRead of a body that does not end.
func TestNoMoreThanTenMegabytesAreRead(t *testing.T) {
	w := newWorld(t)
	read := &endless{}
	r := httptest.NewRequest(http.MethodPost, "/v1/events", read)
	r.Header.Set("Content-Type", "application/cloudevents+json")
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, r)
	require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
	require.Len(t, w.holds("m1"), 1, "its beginning names an order")
	require.LessOrEqual(t, read.n, 11<<20)
}

// endless is the body of an order that does not end.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	if e.n == 0 {
		n = copy(p, `{"type":"lapse.order.received.v1","subject":"m1","data":"`)
	}
	for i := n; i < len(p); i++ {
		p[i] = 'x'
	}
	e.n += len(p)
	return len(p), nil
}

// TestWhatCannotBeHeldIsAFailure: the sender posts the order again.
func TestWhatCannotBeHeldIsAFailure(t *testing.T) {
	w := newWorld(t)
	w.api.Intake = refusing{store.ErrBusy}
	require.Equal(t, http.StatusServiceUnavailable, w.post(w.large(worldtest.Order("o1"), "a")).Code)
	list := w.large(worldtest.Order("o1"), "a")
	rec := w.batch("[" + strings.Repeat(list+",", 4) + list + "]")
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
}

// TestAFailureOfOursSaysWhatHolds until the sender posts the order again.
func TestAFailureOfOursSaysWhatHolds(t *testing.T) {
	w := newWorld(t)
	for err, status := range map[error]int{store.ErrBusy: 503, store.ErrTooLarge: 413, errFire: 500} {
		w.api.Intake = refusing{&intake.Held{Err: err, Restraint: "law-refused-1"}}
		rec := w.post("{}")
		require.Equal(t, status, rec.Code)
		require.Contains(t, decode[httpapi.Problem](t, rec).Detail, "law-refused-1")
	}
}

var errFire = fmt.Errorf("store on fire")
