package transparency

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// indexView is the first page of the report.
type indexView struct {
	Headline []string
	Latest   *link
	Figure   template.HTML
	Halves   *grid
	Filters  []filter
	Explore  []grid
	Policies []link
}

// Index prints the first page, in every language, and what it needs beside it. Snapshots are the newest revision of
// each
// half, in any order. Policies are the versions of the policy that are published, newest first. Publishing puts these
// files last, so that a reader never sees half a report.
func Index(p Publisher, snapshots []*Snapshot, policies []string) ([]File, error) {
	snapshots = slices.Clone(snapshots)
	slices.SortFunc(snapshots, func(a, b *Snapshot) int { return a.Half.Start().Compare(b.Half.Start()) })
	for i, s := range snapshots {
		if err := s.valid(); err != nil {
			return nil, fmt.Errorf("print the index: %w", err)
		}
		if i > 0 && snapshots[i-1].Half == s.Half {
			return nil, errors.New("print the index: two revisions of " + s.Half.String())
		}
	}
	var files []File
	for _, language := range Languages() {
		w, err := newWords(language)
		if err != nil {
			return nil, err
		}
		out := newPage(w, &p, "reports", "", "", w.T("title.index", p.Name))
		out.Body = newIndexView(w, snapshots, policies)
		body, err := out.render(w, "index")
		if err != nil {
			return nil, err
		}
		files = append(files, File{pageName(language), body})
	}
	feed, err := feedOf(&p, snapshots)
	if err != nil {
		return nil, err
	}
	return slices.Concat(assetFiles(), []File{{"feed.atom", feed}}, files), nil
}

func newIndexView(w *words, snapshots []*Snapshot, policies []string) *indexView {
	v := &indexView{}
	for _, version := range policies {
		v.Policies = append(v.Policies, link{Text: w.T("policy.version", version),
			Href: "policy/" + version + "/" + pageName(w.language)})
	}
	if len(snapshots) == 0 {
		v.Headline = []string{w.T("index.none")}
		return v
	}
	newest := snapshots[len(snapshots)-1]
	v.Headline = headline(w, &newest.Summary)
	v.Latest = &link{Text: w.half(newest.Half), Href: newest.Half.String() + "/" + pageName(w.language)}
	var bars []bar
	for _, s := range snapshots[max(0, len(snapshots)-8):] {
		bars = append(bars, bar{s.Half.String(), []part{
			{w.T("index.told", s.Half.String()), s.Summary.Told(), "clear", ""},
			{w.T("index.owed", s.Half.String()), s.Summary.Owed, "order", ""},
		}})
	}
	v.Figure = columnsChart(w, "halves", w.T("index.picture"), bars)
	g := halvesGrid(w, snapshots)
	v.Halves = &g
	v.explore(w, snapshots)
	return v
}

// halvesGrid has a row for every half, newest first.
func halvesGrid(w *words, snapshots []*Snapshot) grid {
	g := newGrid(w, "halves", "period")
	g.Heads = []head{{w.T("column.period"), false}}
	for _, key := range []string{"compare.processed", "compare.accounts", "compare.orders", "compare.told",
		"compare.owed",
		"compare.overdue"} {
		g.Heads = append(g.Heads, head{w.T(key), true})
	}
	g.Heads = append(g.Heads, head{w.T("column.revision"), true})
	for _, s := range slices.Backward(snapshots) {
		sum := &s.Summary
		name := heading(w.half(s.Half))
		name.Href = s.Half.String() + "/" + pageName(w.language)
		g.Rows = append(g.Rows, gridRow{Anchor: "period-" + s.Half.String(), Period: s.Half.String(), Requests: -1,
			Cells: []cell{
				name, w.num(sum.Processed), w.num(sum.Accounts), w.num(sum.OrdersReceived), w.num(sum.Told()),
				w.num(sum.Owed),
				w.num(sum.Overdue), w.num(s.Revision),
			}})
	}
	return g
}

// explore lists requests of all halves by country and type, and people by country. The first row of each type, and of
// each country, has its anchor.
func (v *indexView) explore(w *words, snapshots []*Snapshot) {
	requests := newGrid(w, "explore-requests", "period country type")
	requests.keys(w, "period", "country", "request_type")
	requests.columnsOf(w, Requests, "requests", "accounts_specified", "accounts_with_data")
	people := newGrid(w, "explore-people", "period country")
	people.keys(w, "period", "country")
	people.columnsOf(w, UserNotices, "disclosed")
	for _, key := range []string{"told", "owed"} {
		people.Heads = append(people.Heads, head{w.T("compare." + key), true})
		people.Definitions = append(people.Definitions, definition{w.T("compare." + key), w.T("define." + key)})
	}
	period := filter{Name: "period", Label: w.T("column.period")}
	for _, s := range slices.Backward(snapshots) {
		period.Options = append(period.Options, option{s.Half.String(), w.half(s.Half)})
		requests.Rows = append(requests.Rows, exploreRequests(w, s)...)
		people.Rows = append(people.Rows, explorePeople(w, s)...)
	}
	country := filter{Name: "country", Label: w.T("column.country")}
	country.options(people.Rows, func(r *gridRow) string { return r.Country }, w.country)
	kinds := filter{Name: "type", Label: w.T("column.request_type")}
	kinds.options(requests.Rows, func(r *gridRow) string { return r.RequestType },
		func(v string) string { return w.T("type." + v) })
	v.Filters = []filter{period, country, kinds}
	v.Explore = []grid{requests, people}
}

// options are the values of the rows, sorted; the first row of each value gets its anchor.
func (f *filter) options(rows []gridRow, value func(*gridRow) string, name func(string) string) {
	seen := map[string]bool{}
	for i := range rows {
		v := value(&rows[i])
		if !seen[v] {
			seen[v], rows[i].Anchor = true, f.Name+"-"+v
			f.Options = append(f.Options, option{v, name(v)})
		}
	}
	slices.SortFunc(f.Options, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
}

func exploreRequests(w *words, s *Snapshot) []gridRow {
	var out []gridRow
	t := s.table(Requests)
	for _, row := range s.table(Received).Rows {
		country, kind := t.is("country", row[1]), t.is("request_type", row[2])
		is := func(r []string) bool { return country(r) && kind(r) }
		n := t.sum("requests", is)
		if n == 0 {
			continue
		}
		out = append(out, gridRow{Period: row[0], Country: row[1], RequestType: row[2], Requests: n, Cells: []cell{
			heading(row[0]), plain(w.country(row[1])), plain(w.T("type." + row[2])), w.num(n),
			w.num(t.sum("accounts_specified", is)), w.num(t.sum("accounts_with_data", is)),
		}})
	}
	return out
}

func explorePeople(w *words, s *Snapshot) []gridRow {
	var out []gridRow
	t := s.table(UserNotices)
	for _, row := range t.Rows {
		told, owed := 0, 0
		for _, p := range toldParts() {
			told += t.number(row, p[0])
		}
		for _, p := range owedParts() {
			owed += t.number(row, p[0])
		}
		disclosed := t.number(row, "disclosed")
		if received := s.table(Received); disclosed+told+owed+received.sum("received", received.is("country",
			row[1])) > 0 {
			out = append(out, gridRow{Period: row[0], Country: row[1], Requests: -1, Cells: []cell{
				heading(row[0]), plain(w.country(row[1])), w.num(disclosed), w.num(told), w.num(owed)}})
		}
	}
	return out
}
