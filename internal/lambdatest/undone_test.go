package lambdatest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/lambdatest"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// undone runs what the samples do not: functions that end in the midst of their work, and the next one that makes it
// good, each within its own rights. The agenda is asked for, and SES rejects a mail.
func (s *stand) undone(t *testing.T, binaries map[string]string) {
	in := s.world(t)
	take := func(function string, event []byte, cut bool) string {
		t.Helper()
		env := in.environment(t, function)
		if cut {
			env = append(env, "AWS_ENDPOINT_URL_DYNAMODB="+cutting(t, s.guards[function]))
		}
		f := lambdatest.Start(t, binaries[function], env...)
		answer, err := f.Invoke(event, timeout)
		require.NoError(t, err)
		require.Nil(t, answer.Error, "%s: %s", answer.Error, f.Log())
		s.calls.metrics(t, f.Log())
		return string(answer.Payload)
	}
	// What is recorded in this second comes up in the next.
	sweep := func(until func() bool) {
		t.Helper()
		for end := time.Now().Add(timeout); !until(); {
			require.True(t, time.Now().Before(end), "no sweep did it: %v", in.recipients())
			take("dispatch", []byte("{}"), false)
		}
	}
	taken := func(payload string) { t.Helper(); require.Contains(t, payload, `"statusCode":201`) }
	// A function that is cut off cannot tell what is in flight, so it acknowledges nothing that forbids mails.
	unanswered := func(payload string) { t.Helper(); require.Contains(t, payload, `"statusCode":50`) }
	for _, sample := range []string{"api-request-received", "api-request-decided", "api-order-received"} {
		taken(take("api", readSample(t, sample), false))
	}

	// The sweep makes the notices of a disclosure that was cut off.
	taken(take("api", readSample(t, "api-disclosure"), true))
	sweep(func() bool { return len(in.recipients()) > 0 })
	require.Equal(t, []string{"u1@example.com"}, in.recipients())

	// The sweep writes the subjects of an amendment that was cut off; so does the next event, through either door.
	amendment := worldtest.Amendment(worldtest.Object{"subjects": worldtest.Subjects("u2")})
	order := func(id string) worldtest.Event { return worldtest.Order(id, "u2").Until("2099-08-31").Named(id) }
	unanswered(take("api", posted(t, amendment.Named("amd-1")), true))
	require.Len(t, in.pending(t), 1)
	sweep(func() bool { return len(in.pending(t)) == 0 })
	unanswered(take("api", posted(t, amendment.Named("amd-2")), true))
	require.Len(t, in.pending(t), 1)
	taken(take("api", posted(t, order("ord-2")), false))
	require.Empty(t, in.pending(t))
	const none = `{"batchItemFailures":[]}`
	require.JSONEq(t, none, take("intake", queued(t, amendment.Named("amd-3")), true))
	require.Len(t, in.pending(t), 1)
	require.JSONEq(t, none, take("intake", queued(t, order("ord-3")), false))
	require.Empty(t, in.pending(t))
	all, err := in.store.Subjects(t.Context(), matterID, []string{"u2"})
	require.NoError(t, err)
	require.Equal(t, ledger.ReceiptKey("legal.example", "amd-3"), all["u2"].Event)

	second := worldtest.Disclosure("d2", "u1", "u2").At("2026-03-01T09:30:00Z").Named("dis-2")
	require.JSONEq(t, none, take("intake", queued(t, second), false))
	sweep(func() bool { return len(in.recipients()) > 1 })
	require.Equal(t, []string{"u1@example.com", "u1@example.com"}, in.recipients())
	agenda := bytes.ReplaceAll(readSample(t, "api-get-matter"), []byte("/v1/matters/"+matterID), []byte("/v1/agenda"))
	require.Contains(t, take("api", agenda, false), `"statusCode":200`)

	in.erased(t, func() {
		wish := worldtest.NewEvent(event.ContactChanged, worldtest.Object{"subjectId": "u1", "erase": true})
		taken(take("api", posted(t, wish.Named("erase-1")), false))
	}, sweep)
	in.rejected(t, take)
}

// erased has the sweep erase the contacts of the subject whose notices are told.
func (w *world) erased(t *testing.T, wish func(), sweep func(func() bool)) {
	t.Helper()
	for _, d := range []string{"d1", "d2"} {
		n, err := w.store.Notice(t.Context(), w.noticeID(t, d))
		require.NoError(t, err)
		report := notice.Reported(notice.OpDelivery, n.Token, n.MessageID, notice.ReasonDelivered,
			time.Now().UTC().Truncate(time.Second))
		_, ok, err := w.store.Apply(t.Context(), n, report)
		require.NoError(t, err)
		require.True(t, ok)
	}
	wish()
	sweep(func() bool {
		all, err := w.store.Subjects(t.Context(), matterID, []string{"u1"})
		require.NoError(t, err)
		return all["u1"].Erased
	})
}

// rejected has SES reject the notice of the delivery samples.
func (w *world) rejected(t *testing.T, take func(string, []byte, bool) string) {
	t.Helper()
	*w = *w.stand.named(t, t.Name()+"-rejected")
	w.notice(t, "sent")
	event := strings.NewReplacer(`\"Bounce\"`, `\"Reject\"`).Replace(string(readSample(t, "delivery-bounce")))
	require.JSONEq(t, `{"batchItemFailures":[]}`, take("delivery", []byte(event), false))
	n, err := w.store.Notice(t.Context(), w.noticeID(t, "d1"))
	require.NoError(t, err)
	require.Equal(t, notice.ReasonRejected, n.Reason)
}

func (w *world) recipients() []string {
	var to []string
	for _, m := range w.mail.Mails() {
		to = append(to, m.To)
	}
	return to
}

// pending are the subjects that the matter's entries still hold.
func (w *world) pending(t *testing.T) []matter.Subject {
	t.Helper()
	entries, err := w.store.Entries(t.Context(), matterID, 0, 100)
	require.NoError(t, err)
	var all []matter.Subject
	for _, e := range entries {
		all = append(all, e.Pending...)
	}
	return all
}

// cutting is an endpoint that takes a function's requests up to its first transaction, and none after it.
func cutting(t *testing.T, endpoint string) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	require.NoError(t, err)
	var cut atomic.Bool
	to := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cut.Load() {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"ResourceNotFoundException","message":"cut off"}`)
			return
		}
		to.ServeHTTP(w, r)
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
			cut.Store(true)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func readSample(t *testing.T, name string) []byte {
	t.Helper()
	event, err := os.ReadFile(filepath.Join(samples, name+".json"))
	require.NoError(t, err)
	return event
}

// posted is the request that posts an event, queued the message that brings it from the bus.
func posted(t *testing.T, e worldtest.Event) []byte {
	t.Helper()
	var request map[string]any
	require.NoError(t, json.Unmarshal(readSample(t, "api-request-received"), &request))
	request["body"] = string(e.JSON(t))
	return encoded(t, request)
}

func queued(t *testing.T, e worldtest.Event) []byte {
	t.Helper()
	var batch struct{ Records []map[string]any }
	require.NoError(t, json.Unmarshal(readSample(t, "intake-order-received"), &batch))
	batch.Records[0]["body"] = fmt.Sprintf(`{"detail-type":%q,"source":"legal.example","account":"123456789012",
		"detail":%s}`, e.Type, e.JSON(t))
	return encoded(t, batch)
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}
