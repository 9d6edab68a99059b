package letter

import (
	"bytes"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wneessen/go-mail"
	"pgregory.net/rapid"
)

// written is the letter without a draft: the wording executed with the recipient's own values.
func written(t require.TestingT, f Facts) Letter {
	v, err := find(f.Template)
	require.NoError(t, err)
	shown, err := v.view(f)
	require.NoError(t, err)
	shown.Reference, shown.Account = clean(f.Reference), masked(f.Account)
	var subject, text, whole strings.Builder
	require.NoError(t, v.wording.ExecuteTemplate(&subject, "subject", shown))
	require.NoError(t, v.wording.ExecuteTemplate(&text, "letter", shown))
	l := Letter{Subject: capped(subject.String(), maxSubject), Language: v.words.Language, Template: v.name}
	blocks := parse(text.String())
	require.NoError(t, v.page.Execute(&whole, page{Language: l.Language, Subject: l.Subject, Body: markup(blocks)}))
	l.Text, l.HTML = join(plain(blocks), personal{}), whole.String()
	return l
}

// awkward draws a text with what a layout could stumble over.
func awkward() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"+", "<b>", "&amp;", `"`, "'", "=", "=?utf-8?q?a?=", "\x01", "\x02", "\x03", "\x00", "\r\n", " ", " | ", "# ", "ü", "日本", "\u202e", "{{.}}"}),
		rapid.StringMatching(`[A-Za-z0-9-]{1,90}`), rapid.String(),
	)
	return rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(t, "pieces"), "") })
}

func TestADraftMakesEveryRecipientsOwnLetter(t *testing.T) {
	all := goldens()
	rapid.Check(t, func(rt *rapid.T) {
		f := all[rapid.SampledFrom([]string{"user-after-one-order", "several-delays", "guardian", "emergency", "no-delay"}).Draw(rt, "letter")]
		f.SenderName = "Service " + awkward().Draw(rt, "sender")
		f.Request.Reference, f.Request.Offence = awkward().Draw(rt, "theirs"), awkward().Draw(rt, "offence")
		d, err := Prepare(f)
		require.NoError(rt, err)
		for range 3 {
			f.Reference, f.Account = "r"+awkward().Draw(rt, "reference"), "a"+awkward().Draw(rt, "account")
			want := written(rt, f)
			got, err := d.For(f.Reference, f.Account)
			require.NoError(rt, err)
			require.Equal(rt, want, got)
			h := headers("person@example.org")
			h.SenderName = f.SenderName
			mail, err := d.Compose(f.Reference, f.Account, h)
			require.NoError(rt, err)
			whole, err := want.Compose(h)
			require.NoError(rt, err)
			require.Equal(rt, string(whole), string(mail))
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
