package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/worldtest"
)

// binaryHeaders are the headers of a decision in the binary content mode, with more of them or others.
func binaryHeaders(more ...string) []string {
	return append([]string{
		"Content-Type", "application/json", "ce-specversion", "1.0", "ce-id", "ev-1", "ce-source", "legal.example",
		"ce-type", "lapse.request.decided.v1",
		"ce-subject", worldtest.Matter, "ce-actor", "counsel:ak",
	}, more...)
}

const decision = `{"decision":"comply","reason":"<valid> \u00fc"}`

// The event that a matter's ledger has is the same in either mode, so each is a replay of the other.
func TestAnEventIsTheSameInEitherContentMode(t *testing.T) {
	for name, more := range map[string][2]string{
		"least":           {"", ""},
		"a sender's time": {`,"time":"2026-03-01T10:00:00Z"`, "ce-time: 2026-03-01T10:00:00Z"},
		"an extension":    {`,"traceparent":"00-4bf9"`, "ce-traceparent: 00-4bf9"},
		"a number":        {`,"sequence":7`, "ce-sequence: 7"},
		"a boolean":       {`,"sampled":true`, "ce-sampled: true"},
		"null is absent":  {`,"sampled":null`, ""},
		"percent-encoded UTF-8": {`,"who":"Euro \u20ac \ud83d\ude00 100%"`,
			"ce-who: Euro%20%E2%82%AC%20%F0%9F%98%80%20100%25"},
		"lower-case hex digits": {`,"who":"\u20ac"`, "ce-who: %e2%82%ac"},
		"decoded once":          {`,"who":"%41"`, "ce-who: %2541"},
		"nothing encoded":       {`,"who":"\u00fc 100% %zz %4"`, "ce-who: ü 100% %zz %4"},
		"a quoted string":       {`,"who":"a \"b\" \\ c"`, `ce-who: "a \"b\" \\ c"`},
		"a media type in full":  {`,"datacontenttype":"application/json; charset=utf-8"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.record(received(1))
			whole := `{"specversion":"1.0","id":"ev-x","source":"legal.example","type":"lapse.request.decided.v1","subject":"` +
				worldtest.Matter +
				`","actor":"counsel:ak"` + more[0] + `,"data":` + decision + `}`
			first := w.post(whole)
			require.Equal(t, http.StatusCreated, first.Code, first.Body)
			headers := binaryHeaders("ce-id", "ev-x")
			if name, value, ok := strings.Cut(more[1], ": "); ok {
				headers = append(headers, name, value)
			}
			second := w.do(http.MethodPost, "/v1/events", decision, headers...)
			require.Equal(t, http.StatusOK, second.Code, second.Body)
			var a, b map[string]any
			require.NoError(t, json.Unmarshal(first.Body.Bytes(), &a))
			require.NoError(t, json.Unmarshal(second.Body.Bytes(), &b))
			a["replayed"] = true
			require.Equal(t, a, b)
		})
	}
}

