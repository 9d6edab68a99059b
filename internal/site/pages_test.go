package site_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// full is a world with everything the pages can show.
func full(t testing.TB) *world {
	w := newWorld(t)
	w.threePeople()
	w.Set(start)
	w.decades()
	w.hostile()
	w.awaited()
	w.many()
	w.foreign()
	w.Set(time.Date(2026, 5, 14, 9, 30, 0, 0, time.UTC))
	return w
}

// elsewhere are the routes that other parts of the stack serve.
func elsewhere(method, path string) bool {
	return method == http.MethodPost && path == "/local/clock" ||
		path == "/openapi.json" || strings.HasPrefix(path, "/local/inbox/") && strings.HasSuffix(path, ".eml")
}

// crawl returns every page that links lead to from the docket, by its address.
func (w *world) crawl() map[string]*html.Node {
	w.T.Helper()
	pages := map[string]*html.Node{}
	for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
		path, _, _ := strings.Cut(todo[0], "#")
		if _, seen := pages[path]; seen {
			continue
		}
		pages[path] = w.get(path)
		for _, a := range all(pages[path], "a") {
			href := attr(a, "href")
			require.NotEmpty(w.T, href, "a link without an address on %s", path)
			if !strings.HasPrefix(href, "#") && !elsewhere(http.MethodGet, href) {
				todo = append(todo, href)
			}
		}
	}
	return pages
}

func TestEveryPageKeepsTheHouseRules(t *testing.T) {
	w := full(t)
	pages := w.crawl()
	require.Contains(t, pages, "/local/inbox")
	require.Contains(t, pages, "/matters/mat-hostile")
	require.Contains(t, pages, "/notices/"+notice.ID(worldtest.Salt(), "mat-2026-0117", "d1", "zebra7"))
	require.Contains(t, pages, "/local/mail/1")
	for path, root := range pages {
		noStyleNoScript(t, path, root)
		headings(t, path, root)
		references(t, w, path, root)
		require.Equal(t, "en", attr(all(root, "html")[0], "lang"), path)
		title := text(all(root, "title")[0])
		require.True(t, len(title) > len(" · Lapse") && strings.HasSuffix(title, " · Lapse"), "%s: %q", path, title)
		for _, th := range all(root, "th") {
			require.NotEmpty(t, attr(th, "scope"), "%s: a heading cell without scope", path)
		}
		for _, svg := range all(root, "svg") {
			if attr(svg, "aria-hidden") != "true" {
				require.Equal(t, "img", attr(svg, "role"), path)
				require.Greater(t, len(attr(svg, "aria-label")), 20, path)
			}
		}
	}
}

// noStyleNoScript holds a page to the policy that its header sets.
func noStyleNoScript(t *testing.T, path string, root *html.Node) {
	t.Helper()
	for _, n := range all(root, "") {
		require.NotContains(t, []string{"script", "style", "object", "base"}, n.Data, path)
		if n.Data == "iframe" { // a mail, which can do nothing in it
			require.Contains(t, n.Attr, html.Attribute{Key: "sandbox"}, path)
			require.Regexp(t, "^/local/mail/[0-9]+/html$", attr(n, "src"), path)
		}
		for _, a := range n.Attr {
			require.False(t, a.Key == "style" || strings.HasPrefix(a.Key, "on"), "%s: <%s %s>", path, n.Data, a.Key)
			require.False(t, strings.HasPrefix(a.Val, "javascript:"), "%s: <%s %s>", path, n.Data, a.Key)
		}
	}
}

// headings wants one h1, first, and no level left out.
func headings(t *testing.T, path string, root *html.Node) {
	t.Helper()
	level, ones := 0, 0
	for _, n := range all(root, "") {
		if len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		next := int(n.Data[1] - '0')
		require.LessOrEqual(t, next, level+1, "%s: %s", path, text(n))
		level = next
		if next == 1 {
			ones++
		}
	}
	require.Equal(t, 1, ones, path)
}

