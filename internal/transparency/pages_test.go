package transparency

import (
	"encoding/xml"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"lapse/internal/law"
	"lapse/internal/review"
)

// policyText is a small policy with what Markdown can smuggle in.
const policyText = "# We tell you\n\nWe *always* tell.\n\n| a | b |\n|--|--:|\n| 1 | 2 |\n\n" +
	"<script>alert(1)</script>\n\n[x](javascript:alert(1))\n"

func testGuide(t testing.TB) Guide {
	t.Helper()
	fields, err := review.LoadFields()
	require.NoError(t, err)
	book, err := law.Load()
	require.NoError(t, err)
	g := GuideOf(fields, book)
	g.Contact, g.AdvanceDays, g.PolicyVersion = "https://requests.example/", 7, "2026-1"
	g.ExceptionDays = map[string]int{"child": 90, "emergency": 30, "provider_interest": 30, "compromised_account": 14}
	return g
}

// every is a whole published folder: two halves, guide, policy, index.
func every(t testing.TB, p Publisher, s *Snapshot) []File {
	t.Helper()
	var all []File
	files, err := Files(s)
	require.NoError(t, err)
	for _, f := range files {
		all = append(all, File{s.Half.String() + "/" + f.Path, f.Body}, File{s.Half.String() + "/r1/" + f.Path, f.Body})
	}
	guide, err := GuidePages(p, testGuide(t))
	require.NoError(t, err)
	policy, err := PolicyPages(p, PolicyText{Version: "2026-1", Text: map[string][]byte{"en": []byte(policyText)}})
	require.NoError(t, err)
	index, err := Index(p, []*Snapshot{s}, []string{"2026-1"})
	require.NoError(t, err)
	return append(append(append(all, guide...), policy...), index...)
}

// nodes walks a page.
func nodes(t testing.TB, page []byte, visit func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(string(page)))
	require.NoError(t, err)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// TestPagesKeepTheirPolicy: no style and no script in place, nothing from elsewhere, every id once, every picture with
// words, every link inside the folder leads to a file or an anchor that is there.
func TestPagesKeepTheirPolicy(t *testing.T) {
	s, _ := sample(t, 500)
	s.Publisher.Base = "/local/report/"
	all := every(t, s.Publisher, s)
	there := map[string]bool{}
	for _, f := range all {
		there[f.Path] = true
	}
	for _, f := range all {
		if !strings.HasSuffix(f.Path, ".html") {
			continue
		}
		ids := map[string]bool{}
		nodes(t, f.Body, func(n *html.Node) {
			if id, ok := attribute(n, "id"); ok {
				require.False(t, ids[id], "%s: id %s stands twice", f.Path, id)
				ids[id] = true
			}
		})
		nodes(t, f.Body, func(n *html.Node) {
			for _, a := range n.Attr {
				require.NotEqual(t, "style", a.Key, f.Path)
				require.False(t, strings.HasPrefix(a.Key, "on"), "%s: %s", f.Path, a.Key)
			}
			switch n.Data {
			case "style":
				require.Fail(t, "a style in place", f.Path)
			case "script":
				require.Nil(t, n.FirstChild, "%s: a script in place", f.Path)
			case "svg":
				_, named := attribute(n, "aria-label")
				_, hidden := attribute(n, "aria-hidden")
				require.True(t, named || hidden, "%s: a picture without words", f.Path)
			}
			for _, name := range []string{"href", "src"} {
				if to, ok := attribute(n, name); ok {
					checkLink(t, f, to, n, ids, there)
				}
			}
		})
		require.Contains(t, string(f.Body), "default-src &#39;none&#39;", f.Path)
	}
}

// checkLink: only links that a reader follows may lead elsewhere.
func checkLink(t testing.TB, f File, to string, n *html.Node, ids, there map[string]bool) {
	t.Helper()
	file, anchor, _ := strings.Cut(to, "#")
	switch {
	case strings.HasPrefix(to, "https://"):
		require.Equal(t, "a", n.Data, "%s loads %s", f.Path, to)
		return
	case to == "":
		require.Contains(t, f.Path, "policy/", "only the policy's unsafe link is emptied")
		return
	case file == "":
		require.True(t, ids[anchor], "%s: no anchor %s", f.Path, to)
		return
	}
	if rest, absolute := strings.CutPrefix(file, "/local/report/"); absolute {
		file = rest
	} else {
		file = path.Join(path.Dir(f.Path), file)
	}
	require.True(t, there[file], "%s: no file %s", f.Path, to)
}

