package letter

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// message is a composed mail taken apart.
type message struct {
	header     mail.Header
	text, html string
}

// takeApart reads a mail as a client would and checks its form: 7-bit lines under 998 characters, two parts.
func takeApart(t require.TestingT, raw []byte) message {
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		require.LessOrEqual(t, len(line), 998)
		for _, c := range line {
			require.True(t, c < 0x80 && c >= ' ' || c == '\t', "a byte that is not 7-bit text")
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	parts := multipart.NewReader(m.Body, params["boundary"])
	next := func(want string) string {
		p, err := parts.NextRawPart()
		require.NoError(t, err)
		require.Equal(t, want, p.Header.Get("Content-Type"))
		require.Equal(t, "quoted-printable", p.Header.Get("Content-Transfer-Encoding"))
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		require.NoError(t, err)
		return strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	out := message{header: m.Header, text: next("text/plain; charset=UTF-8"), html: next("text/html; charset=UTF-8")}
	_, err = parts.NextRawPart()
	require.ErrorIs(t, err, io.EOF)
	return out
}

func TestComposedMailReadsBack(t *testing.T) {
	l, err := Render(oneOrder())
	require.NoError(t, err)
	raw, err := l.Compose(headers("person@example.org"))
	require.NoError(t, err)
	m := takeApart(t, raw)
	require.Equal(t, l.Text, m.text)
	require.Equal(t, l.HTML, m.html)
	want := map[string]string{
		"To": "<person@example.org>", "From": `"Example Service" <notices@example.com>`,
		"Reply-To": "<legal-notices@example.com>", "Subject": l.Subject, "Message-Id": "<0f3c5a.k3v7q2m5@example.com>",
		"Date": "Tue, 01 Sep 2026 07:00:05 +0000", "Auto-Submitted": "auto-generated", "Content-Language": "en",
		"Mime-Version": "1.0", "Content-Type": m.header.Get("Content-Type"), "Lapse-Reference": "K3V7-Q2M5-X4C6-B2N5",
	}
	for name := range m.header {
		require.Contains(t, want, name, "no other field: no User-Agent, X-Mailer, Precedence, List-Unsubscribe")
	}
	for name, value := range want {
		require.Equal(t, []string{value}, m.header[name], name)
	}
}

func TestInternationalDomainGoesOutInASCII(t *testing.T) {
	l, err := Render(oneOrder())
	require.NoError(t, err)
	raw, err := l.Compose(headers("person@bücher.example"))
	require.NoError(t, err)
	require.Equal(t, "<person@xn--bcher-kva.example>", takeApart(t, raw).header.Get("To"))
}

func TestHeadersOfOtherScriptsAreEncoded(t *testing.T) {
	l, err := Render(oneOrder())
	require.NoError(t, err)
	h := headers("person@example.org")
	h.SenderName = strings.Repeat("Ünïcode Dienst ", 20)
	raw, err := l.Compose(h)
	require.NoError(t, err)
	from, err := takeApart(t, raw).header.AddressList("From")
	require.NoError(t, err)
	require.Len(t, from, 1)
	require.Equal(t, "notices@example.com", from[0].Address)
	require.True(t, strings.HasPrefix(from[0].Name, "Ünïcode Dienst Ünïcode"))
	require.Equal(t, maxSubject, len([]rune(from[0].Name)))
}

func TestAnEncodedWordInTextStaysText(t *testing.T) {
	l, err := Render(oneOrder())
	require.NoError(t, err)
	l.Subject = "About =?utf-8?b?YQ0KQmNjOiB4?="
	raw, err := l.Compose(headers("person@example.org"))
	require.NoError(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(takeApart(t, raw).header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "About = ?utf-8?b?YQ0KQmNjOiB4?=", subject)
}

func TestAVersion1PreviewHidesTheRecipientAndNothingElse(t *testing.T) {
	f := oneOrder()
	f.Template = "en-1"
	l, err := Render(f)
	require.NoError(t, err)
	sent, err := l.Compose(headers("person@example.org"))
	require.NoError(t, err)
	h := headers("person@example.org")
	h.To, h.MessageID, h.Date = matter.Address{}, "preview@example.com", h.Date.Add(-time.Hour)
	preview, err := l.Preview(h)
	require.NoError(t, err)
	require.NotContains(t, string(preview), "person@example.org")
	require.Equal(t, `"recipient hidden" <hidden@recipient.invalid>`, takeApart(t, preview).header.Get("To"))
	require.Equal(t, []string{"Date", "Message-Id", "To"}, differing(takeApart(t, sent), takeApart(t, preview)))
	require.Equal(t, Digest(sent), Digest(preview))
}

// differing names the header fields in which two mails differ; their bodies must not.
func differing(a, b message) []string {
	var names []string
	for name := range a.header {
		if !slices.Equal(a.header[name], b.header[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestAFormIsTheMailUpToItsPlaceholders: of the mail itself account, code, signature, To, Date and Message-ID differ.
func TestAFormIsTheMailUpToItsPlaceholders(t *testing.T) {
	s, err := NewSigner(make([]byte, 32))
	require.NoError(t, err)
	for _, lang := range []string{"en-2", "de-2", "ja-2", "ja+en-2"} {
		f := checkable(oneOrder())
		f.Template = lang
		d, err := Prepare(f)
		require.NoError(t, err)
		h := headers("person@example.org")
		h.Signer = s
		raw, err := d.Compose(f.Personal(), h)
		require.NoError(t, err)
		l, err := d.Form(Personal{Reference: f.Reference})
		require.NoError(t, err)
		form, err := l.Preview(Headers{From: h.From, SenderName: h.SenderName, ReplyTo: h.ReplyTo})
		require.NoError(t, err)
		sent, shown := takeApart(t, raw), takeApart(t, form)
		require.Equal(t, []string{"Date", "Lapse-Signature", "Message-Id", "To"}, differing(sent, shown))
		place := strings.NewReplacer("ac***1", "***", aCode, "*****-*****")
		if lang != "ja+en-2" && lang != "ja-2" { // where a masked account of another length may move a line end
			require.Equal(t, place.Replace(sent.text), shown.text)
		}
		require.Equal(t, strings.Join(strings.Fields(place.Replace(sent.html)), ""),
			strings.Join(strings.Fields(shown.html), ""))
		// Another recipient, attempt and second have the same form.
		other, err := d.Form(Personal{Reference: f.Reference, Account: "someone-else", Code: "0"})
		require.NoError(t, err)
		again, err := other.Preview(Headers{From: h.From, SenderName: h.SenderName, ReplyTo: h.ReplyTo, Date: h.Date,
			MessageID: "x@y"})
		require.NoError(t, err)
		require.Equal(t, FormDigest(form), FormDigest(again))
		require.Len(t, FormDigest(form), 64)
	}
}

func TestDigestCoversEverythingElse(t *testing.T) {
	l, err := Render(oneOrder())
	require.NoError(t, err)
	compose := func(l Letter, change func(*Headers)) string {
		h := headers("person@example.org")
		change(&h)
		raw, err := l.Compose(h)
		require.NoError(t, err)
		return Digest(raw)
	}
	same := compose(l, func(*Headers) {})
	require.Len(t, same, 64)
	other, err := matter.ParseAddress("a-much-longer-address-of-somebody-else@department.example.org")
	require.NoError(t, err)
	require.Equal(t, same, compose(l, func(h *Headers) { h.To = other }))
	require.Equal(t, same, compose(l, func(h *Headers) { h.Date = h.Date.AddDate(1, 0, 0) }))
	require.Equal(t, same, compose(l, func(h *Headers) { h.MessageID = strings.Repeat("long-id.", 20) + "x@example.com" }))
	require.NotEqual(t, same, compose(l, func(h *Headers) { h.From = "others@example.com" }))
	require.NotEqual(t, same, compose(l, func(h *Headers) { h.ReplyTo = "others@example.com" }))
	require.NotEqual(t, same, compose(l, func(h *Headers) { h.SenderName = "Others" }))
	l.Text += "."
	require.NotEqual(t, same, compose(l, func(*Headers) {}))
}

func TestHeadersThatCannotBeRightAreRefused(t *testing.T) {
	l, err := Render(oneOrder())
	require.NoError(t, err)
	for point, change := range map[string]func(*Headers){
		"no recipient":             func(h *Headers) { h.To = matter.Address{} },
		"no date":                  func(h *Headers) { h.Date = time.Time{} },
		"no message id":            func(h *Headers) { h.MessageID = "" },
		"message id in brackets":   func(h *Headers) { h.MessageID = "<a@example.com>" },
		"message id with two ats":  func(h *Headers) { h.MessageID = "a@b@example.com" },
		"message id with a line":   func(h *Headers) { h.MessageID = "a@example.com\r\nBcc: b" },
		"sender with a name":       func(h *Headers) { h.From = "Others <notices@example.com>" },
		"sender with a line":       func(h *Headers) { h.From = "notices@example.com\r\nBcc: b@example.com" },
		"two reply addresses":      func(h *Headers) { h.ReplyTo = "a@example.com, b@example.com" },
		"reply address in a line ": func(h *Headers) { h.ReplyTo = "\na@example.com" },
	} {
		t.Run(point, func(t *testing.T) {
			h := headers("person@example.org")
			change(&h)
			_, err := l.Compose(h)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "example", "no address in an error")
		})
	}
}

// BenchmarkCompose writes the mails of one draft.
func BenchmarkCompose(b *testing.B) {
	f, h := oneOrder(), headers("person@example.org")
	d, err := Prepare(f)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Compose(f.Personal(), h); err != nil {
			b.Fatal(err)
		}
	}
}
