package site_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/review"
	"lapse/internal/seal"
	"lapse/internal/site"
)

// start is the world's first instant.
var start = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// world is the pages over a store in memory that real events fill, and a clock that only the test moves.
type world struct {
	*site.Site
	t      testing.TB
	intake *intake.Service
	store  *memory.Store
	mails  []site.Mail
	texts  map[int]string
	now    time.Time
	events int
	log    strings.Builder
	mux    *http.ServeMux
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, store: &memory.Store{}, now: start, texts: map[int]string{}}
	key, err := seal.OpenFileKey(filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	book, err := law.Load()
	require.NoError(t, err)
	fields, err := review.LoadFields()
	require.NoError(t, err)
	clock := func() time.Time { return w.now }
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	w.intake = &intake.Service{
		Now: clock, Store: w.store,
		Sealer: &seal.Sealer{Key: key}, Law: book, Rules: law.DefaultPolicy(), Fields: fields, Policy: "2026-01", Log: log,
	}
	w.Site = &site.Site{
		Inquire: &inquire.Service{Now: clock, Store: w.store, Law: book, Letter: letter.Sender{
			From: "notices@example.com", Name: "Example", ReplyTo: "legal@example.com", PolicyURL: "https://example.com/policy",
		}},
		Matters: w.matters, Mails: func() []site.Mail { return w.mails }, Now: clock, Log: log,
		Text: func(n int) (string, bool) { s, ok := w.texts[n]; return s, ok },
		Next: func(ctx context.Context) (time.Time, bool) {
			v, err := w.Inquire.AgendaUntil(ctx, w.now.AddDate(50, 0, 0), "", 100)
			require.NoError(t, err)
			for _, i := range v.Items {
				if i.At.After(w.now) {
					return i.At, true
				}
			}
			return time.Time{}, false
		},
	}
	w.mux = http.NewServeMux()
	for pattern, h := range w.Routes() {
		w.mux.HandleFunc(pattern, h)
	}
	t.Cleanup(func() { require.Empty(t, w.log.String(), "nothing may fail") })
	return w
}

// matters lists the matters that have an event, from the receipts of what the test posted.
func (w *world) matters(ctx context.Context) ([]string, error) {
	var out []string
	for _, id := range []string{"mat-2026-0117", "mat-a", "mat-hostile", "mat-many", "mat-us-pen", "mat-br", "mat-early"} {
		if _, err := w.store.Head(ctx, id); err == nil {
			out = append(out, id)
		}
	}
	return out, nil
}

// post records an event of the type for the matter, with the data as written.
func (w *world) post(id, kind, data string) {
	w.t.Helper()
	w.events++
	raw := fmt.Sprintf(`{"specversion":"1.0","id":"e%d","source":"legal.example","type":"lapse.%s.v1","subject":%q,`+
		`"actor":"counsel:ak","data":%s}`,
		w.events, kind, id, data)
	_, err := w.intake.Take(w.t.Context(), []byte(raw), "http", "test")
	require.NoError(w.t, err)
}

// subjects are consumers with a verified address each.
func subjects(ids ...string) string {
	var s []string
	for _, id := range ids {
		s = append(s,
			fmt.Sprintf(`{"id":%q,"accountClass":"consumer","contacts":[{"role":"user","email":"%s@example.com",`+
				`"verified":true}]}`, id, id))
	}
	return "[" + strings.Join(s, ",") + "]"
}

const court = `{"name":"N.D. Cal.","role":"court","country":"US","zone":"America/Los_Angeles"}`

func request(instrument, people string) string {
	return fmt.Sprintf(`{"reference":"3:26-mj-00123","legalBasis":"18 U.S.C. 2703","instrument":%q,"issuer":%s,`+
		`"receivedAt":"2026-02-20T10:00:00Z","dataSought":[{"category":"content"}],"subjects":%s}`,
		instrument, court, people)
}

const comply = `{"decision":"comply","reason":"valid on its face"}`