// TestEveryFilterValueHasAnAnchor, so that it can be reached without script.
func TestEveryFilterValueHasAnAnchor(t *testing.T) {
	s, _ := sample(t, 500)
	for _, f := range every(t, s.Publisher, s) {
		page, name := f.Body, f.Path
		if !strings.Contains(string(page), `id="filters"`) {
			continue
		}
		ids := map[string]bool{}
		nodes(t, page, func(n *html.Node) {
			if id, ok := attribute(n, "id"); ok {
				ids[id] = true
			}
		})
		options := 0
		nodes(t, page, func(n *html.Node) {
			if value, ok := attribute(n, "value"); ok && n.Data == "option" && value != "" {
				filter, _ := attribute(n.Parent, "name")
				require.True(t, ids[filter+"-"+value], "%s: %s %s", name, filter, value)
				options++
			}
		})
		require.Greater(t, options, 20)
	}
}

// TestPagesAreSmall: under 200 KB without data tables, the script under 10 KB.
func TestPagesAreSmall(t *testing.T) {
	s, _ := sample(t, 3000)
	tables := regexp.MustCompile(`(?s)<tbody>.*?</tbody>`)
	for _, f := range every(t, s.Publisher, s) {
		switch path.Ext(f.Path) {
		case ".html":
			require.Less(t, len(tables.ReplaceAll(f.Body, nil)), 200<<10, f.Path)
		case ".js":
			require.Less(t, len(f.Body), 10<<10, f.Path)
		}
	}
}

