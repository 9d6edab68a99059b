package transparency

import (
	"encoding/xml"
	"slices"
	"time"

	"github.com/google/uuid"
)

// atomFeed is an Atom feed (RFC 4287) with one entry a revision.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Rights  string      `xml:"rights"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// feedOf lists every revision of every half, newest first. Its time is that of the newest revision, so it changes only
// when something is published.
func feedOf(p *Publisher, snapshots []*Snapshot) ([]byte, error) {
	w, err := newWords(Languages()[0])
	if err != nil {
		return nil, err
	}
	f := atomFeed{Title: w.T("title.index", p.Name), ID: feedID(p, "feed"), Author: atomAuthor{p.Name},
		Rights:  p.Licence,
		Updated: time.Unix(0, 0).UTC().Format(time.RFC3339),
		Links:   []atomLink{{"self", p.at("feed.atom")}, {"alternate", p.at()}}}
	if p.Sample {
		f.Title = w.T("sample.title", f.Title)
	}
	if f.Rights == "" {
		f.Rights = DefaultLicence
	}
	type dated struct {
		at time.Time
		atomEntry
	}
	var all []dated
	for _, s := range snapshots {
		for _, r := range s.Revisions {
			all = append(all, dated{r.FrozenAt, revisionEntry(w, p, s, r)})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return b.at.Compare(a.at) })
	for i, d := range all {
		if i == 0 {
			f.Updated = d.Updated
		}
		f.Entries = append(f.Entries, d.atomEntry)
	}
	body, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(body, '\n')...), w.err
}

func revisionEntry(w *words, p *Publisher, s *Snapshot, r Revision) atomEntry {
	e := atomEntry{Title: w.T("feed.first", w.half(s.Half)), Updated: r.FrozenAt.Format(time.RFC3339),
		ID:   feedID(p, s.Half.String()+"/r"+itoa(r.N)),
		Link: atomLink{"alternate", p.at(s.Half.String(), "r"+itoa(r.N), "index.html")}}
	if r.N > 1 {
		e.Title = w.T("feed.revision", w.half(s.Half), r.N)
		e.Summary = r.Reason
	}
	if r.N == s.Revision && r.N == 1 {
		for _, line := range headline(w, &s.Summary) {
			e.Summary += line + " "
		}
	}
	return e
}

// feedID is a UUID (version 5) of the address, so that it never changes.
func feedID(p *Publisher, name string) string {
	return "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(p.Base+name)).String()
}
