package transparency

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed catalogue/*.json
var catalogueFiles embed.FS

// Languages lists the languages of the pages; the first is the one of index.html, the others have a suffix.
func Languages() []string { return []string{"en", "de"} }

// catalogue is the texts of one language by key. A text has parameters in braces: "{0} of {1}". A text of two parts
// parted by "|" has a singular and a plural, chosen by its first parameter.
type catalogue struct {
	language string
	texts    map[string]string
	names    map[string]string
}

// catalogues holds every language, read once.
var catalogues = sync.OnceValues(func() (map[string]*catalogue, error) {
	all := map[string]*catalogue{}
	for _, language := range Languages() {
		c := &catalogue{language: language}
		for file, into := range map[string]*map[string]string{"": &c.texts, "countries.": &c.names} {
			raw, err := catalogueFiles.ReadFile("catalogue/" + file + language + ".json")
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(raw, into); err != nil {
				return nil, fmt.Errorf("decode catalogue %s%s: %w", file, language, err)
			}
		}
		all[language] = c
	}
	return all, nil
})

// catalogueOf is the catalogue of a language of Languages.
func catalogueOf(language string) (*catalogue, error) {
	all, err := catalogues()
	if err != nil {
		return nil, err
	}
	c, ok := all[language]
	if !ok {
		return nil, fmt.Errorf("no catalogue for language %q", language)
	}
	return c, nil
}

// countryName is the name of a country, or the code where there is no name.
func countryName(language, code string) string {
	c, err := catalogueOf(language)
	if err != nil || c.names[code] == "" {
		return code
	}
	return c.names[code]
}

// text is the text of a key with its parameters. Numbers are written as the language writes them. It fails for a key
// that the language does not have.
func (c *catalogue) text(key string, params ...any) (string, error) {
	t, ok := c.texts[key]
	if !ok {
		return "", fmt.Errorf("catalogue %s has no text %q", c.language, key)
	}
	if singular, plural, two := strings.Cut(t, "|"); two {
		t = plural
		if n, ok := params[0].(int); ok && n == 1 {
			t = singular
		}
	}
	pairs := make([]string, 0, 2*len(params))
	for i, p := range params {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", c.write(p))
	}
	return strings.NewReplacer(pairs...).Replace(t), nil
}

// write writes a parameter: a number, a day, or a text as it is.
func (c *catalogue) write(p any) string {
	switch p := p.(type) {
	case int:
		return c.number(p)
	case time.Time:
		return c.day(p)
	}
	return fmt.Sprint(p)
}

// number groups thousands as the language does.
func (c *catalogue) number(n int) string {
	digits, sign := strconv.Itoa(n), ""
	if n < 0 {
		digits, sign = digits[1:], "−"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + c.texts["format.thousands"] + digits[i:]
	}
	return sign + digits
}

// signed is a number with its sign, for differences.
func (c *catalogue) signed(n int) string {
	switch {
	case n > 0:
		return "+" + c.number(n)
	case n == 0:
		return "±0"
	}
	return c.number(n)
}

// day writes a date: "1 July 2026".
func (c *catalogue) day(t time.Time) string {
	t = t.UTC()
	month := strings.Split(c.texts["format.months"], " ")[t.Month()-1]
	return strings.NewReplacer("{d}", strconv.Itoa(t.Day()), "{m}", month, "{y}", strconv.Itoa(t.Year())).
		Replace(c.texts["format.day"])
}

// half writes a half-year in words: "January to June 2026".
func (c *catalogue) half(h Half) string {
	t, err := c.text("half."+strconv.Itoa(h.Part), strconv.Itoa(h.Year))
	if err != nil {
		return h.String()
	}
	return t
}
