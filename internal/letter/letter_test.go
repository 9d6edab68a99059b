package letter

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"lapse/internal/matter"
)

var update = flag.Bool("update", false, "write the golden letters anew")

// goldens are the letters whose every word is kept under testdata, by name.
func goldens() map[string]Facts {
	all := map[string]Facts{"user-after-one-order": oneOrder(), "no-delay": noDelay()}
	add := func(name string, change func(*Facts)) {
		f := oneOrder()
		change(&f)
		all[name] = f
	}
	add("guardian", func(f *Facts) { f.Recipient = matter.Guardian })
	add("legal-contact", func(f *Facts) { f.Recipient = matter.LegalContact })
	add("repetition", func(f *Facts) { f.Repetition = true })
	add("emergency", func(f *Facts) {
		*f = noDelay()
		f.Request = matter.Request{
			Reference: "E-4471", Instrument: matter.Emergency,
			Issuer:     matter.Issuer{Name: "Example Police", Role: "police", Country: "GB"},
			ReceivedAt: f.Request.ReceivedAt, DataSought: []matter.DataSought{{Category: "subscriber"}},
		}
		f.Disclosure.Basis, f.Disclosure.Categories, f.Disclosure.Content = "emergency", []string{"subscriber"}, false
		f.Zone, f.HelpURL = nil, ""
	})
	add("consent", func(f *Facts) { *f = noDelay(); f.Disclosure.Basis = "consent" })
	add("not-produced", func(f *Facts) {
		f.Disclosure.Categories, f.Disclosure.Content = []string{"subscriber"}, false
		f.Disclosure.NotProduced = []matter.NotProduced{
			{Category: "content", Why: "e2ee"}, {Category: "non_content", Why: "none_held"},
		}
	})
	add("order-without-signing-date", func(f *Facts) { f.Delays[0].SignedOn = matter.Date{} })
	add("several-delays", func(f *Facts) {
		plea, later := order(), order()
		plea.Kind, plea.Issuer = matter.Plea, matter.Issuer{Name: "Example Prosecutor", Role: "prosecutor", Country: "US"}
		plea.From, plea.Until = f.Disclosure.At, f.Disclosure.At.Add(matter.PleaGrace)
		later.Issuer.Name, later.SignedOn = "Example Appeals Court", on(2026, time.August, 20)
		later.From, later.Until = time.Date(2026, time.August, 20, 7, 0, 0, 0, time.UTC), time.Date(2026, time.October, 16, 17, 0, 0, 0, time.UTC)
		f.Delays = []Delay{plea, order(), later}
		f.Due, f.Now = later.Until, later.Until.Add(time.Minute)
	})
	add("statute", func(f *Facts) {
		f.Request.Instrument = matter.PenRegister
		f.Delays = []Delay{{
			Issuer: matter.Issuer{Country: "US"}, LegalBasis: "18 U.S.C. 3123(d)", Kind: matter.Statute, Until: f.Due,
		}}
	})
	add("unsettled", func(f *Facts) {
		f.Delays = []Delay{{Issuer: matter.Issuer{Country: "BR"}, Kind: matter.Statute, Unsettled: true, Until: f.Due}}
	})
	add("unnamed-delay", func(f *Facts) { f.Delays = nil })
	return all
}

func TestLettersAreTheGoldenOnes(t *testing.T) {
	for name, facts := range goldens() {
		t.Run(name, func(t *testing.T) {
			l, err := Render(facts)
			require.NoError(t, err)
			require.Equal(t, "en-1", l.Template)
			require.Equal(t, "en", l.Language)
			for ext, got := range map[string]string{".txt": "Subject: " + l.Subject + "\n\n" + l.Text, ".html": l.HTML} {
				file := filepath.Join("testdata", name+ext)
				if *update {
					require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				}
				want, err := os.ReadFile(file)
				require.NoError(t, err)
				require.Equal(t, string(want), got, "run go test with -update and read the change, or make a new version")
			}
		})
	}
}

func TestEveryGoldenIsALetterOfToday(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.Len(t, files, len(goldens()))
	for _, file := range files {
		require.Contains(t, goldens(), strings.TrimSuffix(filepath.Base(file), ".txt"))
	}
}

