package letter

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

var update = flag.Bool("update", false, "write the golden letters anew")

// variant is a golden letter: some facts, by a name.
type variant struct {
	name  string
	facts Facts
}

func changed(f Facts, change func(*Facts)) Facts {
	change(&f)
	return f
}

// commonGoldens are the letters that every version has.
func commonGoldens() []variant {
	one := func(name string, change func(*Facts)) variant { return variant{name, changed(oneOrder(), change)} }
	return []variant{
		{"user-after-one-order", oneOrder()},
		{"no-delay", noDelay()},
		one("guardian", func(f *Facts) { f.Recipient = matter.Guardian }),
		one("legal-contact", func(f *Facts) { f.Recipient = matter.LegalContact }),
		one("repetition", func(f *Facts) { f.Repetition = true }),
		one("emergency", func(f *Facts) {
			*f = noDelay()
			f.Request = matter.Request{
				Reference: "E-4471", Instrument: matter.Emergency,
				Issuer:     matter.Issuer{Name: "Example Police", Role: "police", Country: "GB"},
				ReceivedAt: f.Request.ReceivedAt, DataSought: []matter.DataSought{{Category: "subscriber"}},
			}
			f.Disclosure.Basis, f.Disclosure.Categories = matter.BasisEmergency, []string{"subscriber"}
			f.Disclosure.Content = false
			f.Zone, f.HelpURL = "", ""
		}),
		one("consent", func(f *Facts) { *f = noDelay(); f.Disclosure.Basis = matter.BasisConsent }),
		one("not-produced", func(f *Facts) {
			f.Disclosure.Categories, f.Disclosure.Content = []string{"subscriber"}, false
			f.Disclosure.NotProduced = []matter.NotProduced{
				{Category: "content", Why: "e2ee"}, {Category: "non_content", Why: "none_held"},
			}
		}),
		one("order-without-signing-date", func(f *Facts) { f.Delays[0].SignedOn = matter.Date{} }),
		one("several-delays", severalDelays),
		one("statute", func(f *Facts) {
			f.Request.Instrument = matter.PenRegister
			f.Delays = []Delay{{
				Issuer: matter.Issuer{Country: "US"}, LegalBasis: "18 U.S.C. 3123(d)", Kind: matter.Statute, Until: f.Due,
			}}
		}),
		one("unsettled", func(f *Facts) {
			f.Delays = []Delay{{Issuer: matter.Issuer{Country: "BR"}, Kind: matter.Statute, Unsettled: true, Until: f.Due}}
		}),
		one("unnamed-delay", func(f *Facts) { f.Delays = nil }),
	}
}

func severalDelays(f *Facts) {
	plea, later := order(), order()
	plea.Kind, plea.Issuer = matter.Plea, matter.Issuer{Name: "Example Prosecutor", Role: "prosecutor", Country: "US"}
	plea.From, plea.Until = f.Disclosure.At, f.Disclosure.At.Add(matter.PleaGrace)
	plea.Stated = matter.End{Kind: matter.EndNone}
	later.Issuer.Name, later.SignedOn = "Example Appeals Court", on(2026, time.August, 20)
	later.From = time.Date(2026, time.August, 20, 7, 0, 0, 0, time.UTC)
	later.Until = time.Date(2026, time.October, 16, 17, 0, 0, 0, time.UTC)
	later.Stated, later.Ended = matter.End{Kind: matter.EndPeriod, N: 90, Unit: "days", From: "signed"}, "lifted"
	f.Delays = []Delay{plea, order(), later}
	f.Due, f.Now = later.Until, later.Until.Add(time.Minute)
}

