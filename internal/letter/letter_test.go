package letter

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"lapse/internal/matter"
)

func render(t require.TestingT, f Facts) Letter {
	l, err := Render(f)
	require.NoError(t, err)
	return l
}

// oneLine is a text without its line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestTheSameFactsGiveTheSameBytes(t *testing.T) {
	first, second := render(t, oneOrder()), render(t, oneOrder())
	require.Equal(t, first, second)
	a, err := first.Compose(headers("person@example.org"))
	require.NoError(t, err)
	b, err := second.Compose(headers("person@example.org"))
	require.NoError(t, err)
	require.Equal(t, a, b)
}

// TestRequiredFields holds the letter to the field list of the notice, one row a field that events carry.
func TestRequiredFields(t *testing.T) {
	f := checkable(oneOrder())
	f.AccountCountry = "DE"
	f.Challenges = []Challenge{{Order: true, FiledOn: on(2026, time.June, 2), DecidedOn: on(2026, time.July, 3),
		Outcome: "narrowed"}}
	f.HandedOver = []matter.DataSought{{Category: "subscriber"},
		{Category: "content", From: on(2025, time.May, 1), To: on(2025, time.May, 31)}}
	l := render(t, f)
	text := oneLine(l.Text)
	for point, row := range map[string]struct{ label, value string }{
		"notice id":                  {"Reference", "K3V7-Q2M5-X4C6-B2N5"},
		"verification code":          {"Code", aCode},
		"account, masked":            {"Account", "ac***1 (shown in part, in case others see this mail)"},
		"date of the request":        {"Date on the request", "2 April 2026"},
		"receipt of the request":     {"The request reached us", "3 April 2026, 18:30 (Europe/Berlin, UTC+02:00)"},
		"date of the disclosure":     {"We handed data over", "20 April 2026, 20:00 (Europe/Berlin, UTC+02:00)"},
		"authority":                  {"Authority", "Example District Court"},
		"kind of authority":          {"Kind of authority", "court"},
		"country":                    {"Country", "United States"},
		"instrument":                 {"Kind of request", "search warrant"},
		"legal basis":                {"Legal basis, as they stated it", "18 U.S.C. 2703(a)"},
		"reference of the authority": {"Their reference", "GJ 26-0117"},
		"nature of the inquiry":      {"Subject of the inquiry, as they stated it", "wire fraud, 18 U.S.C. 1343"},
		"content yes or no":          {"Content of messages or files included", "yes"},
		"what the paper says":        {"The paper says", "until 31 August 2026, that day included"},
		"what we made of it":         {"We waited until", "1 September 2026, 09:00 (Europe/Berlin, UTC+02:00)"},
		"who ordered the delay":      {"Ordered by", "Example District Court"},
		"under which provision":      {"Provision", "18 U.S.C. 2705(b)"},
		"date of the order":          {"Date of the paper", "2 April 2026"},
		"court":                      {"Court named in the papers", "Example District Court"},
		"date of the mail":           {"Date of this letter", "1 September 2026"},
		"sender":                     {"Sent by", "Example Service"},
		"staffed reply address":      {"People read replies at", "legal-notices@example.com"},
		"language":                   {"Language of this letter", "English"},
		"policy version":             {"Version of our policy", "2026-01"},
	} {
		t.Run(point, func(t *testing.T) {
			require.Contains(t, text, row.label+": "+row.value)
			require.Contains(t, l.HTML, "<dt>"+row.label+"</dt><dd>"+row.value+"</dd>")
		})
	}
	for point, words := range map[string]string{
		"what happened":        "We handed data over.",
		"what was asked for":   "- content, such as messages, recordings or files; from 1 May 2025 to 30 June 2025",
		"what was handed over": "- content, such as messages, recordings or files; from 1 May 2025 to 31 May 2025",
		"basis":                "The request compelled us to hand the data over.",
		"challenge and outcome": "- On 2 June 2026 we challenged an order of silence. The result: the court narrowed " +
			"it (on 3 July 2026).",
		"no legal advice":           "We cannot give you legal advice.",
		"what the person can do":    "You can ask a lawyer.",
		"help in the own country":   "- Gesellschaft für Freiheitsrechte, https://freiheitsrechte.org",
		"help in the other country": "- Electronic Frontier Foundation, https://www.eff.org",
		"where to check it":         "The page is at: https://verify.example.com/verify",
		"policy link":               "Our policy on such letters: https://example.com/legal/notice-policy",
		"no statement about guilt":  "It makes no statement about anything you did.",
	} {
		t.Run(point, func(t *testing.T) { require.Contains(t, text, words) })
	}
}

