package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/httpapi"
	"lapse/internal/inquire"
	"lapse/internal/worldtest"
)

func (w *world) simulate(body string) *httptest.ResponseRecorder {
	w.T.Helper()
	return w.do(http.MethodPost, "/v1/simulate", body, "Content-Type", "application/json")
}

func TestASimulationIsAnsweredAsTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	w.approved(2)
	w.record(order("ord-1", "u0"))
	w.record(disclosure("d1", "u0", "u1"))
	rec := w.simulate(`{"at":"2027-01-01T00:00:00Z"}`)
	require.Equal(t, http.StatusOK, rec.Code)
	v := decode[inquire.SimulationView](t, rec)
	require.Equal(t, 2, v.Open)
	require.Len(t, v.Moves, 1)
	require.Equal(t, "due", v.Moves[0].Change)
	require.Empty(t, v.Next)
	rules, err := os.ReadFile("../law/data/us.json")
	require.NoError(t, err)
	rec = w.simulate(`{"rules":[` + strings.Replace(string(rules), `"rolls": true`, `"rolls": false`, 1) + `],"limit":1}`)
	require.Equal(t, http.StatusOK, rec.Code)
	v = decode[inquire.SimulationView](t, rec)
	require.NotEqual(t, v.Rules, v.NewRules)
	require.NotEmpty(t, v.Next, "one row a page")
}

func TestABadSimulationIsRefused(t *testing.T) {
	w := newWorld(t)
	for body, status := range map[string]int{
		`{`:                             http.StatusBadRequest,
		``:                              http.StatusBadRequest,
		`{"cursor":"no"}`:               http.StatusBadRequest,
		`{} {}`:                         http.StatusBadRequest,
		`[]`:                            http.StatusUnprocessableEntity,
		`{"when":"tomorrow"}`:           http.StatusUnprocessableEntity,
		`{"at":"tomorrow"}`:             http.StatusUnprocessableEntity,
		`{"at":"2026-01-01T00:00:00Z"}`: http.StatusUnprocessableEntity,
		`{"limit":0}`:                   http.StatusUnprocessableEntity,
		`{"rules":[{"colour":"red"}]}`:  http.StatusUnprocessableEntity,
		`{"limit":1001}`:                http.StatusUnprocessableEntity,
	} {
		require.Equal(t, status, w.simulate(body).Code, body)
	}
	for body, want := range map[string][]string{
		`{"at":"tomorrow"}`: {"/at"}, `{"at":null}`: {"/at"}, `{"At":"2027-01-01T00:00:00Z"}`: {"/At"},
		`{"limit":1,"limit":2}`: {"/limit"},
		`{"at":"2026-01-01T00:00:00Z","limit":0,"cursor":7,"rules":{}}`: {"/at", "/cursor", "/limit",
			"/rules"}, `{"rules":[{"colour":"red"}]}`: {"/rules/0"},
	} {
		require.Equal(t, want, pointers(decode[httpapi.Problem](t, w.simulate(body))), body)
	}
	require.Equal(t, http.StatusUnsupportedMediaType,
		w.do(http.MethodPost, "/v1/simulate", "{}", "Content-Type", "text/plain").Code)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.simulate(`{"cursor":"`+strings.Repeat("x", 1<<20)+`"}`).Code)
	require.Equal(t, http.StatusMethodNotAllowed, w.get("/v1/simulate").Code)
}

func TestCounselsFileOfAnOrder(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(order("ord-0"))
	w.record(order("ord-1").Endless().Extends("ord-0").SignedOn("2026-02-27"))
	w.record(worldtest.Challenge("ord-1", "motion to vacate",
		"2026-03-01T09:00:00Z").With(worldtest.Object{"clockDays": 14}))
	v := decode[inquire.ChallengeView](t, w.found("/v1/matters/"+worldtest.Matter+"/orders/ord-1/challenge"))
	require.Equal(t, []string{"challenged"}, v.Order.Flags)
	require.Equal(t, "ord-0", v.Chain[0].ID)
	require.NotEmpty(t, v.Citations)
	require.NotNil(t, v.Request)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+worldtest.Matter+"/orders/ord-9/challenge").Code)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/none/orders/ord-1/challenge").Code)
}

func TestExceptionsAreAnsweredAsTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(disclosure("d1", "u0"))
	w.record(worldtest.Exception("ex-1", "child", "2026-05-01T00:00:00Z", "u0"))
	w.record(worldtest.Approval("ex-1", "counsel:bl"))
	w.record(worldtest.Renewal("ex-1", "2026-06-01T00:00:00Z"))
	got := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter))
	x := got["exceptions"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"ex-1", "child", "active", "2026-06-01T00:00:00Z"},
		[]any{x["id"], x["kind"], x["state"], x["until"]})
	require.Equal(t, "exception_child", decode[map[string]any](t,
		w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0"))["restraints"].([]any)[0].(map[string]any)["kind"])
	w.found("/v1/agenda")
	w.record(worldtest.ExceptionEnd("ex-1", "the danger has passed"))
	w.found("/v1/matters/" + worldtest.Matter)
}
