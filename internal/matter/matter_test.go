package matter_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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
		"a NUL": "user\x00@example.com", "two at signs": "a@b@example.com", "quotes": `"a b"@example.com`, "a comment": "a(b)@example.com",
		"a group": "g: a@example.com;", "a space": "a b@example.com", "a literal": "a@[127.0.0.1]", "a trailing dot": "a@example.com.",
		"a long local part": strings.Repeat("a", 65) + "@example.com", "too long": strings.Repeat("a", 310) + "@example.com",
		"two dots": "a..b@example.com", "a label of 64": "a@" + strings.Repeat("b", 64) + ".example", "a domain of 254": "a@" + strings.Repeat("b.", 123) + "examples",
		"a label of over 63 once it is ASCII": "a@" + strings.Repeat("ü", 60) + ".example", "an encoded word": "=?utf-8?q?a?=@example.com",
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

func TestOneNoticeForOneDisclosureSubjectAndRole(t *testing.T) {
	id := matter.NoticeID("mat-1", "d1", "u1", matter.User)
	require.Equal(t, id, matter.NoticeID("mat-1", "d1", "u1", matter.User))
	for _, other := range []string{
		matter.NoticeID("mat-1", "d2", "u1", matter.User), matter.NoticeID("mat-1", "d1", "u2", matter.User),
		matter.NoticeID("mat-1", "d1", "u1", matter.Guardian), matter.NoticeID("mat-2", "d1", "u1", matter.User),
	} {
		require.NotEqual(t, id, other)
	}
	m, hash, ok := matter.SplitNoticeID(id)
	require.True(t, ok)
	require.Equal(t, "mat-1", m)
	require.NotContains(t, hash, ".")
}

func TestRowIdsComeApartAgain(t *testing.T) {
	m, d, part, ok := matter.SplitPartID(matter.PartID("mat-1", "d.1#x", 12))
	require.True(t, ok)
	require.Equal(t, []any{"mat-1", "d.1#x", 12}, []any{m, d, part})
	m, v, ok := matter.SplitVersionedID(matter.VersionedID("mat-1", 7))
	require.True(t, ok)
	require.Equal(t, []any{"mat-1", 7}, []any{m, v})
	for _, bad := range []string{"", "mat-1", "mat-1@x", "mat-1.d1", "mat-1.d1#x"} {
		_, _, ok := matter.SplitVersionedID(bad)
		require.False(t, ok, bad)
		_, _, _, ok = matter.SplitPartID(bad)
		require.False(t, ok, bad)
	}
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
		{"a consumer with a guardian: the guardian instead", matter.Consumer, []matter.Role{matter.User, matter.Guardian}, matter.Guardian},
		{"enterprise: the legal contact", matter.Enterprise, []matter.Role{matter.Admin, matter.LegalContact, matter.User}, matter.LegalContact},
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

func TestWhichContactIsWrittenTo(t *testing.T) {
	user := func(sealed string) matter.SealedContact {
		return matter.SealedContact{Role: matter.User, Verified: true, Sealed: []byte(sealed)}
	}
	admin := matter.SealedContact{Role: matter.Admin, Verified: true}
	dead := func(contact string, head int) matter.Attempt {
		return matter.Attempt{Contact: contact, Head: head, Bounced: time.Unix(1, 0), Dead: true}
	}
	for name, c := range map[string]struct {
		contacts []matter.SealedContact
		attempts []matter.Attempt
		number   int
		spare    bool
	}{
		"only a verified one":                                     {[]matter.SealedContact{{Role: matter.User}}, nil, 0, false},
		"only one of the notice's role":                           {[]matter.SealedContact{admin}, nil, 0, false},
		"the first":                                               {[]matter.SealedContact{admin, user("a"), user("b")}, nil, 2, true},
		"the next where the first is dead":                        {[]matter.SealedContact{user("a"), {Role: matter.User}, user("b")}, []matter.Attempt{dead("4.1", 5)}, 3, false},
		"none where all are dead":                                 {[]matter.SealedContact{user("a"), user("b")}, []matter.Attempt{dead("4.1", 5), dead("4.2", 6)}, 0, false},
		"the first again where it came back for now":              {[]matter.SealedContact{user("a")}, []matter.Attempt{{Contact: "4.1", Head: 5, Bounced: time.Unix(1, 0)}}, 1, false},
		"the first of new contacts, whatever became of old":       {[]matter.SealedContact{user("a")}, []matter.Attempt{dead("3.1", 5)}, 1, false},
		"none where a mail of the log came back, whosever it was": {[]matter.SealedContact{user("a"), user("b")}, []matter.Attempt{dead("", 5)}, 0, false},
		"the first where that was under older contacts":           {[]matter.SealedContact{user("a")}, []matter.Attempt{dead("", 3)}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			n := matter.Notice{Recipient: matter.User, Attempts: c.attempts}
			got, contact, spare, ok := n.Contact(&matter.Subject{Revision: 4, Contacts: c.contacts})
			require.Equal(t, c.spare, spare)
			require.Equal(t, c.number > 0, ok)
			if ok {
				require.Equal(t, fmt.Sprintf("4.%d", c.number), contact)
				require.Equal(t, c.contacts[c.number-1], got)
			}
		})
	}
}

func TestALedgerEntrysHashCoversAllButWhatIsErased(t *testing.T) {
	e := matter.Entry{Matter: "mat-1", Seq: 2, Type: "t", Data: json.RawMessage(`{"a":1}`), Prev: "p"}
	require.NoError(t, e.Seal())
	other := e
	other.Pending = []matter.Subject{{ID: "u1"}}
	require.NoError(t, other.Seal())
	require.Equal(t, e.Hash, other.Hash)
	other.Prev = "q"
	require.NoError(t, other.Seal())
	require.NotEqual(t, e.Hash, other.Hash)
}

// TestMovesKeepTheNoticeInOrder applies random ops and asserts what holds of every notice.
func TestMovesKeepTheNoticeInOrder(t *testing.T) {
	ops := []matter.Op{}
	for _, tr := range matter.Transitions() {
		ops = append(ops, tr.Op)
	}
	tokens := []string{"t1", "t2", "t3"}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
		n := matter.Notice{ID: "mat-1.x", State: matter.Scheduled, Created: now}
		used := map[string]bool{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "later")) * time.Second)
			m := matter.Move{
				Op: rapid.SampledFrom(ops).Draw(t, "op"), Token: rapid.SampledFrom(tokens).Draw(t, "token"), Old: n.Token, Now: now,
				Next: now.Add(time.Minute), Back: rapid.SampledFrom([]matter.NoticeState{matter.Scheduled, matter.Retry}).Draw(t, "back"),
				MessageID: "m", Reason: rapid.SampledFrom([]string{"", matter.ReasonNoContact, matter.ReasonHardBounce}).Draw(t, "reason"), Order: "o",
			}
			if m.Op == matter.OpClaim && used[m.Token] {
				continue
			}
			before := n
			before.Attempts = slices.Clone(n.Attempts)
			if !m.Apply(&n) {
				require.Equal(t, before, n, "a refused move changes nothing")
				continue
			}
			if m.Op == matter.OpClaim {
				used[m.Token] = true
			}
			require.NotEmpty(t, n.State)
			require.Equal(t, n.State == matter.Sending, !n.Lease.IsZero(), "a lease while sending, and only then: %s to %s", m.Op, n.State)
			again := n
			again.Attempts = slices.Clone(n.Attempts)
			m.Apply(&again)
			require.Equal(t, n.State, again.State, "the same op twice is once")
		}
	})
}