func TestWhatIsMissingIsSaidToBeMissingOrLeftOut(t *testing.T) {
	f := oneOrder()
	f.Request.LegalBasis, f.Request.Reference, f.Request.SignedOn, f.Request.Policy = "", "", matter.Date{}, ""
	f.Request.Issuer = matter.Issuer{Country: "ZZ"}
	f.Delays[0].LegalBasis, f.Delays[0].Until, f.Delays[0].Stated = "", time.Time{}, matter.End{Kind: matter.EndNone}
	text := oneLine(render(t, f).Text)
	for _, want := range []string{
		"Legal basis, as they stated it: not stated to us", "Their reference: not stated to us",
		"Date on the request: not stated to us", "Authority: not stated to us", "Country: not known to us",
		"Provision: not stated to us", "We waited until: no end was stated", "The paper says: no end is stated",
	} {
		require.Contains(t, text, want)
	}
	for _, absent := range []string{"Version of our policy", "It began on", "beginning", "Code:", "is signed"} {
		require.NotContains(t, text, absent)
	}
}

// TestEachInstantStandsOnce: no instant is written in two zones or in two places.
func TestEachInstantStandsOnce(t *testing.T) {
	instant := regexp.MustCompile(`\d+ \w+ 20\d\d, \d\d:\d\d \([^)]*\)`)
	for _, v := range append(commonGoldens(), secondGoldens()...) {
		seen := map[string]bool{}
		for _, at := range instant.FindAllString(oneLine(render(t, v.facts).Text), -1) {
			require.False(t, seen[at], "%s: %s", v.name, at)
			require.Regexp(t, `\((UTC|[A-Za-z_]+/[A-Za-z_]+, UTC[+-]\d\d:\d\d)\)`, at)
			seen[at] = true
		}
	}
}

// TestNothingElseOfTheRecordsIsShown fills every text that is not for the person, or about somebody else, with a
// canary.
func TestNothingElseOfTheRecordsIsShown(t *testing.T) {
	const canary = "canary-5b1f"
	f := oneOrder()
	f.Request.Matter, f.Request.Digest, f.Request.Addressee, f.Request.ServedVia = canary, canary, canary, canary
	f.Request.Flags = []string{canary}
	f.Request.Issuer.Contact, f.Request.Issuer.Zone, f.Request.Issuer.Region = canary, canary, canary
	f.Request.Decision = &matter.Decided{
		Reason: canary, Outcome: canary, Grounds: []string{canary}, ApprovedBy: []string{canary}, Actor: canary,
	}
	f.Request.Findings = []matter.Finding{{Check: canary, Message: canary, Citation: canary,
		Evidence: map[string]any{canary: canary}}}
	f.Request.Receipt = canary
	f.Disclosure.Note, f.Disclosure.ApprovedBy = canary, []string{canary}
	f.Delays[0].Issuer.Contact, f.Delays[0].Issuer.Zone, f.Delays[0].Issuer.Region = canary, canary, canary
	l := render(t, f)
	raw, err := l.Compose(headers("person@example.org"))
	require.NoError(t, err)
	kept, _, err := f.Encode()
	require.NoError(t, err)
	require.NotContains(t, l.Subject+l.Text+l.HTML+string(raw)+string(kept), canary)
	require.NotContains(t, l.Subject+l.Text+l.HTML+string(kept), f.Account, "the account is masked")
	require.Equal(t, render(t, oneOrder()), l)
}