func TestTheSameFactsGiveTheSameBytes(t *testing.T) {
	first, err := Render(oneOrder())
	require.NoError(t, err)
	second, err := Render(oneOrder())
	require.NoError(t, err)
	require.Equal(t, first, second)
	a, err := first.Compose(headers("person@example.org"))
	require.NoError(t, err)
	b, err := second.Compose(headers("person@example.org"))
	require.NoError(t, err)
	require.Equal(t, a, b)
}

// TestRequiredFields holds the letter to the field list of the notice, one row a field that events carry.
func TestRequiredFields(t *testing.T) {
	rows := map[string]struct{ label, value string }{
		"notice id":                     {"Reference of this notice", "K3V7-Q2M5-X4C6-B2N5-P3R4-T7W2"},
		"account, masked":               {"Account", "ac***1 (shown in part only, in case others see this mail)"},
		"date of the request":           {"Date of the request", "2 April 2026"},
		"receipt of the request":        {"Request received by us", "3 April 2026 at 09:30 (America/Los_Angeles, UTC-07:00), which is 3 April 2026 at 16:30 UTC"},
		"date of the disclosure":        {"Data handed over", "20 April 2026 at 11:00 (America/Los_Angeles, UTC-07:00), which is 20 April 2026 at 18:00 UTC"},
		"authority":                     {"Authority", "Example District Court"},
		"kind of authority":             {"Kind of authority", "court"},
		"country":                       {"Country", "United States (US)"},
		"instrument":                    {"Kind of request", "search warrant"},
		"legal basis":                   {"Legal basis, as stated to us", "18 U.S.C. 2703(a)"},
		"reference of the authority":    {"Reference of the authority", "GJ 26-0117"},
		"nature of the inquiry":         {"Nature of the inquiry, as stated to us", "wire fraud, 18 U.S.C. 1343"},
		"content yes or no":             {"Content of communications or files included", "yes"},
		"delayed from":                  {"Delayed from", "the beginning"},
		"delayed until":                 {"Delayed until", "1 September 2026 at 00:00 (America/Los_Angeles, UTC-07:00), which is 1 September 2026 at 07:00 UTC"},
		"who ordered the delay":         {"Ordered by", "Example District Court"},
		"under which provision":         {"Provision", "18 U.S.C. 2705(b)"},
		"date of the order":             {"Date of the paper", "2 April 2026"},
		"from when telling was allowed": {"Telling you was possible from", "1 September 2026 at 00:00 (America/Los_Angeles, UTC-07:00), which is 1 September 2026 at 07:00 UTC"},
		"court":                         {"Court named in the papers", "Example District Court"},
		"date of the mail":              {"Date of this mail", "1 September 2026 at 00:00:05 (America/Los_Angeles, UTC-07:00), which is 1 September 2026 at 07:00:05 UTC"},
		"sender":                        {"Sent by", "Example Service"},
		"staffed reply address":         {"Replies are read by people at", "legal-notices@example.com"},
		"language":                      {"Language of this notice", "English"},
		"policy version":                {"Our policy in this matter", "version 2026-01"},
	}
	l, err := Render(oneOrder())
	require.NoError(t, err)
	text := strings.Join(strings.Fields(l.Text), " ")
	for point, row := range rows {
		t.Run(point, func(t *testing.T) {
			require.Contains(t, text, row.label+": "+row.value)
			require.Contains(t, l.HTML, "<dt>"+row.label+"</dt><dd>"+row.value+"</dd>")
		})
	}
	for point, words := range map[string]string{
		"what happened":            "we handed data over",
		"categories with period":   "- content, such as messages, recordings or files; period from 1 May 2025 to 30 June 2025",
		"basis":                    "because the request named above compelled us to",
		"no legal advice":          "We cannot give you legal advice.",
		"what the person can do":   "You can ask a lawyer.",
		"where to check it":        "Go to our site by yourself",
		"policy link":              "Our policy on such notices: https://example.com/legal/notice-policy",
		"no statement about guilt": "it makes no statement about anything you did",
	} {
		t.Run(point, func(t *testing.T) { require.Contains(t, text, words) })
	}
}

