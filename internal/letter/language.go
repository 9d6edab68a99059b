package letter

import (
	"embed"
	"sync"

	"golang.org/x/text/language"
)

// The folder cldr holds the names of countries in every language of the letter, and which countries have exactly one
// official language among them. Both come from the Unicode CLDR of cldr/VERSION (cldr/LICENSE): territories.json of
// each locale, and the statuses "official" and "de_facto_official" of territoryInfo.json.
//
//go:embed cldr/*.json
var cldr embed.FS

// matchable are the tags of languages, in their order, with the matcher over them and the countries' languages.
type matchable struct {
	matcher  language.Matcher
	official map[string]string
}

var matching = sync.OnceValues(func() (*matchable, error) {
	m := &matchable{}
	tags := make([]language.Tag, 0, len(languages))
	for _, l := range languages {
		tags = append(tags, language.Make(l))
	}
	m.matcher = language.NewMatcher(tags)
	return m, readJSON(cldr, "cldr/official.json", &m.official)
})

// Choose returns the language and the template version for a person whose language is tag (BCP 47, may be empty or
// malformed) and whose account is of the country (ISO 3166-1, may be empty). A tag that matches a language of the
// letter with high confidence gives that one. Without a tag it is the only official language of the country, and the
// version then has the English letter beneath, because that is a guess. Else it is English. A notice freezes both when
// it is made.
func Choose(tag, country string) (lang, templateVersion string, err error) {
	m, err := matching()
	if err != nil {
		return "", "", err
	}
	if tag == "" {
		if guess := m.official[country]; guess != "" && guess != original {
			return guess, guess + "+" + original + "-" + newestNumber, nil
		}
		return original, original + "-" + newestNumber, nil
	}
	lang = original
	// A malformed tag matches nothing.
	if wanted, err := language.Parse(tag); err == nil {
		if _, i, confidence := m.matcher.Match(wanted); confidence >= language.High {
			lang = languages[i]
		}
	}
	return lang, lang + "-" + newestNumber, nil
}
