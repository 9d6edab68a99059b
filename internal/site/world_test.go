package site_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"lapse/internal/notice"
	"lapse/internal/site"
	"lapse/internal/worldtest"
)

// start is the world's first instant.
var start = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// world is the pages over a world that real events fill.
type world struct {
	*worldtest.World
	site         *site.Site
	mails        []site.Mail
	texts, pages map[int]string
	mux          *http.ServeMux
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: worldtest.New(t), texts: map[int]string{}, pages: map[int]string{}, mux: http.NewServeMux()}
	w.Set(start)
	w.site = &site.Site{
		Inquire: w.Inquire, Matters: w.matters, Mails: func() []site.Mail { return w.mails }, Now: w.Now, Log: w.Logger(),
		Text: func(n int) (string, bool) { s, ok := w.texts[n]; return s, ok },
		HTML: func(n int) (string, bool) { s, ok := w.pages[n]; return s, ok }, Next: w.next, Give: w.give,
	}
	for pattern, h := range w.site.Routes() {
		w.mux.HandleFunc(pattern, h)
	}
	t.Cleanup(func() { require.Empty(t, w.Log.String(), "nothing may fail") })
	return w
}

// next is when the next thing on the agenda comes up.
func (w *world) next(ctx context.Context) (time.Time, bool) {
	v, err := w.Inquire.AgendaUntil(ctx, w.Now().AddDate(50, 0, 0), "", 100)
	require.NoError(w.T, err)
	for _, i := range v.Items {
		if i.At.After(w.Now()) {
			return i.At, true
		}
	}
	return time.Time{}, false
}

// matters lists the matters that have an event, from the receipts of what the test posted.
func (w *world) matters(ctx context.Context) ([]string, error) {
	var out []string
	for _, id := range []string{"mat-2026-0117", "mat-a", "mat-hostile", "mat-many", "mat-us-pen", "mat-br", "mat-early"} {
		if _, err := w.Store.Head(ctx, id); err == nil {
			out = append(out, id)
		}
	}
	return out, nil
}

// post records the events in the matter, in order.
func (w *world) post(id string, events ...worldtest.Event) {
	w.T.Helper()
	for _, e := range events {
		w.Post(e.In(id))
	}
}

// request is a Californian court's search warrant about consumers.
func request(people ...string) worldtest.Event {
	return worldtest.Request(people...).From(worldtest.California()).With(worldtest.Object{"reference": "3:26-mj-00123"})
}

// order is an order of the same court. It covers the people, everybody if there are none.
func order(id string, people ...string) worldtest.Event {
	return worldtest.Order(id, people...).From(worldtest.California()).SignedOn("2026-02-20")
}

// disclosure is what was handed over a day before the start.
func disclosure(people ...string) worldtest.Event {
	return worldtest.Disclosure("d1", people...).At("2026-03-01T12:00:00Z")
}

// told moves a notice as the dispatcher and SES would, and puts its mail into the inbox.
func (w *world) told(id, disclosure, subject string, ops ...notice.Op) {
	w.T.Helper()
	nid, token := notice.ID(worldtest.Salt(), id, disclosure, subject), "attempt-"+subject
	w.Move(nid, worldtest.Claim(token, w.Now()), worldtest.Complete(token, w.Now()))
	for _, op := range ops {
		w.Move(nid, worldtest.Report(op, token, "", w.Now().Add(2*time.Second)))
	}
	of, hash, _ := notice.SplitID(nid)
	n := len(w.mails) + 1
	w.mails = append(w.mails, site.Mail{
		N: n, To: subject + "@example.com", Subject: "Notice about your data", ReceivedAt: w.Now(),
		MessageID: worldtest.MessageID(token),
		Tags:      map[string]string{"matter": of, "notice": hash, "attempt": token},
	})
	w.texts[n], w.pages[n] = "We handed over your data.\n", "<p>We handed over your data.</p>"
}

// threePeople is the matter that the look shows: one told at once, one held to a known end, one without end.
func (w *world) threePeople() {
	w.T.Helper()
	const id = "mat-2026-0117"
	w.post(id, request("zebra7", "yak31", "lynx12"), worldtest.Comply(), order("ord-1", "zebra7").Until("2026-05-31"),
		order("ord-1b", "zebra7").Extends("ord-1").With(worldtest.Object{"startsOn": "2026-04-28"}),
		order("ord-2", "lynx12").Endless(), disclosure("zebra7", "yak31", "lynx12").At("2026-03-02T10:00:00Z"))
	w.Advance(time.Minute)
	w.told(id, "d1", "yak31", notice.OpDelivery)
	w.Set(time.Date(2026, 5, 14, 9, 30, 0, 0, time.UTC))
}

// get fetches a page that has to be there.
func (w *world) get(path string) *html.Node {
	w.T.Helper()
	return w.status(path, http.StatusOK)
}

func (w *world) status(path string, want int) *html.Node {
	w.T.Helper()
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, httptest.NewRequestWithContext(w.T.Context(), http.MethodGet, path, nil))
	require.Equal(w.T, want, rec.Code, "%s: %s", path, rec.Body)
	require.Equal(w.T, "text/html; charset=utf-8", rec.Header().Get("Content-Type"), path)
	require.Equal(w.T,
		"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "+
			"frame-src 'self'; frame-ancestors 'none'",
		rec.Header().Get("Content-Security-Policy"), path)
	root, err := html.Parse(rec.Body)
	require.NoError(w.T, err)
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

// give posts the approval of a form.
func (w *world) give(ctx context.Context, a site.Approval) error {
	posted := w.Numbered(worldtest.Given(a.ID).In(a.Matter).Reason(a.Reason)).JSON(w.T)
	_, err := w.Intake.Take(ctx, posted, "http", a.Principal)
	return err
}
