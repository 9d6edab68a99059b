package letter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheLanguageOfAPerson(t *testing.T) {
	for point, row := range map[string]struct{ tag, country, lang, template string }{
		"English":                                         {"en", "", "en", "en-2"},
		"of a region":                                     {"en-GB", "DE", "en", "en-2"},
		"Portuguese of Brazil":                            {"pt-BR", "", "pt", "pt-2"},
		"Portuguese of Portugal":                          {"pt-PT", "BR", "pt", "pt-2"},
		"Swiss German writes German":                      {"de-CH", "CH", "de", "de-2"},
		"Latin American Spanish":                          {"es-419", "", "es", "es-2"},
		"Flemish":                                         {"nl-BE", "", "nl", "nl-2"},
		"a language without a letter is English":          {"sv", "DE", "en", "en-2"},
		"a malformed tag is English":                      {"not a language\x00", "DE", "en", "en-2"},
		"none, and a country with one language":           {"", "DE", "de", "de+en-2"},
		"none, and Japan":                                 {"", "JP", "ja", "ja+en-2"},
		"none, and a regional language beside":            {"", "ES", "es", "es+en-2"},
		"none, and an official language of no letter too": {"", "MO", "pt", "pt+en-2"},
		"none, and a country with several":                {"", "CH", "en", "en-2"},
		"none, and Belgium":                               {"", "BE", "en", "en-2"},
		"none, and a country of English":                  {"", "US", "en", "en-2"},
		"none, and a country of no letter":                {"", "SE", "en", "en-2"},
		"nothing":                                         {"", "", "en", "en-2"},
		"an unknown country":                              {"", "ZZ", "en", "en-2"},
	} {
		t.Run(point, func(t *testing.T) {
			lang, template, err := Choose(row.tag, row.country)
			require.NoError(t, err)
			require.Equal(t, []string{row.lang, row.template}, []string{lang, template})
			_, err = find(template)
			require.NoError(t, err)
		})
	}
}

func TestALanguageForAPreviewIsOneOfSeven(t *testing.T) {
	require.Equal(t, []string{"en", "de", "fr", "es", "nl", "pt", "ja"}, Languages())
	for _, lang := range Languages() {
		template, err := In(lang)
		require.NoError(t, err)
		require.Equal(t, lang+"-2", template)
	}
	for _, none := range []string{"", "EN", "de-DE", "sv", "de-2", "../en"} {
		_, err := In(none)
		require.ErrorIs(t, err, ErrLanguage)
		require.ErrorContains(t, err, "en, de, fr, es, nl, pt, ja")
	}
}

func TestTheZoneOfAReader(t *testing.T) {
	now := time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
	for point, row := range map[string]struct{ country, court, want string }{
		"one zone":                          {"JP", pacific, "Asia/Tokyo"},
		"several names of one clock":        {"DE", pacific, "Europe/Berlin"},
		"several clocks: the court's":       {"US", pacific, pacific},
		"Spain with its islands":            {"ES", "Europe/Madrid", "Europe/Madrid"},
		"no country: the court's":           {"", pacific, pacific},
		"an unknown country":                {"ZZ", pacific, pacific},
		"neither":                           {"", "", "UTC"},
		"a court's zone that is none":       {"US", "EST5XX", "UTC"},
		"a small country with the offset 5": {"NP", "", "Asia/Kathmandu"},
	} {
		t.Run(point, func(t *testing.T) {
			loc := readerZone(row.country, row.court, now)
			if loc == nil {
				loc = time.UTC
			}
			require.Equal(t, row.want, loc.String())
		})
	}
}