// references wants every address to lead somewhere, every fragment and label to an element, and every id once.
func references(t *testing.T, w *world, path string, root *html.Node) {
	t.Helper()
	ids := map[string]bool{}
	for _, n := range all(root, "") {
		if id := attr(n, "id"); id != "" {
			require.False(t, ids[id], "%s: id %s stands twice", path, id)
			ids[id] = true
		}
	}
	for _, n := range all(root, "") {
		if label := attr(n, "aria-labelledby"); label != "" {
			require.True(t, ids[label], "%s: no element %s to label by", path, label)
		}
		if fill := attr(n, "fill"); fill != "" {
			require.True(t, ids[strings.TrimSuffix(strings.TrimPrefix(fill, "url(#"), ")")], "%s: no pattern %s", path, fill)
		}
		for _, key := range []string{"href", "src", "action"} {
			address, method := attr(n, key), http.MethodGet
			if key == "action" {
				method = http.MethodPost
			}
			if fragment, inPage := strings.CutPrefix(address, "#"); inPage {
				require.True(t, ids[fragment], "%s: no element %s", path, fragment)
				continue
			}
			if address == "" || elsewhere(method, address) {
				continue
			}
			_, pattern := w.mux.Handler(httptest.NewRequest(method, address, nil))
			require.NotEmpty(t, pattern, "%s: %s %s leads nowhere", path, method, address)
		}
	}
}

func TestMatterPageSaysWhoMayBeToldWhen(t *testing.T) {
	w := newWorld(t)
	w.threePeople()
	root := w.get("/matters/mat-2026-0117")
	require.Equal(t,
		"Search warrant, N.D. Cal., reference 3:26-mj-00123. Data of three people was handed over on 2 March 2026. "+
			"One has been told. One may be told from 1 September 2026, 00:00 in Los Angeles. "+
			"For one nobody can say when.", text(byClass(root, "lede")[0]))
	notes := byClass(root, "note")
	require.Len(t, notes, 1)
	require.Equal(t,
		"For counsel: order ord-2, which covers lynx12, has no end date. It holds until a court or the authority ends it. "+
			"Next review 31 May 2026. See K04", text(notes[0]))
	var h2 []string
	for _, h := range all(root, "h2") {
		h2 = append(h2, text(h))
	}
	require.Equal(t, []string{"Why not yet? zebra7", "Why not yet? lynx12", "People", "The answer",
		"What the checks found"}, h2)
	rows := w.rows(root, "people")
	require.Equal(t, "lynx12 user held, no end nobody can say", rows[0])
	require.Equal(t, "yak31 user delivered 2 Mar 2026, 10:01 UTC 2 Mar 2026, 10:01 UTC · the mail", rows[1])
	require.Equal(t, "zebra7 user scheduled 1 Sep 2026, 07:00 UTC in 109 days", rows[2])
	require.Equal(t,
		"ord-1b 28 Apr 2026, start of day America/Los_Angeles 28 Apr 2026, 07:00 UTC 31 Aug 2026, end of day "+
			"America/Los_Angeles 1 Sep 2026, 07:00 UTC 18 U.S.C. 2705(b) · court order in force",
		w.rows(root, "course-1")[1])
}

func TestPicturesSayInWordsWhatTheyShow(t *testing.T) {
	w := newWorld(t)
	w.threePeople()
	pictures := byClass(w.get("/matters/mat-2026-0117"), "wide")
	require.Len(t, pictures, 2)
	require.Equal(t,
		"Timeline for zebra7: court order ord-1 from the beginning until 1 June 2026; court order ord-1b from 28 April "+
			"2026 until 1 September 2026; "+
			"data handed over on 2 March 2026; now it is 14 May 2026; the notice is due on 1 September 2026.", attr(pictures[0],
			"aria-label"))
	require.Equal(t,
		"Timeline for lynx12: court order ord-2 from the beginning, with no known end; data handed over on 2 March 2026; "+
			"now it is 14 May 2026; "+
			"nobody can say when the notice is due.", attr(pictures[1], "aria-label"))
}

func TestSubjectsWithTheSameCourseShareAFigure(t *testing.T) {
	w := newWorld(t)
	w.many()
	root := w.get("/matters/mat-many")
	require.Len(t, byClass(root, "wide"), 1)
	require.Len(t, w.rows(root, "people"), 50)
	next := byClass(root, "pages")
	require.Equal(t, "The next people", text(next[0]))
	rest := w.get(attr(all(next[0], "a")[0], "href"))
	require.Len(t, w.rows(rest, "people"), 10)
	require.Contains(t, text(byClass(rest, "lede")[0]), "20 have been told.", "the counts are those of the whole matter")
}

