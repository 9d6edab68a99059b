package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// same compares an answer with the one expected, to the last field.
func same(t *testing.T, want, got string) {
	t.Helper()
	require.JSONEq(t, want, got)
}

func TestAnswersToEventsAreTheContractsToTheLastField(t *testing.T) {
	w := newWorld(t)
	got := decode[map[string]any](t, w.post(w.event(received(2))))
	require.Equal(t, map[string]any{
		"check": "L01", "status": "pass", "severity": "advice", "citation": "18 U.S.C. 2703(a)-(d)",
		"message":  "No statute keeps this kind of request secret by itself.",
		"evidence": map[string]any{"country": "US", "instrument": "search_warrant", "rule": "US-2703"},
	}, got["findings"].([]any)[0])
	delete(got, "findings")
	require.Equal(t, map[string]any{"matter": "mat-2026-0001", "version": 1.0, "replayed": false, "warnings": []any{},
		"inFlight": []any{}}, got)
	decided := decode[map[string]any](t, w.post(w.event(worldtest.Comply())))
	require.Len(t, decided["findings"], 10, "the request's, judged again as things stand")
	delete(decided, "findings")
	require.Equal(t, map[string]any{"matter": "mat-2026-0001", "version": 2.0, "replayed": false, "warnings": []any{},
		"disclosableFrom": nil}, decided)

	taken := w.record(order("ord-1", "u0"))
	require.Equal(t, map[string]any{"id": "ord-1", "state": "in_force", "until": "2026-09-01T07:00:00Z",
		"zone": "America/Los_Angeles"}, taken.Order)
	require.Len(t, taken.Findings, 20)
	require.Empty(t, taken.Notices, "it covers no notice yet")
	require.NotNil(t, taken.Notices, "an order's answer has the list all the same")

	id := worldtest.NoticeID("d1", "u0")
	free := worldtest.NoticeID("d1", "u1")
	same(t, fmt.Sprintf(`{"matter":"mat-2026-0001","version":4,"replayed":false,"findings":[],"notices":[
		{"id":%q,"disclosure":"d1","subject":"u0","recipient":"user","state":"scheduled","due":"2026-09-01T07:00:00Z"},
		{"id":%q,"disclosure":"d1","subject":"u1","recipient":"user","state":"scheduled","due":"2026-03-01T09:30:00Z"}],
		"noticesTotal":2,"warnings":[]}`, id, free),
		w.post(w.event(disclosure("d1", "u0", "u1"))).Body.String())
}

func TestAnOrderAnswersNullWhereNobodyKnows(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(disclosure("d1", "u0"))
	rec := w.post(w.event(worldtest.Order("ord-1").Endless().From(worldtest.Of("US")).Without("signed", "legalBasis")))
	require.Equal(t, http.StatusCreated, rec.Code)
	got := decode[map[string]any](t, rec)
	require.Equal(t, map[string]any{"id": "ord-1", "state": "in_force_deficient", "until": nil, "zone": nil}, got["order"])
	notices := got["notices"].([]any)
	require.Len(t, notices, 1, "the covered notices, as read before")
	require.Nil(t, notices[0].(map[string]any)["due"], "held without a known end")
	require.NotContains(t, got, "noticesTotal", "only a disclosure says how many")
}

func TestAPeriodFromDisclosureAnswersTheLatestEnd(t *testing.T) {
	w := newWorld(t)
	w.approved(2)
	require.Nil(t, w.record(order("ord-1").For(90, "days", "disclosed")).Order["until"], "before any disclosure")
	w.record(disclosure("d1", "u0"))
	w.Set(start.AddDate(0, 1, 0))
	w.record(disclosure("d2", "u1").At("2026-04-01T09:30:00Z"))
	// 90 days from 1 April end with Tuesday 30 June in Los Angeles.
	require.Equal(t, "2026-07-01T07:00:00Z", w.record(order("ord-2").For(90, "days", "disclosed")).Order["until"])
}

