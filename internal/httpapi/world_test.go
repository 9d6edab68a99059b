package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/review"
)

// canary marks every address of the suite: no answer and no log line may hold it.
const canary = "canary-5d21"

const aMatter = "mat-2026-0001"

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// oneWay stands for the public side of the keys: nothing can open what it seals, so no answer can need a key.
type oneWay struct{}

func (oneWay) NewKeys(context.Context, string) (public, wrapped []byte, err error) {
	return []byte("public"), []byte("wrapped"), nil
}

func (oneWay) Seal([]byte, matter.Address, []byte) ([]byte, error) { return []byte("sealed"), nil }

// world is the API over a store in memory, with a clock that only the test moves. Every answer is held to the document.
type world struct {
	t       *testing.T
	doc     *document
	api     *httpapi.API
	mux     *http.ServeMux
	store   *memory.Store
	intake  *intake.Service
	now     time.Time
	log     bytes.Buffer
	counter int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	book, err := law.Load()
	require.NoError(t, err)
	fields, err := review.LoadFields()
	require.NoError(t, err)
	w := &world{t: t, doc: openDocument(t), store: &memory.Store{}, now: start, mux: http.NewServeMux()}
	clock := func() time.Time { return w.now }
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	w.intake = &intake.Service{
		Now: clock, Store: w.store, Sealer: oneWay{},
		Law: book, Rules: law.DefaultPolicy(), Fields: fields, Policy: "2026-01", Log: log,
	}
	w.api = &httpapi.API{
		Intake: w.intake,
		Inquire: &inquire.Service{
			Now: clock, Store: w.store, Law: book,
			Letter: letter.Sender{
				From: "notices@example.com", Name: "Example", ReplyTo: "legal@example.com",
				PolicyURL: "https://example.com/policy/2026-01",
			},
		},
		Principal: func(*http.Request) string { return "tester" }, Log: log,
	}
	for pattern, h := range w.api.Routes() {
		w.mux.HandleFunc(pattern, h)
	}
	t.Cleanup(func() {
		require.Empty(t, w.store.Violations)
		require.NotContains(t, w.log.String(), canary)
	})
	return w
}

// do sends one request and holds the answer to the document.
func (w *world) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, r)
	_, pattern := w.mux.Handler(r)
	w.doc.check(pattern, method, rec)
	require.NotContains(w.t, rec.Body.String(), canary)
	if media, _, _ := mime.ParseMediaType(rec.Header().Get("Content-Type")); rec.Code >= 400 {
		require.Equal(w.t, "application/problem+json", media)
		p := decode[httpapi.Problem](w.t, rec)
		require.Equal(w.t, rec.Code, p.Status)
		require.Equal(w.t, http.StatusText(rec.Code), p.Title)
		require.Equal(w.t, "about:blank", p.Type)
	}
	return rec
}

func (w *world) get(target string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.do(http.MethodGet, target, "", headers...)
}

// found is get where the answer has to be there.
func (w *world) found(target string) *httptest.ResponseRecorder {
	w.t.Helper()
	rec := w.get(target)
	require.Equal(w.t, http.StatusOK, rec.Code, rec.Body)
	return rec
}

func (w *world) post(posted string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.do(http.MethodPost, "/v1/events", posted, "Content-Type", "application/cloudevents+json")
}

func (w *world) batch(body string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.do(http.MethodPost, "/v1/events", body, "Content-Type", "application/cloudevents-batch+json; charset=utf-8")
}

// event writes an event with a fresh id.
func (w *world) event(kind event.Type, data string) string {
	w.counter++
	return fmt.Sprintf(`{"specversion":"1.0","id":"evt-%d","source":"legal.example","type":%q,"subject":%q,`+
		`"actor":"counsel:ak","data":%s}`,
		w.counter, kind, aMatter, data)
}

// record posts an event that has to be new.
func (w *world) record(kind event.Type, data string) answer {
	w.t.Helper()
	rec := w.post(w.event(kind, data))
	require.Equal(w.t, http.StatusCreated, rec.Code, rec.Body)
	return decode[answer](w.t, rec)
}

// approved records a request about n subjects u0, u1, ... and the decision to comply.
func (w *world) approved(n int) {
	w.t.Helper()
	w.record(event.RequestReceived, receivedData("US", "search_warrant", subjects(0, n)))
	w.record(event.RequestDecided, `{"decision":"comply","reason":"valid warrant"}`)
}

// disclosed records a disclosure of the subjects.
func (w *world) disclosed(id string, who ...string) answer {
	w.t.Helper()
	return w.record(event.DisclosureMade, disclosureData(id, "2026-03-01T09:30:00Z", who))
}

// ordered records a signed court order of a court in Los Angeles.
func (w *world) ordered(id, covers, end, more string) answer {
	w.t.Helper()
	return w.record(event.OrderReceived, orderData(id, "court_order", covers, end, `,"signed":true`+more))
}

func (w *world) move(id string, a notice.Act) {
	w.t.Helper()
	_, moved, err := w.store.Apply(w.t.Context(), notice.Notice{ID: id}, a)
	require.NoError(w.t, err)
	require.True(w.t, moved, a.Op)
}

func receivedData(country, instrument, who string) string {
	return fmt.Sprintf(`{"reference":"Warrant 26-mc-0001","legalBasis":"18 U.S.C. 2703","instrument":%q,
		"issuer":{"name":"District Court","role":"judge","country":%q,"zone":"America/Los_Angeles"},
		"receivedAt":"2026-02-27T16:40:00-08:00","dataSought":[{"category":"content"}],
		"subjects":[%s]}`, instrument, country, who)
}

// subjects writes subjects u<from> to u<to-1>, each a consumer with a verified address.
func subjects(from, to int) string {
	var list []string
	for i := from; i < to; i++ {
		list = append(list,
			fmt.Sprintf(`{"id":"u%d","accountClass":"consumer","contacts":[{"role":"user","email":"%s-%d@example.com",`+
				`"verified":true}]}`, i, canary, i))
	}
	return strings.Join(list, ",")
}

func disclosureData(id, at string, who []string) string {
	list, _ := json.Marshal(who)
	return fmt.Sprintf(`{"disclosureId":%q,"basis":"compelled","at":%q,"categories":["content"],"content":true,`+
		`"subjects":%s}`, id, at, list)
}

func orderData(id, kind, covers, end, more string) string {
	return fmt.Sprintf(`{"orderId":%q,"kind":%q,"issuer":{"name":"District Court","role":"judge","country":"US",
		"zone":"America/Los_Angeles"},
		"legalBasis":"18 U.S.C. 2705(b)","covers":{"subjects":%s},"end":%s%s}`, id, kind, covers, end, more)
}

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

func decode[T any](t *testing.T, rec *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &v), "%s", rec.Body)
	return v
}
