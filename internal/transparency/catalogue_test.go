package transparency

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCataloguesAreComplete: every language has every text, with the same parameters and the same plurals.
func TestCataloguesAreComplete(t *testing.T) {
	parameter := regexp.MustCompile(`\{[0-9dmy]\}`)
	first, err := catalogueOf(Languages()[0])
	require.NoError(t, err)
	for _, language := range Languages() {
		c, err := catalogueOf(language)
		require.NoError(t, err)
		require.Len(t, c.texts, len(first.texts), language)
		require.Len(t, c.names, len(first.names), language)
		for key, text := range c.texts {
			require.Contains(t, first.texts, key, language)
			require.NotEmpty(t, text, key)
			require.Equal(t, strings.Count(first.texts[key], "|"), strings.Count(text, "|"), "plurals of %s", key)
			sorted := func(s string) []string {
				all := parameter.FindAllString(s[strings.LastIndex(s, "|")+1:], -1)
				slices.Sort(all)
				return slices.Compact(all)
			}
			require.Equal(t, sorted(first.texts[key]), sorted(text), "parameters of %s in %s", key, language)
		}
		for code := range c.names {
			require.Contains(t, first.names, code)
		}
		require.Len(t, strings.Fields(c.texts["format.months"]), 12)
	}
}

// TestEveryTextIsUsed: a key of the catalogue stands in the code or in a template, whole or by its beginning.
func TestEveryTextIsUsed(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			source.Write(text)
		}
	}
	c, err := catalogueOf("en")
	require.NoError(t, err)
	for key := range c.texts {
		dot := strings.Index(key, ".")
		whole := strings.Contains(source.String(), `"`+key+`"`)
		built := dot > 0 && (strings.Contains(source.String(),
			`"`+key[:dot+1]+`"`) || strings.Contains(source.String(), `"`+key[:strings.LastIndex(key, ".")+1]+`"`))
		require.True(t, whole || built, "nobody says %q", key)
	}
}

// TestEveryWordHasAName in every language: types, outcomes, grounds, classes, kinds, columns.
func TestEveryWordHasAName(t *testing.T) {
	for _, language := range Languages() {
		w, err := newWords(language)
		require.NoError(t, err)
		for _, v := range RequestTypes() {
			w.T("type." + v)
		}
		for _, v := range Outcomes() {
			w.T("outcome." + string(v))
			w.T("outcome." + string(v) + ".about")
		}
		for _, v := range append(Grounds(), AnyGround) {
			w.T("ground." + v)
		}
		for _, v := range ChallengeClasses() {
			w.T("class." + v)
		}
		for _, v := range OrderKinds() {
			w.T("kind." + v)
		}
		for _, s := range Schemas() {
			w.T("table." + s.Name)
			for _, c := range s.Columns {
				w.column(s.Name, c.Name)
			}
		}
		for structure := 1; structure <= 4; structure++ {
			c := counting()
			c.Security = SecurityRules{Structure: structure, UKBands: true}
			for _, r := range NewCount(c).securityTable().Rows {
				w.T("category." + r[2])
			}
		}
		require.NoError(t, w.err)
	}
}

func TestNumbersAndDaysAreWrittenAsTheLanguageDoes(t *testing.T) {
	en, err := catalogueOf("en")
	require.NoError(t, err)
	de, err := catalogueOf("de")
	require.NoError(t, err)
	require.Equal(t, "1,234,567", en.number(1234567))
	require.Equal(t, "1.234.567", de.number(1234567))
	require.Equal(t, "999", en.number(999))
	require.Equal(t, "−1,000", en.signed(-1000))
	require.Equal(t, "+5", en.signed(5))
	day := time.Date(2026, 7, 1, 23, 0, 0, 0, time.UTC)
	require.Equal(t, "1 July 2026", en.day(day))
	require.Equal(t, "1. Juli 2026", de.day(day))
	require.Equal(t, "Germany", countryName("en", "DE"))
	require.Equal(t, "Deutschland", countryName("de", "DE"))
	require.Equal(t, "QX", countryName("de", "QX"))
	_, err = en.text("no.such.key")
	require.Error(t, err)
	_, err = catalogueOf("xx")
	require.Error(t, err)
}
