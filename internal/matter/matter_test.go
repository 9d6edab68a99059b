package matter_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

func TestAddressesLapseCanWriteTo(t *testing.T) {
	for given, want := range map[string]string{
		"user@example.com":                          "user@example.com",
		"first.last+tag@Example.COM":                "first.last+tag@example.com",
		"user@bücher.example":                       "user@xn--bcher-kva.example",
		"O'Neil@example.com":                        "O'Neil@example.com",
		strings.Repeat("a", 64) + "@example.com":    strings.Repeat("a", 64) + "@example.com",
		"a@" + strings.Repeat("b", 63) + ".example": "a@" + strings.Repeat("b", 63) + ".example",
		"a=b?c@example.com":                         "a=b?c@example.com",
	} {
		a, err := matter.ParseAddress(given)
		require.NoError(t, err, given)
		require.Equal(t, want, a.Reveal())
	}
}

func TestAddressesLapseRefuses(t *testing.T) {
	for why, given := range map[string]string{
		"nothing": "", "no domain": "user", "no local part": "@example.com", "no dot in the domain": "user@localhost",
		"a local part outside 7-bit": "jürgen@example.com", "a list": "a@example.com,b@example.com",
		"a display name": "User <user@example.com>", "CR and LF": "user@example.com\r\nBcc: other@example.com",
		"a NUL": "user\x00@example.com", "two at signs": "a@b@example.com", "quotes": `"a b"@example.com`,
		"a comment": "a(b)@example.com",
		"a group":   "g: a@example.com;", "a space": "a b@example.com", "a literal": "a@[127.0.0.1]",
		"a trailing dot":    "a@example.com.",
		"a long local part": strings.Repeat("a", 65) + "@example.com", "too long": strings.Repeat("a", 310) + "@example.com",
		"two dots": "a..b@example.com", "a label of 64": "a@" + strings.Repeat("b", 64) +
			".example", "a domain of 254": "a@" + strings.Repeat("b.", 123) + "examples",
		"a label of over 63 once it is ASCII": "a@" + strings.Repeat("ü", 60) +
			".example", "an encoded word": "=?utf-8?q?a?=@example.com",
	} {
		_, err := matter.ParseAddress(given)
		require.ErrorIs(t, err, matter.ErrAddress, why)
		require.NotContains(t, err.Error(), "example", "%s: the error repeats the address", why)
	}
}

func TestAnAddressIsShownToNobody(t *testing.T) {
	a, err := matter.ParseAddress("canary@example.com")
	require.NoError(t, err)
	type nested struct {
		A  matter.Address
		P  *matter.Address
		L  []matter.Address
		By map[string]matter.Address
	}
	n := nested{a, &a, []matter.Address{a}, map[string]matter.Address{"x": a}}
	j, err := json.Marshal(n)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "a", a, "n", n)
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "a", a, "n", n)
	for _, s := range []string{string(j), log.String(), fmt.Sprint(n), fmt.Sprintf("%+v %#v %s %q", n, n, a, a)} {
		require.NotContains(t, s, "canary@")
	}
}

func TestDatesAreRealDays(t *testing.T) {
	for _, bad := range []string{"", "2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-01-01T00:00:00Z"} {
		_, err := matter.ParseDate(bad)
		require.Error(t, err, bad)
	}
	d, err := matter.ParseDate("2024-02-29")
	require.NoError(t, err)
	require.Equal(t, "2024-03-01", d.AddDays(1).String())
	require.Equal(t, time.Thursday, d.Weekday())
	require.True(t, d.Before(d.AddDays(1)))
	require.False(t, d.Before(d))
	var absent matter.Date
	require.NoError(t, absent.UnmarshalText(nil))
	require.True(t, absent.IsZero())
	require.Empty(t, absent.String())
}

func TestInstantsAreWholeSeconds(t *testing.T) {
	whole := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	require.Equal(t, whole, matter.Ceil(whole))
	require.Equal(t, whole.Add(time.Second), matter.Ceil(whole.Add(1)))
	require.Equal(t, whole, matter.Floor(whole.Add(time.Second-1)))
	require.True(t, matter.Ceil(time.Time{}).IsZero(), "absent stays absent")
}

func TestWhoIsTold(t *testing.T) {
	has := func(roles ...matter.Role) (out []matter.SealedContact) {
		for _, r := range roles {
			out = append(out, matter.SealedContact{Role: r, Verified: true})
		}
		return out
	}
	for _, c := range []struct {
		name  string
		class matter.AccountClass
		roles []matter.Role
		want  matter.Role
	}{
		{"a consumer: the user", matter.Consumer, []matter.Role{matter.User}, matter.User},
		{"a consumer with a guardian: the guardian instead", matter.Consumer, []matter.Role{matter.User, matter.Guardian},
			matter.Guardian},
		{"enterprise: the legal contact", matter.Enterprise, []matter.Role{matter.Admin, matter.LegalContact, matter.User},
			matter.LegalContact},
		{"enterprise without one: the admin", matter.Enterprise, []matter.Role{matter.User, matter.Admin}, matter.Admin},
		{"public sector: the legal contact", matter.PublicSector, []matter.Role{matter.LegalContact}, matter.LegalContact},
		{"a consumer nobody can write to", matter.Consumer, nil, matter.User},
		{"an enterprise nobody can write to", matter.Enterprise, []matter.Role{matter.User}, matter.LegalContact},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := matter.Subject{Class: c.class, Contacts: has(c.roles...)}
			require.Equal(t, c.want, s.RecipientRole())
		})
	}
}

// TestASubjectAgreesWithTheHeadItWasReadAfter: what is half visible is neither.
func TestASubjectAgreesWithTheHeadItWasReadAfter(t *testing.T) {
	for point, c := range map[string]struct {
		pending, renewedAt, revision int
		renewed                      string
		want                         bool
	}{
		"never changed":                                 {want: true},
		"changed under an earlier version":              {revision: 3, renewed: "u1", renewedAt: 3, want: true},
		"changed under this version":                    {revision: 5, renewed: "u1", renewedAt: 5, want: true},
		"somebody else changed":                         {revision: 0, renewed: "u2", renewedAt: 5, want: true},
		"the subject of a later version is there":       {revision: 6},
		"the subject of this version is not to be seen": {revision: 3, renewed: "u1", renewedAt: 5},
		"an amendment's subjects are not written":       {pending: 5},
	} {
		h := matter.Head{Version: 5, Pending: c.pending, Renewed: c.renewed, RenewedAt: c.renewedAt}
		require.Equal(t, c.want, h.Agrees(&matter.Subject{ID: "u1", Revision: c.revision}), point)
	}
}