func TestWhoWasToldBeforeTheDisclosureIsCountedApart(t *testing.T) {
	w := newWorld(t)
	w.post("mat-ahead", request("ibex1", "ibex2").Under("subpoena"),
		worldtest.Comply().With(worldtest.Object{
			"advanceNotice": true, "reason": "The paper is sound.", "outcome": "content",
		}))
	w.told("mat-ahead", matter.AnnouncementID(2), "ibex1", notice.OpDelivery)
	root := w.get("/matters/mat-ahead")
	require.Contains(t, text(byClass(root, "lede")[0]), "One was told before the disclosure.")
	require.NotContains(t, text(byClass(root, "lede")[0]), "has been told")
	rows := w.rows(root, "people")
	require.Len(t, rows, 2)
	require.Contains(t, rows[0], "before the disclosure")
	require.NotContains(t, rows[0], "delivery", "the state says it")
	require.Contains(t, w.rows(root, "answer")[0], "The paper is sound. Outcome: content")
}

// TestWhatOnlyAPersonCanJudgeIsNoAlarm: a new request in which nothing fails still asks whether it serves a crime's
// detection (O10).
func TestWhatOnlyAPersonCanJudgeIsNoAlarm(t *testing.T) {
	w := newWorld(t)
	person := worldtest.With(worldtest.Subject("ibex1"), worldtest.Object{"country": "US", "countryEvidence": "billing"})
	w.post("mat-clean", worldtest.RequestAbout(person).Under("search_warrant").With(worldtest.Object{
		"signed": true, "signedOn": "2026-02-27", "addressee": "Custodian of Records", "servedVia": "portal",
		"offence": "wire fraud", "responseDue": "2026-03-20T12:00:00Z"}))
	var notes []string
	for _, n := range byClass(w.get("/matters/mat-clean"), "note") {
		notes = append(notes, text(n))
	}
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "the request has what a person has to judge. See O10")
	require.NotContains(t, notes[0], "did not pass")
}

// TestThePageShowsWhatOnlyTheReportCounts: identifiers without an account, whom nothing was held of, and who ended an
// order.
func TestThePageShowsWhatOnlyTheReportCounts(t *testing.T) {
	w := newWorld(t)
	ended := worldtest.Ending("ord-1", "lifted", "2026-03-02T09:00:00Z").With(worldtest.Object{"by": "court"})
	w.post("mat-facts",
		request("ibex1", "ibex2").Under("subpoena").With(worldtest.Object{"unmatched": 1, "selectors": 3, "fisaTitle": "VII",
			"firstOfProduct": true}),
		worldtest.Comply(), order("ord-1").Until("2026-12-31"),
		disclosure("ibex1", "ibex2").With(worldtest.Object{"noData": []string{"ibex2"}}), ended)
	root := w.get("/matters/mat-facts")
	require.Contains(t, text(byClass(root, "lede")[0]), "Data of one person was handed over on 1 March 2026. Nothing was "+
		"held of one more.")
	require.Contains(t, w.rows(root, "answer")[0], "one identifier matches no account; three selectors; FISA title VII; "+
		"the first of its kind for the product")
	require.Contains(t, text(root), "lifted by the court")
}

func TestALateOrderAndAFailedNoticeAreAlarms(t *testing.T) {
	w := newWorld(t)
	w.many()
	id := notice.ID(worldtest.Salt(), "mat-many", "d1", "user-20")
	require.Contains(t, text(byClass(w.get("/notices/"+id), "note")[0]),
		"order ord-late covers this notice and was recorded after the mail had gone")
	var notes []string
	for _, path := range []string{"/matters/mat-many", w.nextPage("/matters/mat-many")} {
		for _, n := range byClass(w.get(path), "note") {
			notes = append(notes, text(n))
		}
	}
	require.Contains(t, notes,
		"For counsel: Two notices are still owed: user-41 (no verified address to write to) and user-42.")
	require.Contains(t, notes,
		"For counsel: order ord-late was recorded when the mail to user-20 had gone. Nothing is recalled; the evidence is "+
			"kept.")
}

func (w *world) nextPage(path string) string {
	return attr(all(byClass(w.get(path), "pages")[0], "a")[0], "href")
}

func TestNothingHandedOverYet(t *testing.T) {
	w := newWorld(t)
	w.awaited()
	root := w.get("/matters/mat-early")
	require.Equal(t, "The request itself has not arrived yet. Orders recorded before it hold all the same.",
		text(byClass(root, "lede")[0]))
	require.Contains(t, text(byClass(root, "note")[0]),
		"order ord-9 is unread: nobody has decided whether it binds. It holds meanwhile.")
	require.Contains(t, attr(byClass(root, "wide")[0], "aria-label"), "nothing is to be told yet.")
}

