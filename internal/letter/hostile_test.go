package letter

import (
	"mime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"lapse/internal/matter"
)

// hostile puts s into every text that somebody outside may choose; the leading x keeps it from being absent.
func hostile(s func(field string) string) Facts {
	f := oneOrder()
	x := func(field string) string { return "x" + s(field) }
	f.Account, f.SenderName = x("account"), x("sender")
	f.Request.Reference, f.Request.LegalBasis, f.Request.Offence = x("request reference"), x("basis"), x("offence")
	f.Request.Policy, f.Request.Instrument = x("policy"), matter.Instrument(x("instrument"))
	f.Request.Issuer = matter.Issuer{Name: x("issuer"), Role: x("role"), Country: x("country")}
	f.Request.DataSought[0].Category = x("sought")
	f.Disclosure.Categories = []string{x("category")}
	f.Disclosure.NotProduced = []matter.NotProduced{{Category: x("not produced"), Why: x("why")}}
	f.Delays[0].Issuer = matter.Issuer{Name: x("court"), Role: x("court role"), Country: x("court country")}
	f.Delays[0].LegalBasis, f.Delays[0].Kind = x("provision"), matter.OrderKind(x("kind"))
	f.Delays[0].Stated = matter.End{Kind: matter.EndEvent, Text: x("event")}
	f.Delays[0].Later, f.Delays[0].Ended = Later(x("later")), x("ended")
	f.Challenges = []Challenge{{FiledOn: on(2026, 5, 1), Outcome: matter.ChallengeOutcome(x("outcome"))}}
	f.HandedOver = []matter.DataSought{{Category: x("handed over"), From: on(2025, 5, 1)}}
	return f
}

// shape is the sequence of elements of a page, without their text.
func shape(t require.TestingT, page string) string {
	doc, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			b.WriteString(n.Data + " ")
		}
	}
	return b.String()
}

// checkHostile holds a letter with hostile facts to the shape of one with harmless facts.
func checkHostile(t require.TestingT, f Facts) {
	l, err := Render(f)
	require.NoError(t, err)
	harmless, err := Render(hostile(func(string) string { return "" }))
	require.NoError(t, err)
	require.Equal(t, shape(t, harmless.HTML), shape(t, l.HTML))
	require.NotContains(t, l.Text, "\r")
	require.NotContains(t, l.Text, "\x00")
	// Above the first heading stands the sender's name, which is not an outsider's.
	_, text, _ := strings.Cut(l.Text, "\n\n\n")
	for line := range strings.Lines(text) {
		label, _, field := strings.Cut(line, ": ")
		if field && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "- ") {
			require.Contains(t, harmless.Text, label, "a line of its own that is not ours")
		}
	}
	h := headers("person@example.org")
	h.SenderName = f.SenderName
	raw, err := l.Compose(h)
	require.NoError(t, err)
	m := takeApart(t, raw)
	require.Equal(t, l.Text, m.text)
	require.Equal(t, l.HTML, m.html)
	require.Len(t, m.header, 11, "no field came in with a value")
	require.Equal(t, []string{"<person@example.org>"}, m.header["To"])
	subject, err := new(mime.WordDecoder).DecodeHeader(m.header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "About a government request for your data", subject)
	for _, r := range subject {
		require.False(t, r < ' ' || r == 0x7f)
	}
}

func TestHostileTextsNeitherReachAHeaderNorBreakTheLetter(t *testing.T) {
	pieces := rapid.SampledFrom([]string{
		"\r\n", "\n\n", "\x00", "\r\nBcc: other@example.org\r\n\r\n", "# heading", "\n# heading\n", ": label | value",
		"- item",
		"> link | https://example.net/", "{{.Account}}", "<script>alert(1)</script>", `"><a href="https://example.net">`,
		"=?utf-8?q?=0D=0ABcc:_x?=", "\u202e", "\u2028", "\ufeff", "\xff\xfe", "é", "法", " ", "--", "\t",
		strings.Repeat("w",
			1200), "a",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(pieces, 0, 12),
			func(p []string) string { return strings.Join(p, "") }))
		checkHostile(t, hostile(func(field string) string { return text.Draw(t, field) }))
	})
}

func FuzzHostileText(f *testing.F) {
	f.Add("\r\nBcc: other@example.org\r\n\r\n<p>")
	f.Add("\n# heading\n: label | value\n- item\n> link | https://example.net/")
	f.Add(strings.Repeat("\u202e=?utf-8?q?a?= ", 400))
	f.Fuzz(func(t *testing.T, s string) { checkHostile(t, hostile(func(string) string { return s })) })
}
