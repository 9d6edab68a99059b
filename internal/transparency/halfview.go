package transparency

import (
	"html/template"
	"strings"
)

// halfView is the page of one half.
type halfView struct {
	Half       Half
	Home       string
	Frozen     string
	Revision   int
	Headline   []string
	Compared   []comparison
	Before     string
	Filters    []filter
	Sections   []section
	Rules      []string
	Revisions  []revisionView
	Changes    []changeView
	MoreChange int
	Downloads  []download
	Citation   string
	Licence    string
	LicenceURL string
}

// comparison is one number against the half before.
type comparison struct {
	Label, Now, Then, Difference, Href string
}

// filter is one choice of the filters.
type filter struct {
	Name, Label string
	Options     []option
}

type option struct{ Value, Text string }

// section is one part of the page: a picture, and tables with their definitions.
type section struct {
	ID, Title string
	Lede      []string
	Figure    template.HTML
	Caption   string
	Legend    []legendItem
	Grids     []grid
}

// legendItem explains a hatch of the picture, with its number.
type legendItem struct {
	Swatch  template.HTML
	Text, N string
}

type revisionView struct {
	N           int
	Day, Reason string
	Href        string
	SHA256      string
}

type changeView struct{ File, Key, Column, Old, New string }

type download struct{ Name, Href, About, Size string }

// shownChanges is how many changed cells the page lists; changes.json has all.
const shownChanges = 50

func newHalfView(w *words, s *Snapshot, data []File) *halfView {
	v := &halfView{
		Half: s.Half, Home: s.Publisher.at(pageName(w.language)), Frozen: w.day(s.FrozenAt), Revision: s.Revision,
		Headline: headline(w, &s.Summary),
		Citation: w.T("cite.text", s.Publisher.Name, w.half(s.Half), s.Revision, w.day(s.FrozenAt),
			s.Publisher.at(s.Half.String(), "r"+itoa(s.Revision))+"/"),
		Licence: s.Publisher.Licence, LicenceURL: s.Publisher.licenceURL(),
	}
	v.compare(w, s)
	v.Sections = []section{
		requestsSection(w, s), ordersSection(w, s), peopleSection(w, s), challengesSection(w, s), securitySection(w, s),
	}
	v.Filters = filtersOf(w, s)
	for _, key := range countingRules() {
		v.Rules = append(v.Rules, w.T(key))
	}
	v.history(w, s)
	for _, f := range data {
		v.Downloads = append(v.Downloads, download{f.Path, f.Path, w.T("file." + fileKey(f.Path)),
			w.byteSize(len(f.Body))})
	}
	v.Downloads = append(v.Downloads, download{sums, sums, w.T("file.sums"), ""})
	return v
}

// fileKey is the catalogue's key of a file: its name without what follows the dot.
func fileKey(path string) string {
	name, _, _ := strings.Cut(path, ".")
	return strings.ReplaceAll(name, "/", ".")
}

// headline says the most important in plain words.
func headline(w *words, s *Summary) []string {
	when := w.T("half.in."+itoa(s.Half.Part), itoa(s.Half.Year))
	var out []string
	if s.Told() == 0 {
		out = append(out, w.T("head.told.none", when))
	} else {
		out = append(out, w.T("head.told", s.Told(), when))
	}
	if s.ToldAfter > 0 {
		line := w.T("head.after", s.ToldAfter)
		if s.MedianAfterEnd != nil {
			line += " " + w.T("head.median", *s.MedianAfterEnd)
		}
		out = append(out, line)
	}
	if s.Owed == 0 {
		return append(out, w.T("head.owed.none"))
	}
	return append(out, w.T("head.owed", s.Owed))
}

// compare lists what changed since the half before.
func (v *halfView) compare(w *words, s *Snapshot) {
	if s.Before == nil {
		return
	}
	b, n := s.Before, &s.Summary
	v.Before = w.half(b.Half)
	for _, row := range []struct {
		key       string
		now, then int
		href      string
	}{
		{"compare.processed", n.Processed, b.Processed, "#requests"},
		{"compare.accounts", n.Accounts, b.Accounts, "#requests"},
		{"compare.orders", n.OrdersReceived, b.OrdersReceived, "#orders"},
		{"compare.endless", n.OrdersEndless, b.OrdersEndless, "#orders"},
		{"compare.told", n.Told(), b.Told(), "#people"},
		{"compare.owed", n.Owed, b.Owed, "#people"},
		{"compare.overdue", n.Overdue, b.Overdue, "#people"},
	} {
		v.Compared = append(v.Compared, comparison{w.T(row.key), w.number(row.now), w.number(row.then),
			w.signed(row.now - row.then), row.href})
	}
}

// history lists the revisions, newest first, and the changed cells of this one.
func (v *halfView) history(w *words, s *Snapshot) {
	for i := len(s.Revisions) - 1; i >= 0; i-- {
		r := s.Revisions[i]
		reason := r.Reason
		if r.N == 1 {
			reason = w.T("revision.first")
		}
		v.Revisions = append(v.Revisions, revisionView{r.N, w.day(r.FrozenAt), reason,
			s.Publisher.at(s.Half.String(), "r"+itoa(r.N), pageName(w.language)), r.SHA256})
	}
	for i, c := range s.Changes {
		if i == shownChanges {
			v.MoreChange = len(s.Changes) - shownChanges
			break
		}
		var key []string
		for _, column := range schemaOf(fileKey(c.File)).Columns {
			if value, ok := c.Key[column.Name]; ok && column.Name != "period" {
				key = append(key, value)
			}
		}
		v.Changes = append(v.Changes, changeView{c.File, strings.Join(key, ", "), c.Column, w.changed(c.Old),
			w.changed(c.New)})
	}
}

// changed is a cell of a change: a missing row, an empty cell, or its text.
func (w *words) changed(cell *string) string {
	switch {
	case cell == nil:
		return w.T("change.norow")
	case *cell == "":
		return w.T("suppressed.mark")
	}
	return *cell
}

// filtersOf are the choices that the page's rows have.
func filtersOf(w *words, s *Snapshot) []filter {
	requests := s.table(Requests)
	country := filter{Name: "country", Label: w.T("column.country")}
	for _, code := range requests.values("country") {
		country.Options = append(country.Options, option{code, w.country(code)})
	}
	kinds := filter{Name: "type", Label: w.T("column.request_type")}
	for _, t := range requests.values("request_type") {
		kinds.Options = append(kinds.Options, option{t, w.T("type." + t)})
	}
	outcomes := filter{Name: "outcome", Label: w.T("column.outcome")}
	for _, o := range Outcomes() {
		outcomes.Options = append(outcomes.Options, option{string(o), w.T("outcome." + string(o))})
	}
	classes := filter{Name: "class", Label: w.T("column.account_class")}
	for _, c := range AccountClasses() {
		classes.Options = append(classes.Options, option{c, w.T("class." + c)})
	}
	return []filter{country, kinds, outcomes, classes}
}