func TestDocketListsWhatNeedsAPersonAndWhatComesNext(t *testing.T) {
	w := full(t)
	root := w.get("/")
	needs := strings.Join(w.rows(root, "needs"), "\n")
	for _, want := range []string{
		"mat-2026-0117 in force, deficient Order ord-2 has no end date.", `K04 fails No end can be determined`,
		"leaves the period to the court",
		"mat-early unread Order ord-9 is unread", "mat-many not delivered Two notices are still owed",
		"Order law-us-18-3123d is secrecy by statute, without an end.", "Order law-unverified-br stands because no " +
			"verified rule",
	} {
		require.Contains(t, needs, want)
	}
	require.Contains(t, w.rows(root, "matters"),
		"mat-2026-0117 Search warrant, N.D. Cal. disclosed 1 1 1 0 1 Sep 2026 in 109 days")
	require.Contains(t, w.rows(root, "next"), "2 Mar 2026, 09:00 UTC 73 days ago A notice falls due. 33 of them mat-many")
}

func TestDocketAsksAboutAnOrderThatNamesAnotherProcess(t *testing.T) {
	w := newWorld(t)
	w.post("mat-a", request("ibex4"), order("ord-1", "ibex4").With(worldtest.Object{"namesProcess": false}))
	needs := strings.Join(w.rows(w.get("/"), "needs"), "\n")
	require.Contains(t, needs, "other_process needs a person It does not name this process and may be about another one.")
	require.Contains(t, needs, "nobody is told of one process where that could reveal another", "its citation")
}

func TestANoticeThatIsBehindIsOverdue(t *testing.T) {
	w := newWorld(t)
	w.post("mat-a", request("ibex4"), worldtest.Comply(), disclosure("ibex4"))
	require.NotContains(t, text(w.get("/matters/mat-a")), "overdue")
	w.Set(w.Now().Add(inquire.Grace + time.Minute))
	require.Contains(t, text(w.get("/matters/mat-a")), "ibex4 user overdue")
	require.Contains(t, w.rows(w.get("/"), "needs"),
		"mat-a overdue One notice has not gone though nothing forbids it: ibex4.")
}

func TestAMailThatCameBackToldNobody(t *testing.T) {
	w := newWorld(t)
	w.post("mat-a", request("ibex4"), worldtest.Comply(), disclosure("ibex4"))
	w.told("mat-a", "d1", "ibex4", notice.OpReturn)
	row := w.rows(w.get("/matters/mat-a"), "people")[0]
	require.Contains(t, row, "ibex4 user retry")
	require.NotContains(t, strings.SplitAfter(row, "Mar 2026")[1], "2026", "no time at which it was told")
	require.Contains(t, text(w.get("/notices/"+notice.ID(worldtest.Salt(), "mat-a", "d1", "ibex4"))),
		"The mail has not arrived, and is tried again.")
}

func TestClockLeadsPastTheNextThing(t *testing.T) {
	w := newWorld(t)
	w.threePeople()
	w.Set(time.Date(2026, 8, 30, 12, 0, 0, 0, time.UTC))
	form := byClass(w.get("/"), "clock")[0]
	require.Equal(t, "/local/clock", attr(form, "action"))
	require.Equal(t, "post", attr(form, "method"))
	var values []string
	for _, b := range all(form, "button") {
		values = append(values, attr(b, "name")+"="+attr(b, "value")+" "+text(b))
	}
	require.Equal(t, []string{
		"advance=P1D +1 day", "advance=P30D +30 days", "advance=P90D +90 days", "to=2026-09-01T07:00:05Z to the next " +
			"thing: 1 Sep",
	}, values, "at the due itself nothing is sent yet")
}

func TestTheExampleEventIsTaken(t *testing.T) {
	w := newWorld(t)
	words := text(all(w.get("/"), "pre")[0])
	_, event, found := strings.Cut(words, "-d '")
	require.True(t, found, words)
	res, err := w.Intake.Take(t.Context(), []byte(strings.TrimSuffix(event, "'")), "http", "test")
	require.NoError(t, err)
	require.True(t, res.New)
}