func TestTheFirstScreenIsPlain(t *testing.T) {
	r := withData(requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"), Consumer, 1)
	r.Notices = []NoticeFact{
		{DisclosedAt: on(t, "2026-02-03"), Closing: Told, ClosedAt: on(t, "2026-02-04"), N: 1000},
		{DisclosedAt: on(t, "2026-02-03"), Closing: Told, ClosedAt: on(t, "2026-05-04"), N: 204,
			Spans: []Span{{Reason: ByOrder, From: on(t, "2026-02-03"), Until: on(t, "2026-05-01")}}},
		{DisclosedAt: on(t, "2026-02-03"), N: 318, Spans: []Span{{Reason: ByOrder}}},
	}
	s := freeze(t, r)
	for language, want := range map[string][]string{
		"en": {"In the first half of 2026, 1,204 people were told that a government got their data.",
			"204 of them could be told only after an order or another restraint had ended. " +
				"Half of those were told within 3 days after it ended.",
			"318 people are still owed that."},
		"de": {"In der ersten Hälfte 2026 erfuhren 1.204 Personen, dass ein Staat ihre Daten bekam.",
			"204 davon durften es erst erfahren, als eine Anordnung oder ein anderes Hindernis geendet hatte. " +
				"Die Hälfte davon erfuhr es binnen 3 Tagen nach dem Ende.",
			"318 Personen schulden wir das noch."},
	} {
		w, err := newWords(language)
		require.NoError(t, err)
		require.Equal(t, want, headline(w, &s.Summary))
		require.Contains(t, body(t, s, pageName(language)), want[0])
	}
	w, err := newWords("en")
	require.NoError(t, err)
	require.Equal(t, []string{"In the first half of 2026, nobody was told that a government got their data.",
		"Nobody is still owed that."},
		headline(w, &freeze(t).Summary))
	r.Notices = []NoticeFact{{DisclosedAt: on(t, "2026-02-03"), Closing: Told, ClosedAt: on(t, "2026-02-04")},
		{DisclosedAt: on(t, "2026-02-03")}}
	require.Equal(t, []string{"In the first half of 2026, one person was told that a government got their data.",
		"One person is still owed that."},
		headline(w, &freeze(t, r).Summary))
}

// TestThePageSaysWhatChanged since the half before, and what a correction changed.
func TestThePageSaysWhatChanged(t *testing.T) {
	rows := []Row{requestRow(t, "US", "subpoena", NonContent, "2025-11-01", "2025-11-03"), requestRow(t, "US", "subpoena",
		NonContent, "2026-02-01", "2026-02-03"),
		requestRow(t, "US", "subpoena", NonContent, "2026-03-01", "2026-03-03")}
	before := freezeAs(t, Counting{Half: half.Previous(), PublishedOn: half.Previous().FreezeAt()}, Freezing{}, rows...)
	one := freezeAs(t, counting(), Freezing{Before: before}, rows[:2]...)
	require.Contains(t, body(t, one, "index.html"), "Compared with July to December 2025")
	require.Contains(t, body(t, one, "index.html"), "±0")
	later := counting()
	later.FirstFrozen = one.FrozenAt
	two := freezeAs(t, later, Freezing{Before: before, Previous: one, Reason: "A request <b>had</b> been late."},
		rows...)
	page := body(t, two, "index.html")
	require.Contains(t, page, "A request &lt;b&gt;had&lt;/b&gt; been late.")
	require.Contains(t, page, "revision 2")
	require.Contains(t, page, "&#43;1")
	require.Contains(t, page, two.Revisions[0].SHA256)
	require.Contains(t, page, "https://transparency.example/2026-H1/r2/")
}

func TestAPolicyIsMarkdownAndNothingElse(t *testing.T) {
	p := Publisher{Name: "Example Meetings", Base: "/"}
	text := PolicyText{Version: "2026-1", Text: map[string][]byte{"en": []byte(policyText)}}
	files, err := PolicyPages(p, text)
	require.NoError(t, err)
	require.Equal(t, "policy/2026-1/index.html", files[0].Path)
	page := string(files[0].Body)
	require.Contains(t, page, "<h1>We tell you</h1>")
	require.Contains(t, page, "<em>always</em>")
	require.NotContains(t, page, "alert(1)</script>")
	require.NotContains(t, page, "javascript:")
	require.Contains(t, string(files[1].Body), `lang="en"`, "the German page says that the text is English")
	for _, version := range []string{"", "../x", "a/b", ".x", strings.Repeat("a", 65)} {
		text.Version = version
		_, err := PolicyPages(p, text)
		require.Error(t, err, version)
	}
	_, err = PolicyPages(p, PolicyText{Version: "1", Text: map[string][]byte{"fr": []byte("x")}})
	require.Error(t, err)
}

func TestTheGuideSaysWhatTheChecksAskFor(t *testing.T) {
	g := testGuide(t)
	files, err := GuidePages(Publisher{Name: "Example Meetings", Base: "/"}, g)
	require.NoError(t, err)
	page := string(files[0].Body)
	for _, n := range g.Needs {
		require.NotEmpty(t, n.Fields, n.RequestType)
		if n.RequestType == "emergency" {
			require.NotContains(t, n.Fields, "legalBasis")
			require.Contains(t, n.Fields, "contact")
		}
	}
	for _, want := range []string{"18 U.S.C.", "the danger to life", "https://requests.example/",
		"we tell 7 days before", "Reviewed after 30 days", g.LawRevision} {
		require.Contains(t, page, want)
	}
	require.NotEmpty(t, g.Laws)
}

func TestTheFeedListsEveryRevision(t *testing.T) {
	one := freeze(t, requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"))
	later := counting()
	later.FirstFrozen = one.FrozenAt
	two := freezeAs(t, later, Freezing{Now: one.FrozenAt.AddDate(0, 1, 0), Previous: one, Reason: "Late."}, requestRow(t,
		"US", "mlat", NonContent, "2026-02-01", "2026-02-03"))
	files, err := Index(two.Publisher, []*Snapshot{two}, nil)
	require.NoError(t, err)
	var feed atomFeed
	for _, f := range files {
		if f.Path == "feed.atom" {
			require.NoError(t, xml.Unmarshal(f.Body, &feed))
		}
	}
	require.Len(t, feed.Entries, 2)
	require.Equal(t, "January to June 2026: revision 2", feed.Entries[0].Title)
	require.Equal(t, "Late.", feed.Entries[0].Summary)
	require.Equal(t, feed.Entries[0].Updated, feed.Updated)
	require.Equal(t, "https://transparency.example/2026-H1/r1/index.html", feed.Entries[1].Link.Href)
	require.NotEqual(t, feed.Entries[0].ID, feed.Entries[1].ID)
	_, err = Index(two.Publisher, []*Snapshot{two, one}, nil)
	require.Error(t, err, "two revisions of a half")
	empty, err := Index(two.Publisher, nil, nil)
	require.NoError(t, err)
	require.NotEmpty(t, empty)
}
