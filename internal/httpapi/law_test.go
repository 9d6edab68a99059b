package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/inquire"
)

func (w *world) simulate(body string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.do(http.MethodPost, "/v1/simulate", body, "Content-Type", "application/json")
}

func TestASimulationIsAnsweredAsTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	w.approved(2)
	w.ordered("ord-1", `["u0"]`, untilAugust, "")
	w.disclosed("d1", "u0", "u1")
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
	w.ordered("ord-0", `"all"`, untilAugust, "")
	w.ordered("ord-1", `"all"`, `{"kind":"none"}`, `,"extends":"ord-0","signedOn":"2026-02-27"`)
	w.record(event.OrderChallenged,
		`{"orderId":"ord-1","route":"motion to vacate","filedAt":"2026-03-01T09:00:00Z","clockDays":14}`)
	v := decode[inquire.ChallengeView](t, w.found("/v1/matters/"+aMatter+"/orders/ord-1/challenge"))
	require.Equal(t, []string{"challenged"}, v.Order.Flags)
	require.Equal(t, "ord-0", v.Chain[0].ID)
	require.NotEmpty(t, v.Citations)
	require.NotNil(t, v.Request)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+aMatter+"/orders/ord-9/challenge").Code)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/none/orders/ord-1/challenge").Code)
}

func TestExceptionsAreAnsweredAsTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.disclosed("d1", "u0")
	w.record(event.ExceptionRequested,
		`{"exceptionId":"ex-1","kind":"child","covers":{"subjects":["u0"]},"facts":"report pending",`+
			`"reviewAt":"2026-05-01T00:00:00Z"}`)
	w.record(event.ExceptionApproved, `{"exceptionId":"ex-1","approvedBy":["counsel:bl"]}`)
	w.record(event.ExceptionRenewed,
		`{"exceptionId":"ex-1","reviewAt":"2026-06-01T00:00:00Z","approvedBy":["counsel:bl"]}`)
	got := decode[map[string]any](t, w.found("/v1/matters/"+aMatter))
	x := got["exceptions"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"ex-1", "child", "active", "2026-06-01T00:00:00Z"},
		[]any{x["id"], x["kind"], x["state"], x["until"]})
	require.Equal(t, "exception_child", decode[map[string]any](t,
		w.found("/v1/matters/"+aMatter+"/why?subject=u0"))["restraints"].([]any)[0].(map[string]any)["kind"])
	w.found("/v1/agenda")
	w.record(event.ExceptionEnded, `{"exceptionId":"ex-1","reason":"the danger has passed"}`)
	w.found("/v1/matters/" + aMatter)
}
