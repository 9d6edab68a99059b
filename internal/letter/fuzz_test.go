package letter

import (
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// FuzzHeader: whatever stands for subject, names, addresses and ids, there is a mail with exactly the ten fields that
// are meant, each saying what was given and no more, or there is none.
func FuzzHeader(f *testing.F) {
	const from, reply, id, to = "notices@example.com", "legal@example.com", "a.b@example.com", "person@example.org"
	f.Add("Notice about your data", "Example", from, reply, id, to)
	for _, hostile := range []string{
		"\r\nBcc: other@example.org", "\nSubject: other\n\nbody", "a\x00b", "=?utf-8?b?YQ0KQmNjOiB4?=",
		`"Other" <other@example.org>,`, "\u2028Bcc: x",
		strings.Repeat("w", 2000), strings.Repeat("é ",
			300), "\xff\r\x85", "a@example.com (comment)", "x@example.com>\r\n<y@example.com", "=?", "= ?=?=", `é\`,
	} {
		f.Add(hostile, "Example", from, reply, id, to)
		f.Add("s", hostile, from, reply, id, to)
		f.Add("s", "n", hostile, reply, id, to)
		f.Add("s", "n", from, hostile, id, to)
		f.Add("s", "n", from, reply, hostile, to)
		f.Add("s", "n", from, reply, id, hostile)
	}
	f.Fuzz(func(t *testing.T, subject, name, from, reply, id, to string) {
		l := Letter{Subject: subject, Text: subject + "\n", HTML: "<p>" + name + "</p>", Language: "en"}
		h := Headers{From: from, SenderName: name, ReplyTo: reply, MessageID: id, Date: time.Unix(1_772_359_200, 0)}
		h.To, _ = matter.ParseAddress(to)
		preview, err := l.Preview(h)
		if err != nil {
			require.NotContains(t, err.Error(), "example")
			_, err = l.Compose(h)
			require.Error(t, err, "what has no preview has no mail")
			return
		}
		raw, err := l.Compose(h)
		if h.To.IsZero() {
			require.ErrorContains(t, err, "no recipient")
			return
		}
		require.NoError(t, err)
		require.Equal(t, Digest(preview), Digest(raw))
		m := takeApart(t, raw).header
		require.Len(t, m, 10)
		for field, want := range map[string]string{
			"To": "<" + h.To.Reveal() + ">", "Message-Id": "<" + id +
				">", "Auto-Submitted": "auto-generated", "Content-Language": "en",
			"Date": "Sun, 01 Mar 2026 10:00:00 +0000", "Mime-Version": "1.0",
		} {
			require.Equal(t, []string{want}, m[field], field)
		}
		for field, given := range map[string]string{"From": from, "Reply-To": reply} {
			want, err := matter.ParseAddress(given)
			require.NoError(t, err)
			require.Len(t, m[field], 1)
			list, err := m.AddressList(field)
			require.NoError(t, err)
			require.Len(t, list, 1)
			require.Equal(t, want.Reveal(), list[0].Address)
		}
		sender, err := mail.ParseAddress(m.Get("From"))
		require.NoError(t, err)
		require.Equal(t, displayName(name), sender.Name)
		require.False(t, strings.ContainsAny(sender.Name, "\r\n\x00"), "%q", sender.Name)
		require.Len(t, m["Subject"], 1)
		got, err := new(mime.WordDecoder).DecodeHeader(m.Get("Subject"))
		require.NoError(t, err)
		require.Equal(t, headerText(subject), got)
		requireLines(t, m)
	})
}

// requireLines wants every field to say one line, also once its encoded words are read.
func requireLines(t *testing.T, m mail.Header) {
	for field, values := range m {
		for _, value := range values {
			said, err := new(mime.WordDecoder).DecodeHeader(value)
			require.NoError(t, err, field)
			require.False(t, strings.ContainsAny(said, "\r\n\x00"), "%s: %q", field, said)
		}
	}
}
