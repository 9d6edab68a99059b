package letter

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"lapse/internal/matter"
)

//go:embed remedies/*.json
var remedyFiles embed.FS

// newestLawTexts is the version of the law texts that new letters get.
const newestLawTexts = "1"

// textSet is one version of the law texts. It is frozen once a letter was written with it.
type textSet struct {
	Remedies []remedy `json:"remedies"`
	Helpers  []helper `json:"helpers"`
}

// verified is the status of a text that somebody read at its source. Texts of any other status are not shown.
const verified = "verified"

// remedy is something a person can do against a request, by the law of one country.
type remedy struct {
	ID string `json:"id"`
	// Country is the authority's (ISO 3166-1); "EU" stands for every authority that uses one of Instruments.
	Country     string   `json:"country"`
	Instruments []string `json:"instruments,omitempty"`
	// Cites are words of which one must stand in the stated legal basis; none means any basis.
	Cites []string `json:"cites,omitempty"`
	// Before says that the remedy is there before the disclosure too.
	Before bool   `json:"before,omitempty"`
	Court  string `json:"court,omitempty"`
	Remedy string `json:"remedy"`
	// Limit is the time there is, from what.
	Limit     *limit   `json:"limit,omitempty"`
	Citation  string   `json:"citation"`
	Sources   []string `json:"sources,omitempty"`
	CheckedOn string   `json:"checkedOn,omitempty"`
	Status    string   `json:"status"`
	Note      string   `json:"note,omitempty"`
	// Text is what the letter says, by language.
	Text map[string]string `json:"text,omitempty"`
}

// limit is a time limit: n units from an event, which is said in English for the reader of the data.
type limit struct {
	N    int    `json:"n"`
	Unit string `json:"unit"`
	From string `json:"from"`
}

// helper is an organisation that helps people, in some countries.
type helper struct {
	Name      string   `json:"name"`
	URL       string   `json:"url"`
	Countries []string `json:"countries"`
	CheckedOn string   `json:"checkedOn"`
}

// maxHelpers is how many organisations a letter names.
const maxHelpers = 4

var loadTexts = sync.OnceValues(func() (map[string]*textSet, error) {
	all := map[string]*textSet{}
	entries, err := remedyFiles.ReadDir("remedies")
	if err != nil {
		return nil, fmt.Errorf("list the law texts: %w", err)
	}
	for _, e := range entries {
		set := &textSet{}
		if err := readJSON(remedyFiles, "remedies/"+e.Name(), set); err != nil {
			return nil, fmt.Errorf("read the law texts: %w", err)
		}
		all[strings.TrimSuffix(e.Name(), ".json")] = set
	}
	return all, nil
})

// lawTexts returns the set of a version, the newest for "".
func lawTexts(version string) (*textSet, error) {
	all, err := loadTexts()
	if err != nil {
		return nil, err
	}
	if version == "" {
		version = newestLawTexts
	}
	set, ok := all[version]
	if !ok {
		return nil, fmt.Errorf("find the law texts %q: there is no such version", clean(version))
	}
	return set, nil
}

// remedies lists what the law of the request's country gives, in a language, each with its source.
func (s *textSet) remedies(f Facts, lang string) []string {
	var out []string
	for _, r := range s.Remedies {
		if r.Status == verified && r.applies(f) {
			out = append(out, r.Text[lang]+" ("+r.Citation+")")
		}
	}
	return out
}

func (r *remedy) applies(f Facts) bool {
	if f.Kind == Advance && !r.Before {
		return false
	}
	if r.Country != "EU" && r.Country != f.Request.Issuer.Country {
		return false
	}
	if len(r.Instruments) > 0 && !slices.Contains(r.Instruments, string(f.Request.Instrument)) {
		return false
	}
	cited := func(word string) bool { return slices.Contains(r.Cites, word) }
	return len(r.Cites) == 0 || slices.ContainsFunc(basisWords(f.Request), cited)
}

// basisWords are the words and numbers of the stated legal basis, in lower case.
func basisWords(r matter.Request) []string {
	return strings.FieldsFunc(strings.ToLower(r.LegalBasis), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// help lists organisations of the account's country and then of the authority's.
func (s *textSet) help(f Facts) []string {
	var out []string
	for _, country := range []string{f.AccountCountry, f.Request.Issuer.Country} {
		for _, h := range s.Helpers {
			line := h.Name + ", " + h.URL
			helps := country != "" && slices.Contains(h.Countries, country)
			if helps && !slices.Contains(out, line) && len(out) < maxHelpers {
				out = append(out, line)
			}
		}
	}
	return out
}
