package letter

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/ja"
	"github.com/go-playground/locales/nl"
	"github.com/go-playground/locales/pt"

	"lapse/internal/matter"
)

// localeOf is the CLDR locale of a language of the letter, nil for another. English dates are written 1 September 2026,
// which no reader takes for another day.
func localeOf(lang string) locales.Translator {
	switch lang {
	case "en":
		return en_GB.New()
	case "de":
		return de.New()
	case "fr":
		return fr.New()
	case "es":
		return es.New()
	case "nl":
		return nl.New()
	case "pt":
		return pt.New()
	case "ja":
		return ja.New()
	}
	return nil
}

// words are the names of codes in one language, and how it writes dates. Patterns have names in braces.
type words struct {
	// Self is the language's own name, Beneath what a letter says above another one when this one follows beneath.
	Self    string `json:"self"`
	Beneath string `json:"beneath"`
	// Colon parts a label and its value.
	Colon string `json:"colon"`
	// FirstDay is how the first day of a month is written, "" for 1.
	FirstDay  string `json:"firstDay"`
	Moment    string `json:"moment"`
	MomentUTC string `json:"momentUTC"`
	// NotStated and CountryUnknown stand where a paper says nothing.
	NotStated      string `json:"notStated"`
	CountryUnknown string `json:"countryUnknown"`
	// Span has the patterns "both", "from" and "to"; Ends how a paper states its end; Periods their units by plural form.
	Span    map[string]string            `json:"span"`
	Ends    map[string]string            `json:"ends"`
	Periods map[string]map[string]string `json:"periods"`

	Instruments map[string]string `json:"instruments"`
	Categories  map[string]string `json:"categories"`
	Roles       map[string]string `json:"roles"`
	NotProduced map[string]string `json:"notProduced"`
	Outcomes    map[string]string `json:"outcomes"`
	Ended       map[string]string `json:"ended"`
	Later       map[string]string `json:"later"`
	Points      map[string]string `json:"points"`

	countries map[string]string
	locale    locales.Translator
}

// fill puts values, given as name and value in turn, into a pattern.
func fill(pattern string, pairs ...string) string {
	var b strings.Builder
	b.Grow(2 * len(pattern))
	for {
		text, rest, ok := strings.Cut(pattern, "{")
		b.WriteString(text)
		name, rest, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return b.String()
		}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				b.WriteString(pairs[i+1])
			}
		}
		pattern = rest
	}
}

// word is the code in words, or the cleaned code itself: a frozen template may meet a code that came later.
func word(words map[string]string, code string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return clean(code)
}

// day writes a date, "" for none.
func (w *words) day(d matter.Date) string {
	if d.IsZero() || d.Month < time.January || d.Month > time.December {
		return ""
	}
	written := w.locale.FmtDateLong(time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC))
	if rest, ok := strings.CutPrefix(written, "1 "); ok && w.FirstDay != "" {
		return w.FirstDay + " " + rest
	}
	return written
}

// moment writes an instant in a zone with its offset, to the minute; "" for the zero time. The machine's own zone is no
// zone: the bytes would differ elsewhere.
func (w *words) moment(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	if zone == nil || zone.String() == "UTC" || zone.String() == "Local" {
		at = at.UTC()
		return fill(w.MomentUTC, "date", w.day(matter.DateOf(at)), "clock", at.Format("15:04"))
	}
	local := at.In(zone)
	return fill(w.Moment, "date", w.day(matter.DateOf(local)), "clock", local.Format("15:04"),
		"zone", clean(zone.String()), "offset", local.Format("-07:00"))
}

// span writes a period between two dates, "" where neither is known.
func (w *words) span(from, to matter.Date) string {
	a, b := w.day(from), w.day(to)
	switch {
	case a != "" && b != "":
		return fill(w.Span["both"], "from", a, "to", b)
	case a != "":
		return fill(w.Span["from"], "from", a)
	case b != "":
		return fill(w.Span["to"], "to", b)
	}
	return ""
}

// period writes a number of units in the plural form that it takes.
func (w *words) period(n int, unit string) string {
	forms := w.Periods[unit]
	form := strings.ToLower(strings.TrimPrefix(w.locale.CardinalPluralRule(float64(n), 0).String(), "PluralRule"))
	pattern, ok := forms[form]
	if !ok {
		pattern = forms["other"]
	}
	return fill(pattern, "n", strconv.Itoa(n))
}

// end writes the end as a paper states it, "" where it is of no known kind.
func (w *words) end(e matter.End, zone *time.Location) string {
	switch e.Kind {
	case matter.EndDate:
		wording := "until"
		if e.Wording == "before" {
			wording = "before"
		}
		return fill(w.Ends[wording], "date", w.day(e.Date))
	case matter.EndPeriod:
		if p, ok := w.Ends[e.From]; ok && w.Periods[e.Unit] != nil {
			return fill(p, "period", w.period(e.N, e.Unit))
		}
	case matter.EndInstant:
		return fill(w.Ends["instant"], "moment", w.moment(e.At, zone))
	case matter.EndEvent:
		return fill(w.Ends["event"], "text", clean(e.Text))
	case matter.EndNone:
		return w.Ends["none"]
	case matter.EndEarliest, matter.EndLatest:
		var parts []string
		for _, part := range e.Parts() {
			parts = append(parts, w.end(part, zone))
		}
		return fill(w.Ends[string(e.Kind)], "ends", strings.Join(parts, "; "))
	}
	return ""
}

// country is the name of a code; "ZZ" and "" are not known.
func (w *words) country(code string) string {
	code = clean(code)
	if code == "" || code == "ZZ" {
		return w.CountryUnknown
	}
	if name, ok := w.countries[code]; ok {
		return name
	}
	return code
}

// Day writes a date as letters in the language do, "" for no date or a language there is no letter in.
func Day(lang string, d matter.Date) string {
	t, err := find(lang + "-" + newestNumber)
	if err != nil {
		return ""
	}
	if s, ok := t.(*second); ok {
		return s.words.day(d)
	}
	return ""
}