func disclosure(id, at, people string) string {
	return fmt.Sprintf(`{"disclosureId":%q,"basis":"compelled","at":%q,"categories":["content"],"content":true,`+
		`"subjects":%s}`, id, at, people)
}

func order(id, covers, end, more string) string {
	return fmt.Sprintf(`{"orderId":%q,"kind":"court_order","issuer":%s,"covers":{"subjects":%s},"end":%s,`+
		`"legalBasis":"18 U.S.C. 2705(b)","signed":true,"signedOn":"2026-02-20"%s}`,
		id, court, covers, end, more)
}

// told moves a notice as the dispatcher and SES would, and puts its mail into the inbox.
func (w *world) told(id, disclosure, subject string, ops ...notice.Op) {
	w.t.Helper()
	nid := notice.ID(id, disclosure, subject, matter.User)
	w.move(nid, notice.Act{Op: notice.OpClaim, Token: "t1", At: w.now, Next: w.now.Add(time.Minute), Due: w.now})
	w.move(nid, notice.Act{Op: notice.OpComplete, Token: "t1", At: w.now, MessageID: "m-" + subject})
	for _, op := range ops {
		w.move(nid, notice.Act{Op: op, Token: "t1", At: w.now.Add(2 * time.Second), MessageID: "m-" + subject})
	}
	of, hash, _ := notice.SplitID(nid)
	n := len(w.mails) + 1
	w.mails = append(w.mails, site.Mail{
		N: n, To: subject + "@example.com", Subject: "Notice about your data", ReceivedAt: w.now, MessageID: "m-" + subject,
		Tags: map[string]string{"matter": of, "notice": hash, "attempt": "t1"},
	})
	w.texts[n] = "We handed over your data.\n"
}

func (w *world) move(id string, a notice.Act) {
	w.t.Helper()
	_, ok, err := w.store.Apply(w.t.Context(), notice.Notice{ID: id}, a)
	require.NoError(w.t, err)
	require.True(w.t, ok, "%s is refused", a.Op)
}

// threePeople is the matter that the look shows: one told at once, one held to a known end, one without end.
func (w *world) threePeople() {
	w.t.Helper()
	const id = "mat-2026-0117"
	w.post(id, "request.received", request("search_warrant", subjects("zebra7", "yak31", "lynx12")))
	w.post(id, "request.decided", comply)
	w.post(id, "order.received", order("ord-1", `["zebra7"]`, `{"kind":"date","date":"2026-05-31","wording":"until"}`, ""))
	w.post(id, "order.received", order("ord-1b", `["zebra7"]`, `{"kind":"date","date":"2026-08-31","wording":"until"}`,
		`,"extends":"ord-1","startsOn":"2026-04-28"`))
	w.post(id, "order.received", order("ord-2", `["lynx12"]`, `{"kind":"none"}`, ""))
	w.post(id, "disclosure.made", disclosure("d1", "2026-03-02T10:00:00Z", `["zebra7","yak31","lynx12"]`))
	w.now = w.now.Add(time.Minute)
	w.told(id, "d1", "yak31", notice.OpDelivery)
	w.now = time.Date(2026, 5, 14, 9, 30, 0, 0, time.UTC)
}

// get fetches a page that has to be there.
func (w *world) get(path string) *html.Node {
	w.t.Helper()
	return w.status(path, http.StatusOK)
}

func (w *world) status(path string, want int) *html.Node {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil))
	require.Equal(w.t, want, rec.Code, "%s: %s", path, rec.Body)
	require.Equal(w.t, "text/html; charset=utf-8", rec.Header().Get("Content-Type"), path)
	require.Equal(w.t,
		"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		rec.Header().Get("Content-Security-Policy"), path)
	root, err := html.Parse(rec.Body)
	require.NoError(w.t, err)
	return root
}

// all are the elements with the tag, in document order; "" is every element.
func all(root *html.Node, tag string) []*html.Node {
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is the words of a node with their spaces made single.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch d.Type {
		case html.TextNode:
			b.WriteString(d.Data)
		case html.ElementNode:
			b.WriteString(" ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