func TestWhatIsMissingIsSaidToBeMissing(t *testing.T) {
	f := oneOrder()
	f.Request.LegalBasis, f.Request.Reference, f.Request.SignedOn, f.Request.Policy = "", "", matter.Date{}, ""
	f.Request.Issuer = matter.Issuer{Country: "ZZ"}
	f.Delays[0].LegalBasis, f.Delays[0].Until = "", time.Time{}
	l, err := Render(f)
	require.NoError(t, err)
	text := strings.Join(strings.Fields(l.Text), " ")
	for _, want := range []string{
		"Legal basis, as stated to us: not stated to us", "Reference of the authority: not stated to us",
		"Date of the request: not stated to us", "Authority: not stated to us", "Country: not known to us",
		"Provision: not stated to us", "Delayed until: no end was stated",
	} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "Our policy in this matter")
}

// TestNothingElseOfTheRecordsIsShown fills every text that is not for the person, or about somebody else, with a canary.
func TestNothingElseOfTheRecordsIsShown(t *testing.T) {
	const canary = "canary-5b1f"
	f := oneOrder()
	f.Request.Matter, f.Request.Digest, f.Request.Addressee, f.Request.ServedVia = canary, canary, canary, canary
	f.Request.Flags = []string{canary}
	f.Request.Issuer.Contact, f.Request.Issuer.Zone, f.Request.Issuer.Region = canary, canary, canary
	f.Request.Decision = &matter.Decided{
		Reason: canary, Outcome: canary, Grounds: []string{canary}, ApprovedBy: []string{canary}, Actor: canary,
	}
	f.Request.Findings = []matter.Finding{{Check: canary, Message: canary, Citation: canary, Evidence: map[string]any{canary: canary}}}
	f.Request.Receipt = canary
	f.Disclosure.Note, f.Disclosure.ApprovedBy = canary, []string{canary}
	f.Delays[0].Issuer.Contact, f.Delays[0].Issuer.Zone, f.Delays[0].Issuer.Region = canary, canary, canary
	l, err := Render(f)
	require.NoError(t, err)
	raw, err := l.Compose(headers("person@example.org"))
	require.NoError(t, err)
	require.NotContains(t, l.Subject+l.Text+l.HTML+string(raw), canary)
	require.NotContains(t, l.Subject+l.Text+l.HTML, f.Account, "the account is masked")
	want, err := Render(oneOrder())
	require.NoError(t, err)
	require.Equal(t, want, l)
}

func TestToneAndDates(t *testing.T) {
	never := regexp.MustCompile(`(?i)investigation|suspect|guilt|accus|\b(in|within|after) \d+ |\bago\b|tomorrow|yesterday|today|congratul|urgent`)
	for name, facts := range goldens() {
		t.Run(name, func(t *testing.T) {
			l, err := Render(facts)
			require.NoError(t, err)
			require.Empty(t, never.FindString(l.Subject+"\n"+l.Text))
			for line := range strings.Lines(l.Text) {
				require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), width)
				require.Equal(t, strings.TrimRight(line, " \n"), strings.TrimSuffix(line, "\n"), "no space at a line's end")
			}
		})
	}
}

// TestHTMLSaysWhatTheTextSays compares the words, and lets nothing into the HTML but plain elements.
func TestHTMLSaysWhatTheTextSays(t *testing.T) {
	bare := regexp.MustCompile(`[-:\s]+`)
	for name, facts := range goldens() {
		t.Run(name, func(t *testing.T) {
			l, err := Render(facts)
			require.NoError(t, err)
			doc, err := html.Parse(strings.NewReader(l.HTML))
			require.NoError(t, err)
			var words strings.Builder
			for n := range doc.Descendants() {
				switch n.Type {
				case html.TextNode:
					if n.Parent.Data != "title" && n.Parent.Data != "h1" {
						words.WriteString(n.Data)
					}
				case html.ElementNode:
					require.Contains(t, []string{"html", "head", "meta", "title", "body", "h1", "h2", "p", "a", "dl", "dt", "dd", "ul", "li"}, n.Data)
					for _, a := range n.Attr {
						require.Contains(t, []string{"lang", "charset", "href"}, a.Key)
						require.True(t, a.Key != "href" || a.Val == facts.PolicyURL || a.Val == facts.HelpURL)
					}
				}
			}
			require.Equal(t, bare.ReplaceAllString(l.Text, ""), bare.ReplaceAllString(words.String(), ""))
			require.Contains(t, l.HTML, `<html lang="en">`)
		})
	}
}

