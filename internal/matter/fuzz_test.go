package matter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
)

// FuzzAddress: what is accepted is one line of visible 7-bit text that stands for itself alone, reaches the To field
// as it is, and is shown by nothing but Reveal; what is refused is not repeated.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{
		"user@example.com", "first.last+tag@Example.COM", "user@bücher.example", "O'Neil@example.com",
		"user@xn--bcher-kva.example",
		"user@example.com\r\nBcc: other@example.com", "user\x00@example.com", "a@b@example.com", `"a b"@example.com`,
		"=?utf-8?q?a?=@example.com",
		"user@example.com\u2028", "user@exam\u00adple.com", "user@ex\u200dample.com", "user@\u0661.example",
		"user@example。com", "user\u0085@example.com",
		"<user@example.com>", "User <user@example.com>", "a@[127.0.0.1]", ".a@example.com", "a..b@example.com", "a@-.com",
		"a@xn--.com",
	} {
		f.Add(seed)
	}
	l := letter.Letter{Subject: "s", Text: "t\n", HTML: "<p>t</p>", Language: "en"}
	h := letter.Headers{From: "notices@example.com", ReplyTo: "legal@example.com", MessageID: "a@example.com",
		Date: time.Unix(1_772_359_200, 0)}
	f.Fuzz(func(t *testing.T, given string) {
		a, err := matter.ParseAddress(given)
		if err != nil {
			require.ErrorIs(t, err, matter.ErrAddress)
			require.True(t, a.IsZero())
			if len(given) > 12 {
				require.NotContains(t, err.Error(), given)
			}
			return
		}
		email := a.Reveal()
		require.False(t, a.IsZero())
		require.Equal(t, 1, strings.Count(email, "@"))
		for i := range len(email) {
			require.True(t, email[i] > ' ' && email[i] < 0x7f, "%q", email)
			require.NotContains(t, `,;<>"()[]\:`, email[i:i+1])
		}
		again, err := matter.ParseAddress(email)
		require.NoError(t, err)
		require.Equal(t, a, again, "it stands for itself")

		h := h
		h.To = a
		raw, err := l.Compose(h)
		require.NoError(t, err)
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		require.NoError(t, err)
		require.Equal(t, []string{"<" + email + ">"}, m.Header["To"])
		require.Len(t, m.Header, 10, "no field came in with the address")

		j, err := json.Marshal(map[string]any{"a": a, "p": &a})
		require.NoError(t, err)
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("", "a", a)
		slog.New(slog.NewTextHandler(&log, nil)).Info("", "a", &a)
		require.NotContains(t, string(j)+log.String()+fmt.Sprintf("%v %+v %#v %s %q %x", a, a, a, a, a, a), "@")
	})
}

// FuzzDate: what is accepted is a day of the calendar, is written as it was read, and days are counted from it as the
// calendar counts them.
func FuzzDate(f *testing.F) {
	for _, seed := range []string{"2026-03-01", "2024-02-29", "2026-02-29", "0000-01-01", "0001-01-01", "9999-12-31",
		"2026-13-01", "2026-3-1", "", "２０26-01-01"} {
		f.Add(seed, 1)
		f.Add(seed, -36_500)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		n %= 4_000_000
		var d matter.Date
		if d.UnmarshalText([]byte(s)) != nil {
			require.True(t, d.IsZero())
			return
		}
		require.Equal(t, s, d.String())
		if d.IsZero() {
			return
		}
		at := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
		require.Equal(t, d, matter.DateOf(at), "a day that exists")
		require.Equal(t, at.Weekday(), d.Weekday())
		later := d.AddDays(n)
		require.Equal(t, matter.DateOf(at.AddDate(0, 0, n)), later)
		require.Equal(t, d, later.AddDays(-n))
		require.Equal(t, n > 0, d.Before(later))
		require.Equal(t, n < 0, later.Before(d))
	})
}