func TestADisclosureListsAHundredNoticesAndCountsAll(t *testing.T) {
	w := newWorld(t)
	w.approved(130)
	got := w.record(disclosure("d1", ids(0, 130)...))
	require.Len(t, got.Notices, 100)
	require.Equal(t, 130, *got.NoticesTotal)
	require.Len(t, w.record(order("ord-1").Endless()).Notices, 100)
}

func TestReplaysAreAnsweredAsTheFirstTime(t *testing.T) {
	w := newWorld(t)
	posted := w.event(received(1))
	first := decode[map[string]any](t, w.post(posted))
	again := w.post(posted)
	require.Equal(t, http.StatusOK, again.Code)
	first["replayed"] = true
	require.Equal(t, first, decode[map[string]any](t, again))

	t.Run("the same content under another event id", func(t *testing.T) {
		other := w.post(w.event(received(1)))
		require.Equal(t, http.StatusOK, other.Code)
		require.Equal(t, first, decode[map[string]any](t, other))
	})
	t.Run("the same key with other content is refused", func(t *testing.T) {
		rec := w.post(strings.Replace(posted, "24-sw-1", "24-sw-2", 1))
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Equal(t, []string{"/id"}, pointers(decode[httpapi.Problem](t, rec)))
	})
	t.Run("the sender's time is no part of the event", func(t *testing.T) {
		require.Equal(t, http.StatusOK, w.post(strings.Replace(posted, `"actor"`, `"time":"2026-03-01T11:00:00Z","actor"`,
			1)).Code)
	})
}

func pointers(p httpapi.Problem) []string {
	var list []string
	for _, f := range p.Errors {
		list = append(list, f.Pointer)
	}
	slices.Sort(list)
	return list
}

func TestBadEvents(t *testing.T) {
	w := newWorld(t)
	good := w.event(worldtest.Comply())
	for name, c := range map[string]struct {
		body     string
		status   int
		pointers []string
	}{
		"what is not JSON is 400":           {`{"specversion":`, http.StatusBadRequest, []string{""}},
		"nothing is no JSON":                {"", http.StatusBadRequest, []string{""}},
		"text after the object is not JSON": {good + " {}", http.StatusBadRequest, []string{""}},
		"JSON that is no event is 422":      {`[]`, http.StatusUnprocessableEntity, []string{""}},
		"a missing field where it is missing": {`{"specversion":"1.0","id":"x","source":"s",` +
			`"type":"lapse.request.decided.v1","data":{}}`, http.StatusUnprocessableEntity,
			[]string{"/data/decision", "/data/reason", "/subject"}},
		"an unknown field by its pointer": {strings.Replace(good, `"reason"`, `"raeson"`, 1),
			http.StatusUnprocessableEntity, []string{"/data/raeson", "/data/reason"}},
		"names are case-sensitive": {strings.Replace(good, `"id"`, `"ID"`, 1), http.StatusUnprocessableEntity,
			[]string{"/id"}},
		"a notice of another matter": {w.event(worldtest.Objection("mat-other.abc", "I will go to court")),
			http.StatusUnprocessableEntity, []string{"/data/noticeId"}},
	} {
		t.Run(name, func(t *testing.T) {
			rec := w.post(c.body)
			require.Equal(t, c.status, rec.Code, rec.Body)
			require.Equal(t, c.pointers, pointers(decode[httpapi.Problem](t, rec)))
		})
	}
}

