package transparency

import (
	"fmt"
	"maps"
	"slices"

	"lapse/internal/law"
	"lapse/internal/review"
)

// Guide is what authorities have to know. GuideOf fills it from the data that the checks themselves use.
type Guide struct {
	// Contact is where to send a request; "" where the provider has published no address.
	Contact string
	// Needs lists, by request type, the fields that a request has to fill.
	Needs []Need
	// AdvanceDays is how long before a disclosure the person is told, in days, where nothing forbids it.
	AdvanceDays int
	// ExceptionDays are the days after which each of the provider's own exceptions is reviewed, by kind.
	ExceptionDays map[string]int
	Laws          []SecrecyLaw
	// LawRevision is the revision of the law data; PolicyVersion that of the policy, "" where none is published.
	LawRevision, PolicyVersion string
}

// Need is what one type of request has to say, as names of fields.
type Need struct {
	RequestType string
	Fields      []string
}

// SecrecyLaw is a verified rule that keeps a provider silent.
type SecrecyLaw struct {
	Country, Title, Citation string
	// EndRequired says that an order under it names its end; Longest is the longest it may run, "" where nothing is
	// said.
	EndRequired bool
	Longest     string
}

// GuideOf takes over the required fields and the verified rules of secrecy.
func GuideOf(fields review.Fields, book *law.Book) Guide {
	g := Guide{LawRevision: book.Revision()}
	for _, requestType := range RequestTypes() {
		need := Need{RequestType: requestType}
		for instrument, without := range fields.Without {
			if string(instrument) == requestType {
				need.without(fields.Every, without)
			}
		}
		if need.Fields == nil {
			need.without(fields.Every, nil)
		}
		for instrument, wanted := range fields.Instruments {
			if string(instrument) == requestType {
				need.without(wanted, nil)
			}
		}
		g.Needs = append(g.Needs, need)
	}
	for _, j := range book.Jurisdictions() {
		for _, r := range j.Rules {
			secrecy := r.Kind == law.ByCourtOrder || r.Kind == law.ByCertification || r.Kind == law.ByStatute
			if r.Status != law.Verified || !secrecy || r.Binds == "nobody" {
				continue
			}
			l := SecrecyLaw{Country: j.Code, Title: r.Title, Citation: r.Citation,
				EndRequired: r.End == law.EndRequired}
			if r.First != nil {
				l.Longest = r.First.String()
			}
			g.Laws = append(g.Laws, l)
		}
	}
	return g
}

func (n *Need) without(wanted []review.Wanted, without []string) {
	for _, w := range wanted {
		if !slices.Contains(without, w.Field) {
			n.Fields = append(n.Fields, w.Field)
		}
	}
}

// guideView is the guide's page.
type guideView struct {
	Contact, LawRevision, PolicyHref string
	Needs, Laws                      grid
	Grounds, Exceptions              []definition
	Tell                             []string
}

// GuidePages prints guide/index.html in every language.
func GuidePages(p Publisher, g Guide) ([]File, error) {
	var files []File
	for _, language := range Languages() {
		w, err := newWords(language)
		if err != nil {
			return nil, err
		}
		out := newPage(w, &p, "guide", "guide", "../", w.T("title.guide", p.Name))
		out.Body = newGuideView(w, g)
		body, err := out.render(w, "guide")
		if err != nil {
			return nil, fmt.Errorf("print the guide: %w", err)
		}
		files = append(files, File{"guide/" + pageName(language), body})
	}
	return files, nil
}

func newGuideView(w *words, g Guide) *guideView {
	v := &guideView{Contact: g.Contact, LawRevision: g.LawRevision}
	if g.PolicyVersion != "" {
		v.PolicyHref = "../policy/" + g.PolicyVersion + "/" + pageName(w.language)
	}
	v.Needs = newGrid(w, "guide-needs", "type")
	v.Needs.keys(w, "request_type", "fields")
	for _, n := range g.Needs {
		v.Needs.Rows = append(v.Needs.Rows, gridRow{Anchor: "type-" + n.RequestType, RequestType: n.RequestType,
			Requests: -1,
			Cells:    []cell{heading(w.T("type." + n.RequestType)), plain(w.asks(n))}})
	}
	for _, ground := range Grounds() {
		v.Grounds = append(v.Grounds, definition{w.T("ground." + ground), w.T("ground." + ground + ".about")})
	}
	v.Tell = []string{w.T("guide.tell.text"), w.T("guide.tell.advance", g.AdvanceDays), w.T("guide.tell.order")}
	for _, kind := range slices.Sorted(maps.Keys(g.ExceptionDays)) {
		v.Exceptions = append(v.Exceptions, definition{w.T("exception." + kind), w.T("exception.review",
			g.ExceptionDays[kind])})
	}
	v.Laws = newGrid(w, "guide-laws", "country")
	v.Laws.keys(w, "country", "law", "end", "longest")
	for _, l := range g.Laws {
		end := "guide.law.noend"
		if l.EndRequired {
			end = "guide.law.end"
		}
		v.Laws.Rows = append(v.Laws.Rows, gridRow{Country: l.Country, Requests: -1, Cells: []cell{
			heading(w.jurisdiction(l.Country)), plain(l.Title + ", " + l.Citation), plain(w.T(end)),
			plain(w.longest(l.Longest))}})
	}
	return v
}

// jurisdiction is the name of a country, or of the European Union.
func (w *words) jurisdiction(code string) string {
	if code == "EU" {
		return w.T("jurisdiction.EU")
	}
	return w.country(code)
}

func (w *words) longest(length string) string {
	if length == "" {
		return "–"
	}
	return length
}

// asks lists what a request has to say. An emergency says another thing under "offence" than the other types.
func (w *words) asks(n Need) string {
	out := ""
	for i, field := range n.Fields {
		key := "ask." + field
		if n.RequestType == "emergency" && field == "offence" {
			key = "ask.danger"
		}
		if i > 0 {
			out += "; "
		}
		out += w.T(key)
	}
	return out
}