func TestToneAndDates(t *testing.T) {
	never := regexp.MustCompile(`(?i)investigation|suspect|guilt|accus|\bago\b|tomorrow|yesterday|today|` +
		`congratul|urgent|click`)
	for _, v := range append(commonGoldens(), secondGoldens()...) {
		for _, lang := range Languages() {
			t.Run(v.name+" "+lang, func(t *testing.T) {
				f := v.facts
				f.Template = lang + "-2"
				l := render(t, f)
				if lang == "en" {
					require.Empty(t, never.FindString(l.Subject+"\n"+l.Text))
				}
				for line := range strings.Lines(l.Text) {
					require.LessOrEqual(t, textWidth(strings.TrimSuffix(line, "\n")), columns, line)
					require.Equal(t, strings.TrimRight(line, " \n"), strings.TrimSuffix(line, "\n"), "no space at a line's end")
				}
			})
		}
	}
}

func TestTheSubjectIsCalmAndHoldsNeitherReferenceNorCode(t *testing.T) {
	for _, lang := range Languages() {
		for _, v := range append(commonGoldens(), secondGoldens()...) {
			f := checkable(v.facts)
			f.Template = lang + "-2"
			l := render(t, f)
			require.NotContains(t, l.Subject, f.Reference)
			require.NotContains(t, l.Subject, f.Code)
			require.NotContains(t, l.Subject, f.SenderName)
			require.NotContains(t, l.Subject, "!")
			require.LessOrEqual(t, textWidth(l.Subject), 100)
			require.Contains(t, l.Text, f.Reference)
		}
	}
}

// TestTheSecurityMessageSaysNothingOfANotice: whoever reads it learns of no request.
func TestTheSecurityMessageSaysNothingOfANotice(t *testing.T) {
	for _, v := range secondGoldens() {
		if v.facts.Kind != Moved {
			continue
		}
		for _, lang := range Languages() {
			v.facts.Template = lang + "-2"
			l := render(t, v.facts)
			all := l.Subject + oneLine(l.Text) + l.HTML
			for _, hidden := range []string{
				"Example District Court", "GJ 26-0117", "2703", "notice-policy", "legal/notices", "2026-01", "government",
				"Behörde", "staatlich", "autorit", "autoridad", "overheid", "政府", "機関", "request", "Anfrage", "demande de",
				"solicitud", "verzoek", "pedido", "請求", "data ", "Daten", "données", "datos", "gegevens", "dados", "データ",
			} {
				require.NotContains(t, all, hidden, lang)
			}
			require.Contains(t, l.Text, "ac***1")
		}
	}
}

// TestHTMLSaysWhatTheTextSays compares the words, and lets nothing into the HTML but plain elements.
func TestHTMLSaysWhatTheTextSays(t *testing.T) {
	bare := regexp.MustCompile(`[-=:：\s\p{Z}]+`)
	elements := []string{
		"html", "head", "meta", "title", "style", "body", "main", "section", "hr", "h1", "h2", "p", "a", "dl", "dt", "dd",
		"ul", "li",
	}
	for _, template := range []string{"en-1", "en-2", "fr-2", "ja-2", "de+en-2"} {
		for _, v := range commonGoldens() {
			t.Run(template+" "+v.name, func(t *testing.T) {
				f := v.facts
				f.Template = template
				l := render(t, f)
				doc, err := html.Parse(strings.NewReader(l.HTML))
				require.NoError(t, err)
				var words strings.Builder
				for n := range doc.Descendants() {
					switch n.Type {
					case html.TextNode:
						inHead := n.Parent.Data == "title" || n.Parent.Data == "style"
						// The text has the subject in its header field; that of a letter beneath stands in the text.
						own := n.Parent.Data == "h1" && n.Parent.Parent.Data != "section"
						if !inHead && !own {
							words.WriteString(n.Data)
						}
					case html.ElementNode:
						require.Contains(t, elements, n.Data)
						for _, a := range n.Attr {
							require.Contains(t, []string{"lang", "charset", "href", "name", "content"}, a.Key)
							require.True(t, a.Key != "href" || a.Val == f.PolicyURL || a.Val == f.HelpURL)
						}
					}
				}
				require.True(t, bare.ReplaceAllString(l.Text, "") == bare.ReplaceAllString(words.String(), ""), "the texts differ")
				require.NotRegexp(t, `(?i)url\(|@import|<img|<script|http-equiv`, l.HTML)
			})
		}
	}
}