func TestUnnamedDelay(t *testing.T) {
	const unnamed, none = "that is not named here", "No order or law that we know of kept us"
	for point, row := range map[string]struct {
		change  func(*Facts)
		unnamed bool
		none    bool
	}{
		"the due is the named order's end":           {func(*Facts) {}, false, false},
		"the due is the disclosure, to the second":   {func(f *Facts) { *f = noDelay(); f.Disclosure.At = f.Due.Add(-time.Millisecond) }, false, true},
		"the due lies after all that is named":       {func(f *Facts) { f.Due = f.Due.Add(time.Second) }, true, false},
		"the due lies after it and nothing is named": {func(f *Facts) { f.Delays = nil }, true, false},
		"no due is known":                            {func(f *Facts) { f.Due, f.Delays = time.Time{}, nil }, false, false},
		"a named order has no known end":             {func(f *Facts) { f.Delays[0].Until = time.Time{} }, false, false},
	} {
		t.Run(point, func(t *testing.T) {
			f := oneOrder()
			row.change(&f)
			l, err := Render(f)
			require.NoError(t, err)
			text := strings.Join(strings.Fields(l.Text), " ")
			require.Equal(t, row.unnamed, strings.Contains(text, unnamed))
			require.Equal(t, row.none, strings.Contains(text, none))
		})
	}
}

func TestSubjectIsOfAFixedSet(t *testing.T) {
	for role, lead := range map[matter.Role]string{
		matter.User: "your data", matter.Guardian: "an account in your care",
		matter.Admin: "an account of your organisation", matter.LegalContact: "an account of your organisation",
	} {
		f := oneOrder()
		f.Recipient = role
		l, err := Render(f)
		require.NoError(t, err)
		require.Equal(t, "Notice about "+lead+": a government request (reference K3V7-Q2M5-X4C6-B2N5-P3R4-T7W2)", l.Subject)
	}
}

func TestALetterThatCannotBeTrueIsRefused(t *testing.T) {
	for point, change := range map[string]func(*Facts){
		"no reference":          func(f *Facts) { f.Reference = "\r\n" },
		"no account":            func(f *Facts) { f.Account = "" },
		"unknown role":          func(f *Facts) { f.Recipient = "neighbour" },
		"no disclosure instant": func(f *Facts) { f.Disclosure.At = time.Time{} },
		"no date":               func(f *Facts) { f.Now = time.Time{} },
		"unknown basis":         func(f *Facts) { f.Disclosure.Basis = "" },
		"no sender":             func(f *Facts) { f.SenderName = " " },
		"no reply address":      func(f *Facts) { f.ReplyTo = "legal" },
		"no policy link":        func(f *Facts) { f.PolicyURL = "" },
		"a policy without host": func(f *Facts) { f.PolicyURL = "https:///policy" },
		"a script as a link":    func(f *Facts) { f.HelpURL = "javascript:alert(1)" },
		"a link of two words":   func(f *Facts) { f.HelpURL = "https://example.com/a b" },
		"a link with a login":   func(f *Facts) { f.HelpURL = "https://user:pw@example.com/" },
		"unknown template":      func(f *Facts) { f.Template = "en-0" },
	} {
		t.Run(point, func(t *testing.T) {
			f := oneOrder()
			change(&f)
			_, err := Render(f)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "example.com", "no address in an error")
		})
	}
}

func BenchmarkRender(b *testing.B) {
	f := oneOrder()
	for b.Loop() {
		if _, err := Render(f); err != nil {
			b.Fatal(err)
		}
	}
}
