package letter

import (
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-playground/locales"
	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// seconds are the languages of version 2.
func seconds(t *testing.T) map[string]*second {
	out := map[string]*second{}
	for _, lang := range languages {
		e, err := find(lang + "-2")
		require.NoError(t, err)
		out[lang] = e.(*second)
	}
	return out
}

// codesOf lists every code that each group of words must name.
func codesOf() map[string][]string {
	return map[string][]string{
		"instruments": {
			"subpoena", "court_order", "search_warrant", "emergency", "preservation", "mlat", "cloud_act", "letters_rogatory",
			"epoc",
			"epoc_pr", "nsl", "fisa", "pen_register", "wiretap", "production_order", "administrative_demand", "withhold_access",
			"other",
		},
		"categories": {"content", "non_content", "subscriber", "preservation"},
		"roles": {
			"court", "judge", "magistrate", "prosecutor", "police", "agency", "fbi_director_designee", "minister", "other",
		},
		"notProduced": {"e2ee", "none_held"},
		"outcomes":    {"pending", "upheld", "narrowed", "quashed", "vacated"},
		"ended":       {"lifted", "vacated", "permitted"},
		"later":       {string(LaterRolled), string(LaterPlace), string(LaterUnclear)},
		"points": {
			string(PointAuthority), string(PointBasis), string(PointDates), string(PointCategories), string(PointPeriods),
			string(PointDelay), string(PointAccount),
		},
		"span": {"both", "from", "to"},
		"ends": {"until", "before", "signed", "served", "disclosed", "instant", "event", "none", "earliest", "latest"},
	}
}

// TestNoLanguageMissesAText holds every language to the same codes, patterns and plural forms.
func TestNoLanguageMissesAText(t *testing.T) {
	english := seconds(t)["en"].words
	names := regexp.MustCompile(`\{\w+\}`)
	for lang, s := range seconds(t) {
		t.Run(lang, func(t *testing.T) {
			w := s.words
			for group, have := range map[string]map[string]string{
				"instruments": w.Instruments, "categories": w.Categories, "roles": w.Roles, "notProduced": w.NotProduced,
				"outcomes": w.Outcomes, "ended": w.Ended, "later": w.Later, "points": w.Points, "span": w.Span, "ends": w.Ends,
			} {
				require.Len(t, have, len(codesOf()[group]), group)
				for _, key := range codesOf()[group] {
					require.NotEmpty(t, have[key], "%s %s", group, key)
				}
			}
			for key, pattern := range w.Ends {
				require.ElementsMatch(t, names.FindAllString(english.Ends[key], -1), names.FindAllString(pattern, -1), key)
			}
			require.Equal(t, 4, len(names.FindAllString(w.Moment, -1)))
			require.Equal(t, 2, len(names.FindAllString(w.MomentUTC, -1)))
			for _, text := range []string{w.Self, w.Beneath, w.Colon, w.NotStated, w.CountryUnknown} {
				require.NotEmpty(t, text)
			}
			for _, unit := range []string{"days", "weeks", "months", "years"} {
				for _, rule := range w.locale.PluralsCardinal() {
					if rule == locales.PluralRuleMany {
						continue // only for numbers of a million and more
					}
					form := strings.ToLower(rule.String())
					require.Contains(t, w.Periods[unit][form], "{n}", "%s %s", unit, form)
				}
			}
			require.Len(t, w.countries, 250, "ISO 3166-1 and Kosovo")
			for code := range english.countries {
				require.NotEmpty(t, w.countries[code], code)
			}
		})
	}
}

func TestDatesCountriesAndPluralsOfEveryLanguage(t *testing.T) {
	at := time.Date(2026, time.March, 1, 9, 5, 59, 0, time.UTC)
	for lang, want := range map[string][]string{
		"en": {"1 March 2026", "1 March 2026, 18:05 (Asia/Tokyo, UTC+09:00)", "Germany", "1 day", "90 days"},
		"de": {"1. März 2026", "1. März 2026, 18:05 Uhr (Asia/Tokyo, UTC+09:00)", "Deutschland", "1 Tag", "90 Tage"},
		"fr": {"1er mars 2026", "1er mars 2026, 18:05 (Asia/Tokyo, UTC+09:00)", "Allemagne", "1 jour", "90 jours"},
		"es": {"1 de marzo de 2026", "1 de marzo de 2026, 18:05 (Asia/Tokyo, UTC+09:00)", "Alemania", "1 día", "90 días"},
		"nl": {"1 maart 2026", "1 maart 2026, 18:05 uur (Asia/Tokyo, UTC+09:00)", "Duitsland", "1 dag", "90 dagen"},
		"pt": {"1 de março de 2026", "1 de março de 2026, 18:05 (Asia/Tokyo, UTC+09:00)", "Alemanha", "1 dia", "90 dias"},
		"ja": {"2026年3月1日", "2026年3月1日 18:05（Asia/Tokyo、UTC+09:00）", "ドイツ", "1日間", "90日間"},
	} {
		w := seconds(t)[lang].words
		got := []string{
			w.day(matter.DateOf(at)), w.moment(at, zone("Asia/Tokyo")), w.country("DE"), w.period(1, "days"), w.period(90,
				"days"),
		}
		require.Equal(t, want, got)
		require.Empty(t, w.day(matter.Date{}))
		require.Empty(t, w.moment(time.Time{}, nil))
		require.Contains(t, w.moment(at, nil), "UTC")
		require.NotContains(t, w.day(on(2026, time.March, 11)), "er", "only the first")
	}
}

func TestHowAPaperStatesItsEnd(t *testing.T) {
	w := seconds(t)["en"].words
	for want, end := range map[string]matter.End{
		"until 31 August 2026, that day included": {Kind: matter.EndDate, Date: on(2026, time.August, 31),
			Wording: "through"},
		"before 31 August 2026":                   {Kind: matter.EndDate, Date: on(2026, time.August, 31), Wording: "before"},
		"1 month from the service":                {Kind: matter.EndPeriod, N: 1, Unit: "months", From: "served"},
		"90 days from the handing over":           {Kind: matter.EndPeriod, N: 90, Unit: "days", From: "disclosed"},
		"it ends with an event: until indictment": {Kind: matter.EndEvent, Text: "until\r\nindictment"},
		"no end is stated":                        {Kind: matter.EndNone},
		"until 1 March 2026, 00:00 (UTC)": {Kind: matter.EndInstant,
			At: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)},
	} {
		require.Equal(t, want, w.end(end, nil))
	}
	for _, unknown := range []matter.End{{}, {Kind: "later"},
		{Kind: matter.EndPeriod, N: 1, Unit: "moons", From: "signed"}} {
		require.Empty(t, w.end(unknown, nil))
	}
}

