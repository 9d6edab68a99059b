package letter

import (
	"bytes"
	"html/template"
	netmail "net/mail"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wneessen/go-mail"
	"pgregory.net/rapid"

	"lapse/internal/notice"
)

// written is the letter without a draft: the wording executed with the recipient's own values.
func written(t require.TestingT, f Facts) Letter {
	e, err := find(f.Template)
	require.NoError(t, err)
	v := e.(*second)
	shown, err := v.view(f)
	require.NoError(t, err)
	shown.Reference, shown.Account, shown.Code = clean(f.Reference), masked(f.Account), clean(f.Code)
	subject, err := execute(v.wording, "subject", shown)
	require.NoError(t, err)
	body, err := execute(v.wording, "letter", shown)
	require.NoError(t, err)
	l := Letter{Subject: capped(subject, maxSubject), Language: v.language, Template: v.name()}
	blocks := parse(body)
	var whole strings.Builder
	html := template.HTML("<h1>" + template.HTMLEscapeString(l.Subject) + "</h1>\n" + string(v.layout().markup(blocks)))
	require.NoError(t, v.page.Execute(&whole, page{Language: l.Language, Subject: l.Subject, Body: html}))
	var c cutter
	v.layout().plain(&c, blocks)
	l.Text, l.HTML = join(c.done(), values{}), whole.String()
	return l
}

// awkward draws a text with what a layout could stumble over.
func awkward() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"+", "<b>", "&amp;", `"`, "'", "=", "=?utf-8?q?a?=", "\x01", "\x02", "\x03", "\x00",
			"\r\n", " ", " | ", "# ", "ü", "日本", "\u202e", "{{.}}"}),
		rapid.StringMatching(`[A-Za-z0-9-]{1,90}`), rapid.String(),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(t, "pieces"), "")
	})
}

func TestADraftMakesEveryRecipientsOwnLetter(t *testing.T) {
	all := append(commonGoldens(), secondGoldens()...)
	k, sign := aKey(), signer(t, 3)
	rapid.Check(t, func(rt *rapid.T) {
		f := checkable(all[rapid.IntRange(0, len(all)-1).Draw(rt, "letter")].facts)
		f.Template = rapid.SampledFrom(Languages()).Draw(rt, "language") + "-2"
		f.SenderName = "Service " + awkward().Draw(rt, "sender")
		f.Request.Reference, f.Request.Offence = awkward().Draw(rt, "theirs"), awkward().Draw(rt, "offence")
		d, err := Prepare(f)
		require.NoError(rt, err)
		for i := range 3 {
			f.Reference = k.Reference(notice.ID(nil, "m", "d", "u"+strconv.Itoa(i)))
			f.Account, f.Code = "a"+awkward().Draw(rt, "account"), k.Code(f.Reference, "a", address(rt, "person@example.org"))
			want := written(rt, f)
			got, err := d.For(f.Personal())
			require.NoError(rt, err)
			h := headers("person@example.org")
			h.SenderName, h.Signer = f.SenderName, sign
			whole, err := got.Compose(h)
			require.NoError(rt, err)
			mail, err := d.Compose(f.Personal(), h)
			require.NoError(rt, err)
			require.Equal(rt, string(whole), string(mail))
			got.proof = proof{}
			require.Equal(rt, want, got)
		}
	})
}

// TestTheMailIsTheOneAMailLibraryWrites holds Compose against an implementation that is not ours, byte by byte.
func TestTheMailIsTheOneAMailLibraryWrites(t *testing.T) {
	golden := written(t, oneOrder())
	rapid.Check(t, func(rt *rapid.T) {
		l, h := golden, headers("person@example.org")
		l.Subject = rapid.OneOf(rapid.Just(l.Subject), rapid.StringN(1, 250, -1), awkward()).Draw(rt, "subject")
		l.Text = rapid.OneOf(rapid.Just(l.Text), awkward()).Draw(rt, "text")
		l.HTML = rapid.OneOf(rapid.Just(l.HTML), awkward()).Draw(rt, "html")
		h.SenderName = rapid.OneOf(rapid.Just(""), rapid.StringN(0, 250, -1), awkward()).Draw(rt, "sender")
		h.MessageID = rapid.StringMatching(`[a-z0-9.]{1,120}@[a-z]{1,90}\.example`).Draw(rt, "message id")
		got, err := l.Compose(h)
		require.NoError(rt, err)

		m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary(l.content().boundary()))
		m.FromMailAddress(&netmail.Address{Name: displayName(h.SenderName), Address: h.From})
		m.ReplyToMailAddress(&netmail.Address{Address: h.ReplyTo})
		m.ToMailAddress(&netmail.Address{Address: h.To.Reveal()})
		m.Subject(headerText(l.Subject))
		m.SetDateWithValue(h.Date.UTC())
		m.SetMessageIDWithValue(h.MessageID)
		m.SetGenHeader("Auto-Submitted", "auto-generated")
		m.SetGenHeader(mail.HeaderContentLang, l.Language)
		m.SetBodyString(mail.TypeTextPlain, l.Text)
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
		var want bytes.Buffer
		_, err = m.WriteTo(&want)
		require.NoError(rt, err)
		require.Equal(rt, want.String(), string(got))
	})
}