// secondGoldens are the letters that version 2 has beside the common ones.
func secondGoldens() []variant {
	one := func(name string, change func(*Facts)) variant {
		return variant{name, checkable(changed(oneOrder(), change))}
	}
	german := matter.Issuer{Name: "Amtsgericht Musterstadt", Role: "magistrate", Country: "DE", Zone: "Europe/Berlin"}
	return []variant{
		one("user-checkable", func(*Facts) {}),
		one("admin", func(f *Facts) { f.Recipient = matter.Admin }),
		one("advance", func(f *Facts) {
			f.Kind, f.Disclosure, f.Delays, f.Due = Advance, matter.DisclosureFacts{}, nil, time.Time{}
			f.Now, f.ObjectUntil = f.Request.ReceivedAt.AddDate(0, 0, 1), f.Request.ReceivedAt.AddDate(0, 0, 8)
		}),
		one("correction", func(f *Facts) {
			f.Kind = Correction
			f.Corrected = Corrected{SentOn: on(2026, time.August, 20), Points: []Point{PointCategories, PointPeriods}}
			f.HandedOver = []matter.DataSought{
				{Category: "content", From: on(2025, time.May, 1), To: on(2025, time.May, 31)}, {Category: "subscriber"},
			}
		}),
		one("moved-again", func(f *Facts) {
			f.Kind, f.MovedAt, f.Repetition = Moved, time.Date(2026, time.August, 30, 15, 4, 0, 0, time.UTC), true
		}),
		one("moved", func(f *Facts) { f.Kind, f.MovedAt = Moved, time.Date(2026, time.August, 30, 15, 4, 0, 0, time.UTC) }),
		one("german-order", func(f *Facts) {
			f.AccountCountry, f.Request.Issuer, f.Request.LegalBasis = "DE", german, "§ 100a StPO"
			f.Request.Instrument, f.Request.Reference = matter.Wiretap, "12 Gs 345/26"
			f.Delays[0].Issuer, f.Delays[0].LegalBasis, f.Delays[0].Zone = german, "§ 95a Abs. 6 StPO", "Europe/Berlin"
			f.Delays[0].Stated = matter.End{Kind: matter.EndPeriod, N: 1, Unit: "months", From: "served"}
			f.Delays[0].Later = LaterRolled
			f.Challenges = []Challenge{
				{FiledOn: on(2026, time.April, 7), Outcome: "pending"},
				{Order: true, FiledOn: on(2026, time.June, 2), DecidedOn: on(2026, time.July, 3), Outcome: "narrowed"},
			}
		}),
		one("certification", func(f *Facts) {
			f.Request.Instrument = matter.NSL
			f.Delays[0].Kind, f.Delays[0].Issuer.Role = matter.Certification, "fbi_director_designee"
			f.Delays[0].Stated, f.Delays[0].Ended = matter.End{Kind: matter.EndEvent, Text: "until indictment"}, "permitted"
		}),
	}
}

// golden compares a text with its file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run go test with -update and read the change, or make a new version")
}

// TestVersion1StaysAsItWas holds the letters of notices made before version 2 to every byte.
func TestVersion1StaysAsItWas(t *testing.T) {
	for _, v := range commonGoldens() {
		t.Run(v.name, func(t *testing.T) {
			v.facts.Template, v.facts.Reference = "en-1", "K3V7-Q2M5-X4C6-B2N5-P3R4-T7W2"
			l, err := Render(v.facts)
			require.NoError(t, err)
			require.Equal(t, []string{"en", "en-1"}, []string{l.Language, l.Template})
			golden(t, "testdata/v1/"+v.name+".txt", "Subject: "+l.Subject+"\n\n"+l.Text)
			golden(t, "testdata/v1/"+v.name+".html", l.HTML)
		})
	}
}

// TestEveryKindInEveryLanguage keeps every word of version 2, and prints how readable each language is.
func TestEveryKindInEveryLanguage(t *testing.T) {
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			var all strings.Builder
			for _, v := range append(commonGoldens(), secondGoldens()...) {
				v.facts.Template = lang + "-2"
				l, err := Render(v.facts)
				require.NoError(t, err, v.name)
				require.Equal(t, []string{lang, lang + "-2"}, []string{l.Language, l.Template})
				golden(t, "testdata/v2/"+lang+"/"+v.name+".txt", "Subject: "+l.Subject+"\n\n"+l.Text)
				if v.name == "german-order" {
					golden(t, "testdata/v2/"+lang+"/"+v.name+".html", l.HTML)
				}
				require.Less(t, len(l.HTML), 60<<10, "mail programs cut long pages")
				all.WriteString(prose(t, v.facts))
			}
			name, score, least := readability(lang, all.String())
			t.Logf("%s: %s %.0f", lang, name, score)
			require.GreaterOrEqual(t, score, least, "the letter has become harder to read")
		})
	}
}

func TestALetterWithEnglishBeneath(t *testing.T) {
	for _, lang := range Languages()[1:] {
		f := checkable(oneOrder())
		f.Template = lang + "+en-2"
		l, err := Render(f)
		require.NoError(t, err)
		require.Equal(t, lang+", en", l.Language)
		require.Contains(t, l.HTML, `<section lang="en">`)
		for _, half := range []string{lang + "-2", "en-2"} {
			f.Template = half
			own, err := Render(f)
			require.NoError(t, err)
			require.Contains(t, l.Text, strings.TrimPrefix(own.Text, "\n"))
		}
		if lang == "de" {
			golden(t, "testdata/v2/de/english-beneath.txt", "Subject: "+l.Subject+"\n\n"+l.Text)
			golden(t, "testdata/v2/de/english-beneath.html", l.HTML)
		}
	}
	for _, none := range []string{"en+en-2", "de+fr", "xx+en-2", "de+en-1", "de+en-3", "+en-2"} {
		_, err := find(none)
		require.Error(t, err, none)
	}
}

// TestEveryGoldenFileIsALetterOfToday finds files that no test reads any more.
func TestEveryGoldenFileIsALetterOfToday(t *testing.T) {
	names := map[string]bool{"english-beneath": true}
	for _, v := range append(commonGoldens(), secondGoldens()...) {
		names[v.name] = true
	}
	for _, pattern := range []string{"testdata/v1/*", "testdata/v2/*/*"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			base := filepath.Base(file)
			require.True(t, names[strings.TrimSuffix(base, filepath.Ext(base))], file)
		}
	}
}
