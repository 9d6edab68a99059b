package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/dynamo"
	"lapse/internal/dynamo/engine"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/mailbox"
	"lapse/internal/matter"
	"lapse/internal/seal"
	"lapse/internal/sesmail"
	"lapse/internal/store"
	"lapse/internal/wire"
	"lapse/internal/worldtest"
)

const (
	// benchNotices is how many notices one pass sends, benchPasses how many passes are made; the best of each side counts.
	benchNotices = 1000
	benchPasses  = 3
	benchWorkers = 32
)

// request is one request of the dispatcher to the store or to SES, as it stood on the wire.
type request struct {
	ses    bool
	header http.Header
	body   []byte
}

// kind names a request by its operation, and a DynamoDB write by the kind of item it concerns.
func (r request) kind() string {
	if r.ses {
		form, _ := url.ParseQuery(string(r.body))
		return form.Get("Action")
	}
	_, op, _ := strings.Cut(r.header.Get("X-Amz-Target"), ".")
	return op
}

// recorder keeps every request that passes through it, in the order of arrival.
type recorder struct {
	mu   sync.Mutex
	list []request
}

func (rec *recorder) proxy(tb testing.TB, target string, ses bool) string {
	u, err := url.Parse(target)
	require.NoError(tb, err)
	proxy := httputil.NewSingleHostReverseProxy(u)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "read", http.StatusBadGateway)
			return
		}
		rec.mu.Lock()
		rec.list = append(rec.list, request{ses, r.Header.Clone(), body})
		rec.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

// scene is an engine and an SES stand-in, both in memory, with notices that are due.
type scene struct {
	engine, ses string
	keyFile     string
	key         *seal.FileKey
	box         *mailbox.Server
	now         func() time.Time
}

// anEngine starts an engine in memory of the test's own and returns its endpoint.
func anEngine(tb testing.TB) string {
	tb.Helper()
	dir, err := engine.CacheDir()
	require.NoError(tb, err)
	binary, err := engine.Ensure(tb.Context(), dir)
	require.NoError(tb, err)
	e, err := engine.Start(tb.Context(), engine.Options{Binary: binary})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, e.Stop()) })
	return e.URL
}

func newScene(tb testing.TB, notices int) *scene {
	s := &scene{engine: anEngine(tb), now: time.Now}
	var err error
	s.box, err = mailbox.Open(mailbox.Config{Now: s.now, Identities: []string{"lapse.example"},
		ConfigurationSets: []string{configurationSet}})
	require.NoError(tb, err)
	server := httptest.NewServer(s.box)
	tb.Cleanup(server.Close)
	s.ses = server.URL
	s.key, err = seal.OpenFileKey(filepath.Join(tb.TempDir(), "key"))
	require.NoError(tb, err)
	s.fill(tb, notices)
	return s
}

func (s *scene) store(tb testing.TB, endpoint string) *dynamo.Store {
	cfg := local()
	cfg.BaseEndpoint = aws.String(endpoint)
	client := dynamo.NewClient(cfg, 2*benchWorkers)
	template, err := os.ReadFile("../../../template.yaml")
	require.NoError(tb, err)
	require.NoError(tb, dynamo.CreateTable(context.Background(), client, template, tableName))
	return dynamo.New(client, tableName)
}

// fill records one matter, and works off what is no notice, so that a pass is about notices alone.
func (s *scene) fill(tb testing.TB, notices int) {
	recordMatter(tb, s.store(tb, s.engine), s.key, s.now, "mat-bench", notices)
	d := s.dispatcher(tb, s.engine, s.ses, false)
	d.Now = func() time.Time { return s.now().Add(2 * time.Second) } // its rows stand at the next whole second
	d.sweep(tb)
}

// recordMatter records one request, the decision and one disclosure of the given number of subjects, at most 1,000.
func recordMatter(tb testing.TB, store store.Store, key *seal.FileKey, now func() time.Time, id string, notices int) {
	book, err := law.Load()
	require.NoError(tb, err)
	in := &intake.Service{
		Now: now, Store: store,
		Sealer: &seal.Sealer{Key: key}, Mailboxes: &keyring.Mailboxes{Key: key, Store: store},
		Law: book, Policy: policyVersion, Log: slog.New(slog.DiscardHandler),
	}
	var ids []string
	for i := range notices {
		ids = append(ids, fmt.Sprintf("user%04d", i))
	}
	// The same instants and ids in every scene, so that a recorded request fits every one of them.
	story := []worldtest.Event{worldtest.Request(ids...), worldtest.Comply(), worldtest.Disclosure("d1", ids...)}
	for i, e := range story {
		raw := e.In(id).Named(fmt.Sprintf("%s-e%d", id, i)).JSON(tb)
		_, err := in.Take(context.Background(), raw, "http", "bench")
		require.NoError(tb, err)
	}
}

type dispatcher struct{ *dispatch.Service }

func (d dispatcher) sweep(tb testing.TB) dispatch.Report {
	r, err := d.Sweep(context.Background())
	require.NoError(tb, err)
	return r
}

func (s *scene) dispatcher(tb testing.TB, engineURL, sesURL string, sending bool) dispatcher {
	s.store(tb, engineURL)
	d, err := s.wire(engineURL, sesURL, sending)
	require.NoError(tb, err)
	return dispatcher{d}
}

// wire makes a dispatcher as the function does in the cloud.
func (s *scene) wire(engineURL, sesURL string, sending bool) (*dispatch.Service, error) {
	tables, mails := local(), local()
	tables.BaseEndpoint, mails.BaseEndpoint = &engineURL, &sesURL
	store := dynamo.New(dynamo.NewClient(tables, 2*benchWorkers), tableName)
	return newDispatcher(store, s.key, sesmail.NewAPI(mails, benchWorkers), s.now, sending)
}