func TestUnnamedDelay(t *testing.T) {
	const unnamed, none = "We do not name it here.", "No order or law that we know of kept us"
	for point, row := range map[string]struct {
		change  func(*Facts)
		unnamed bool
		none    bool
	}{
		"the due is the named order's end": {func(*Facts) {}, false, false},
		"the due is the disclosure, to the second": {func(f *Facts) {
			*f = noDelay()
			f.Disclosure.At = f.Due.Add(-time.Millisecond)
		}, false, true},
		"the due lies after all that is named":       {func(f *Facts) { f.Due = f.Due.Add(time.Second) }, true, false},
		"the due lies after it and nothing is named": {func(f *Facts) { f.Delays = nil }, true, false},
		"no due is known":                            {func(f *Facts) { f.Due, f.Delays = time.Time{}, nil }, false, false},
		"a named order has no known end":             {func(f *Facts) { f.Delays[0].Until = time.Time{} }, false, false},
	} {
		t.Run(point, func(t *testing.T) {
			f := oneOrder()
			row.change(&f)
			text := oneLine(render(t, f).Text)
			require.Equal(t, row.unnamed, strings.Contains(text, unnamed))
			require.Equal(t, row.unnamed, strings.Contains(text, "We were free to tell you from: "))
			require.Equal(t, row.none, strings.Contains(text, none))
		})
	}
}

func TestALetterThatCannotBeTrueIsRefused(t *testing.T) {
	for point, change := range map[string]func(*Facts){
		"no reference":                   func(f *Facts) { f.Reference = "\r\n" },
		"no account":                     func(f *Facts) { f.Account = "" },
		"a verify page and no code":      func(f *Facts) { f.VerifyURL = "https://verify.example.com/" },
		"unknown role":                   func(f *Facts) { f.Recipient = "neighbour" },
		"unknown kind":                   func(f *Facts) { f.Kind = "gossip" },
		"no disclosure instant":          func(f *Facts) { f.Disclosure.At = time.Time{} },
		"no date":                        func(f *Facts) { f.Now = time.Time{} },
		"unknown basis":                  func(f *Facts) { f.Disclosure.Basis = "" },
		"no sender":                      func(f *Facts) { f.SenderName = " " },
		"no reply address":               func(f *Facts) { f.ReplyTo = "legal" },
		"no policy link":                 func(f *Facts) { f.PolicyURL = "" },
		"a policy without host":          func(f *Facts) { f.PolicyURL = "https:///policy" },
		"a script as a link":             func(f *Facts) { f.HelpURL = "javascript:alert(1)" },
		"a script as the verify page":    func(f *Facts) { f.VerifyURL, f.Code = "javascript:alert(1)", aCode },
		"a link of two words":            func(f *Facts) { f.HelpURL = "https://example.com/a b" },
		"a link with a login":            func(f *Facts) { f.HelpURL = "https://user:pw@example.com/" },
		"unknown template":               func(f *Facts) { f.Template = "en-0" },
		"unknown law texts":              func(f *Facts) { f.LawTexts = "0" },
		"advance without an end":         func(f *Facts) { f.Kind = Advance },
		"a correction of nothing":        func(f *Facts) { f.Kind, f.Corrected.SentOn = Correction, on(2026, time.May, 1) },
		"a security message with no day": func(f *Facts) { f.Kind = Moved },
		"an advance letter in version 1": func(f *Facts) { f.Template, f.Kind, f.ObjectUntil = "en-1", Advance, f.Now },
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

func TestACodeThatCameLaterIsShownAsItIs(t *testing.T) {
	for _, template := range []string{"en-1", "en-2"} {
		f := oneOrder()
		f.Template = template
		f.Request.Instrument, f.Request.Issuer.Country = matter.Instrument("new_paper"), "XX"
		f.Disclosure.Categories = []string{"new_data"}
		l := render(t, f)
		require.Contains(t, l.Text, "Kind of request: new_paper\n")
		require.Contains(t, l.Text, "Country: XX\n")
		require.Contains(t, l.Text, "- new_data\n")
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