func TestContradictionsAndMissingPredecessors(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, http.StatusConflict, w.post(w.event(worldtest.Comply())).Code,
		"no request")
	w.record(received(1))
	require.Equal(t, http.StatusConflict, w.post(w.event(disclosure("d1", "u0"))).Code, "no decision to comply")
	w.record(worldtest.Comply())
	require.Equal(t, http.StatusConflict, w.post(w.event(disclosure("d1", "u9"))).Code, "a subject nobody knows")
	w.record(disclosure("d1", "u0"))
	w.record(order("ord-1").Endless())
	for name, posted := range map[string]string{
		"a second request":                       w.event(received(1).Under("subpoena")),
		"the order with another end":             w.event(order("ord-1").UntilEvent("trial")),
		"the disclosure at another instant":      w.event(disclosure("d1", "u0").At("2026-03-01T09:31:00Z")),
		"a contact of a subject nobody knows":    w.event(worldtest.ContactChange("u9", "u9")),
		"an assessment of an order nobody knows": w.event(worldtest.Assessment("ord-9", "binding", "a").Reason("r")),
	} {
		rec := w.post(posted)
		require.Equal(t, http.StatusConflict, rec.Code, name)
		require.NotEmpty(t, decode[httpapi.Problem](t, rec).Detail, name)
	}
}

func TestRefusalsBeforeAnEventIsRead(t *testing.T) {
	w := newWorld(t)
	one, many := "application/cloudevents+json", "application/cloudevents-batch+json"
	long := func(n int) string { return `{"data":"` + strings.Repeat("x", n-11) + `"}` }
	for name, c := range map[string]struct {
		media, body string
		status      int
	}{
		"another media type":           {"application/json", "{}", http.StatusUnsupportedMediaType},
		"no media type":                {"", "{}", http.StatusUnsupportedMediaType},
		"another charset":              {one + "; charset=latin1", "{}", http.StatusUnsupportedMediaType},
		"256 KB are read":              {one, long(256 << 10), http.StatusUnprocessableEntity},
		"a byte over 256 KB":           {one, long(256<<10 + 1), http.StatusRequestEntityTooLarge},
		"a batch a byte over 1 MB":     {many, "[" + long(1<<20-1) + "]", http.StatusRequestEntityTooLarge},
		"a batch that is no array":     {many, "{}", http.StatusUnprocessableEntity},
		"a batch that is not JSON":     {many, "[{}", http.StatusBadRequest},
		"a batch of 101 events":        {many, "[" + strings.Repeat("{},", 100) + "{}]", http.StatusUnprocessableEntity},
		"a batch of null is no array":  {many, "null", http.StatusUnprocessableEntity},
		"a charset in capitals is one": {one + "; charset=UTF-8", "{}", http.StatusUnprocessableEntity},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.status, w.do(http.MethodPost, "/v1/events", c.body, "Content-Type", c.media).Code)
		})
	}
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/v1", "/v1/events/1", "/v1/matters/", "/v1/matters/a/b", "/v1/notices/",
		"/openapi.yaml"} {
		require.Equal(t, http.StatusNotFound, w.get(path).Code, path)
	}
	for target, allow := range map[string]string{
		"GET /v1/events": "POST", "DELETE /v1/matters/m": "GET, HEAD", "POST /v1/agenda": "GET, HEAD",
		"PUT /v1/notices/m.n": "GET, HEAD",
	} {
		method, path, _ := strings.Cut(target, " ")
		rec := w.do(method, path, "")
		require.Equal(t, http.StatusMethodNotAllowed, rec.Code, target)
		require.Equal(t, allow, rec.Header().Get("Allow"), target)
	}
}

// refusing is an intake that always fails alike.
type refusing struct{ err error }

func (r refusing) Record(context.Context, []byte, event.Caller) (intake.Result, error) {
	return intake.Result{}, r.err
}

func (r refusing) Oversized(context.Context, event.Event) error { return r.err }

func (r refusing) Await(context.Context, ...*intake.Result) error { return r.err }