func TestABadEventInTheBinaryMode(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		more     []string
		status   int
		pointers []string
	}{
		"no data":                      {"", nil, http.StatusUnprocessableEntity, []string{"/data"}},
		"data that is no object":       {"[]", nil, http.StatusUnprocessableEntity, []string{"/data"}},
		"data that is no JSON":         {"{", nil, http.StatusBadRequest, []string{""}},
		"text after the data":          {decision + "{}", nil, http.StatusBadRequest, []string{""}},
		"an attribute behind the data": {decision + `,"actor":"x"`, nil, http.StatusBadRequest, []string{""}},
		"a fault in the data": {`{"decision":"comply"}`, nil, http.StatusUnprocessableEntity,
			[]string{"/data/reason"}},
		"a missing attribute": {decision, []string{"ce-specversion", ""}, http.StatusUnprocessableEntity,
			[]string{"/specversion"}},
		"what is no UTF-8": {decision, []string{"ce-who", "%e2%82"}, http.StatusUnprocessableEntity,
			[]string{"/who"}},
		"a hidden character, encoded": {decision, []string{"ce-actor", "ak%E2%80%8B"}, http.StatusUnprocessableEntity,
			[]string{"/actor"}},
		"data in a header": {decision, []string{"ce-data", "{}"}, http.StatusUnprocessableEntity,
			[]string{"/data"}},
		"the media type in a ce header": {decision, []string{"ce-datacontenttype", "application/json"},
			http.StatusUnprocessableEntity, []string{"/datacontenttype"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			rec := w.do(http.MethodPost, "/v1/events", c.body, binaryHeaders(c.more...)...)
			require.Equal(t, c.status, rec.Code, rec.Body)
			require.Equal(t, c.pointers, pointers(decode[httpapi.Problem](t, rec)))
		})
	}
	t.Run("a header twice", func(t *testing.T) {
		_, err := events.FromBinary(map[string][]string{"actor": {"a", "b"}, "id": {"x"}}, []byte("{}"))
		require.ErrorContains(t, err, "/actor")
	})
	t.Run("JSON without attributes is no event", func(t *testing.T) {
		require.Equal(t, http.StatusUnsupportedMediaType,
			newWorld(t).do(http.MethodPost, "/v1/events", decision, "Content-Type", "application/json").Code)
	})
	t.Run("too large with its attributes", func(t *testing.T) {
		rec := newWorld(t).do(http.MethodPost, "/v1/events", `{"x":"`+strings.Repeat("x", 256<<10-10)+`"}`,
			binaryHeaders()...)
		require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
	})
}

func TestARouteOfATypeTakesThatTypeOnly(t *testing.T) {
	w := newWorld(t)
	for _, kind := range event.Types() {
		path := "/v1/events/" + events.Name(kind)
		wrong := w.do(http.MethodPost, path, w.event(worldtest.NewEvent(other(kind), worldtest.Object{})), "Content-Type",
			"application/cloudevents+json")
		require.Equal(t, http.StatusUnprocessableEntity, wrong.Code, path)
		require.Equal(t, []string{"/type"}, pointers(decode[httpapi.Problem](t, wrong)), path)
		right := w.do(http.MethodPost, path, w.event(worldtest.NewEvent(kind, worldtest.Object{"x": 1})), "Content-Type",
			"application/cloudevents+json")
		require.Contains(t, pointers(decode[httpapi.Problem](t, right)), "/data/x", path)
	}
	typed := func(name, body string) (int, string) {
		rec := w.do(http.MethodPost, "/v1/events/"+name, body, "Content-Type", "application/cloudevents+json")
		return rec.Code, rec.Body.String()
	}
	request := w.event(received(1))
	for _, name := range []string{"order.lifted", "ORDER.ENDED", "lapse.order.ended.v1", "order.ended.v1", "order", ""} {
		status, _ := typed(name, request)
		require.Equal(t, http.StatusNotFound, status, name)
	}
	status, body := typed("request.received", request)
	require.Equal(t, http.StatusCreated, status, body)

	t.Run("whose type stands twice", func(t *testing.T) {
		status, body := typed("order.received", `{"type":"lapse.order.ended.v1","type":"lapse.order.received.v1"}`)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, body, "has to be lapse.order.received.v1 on this path")
	})
	t.Run("in a batch each on its own", func(t *testing.T) {
		again := w.event(order("ord-1").Endless().Without("signed"))
		rec := w.do(http.MethodPost, "/v1/events/order.received", "["+request+","+again+"]", "Content-Type",
			"application/cloudevents-batch+json")
		list := decode[[]item](t, rec)
		require.Equal(t, []int{422, 201}, []int{list[0].Status, list[1].Status})
	})
	t.Run("in the binary mode", func(t *testing.T) {
		require.Equal(t, http.StatusUnprocessableEntity,
			w.do(http.MethodPost, "/v1/events/order.ended", decision, binaryHeaders("ce-id", "b-1")...).Code)
		require.Equal(t, http.StatusCreated, w.do(http.MethodPost, "/v1/events/request.decided", decision,
			binaryHeaders("ce-id", "b-2")...).Code)
	})
}

// other is a type that is not the given one.
func other(kind event.Type) event.Type {
	if kind == event.OrderEnded {
		return event.OrderReceived
	}
	return event.OrderEnded
}
