package transparency

import "strings"

// words are the texts of one language while a page or a file is made. A text that is missing is remembered, and fails
// the whole.
type words struct {
	*catalogue
	err error
}

func newWords(language string) (*words, error) {
	c, err := catalogueOf(language)
	if err != nil {
		return nil, err
	}
	return &words{catalogue: c}, nil
}

// T is the text of a key with its parameters.
func (w *words) T(key string, params ...any) string {
	t, err := w.text(key, params...)
	if err != nil && w.err == nil {
		w.err = err
	}
	return t
}

// column is the definition of a column; a table's own comes before the common one.
func (w *words) column(table, column string) string {
	if own := "define." + table + "." + column; w.texts[own] != "" {
		return w.T(own)
	}
	return w.T("define." + column)
}

// country is the name of a country.
func (w *words) country(code string) string { return countryName(w.language, code) }

func lower(s string) string { return strings.ToLower(s) }
