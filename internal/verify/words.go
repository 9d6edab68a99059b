package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/text/language"

	"lapse/internal/letter"
	"lapse/internal/matter"
)

// words are the texts of the page in one language. {sender} and {date} stand for their values.
type words struct {
	// Tag is the BCP 47 tag of the language, Self its own name.
	Tag           string `json:"-"`
	Self          string `json:"self"`
	Title         string `json:"title"`
	Lede          string `json:"lede"`
	Reference     string `json:"reference"`
	ReferenceHint string `json:"referenceHint"`
	Code          string `json:"code"`
	CodeHint      string `json:"codeHint"`
	Address       string `json:"address"`
	AddressHint   string `json:"addressHint"`
	Check         string `json:"check"`
	Yes           string `json:"yes"`
	Copied        string `json:"copied"`
	YesAddress    string `json:"yesAddress"`
	NoAddress     string `json:"noAddress"`
	No            string `json:"no"`
	NoAdvice      string `json:"noAdvice"`
	Typo          string `json:"typo"`
	TypoAdvice    string `json:"typoAdvice"`
	AwayText      string `json:"away"`
	BusyText      string `json:"busy"`
	Signed        string `json:"signed"`
	Keys          string `json:"keys"`
	Others        string `json:"others"`
}

// view is what the page shows.
type view struct {
	words

	Sender    string
	Languages []words
	Asked     bool
	Mistyped  bool
	Issued    bool
	Date      string
	// ForAddress is nil where no address was given.
	ForAddress *bool
	Away, Busy bool
}

// Lead says who writes such mails.
func (v view) Lead() string { return strings.ReplaceAll(v.Lede, "{sender}", v.Sender) }

// Dated says on which day a pair was issued.
func (v view) Dated() string { return strings.ReplaceAll(v.Yes, "{date}", v.Date) }

// Belongs reports whether the given address is the mail's, Foreign whether it is not.
func (v view) Belongs() bool { return v.ForAddress != nil && *v.ForAddress }

// Foreign reports whether an address was given that is not the mail's.
func (v view) Foreign() bool { return v.ForAddress != nil && !*v.ForAddress }

// readWords reads the texts of every language of the letter, strictly.
func readWords() (map[string]words, error) {
	out := map[string]words{}
	for _, tag := range letter.Languages() {
		raw, err := files.ReadFile("words/" + tag + ".json")
		if err != nil {
			return nil, fmt.Errorf("read the texts of the verify page: %w", err)
		}
		w := words{Tag: tag}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&w); err != nil {
			return nil, fmt.Errorf("read the texts of the verify page in %s: %w", tag, err)
		}
		out[tag] = w
	}
	return out, nil
}

// languages are all texts in the letter's order.
func (p *Page) languages() []words {
	var out []words
	for _, tag := range letter.Languages() {
		out = append(out, p.texts[tag])
	}
	return out
}

// language is the one asked for by its tag, else the one that the browser prefers, else English.
func (p *Page) language(r *http.Request, tag string) words {
	if w, ok := p.texts[tag]; ok {
		return w
	}
	var tags []language.Tag
	for _, l := range letter.Languages() {
		tags = append(tags, language.Make(l))
	}
	wanted, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // a malformed one is none
	_, i, _ := language.NewMatcher(tags).Match(wanted...)
	return p.texts[letter.Languages()[i]]
}

// day writes a day as the letters in this language do; "" for none.
func (w words) day(on string) string {
	d, err := matter.ParseDate(on)
	if err != nil {
		return ""
	}
	return letter.Day(w.Tag, d)
}