func TestTextsOfOthersAreNoMarkup(t *testing.T) {
	w := full(t)
	w.mails = append(w.mails, w.mails[0])
	w.mails[len(w.mails)-1].N, w.mails[len(w.mails)-1].Subject = 99, "<img src=x>"
	w.texts[99] = "</pre><script>alert(1)</script>"
	for path, root := range w.crawl() {
		for _, n := range all(root, "") {
			require.NotContains(t, []string{"script", "img", "b"}, n.Data, path)
		}
	}
	require.Contains(t, text(w.get("/matters/mat-hostile")), `<script>alert(1)</script>&"'><img src=x onerror=alert(2)>`)
	require.Contains(t, text(w.get("/local/mail/99")), "</pre><script>alert(1)</script>")
	require.Contains(t, text(w.status("/matters/"+url.PathEscape(`"><script>`), http.StatusNotFound)), "Nothing here")
}

func TestInboxShowsTheNewestFirstAndLeadsToNotice(t *testing.T) {
	w := newWorld(t)
	w.many()
	require.True(t, strings.HasPrefix(w.rows(w.get("/local/inbox"), "inbox")[0],
		"21 2 Mar 2026, 10:00:00 UTC user-42@example.com"))
	root := w.get("/local/mail/1")
	require.True(t, slices.ContainsFunc(all(root, "a"), func(a *html.Node) bool {
		return attr(a, "href") == "/notices/"+notice.ID(worldtest.Salt(), "mat-many", "d1", "user-20")
	}))
	require.Contains(t, text(root), "We handed over your data.")
	require.True(t, slices.ContainsFunc(all(root, "iframe"), func(f *html.Node) bool {
		return attr(f, "src") == "/local/mail/1/html" && attr(f, "title") != ""
	}))
	delete(w.texts, 1)
	require.Contains(t, text(w.get("/local/mail/1")), "It has no plain text that can be read.")
}

// TestTheHTMLOfAMailCanDoNothing: it is shown in a frame as it came, without script, form or anything fetched.
func TestTheHTMLOfAMailCanDoNothing(t *testing.T) {
	w := newWorld(t)
	w.many()
	get := func(path string) *httptest.ResponseRecorder {
		out := httptest.NewRecorder()
		w.mux.ServeHTTP(out, httptest.NewRequest(http.MethodGet, path, nil))
		return out
	}
	page := get("/local/mail/1/html")
	require.Equal(t, "<p>We handed over your data.</p>", page.Body.String())
	require.Equal(t, "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'",
		page.Header().Get("Content-Security-Policy"))
	for _, none := range []string{"/local/mail/x/html", "/local/mail/77/html"} {
		require.Equal(t, http.StatusNotFound, get(none).Code, none)
	}
	delete(w.pages, 1)
	require.Empty(t, all(w.get("/local/mail/1"), "iframe"), "a mail without HTML")
}

func TestWhatCannotBeShownSaysSo(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/matters/none", "/notices/none.x", "/local/mail/7", "/local/mail/x"} {
		root := w.status(path, http.StatusNotFound)
		noStyleNoScript(t, path, root)
		headings(t, path, root)
	}
	w.site.Matters = func(context.Context) ([]string, error) { return nil, store.ErrBusy }
	w.status("/", http.StatusServiceUnavailable)
	require.Empty(t, w.Log.String(), "a reader's mistake and a busy store are nothing to log")
	w.site.Matters = func(context.Context) ([]string, error) { return nil, errors.New("broken") }
	require.NotContains(t, text(w.status("/", http.StatusInternalServerError)), "broken")
	require.Contains(t, w.Log.String(), "broken")
	w.Log.Reset()
	w.threePeople()
	w.Store.Fault = func(string, string) memory.Effect { return memory.FailBefore }
	w.site.Next = func(context.Context) (time.Time, bool) { return time.Time{}, false }
	require.Empty(t, byClass(w.status("/matters/mat-2026-0117", http.StatusInternalServerError), "next"))
	require.Contains(t, w.Log.String(), memory.ErrInjected.Error())
	w.Log.Reset()
}

// byClass are the elements with the class.
func byClass(root *html.Node, class string) []*html.Node {
	var out []*html.Node
	for _, n := range all(root, "") {
		if slices.Contains(strings.Fields(attr(n, "class")), class) {
			out = append(out, n)
		}
	}
	return out
}

// rows are the words of each body row of the sheet that the heading with the id labels.
func (w *world) rows(root *html.Node, label string) []string {
	w.T.Helper()
	var out []string
	for _, sheet := range byClass(root, "sheet") {
		if attr(sheet, "aria-labelledby") != label {
			continue
		}
		for _, body := range all(sheet, "tbody") {
			for _, tr := range all(body, "tr") {
				out = append(out, text(tr))
			}
		}
	}
	require.NotEmpty(w.T, out, label)
	return out
}