// TestEveryWordingShowsEveryFact finds a fact that a translation forgot.
func TestEveryWordingShowsEveryFact(t *testing.T) {
	for _, lang := range languages {
		src, err := files.ReadFile("templates/v2/" + lang + "/letter.tmpl")
		require.NoError(t, err)
		for _, record := range []any{view{}, category{}, notProduced{}, delay{}, challenge{}} {
			for _, field := range reflect.VisibleFields(reflect.TypeOf(record)) {
				require.Regexp(t, `\.`+field.Name+`\b`, string(src), "%s: %s of %T", lang, field.Name, record)
			}
		}
	}
}

// TestEveryLanguageHasTheSameShape compares the blocks of every letter: none has a heading, a field or an item less.
func TestEveryLanguageHasTheSameShape(t *testing.T) {
	shape := func(s *second, f Facts) (out []string) {
		w, err := s.write(f)
		require.NoError(t, err)
		for _, x := range w.blocks {
			kind := "paragraph"
			switch {
			case x.Heading != "":
				kind = "heading"
			case x.Link.URL != "":
				kind = "link"
			}
			out = append(out, kind+strings.Repeat(" field", len(x.Fields))+strings.Repeat(" item", len(x.Items)))
		}
		return out
	}
	all := seconds(t)
	for _, v := range append(commonGoldens(), secondGoldens()...) {
		want := shape(all["en"], v.facts)
		for lang, s := range all {
			require.Equal(t, want, shape(s, v.facts), "%s in %s", v.name, lang)
		}
	}
}

// TestTextsOfOthersStayOutOfParagraphs keeps what an authority wrote from passing for our own words.
func TestTextsOfOthersStayOutOfParagraphs(t *testing.T) {
	for lang, s := range seconds(t) {
		f := hostile(func(string) string { return "marker" })
		f.SenderName = "Example Service"
		w, err := s.write(f)
		require.NoError(t, err)
		shown := 0
		for _, x := range w.blocks {
			require.NotContains(t, w.subject+x.Heading+x.Paragraph+x.Link.Label+x.Link.URL, "xmarker", lang)
			for _, field := range x.Fields {
				require.NotContains(t, field.Label, "xmarker")
				shown += strings.Count(field.Value, "xmarker")
			}
		}
		require.Greater(t, shown, 9)
	}
}

func TestEveryTemplateFileBelongsToAVersion(t *testing.T) {
	want := []string{"templates/v1/en-1.json", "templates/v1/en-1.tmpl", "templates/v1/page-1.html",
		"templates/v2/page.html"}
	for _, lang := range languages {
		want = append(want, "templates/v2/"+lang+"/letter.tmpl", "templates/v2/"+lang+"/words.json")
	}
	var have []string
	require.NoError(t, fs.WalkDir(files, "templates", func(name string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			have = append(have, name)
		}
		return err
	}))
	require.ElementsMatch(t, want, have)
}

func TestLinesBreakBesideWideCharacters(t *testing.T) {
	for point, row := range map[string]struct{ in, want string }{
		"it fits":                  {strings.Repeat("法", 36), strings.Repeat("法", 36) + "\n"},
		"one too many":             {strings.Repeat("法", 37), strings.Repeat("法", 36) + "\n  法\n"},
		"no stop begins a line":    {strings.Repeat("法", 36) + "。", strings.Repeat("法", 35) + "\n  法。\n"},
		"no bracket ends a line":   {strings.Repeat("法", 35) + "（法", strings.Repeat("法", 35) + "\n  （法\n"},
		"words of letters as ever": {strings.Repeat("a", 70) + " bb", strings.Repeat("a", 70) + "\n  bb\n"},
		"a word beside":            {strings.Repeat("法", 34) + "letters", strings.Repeat("法", 34) + "\n  letters\n"},
		"a space at the end":       {strings.Repeat("法", 36) + " 法", strings.Repeat("法", 36) + "\n  法\n"},
		"nothing":                  {"", "\n"},
	} {
		t.Run(point, func(t *testing.T) {
			var b strings.Builder
			wrapWide(&b, row.in, "", "  ")
			require.Equal(t, row.want, b.String())
		})
	}
}
