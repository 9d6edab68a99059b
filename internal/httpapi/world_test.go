package httpapi_test

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// start is when the tests begin.
var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// oneWay stands for the public side of the keys: nothing can open what it seals, so no answer can need a key.
type oneWay struct{}

func (oneWay) NewKeys(context.Context, string) (public, wrapped []byte, err error) {
	return []byte("public"), []byte("wrapped"), nil
}

func (oneWay) Seal([]byte, matter.Address, []byte) ([]byte, error) { return []byte("sealed"), nil }

// world is the API over a world. Every answer is held to the document, and holds no address.
type world struct {
	*worldtest.World
	doc *document
	api *httpapi.API
	mux *http.ServeMux
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worldtest.New(t), doc: openDocument(t), mux: http.NewServeMux()}
	w.Set(start)
	w.Intake.Sealer = oneWay{}
	w.api = &httpapi.API{
		Intake: w.Intake, Inquire: w.Inquire,
		Caller: func(*http.Request) event.Caller {
			return event.Caller{Door: worldtest.Door, Principal: worldtest.Principal, Person: worldtest.Principal}
		}, Log: w.Logger(),
	}
	for pattern, h := range w.api.Routes() {
		w.mux.HandleFunc(pattern, h)
	}
	return w
}

// do sends one request and holds the answer to the document.
func (w *world) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	w.T.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, r)
	_, pattern := w.mux.Handler(r)
	w.doc.check(pattern, method, rec)
	require.NotContains(w.T, rec.Body.String(), worldtest.Canary)
	if media, _, _ := mime.ParseMediaType(rec.Header().Get("Content-Type")); rec.Code >= 400 {
		require.Equal(w.T, "application/problem+json", media)
		p := decode[httpapi.Problem](w.T, rec)
		require.Equal(w.T, rec.Code, p.Status)
		require.Equal(w.T, http.StatusText(rec.Code), p.Title)
		require.Equal(w.T, "about:blank", p.Type)
	}
	return rec
}

func (w *world) get(target string, headers ...string) *httptest.ResponseRecorder {
	w.T.Helper()
	return w.do(http.MethodGet, target, "", headers...)
}

// found is get where the answer has to be there.
func (w *world) found(target string) *httptest.ResponseRecorder {
	w.T.Helper()
	rec := w.get(target)
	require.Equal(w.T, http.StatusOK, rec.Code, rec.Body)
	return rec
}

func (w *world) post(posted string) *httptest.ResponseRecorder {
	w.T.Helper()
	return w.do(http.MethodPost, "/v1/events", posted, "Content-Type", "application/cloudevents+json")
}

func (w *world) batch(body string) *httptest.ResponseRecorder {
	w.T.Helper()
	return w.do(http.MethodPost, "/v1/events", body, "Content-Type", "application/cloudevents-batch+json; charset=utf-8")
}

// event writes the event with a fresh id.
func (w *world) event(e worldtest.Event) string { return string(w.Numbered(e).JSON(w.T)) }

// record posts an event that has to be new.
func (w *world) record(e worldtest.Event) answer {
	w.T.Helper()
	rec := w.post(w.event(e))
	require.Equal(w.T, http.StatusCreated, rec.Code, rec.Body)
	return decode[answer](w.T, rec)
}

// approved records a request about n subjects u0, u1, ... and the decision to comply.
func (w *world) approved(n int) {
	w.T.Helper()
	w.record(received(n))
	w.record(worldtest.Comply())
}

// received is a request of the court about n subjects u0, u1, ...
func received(n int) worldtest.Event {
	return worldtest.Request(ids(0, n)...).From(worldtest.California()).
		With(worldtest.Object{"receivedAt": "2026-02-27T16:40:00-08:00"})
}

// order is an order of the court through 31 August 2026.
func order(id string, subjects ...string) worldtest.Event {
	return worldtest.Order(id, subjects...).From(worldtest.California())
}

// disclosure is what was handed over half an hour before the start.
func disclosure(id string, subjects ...string) worldtest.Event {
	return worldtest.Disclosure(id, subjects...).At("2026-03-01T09:30:00Z")
}

func ids(from, to int) []string { return worldtest.IDs("u", from, to) }

// answer mirrors the answer to an event by the names of openapi.json; null and absent are told apart where it matters.
type answer struct {
	Matter       string           `json:"matter"`
	Version      int              `json:"version"`
	Replayed     bool             `json:"replayed"`
	Findings     []matter.Finding `json:"findings"`
	Order        map[string]any   `json:"order"`
	Notices      []map[string]any `json:"notices"`
	NoticesTotal *int             `json:"noticesTotal"`
	Warnings     []ledger.Warning `json:"warnings"`
}

// item is one event's part of a batch's answer.
type item struct {
	ID     string         `json:"id"`
	Source string         `json:"source"`
	Status int            `json:"status"`
	Body   map[string]any `json:"body"`
}

func decode[T any](t require.TestingT, rec *httptest.ResponseRecorder) T {
	var v T
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &v), "%s", rec.Body)
	return v
}
