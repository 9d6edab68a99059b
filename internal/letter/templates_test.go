package letter

import (
	"io/fs"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// TestEveryVersionIsComplete holds each template version to the same codes, patterns and facts.
func TestEveryVersionIsComplete(t *testing.T) {
	l, err := load()
	require.NoError(t, err)
	keys := map[string][]string{
		"instruments": {
			"subpoena", "court_order", "search_warrant", "emergency", "preservation", "mlat", "cloud_act", "letters_rogatory",
			"epoc", "epoc_pr", "nsl", "fisa", "pen_register", "wiretap", "production_order", "administrative_demand", "other",
		},
		"categories": {"content", "non_content", "subscriber", "preservation"},
		"roles": {
			"court", "judge", "magistrate", "prosecutor", "police", "agency", "fbi_director_designee", "minister", "other",
		},
		"notProduced": {"e2ee", "none_held"},
	}
	for country := range l.newest[0].words.Countries {
		keys["countries"] = append(keys["countries"], country)
	}
	require.Len(t, keys["countries"], 249, "ISO 3166-1 has 249 codes")
	for name, v := range l.versions {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, v.words.Language, strings.TrimSuffix(name, name[strings.LastIndexByte(name, '-'):]))
			require.Positive(t, v.number())
			for group, have := range map[string]map[string]string{
				"instruments": v.words.Instruments, "categories": v.words.Categories, "roles": v.words.Roles,
				"notProduced": v.words.NotProduced, "countries": v.words.Countries,
			} {
				require.Len(t, have, len(keys[group]), group)
				for _, key := range keys[group] {
					require.NotEmpty(t, have[key], "%s %s", group, key)
				}
			}
			require.Len(t, v.words.Months, 12)
			for pattern, names := range map[string]string{
				v.words.Day: "day month year", v.words.Moment: "date clock zone offset utcDate utcClock",
				v.words.MomentUTC: "date clock", v.words.Country: "name code",
			} {
				for _, n := range strings.Fields(names) {
					require.Contains(t, pattern, "{"+n+"}")
				}
				require.Equal(t, len(strings.Fields(names)), strings.Count(pattern, "{"))
			}
			require.NotEmpty(t, v.words.Self)
			require.NotEmpty(t, v.words.CountryUnknown)
		})
	}
}

// TestEveryWordingShowsEveryFact finds a fact that a translation forgot.
func TestEveryWordingShowsEveryFact(t *testing.T) {
	l, err := load()
	require.NoError(t, err)
	for name := range l.versions {
		src, err := files.ReadFile("templates/" + name + ".tmpl")
		require.NoError(t, err)
		for _, record := range []any{view{}, sought{}, notProduced{}, delay{}} {
			for _, field := range reflect.VisibleFields(reflect.TypeOf(record)) {
				require.Regexp(t, `\.`+field.Name+`\b`, string(src), "%s of %T", field.Name, record)
			}
		}
	}
}

// TestTextsOfOthersStayOutOfParagraphs keeps what an authority wrote from passing for our own words.
func TestTextsOfOthersStayOutOfParagraphs(t *testing.T) {
	l, err := load()
	require.NoError(t, err)
	for name, v := range l.versions {
		f := hostile(func(string) string { return "marker" })
		f.Template, f.SenderName = name, "Example Service"
		facts, err := v.view(f)
		require.NoError(t, err)
		var b strings.Builder
		require.NoError(t, v.wording.ExecuteTemplate(&b, "letter", facts))
		require.Contains(t, b.String(), "xmarker")
		for _, x := range parse(b.String()) {
			require.NotContains(t, x.Heading+x.Paragraph+x.Link.Label+x.Link.URL, "xmarker")
			for _, field := range x.Fields {
				require.NotContains(t, field.Label, "xmarker")
			}
		}
	}
}

func TestEveryTemplateFileBelongsToAVersion(t *testing.T) {
	l, err := load()
	require.NoError(t, err)
	names, err := fs.Glob(files, "templates/*")
	require.NoError(t, err)
	used := map[string]bool{}
	for name, v := range l.versions {
		used[name+".json"], used[name+".tmpl"], used[v.words.Page] = true, true, true
	}
	require.Len(t, names, len(used))
	for _, name := range names {
		require.True(t, used[path.Base(name)], name)
	}
}

func TestLanguageIsTheNearestOneThereIs(t *testing.T) {
	for point, tag := range map[string]string{
		"English": "en", "of a region": "en-GB", "another language": "ja", "none": "", "malformed": "not a language\x00",
	} {
		t.Run(point, func(t *testing.T) {
			lang, version, err := Choose(tag)
			require.NoError(t, err)
			require.Equal(t, "en", lang)
			require.Equal(t, "en-1", version)
		})
	}
}

func TestAFrozenVersionIsTheOneRendered(t *testing.T) {
	f := oneOrder()
	current, err := Render(f)
	require.NoError(t, err)
	f.Template = "en-1"
	frozen, err := Render(f)
	require.NoError(t, err)
	require.Equal(t, current, frozen)
}

func TestACodeThatCameLaterIsShownAsItIs(t *testing.T) {
	f := oneOrder()
	f.Request.Instrument, f.Request.Issuer.Country, f.Disclosure.Categories = matter.Instrument("new_paper"), "XK", []string{"new_data"}
	l, err := Render(f)
	require.NoError(t, err)
	require.Contains(t, l.Text, "Kind of request: new_paper\n")
	require.Contains(t, l.Text, "Country: XK\n")
	require.Contains(t, l.Text, "- new_data\n")
}