func TestFailuresOfOurs(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		logged bool
	}{
		"an order that Lapse fails to record": {fmt.Errorf("record: %w", &intake.Held{Err: store.ErrBusy,
			Restraint: "law-refused-1"}), http.StatusServiceUnavailable, false},
		"races outlast the tries": {fmt.Errorf("record: %w", store.ErrBusy), http.StatusServiceUnavailable, false},
		"what would be recorded is too large": {fmt.Errorf("record: %w", store.ErrTooLarge),
			http.StatusRequestEntityTooLarge, false},
		"the caller's time runs out": {fmt.Errorf("record: %w", context.DeadlineExceeded), http.StatusServiceUnavailable,
			false},
		"anything else":                   {errors.New("store on fire"), http.StatusInternalServerError, true},
		"a record that ought to be there": {fmt.Errorf("read: %w", store.ErrNotFound), http.StatusInternalServerError, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.api.Intake = refusing{c.err}
			rec := w.post("{}")
			require.Equal(t, c.status, rec.Code)
			require.Equal(t, c.status == http.StatusServiceUnavailable, rec.Header().Get("Retry-After") == "1")
			require.Equal(t, c.logged, strings.Contains(w.Log.String(), c.err.Error()))
			require.NotContains(t, rec.Body.String(), "fire")
		})
	}
}

func TestABatchIsTakenInOrderEachOnItsOwn(t *testing.T) {
	w := newWorld(t)
	request := w.event(received(1))
	early := w.event(disclosure("d1", "u0"))
	decision := w.event(worldtest.Comply())
	late := w.event(disclosure("d1", "u0"))
	large := w.event(worldtest.Comply().Reason(strings.Repeat("x", 256<<10)))
	rec := w.batch("[" + strings.Join([]string{request, early, decision, late, request, `{"ID":"x"}`, "7", large}, ",") +
		"]")
	require.Equal(t, http.StatusMultiStatus, rec.Code)
	got := decode[[]item](t, rec)
	for i, want := range []struct {
		id     string
		status int
	}{
		{"ev-1", 201}, {"ev-2", 409}, {"ev-3", 201}, {"ev-4", 201}, {"ev-1", 200}, {"", 422}, {"", 422}, {"ev-5", 413},
	} {
		require.Equal(t, want.id, got[i].ID, i)
		require.Equal(t, want.status, got[i].Status, i)
		if want.id != "" {
			require.Equal(t, "legal.example", got[i].Source)
		}
		if want.status >= 400 {
			require.EqualValues(t, want.status, got[i].Body["status"])
		}
	}
	require.Len(t, got, 8)
	require.EqualValues(t, 3, got[3].Body["version"])

	require.Equal(t, "[]\n", w.batch("[]").Body.String())
}

func TestABatchHoldsAHundredEventsAndAMegabyte(t *testing.T) {
	w := newWorld(t)
	var list []string
	for range 100 {
		list = append(list, w.event(worldtest.Comply().Reason(strings.Repeat("x", 4000))))
	}
	for i := range 3 { // to a megabyte with events of a size that is taken
		list[i] = w.event(worldtest.Comply().With(worldtest.Object{"pad": strings.Repeat("x", 190<<10)}))
	}
	body := "[" + strings.Join(list, ",") + "]"
	body += strings.Repeat(" ", 1<<20-len(body))
	rec := w.batch(body)
	require.Equal(t, http.StatusMultiStatus, rec.Code)
	require.Len(t, decode[[]item](t, rec), 100)
}

// The principal of the door is kept beside the actor that the sender claims.
func TestThePrincipalGoesOnTheLedger(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	entries, err := w.Store.Entries(t.Context(), worldtest.Matter, 0, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	for _, e := range entries {
		require.Equal(t, []string{"tester", "http", "counsel:ak"}, []string{e.Principal, string(e.Door), e.Actor})
		raw, err := json.Marshal(e)
		require.NoError(t, err)
		require.NotContains(t, string(raw), worldtest.Canary)
	}
}

// busy is a store of matters whose reads do not get through.
type busy struct{ inquire.Store }

func (busy) Head(context.Context, string) (matter.Head, error) { return matter.Head{}, store.ErrBusy }

func TestABusyQuestionSaysWhenToComeBack(t *testing.T) {
	w := newWorld(t)
	w.Inquire.Store = busy{}
	rec := w.get("/v1/matters/" + worldtest.Matter)
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Equal(t, "1", rec.Header().Get("Retry-After"))
}