func newDispatcher(store store.Store, key *seal.FileKey, api sesmail.API, now func() time.Time,
	sending bool) (*dispatch.Service, error) {
	from, err := matter.ParseAddress(sender)
	if err != nil {
		return nil, err
	}
	return &dispatch.Service{
		Now: now, Store: store,
		Opener: &seal.Opener{Key: key}, Bus: noBus{}, Token: wire.Token, Jitter: mrand.Int64N,
		Log:    slog.New(slog.DiscardHandler),
		Mailer: &sesmail.Client{API: api, From: from, ConfigurationSet: configurationSet, Now: now},
		Settings: dispatch.Settings{
			Workers: benchWorkers, SendingEnabled: sending,
			Sender: letter.Sender{From: sender, Name: "Lapse", ReplyTo: replyTo, PolicyURL: policyURL},
		},
	}, nil
}

// record makes one sweep through proxies that keep every request.
func record(tb testing.TB, notices int) []request {
	s := newScene(tb, notices)
	var rec recorder
	d := s.dispatcher(tb, rec.proxy(tb, s.engine, false), rec.proxy(tb, s.ses, true), true)
	rec.list = nil
	require.Equal(tb, notices, d.sweep(tb).Sent)
	return rec.list
}

// replay sends the recorded requests with plain clients, as many at once as the dispatcher has workers, and returns how
// long that took and how many of them were refused.
func (s *scene) replay(tb testing.TB, list []request) (time.Duration, int64) {
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 2 * benchWorkers, DialContext: (&net.Dialer{}).DialContext, DisableCompression: true,
	}}
	defer client.CloseIdleConnections()
	var next, refused atomic.Int64
	var g sync.WaitGroup
	began := time.Now()
	for range benchWorkers {
		g.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(len(list)) {
					return
				}
				target := s.engine
				if list[i].ses {
					target = s.ses
				}
				req, err := http.NewRequest("POST", target+"/", bytes.NewReader(list[i].body))
				if err != nil {
					refused.Add(1)
					continue
				}
				req.Header = list[i].header
				resp, err := client.Do(req)
				if err != nil {
					refused.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					refused.Add(1)
				}
			}
		})
	}
	g.Wait()
	return time.Since(began), refused.Load()
}

// BenchmarkDispatcher prints the dispatcher's notices a second against dynoxide and the SES stand-in, beside the
// ceiling of the same run: the same requests, recorded from the dispatcher and replayed by plain clients with the same
// concurrency. Run it once: go test -run '^$' -bench Dispatcher -benchtime 1x ./internal/cmd/lapse
func BenchmarkDispatcher(b *testing.B) {
	list := record(b, benchNotices)
	var own, ceiling []time.Duration
	var refused int64
	for b.Loop() {
		for range benchPasses {
			s := newScene(b, benchNotices)
			d := s.dispatcher(b, s.engine, s.ses, true)
			began := time.Now()
			require.Equal(b, benchNotices, d.sweep(b).Sent)
			own = append(own, time.Since(began))
			took, bad := newScene(b, benchNotices).replay(b, list)
			ceiling, refused = append(ceiling, took), bad
		}
	}
	rate := func(d time.Duration) float64 { return benchNotices / d.Seconds() }
	fmt.Printf("\nrequests a notice: %s\n", perNotice(list, benchNotices))
	fmt.Printf("dispatcher  %7.0f notices/s (best of %d passes of %d)\n", rate(slices.Min(own)), len(own), benchNotices)
	fmt.Printf("ceiling     %7.0f notices/s (%d of %d replayed requests refused)\n", rate(slices.Min(ceiling)), refused,
		len(list))
	ratio := slices.Min(ceiling).Seconds() / slices.Min(own).Seconds()
	fmt.Printf("ratio %.2f\n", ratio)
	b.ReportMetric(rate(slices.Min(own)), "notices/s")
	b.ReportMetric(ratio, "ratio")
}

// perNotice writes how many requests of each kind one notice took.
func perNotice(list []request, notices int) string {
	count := map[string]int{}
	for _, r := range list {
		count[r.kind()]++
	}
	var kinds []string
	for k := range count {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	var out []string
	for _, k := range kinds {
		out = append(out, fmt.Sprintf("%s %.2f", k, float64(count[k])/float64(notices)))
	}
	return strings.Join(out, ", ")
}

// TestRequestsANoticeTakes holds the requests to the store from a notice's row coming up to "sent". The goal is 3.6
// (DESIGN 14).
func TestRequestsANoticeTakes(t *testing.T) {
	const notices, pages = 800, agenda.NoticeShards
	count := map[string]int{}
	all := 0
	for _, r := range record(t, notices) {
		count[r.kind()]++
		if !r.ses {
			all++
		}
	}
	t.Logf("%.2f requests a notice: %v", float64(all)/notices, count)
	require.Equal(t, notices, count["SendRawEmail"])
	require.Zero(t, count["UpdateItem"], "a notice is replaced whole")
	require.LessOrEqual(t, count["PutItem"], 2*notices+pages+8, "claim and complete; what a page has in flight; quota, "+
		"refusals, the sweep's end and the letter's facts")
	require.LessOrEqual(t, count["GetItem"], notices+10, "the head as the final check; several share a reading")
	require.LessOrEqual(t, count["BatchGetItem"], 3*pages+1, "a page: its notices, the heads and the subjects; the "+
		"control items")
	require.LessOrEqual(t, count["BatchWriteItem"]+count["DeleteItem"], 2*(notices/25+pages)+pages, "rows, put and "+
		"deleted 25 at a time, and what a page had in flight")
	require.Less(t, 10*all, 36*notices)
}
