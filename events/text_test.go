package events_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/matter"
)

// quoted is a string as JSON.
func quoted(t require.TestingT, s string) string {
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	return string(raw)
}

func TestNamesOfPersonsAreASCII(t *testing.T) {
	decided := func(actor, approver string) []byte {
		return fmt.Appendf(nil, `{"specversion":"1.0","id":"e","source":"s","type":"lapse.request.decided.v1","subject":"m",
		"actor":%s,
			"data":{"decision":"comply","reason":"r","approvedBy":[%s]}}`, quoted(t, actor), quoted(t, approver))
	}
	for _, name := range []string{
		"a", "7", "counsel:ak", "ann.b_c-d@x.example:1+2/3", strings.Repeat("a",
			128), "arn:aws:sts::123456789012:assumed-role/Counsel/ak",
	} {
		require.Equal(t, name, decoded(t, decided(name, name)).Actor)
	}
	for what, name := range map[string]string{
		"nobody": "", "blank": " ", "a blank at the end": "counsel:ak ", "a blank in it": "counsel: ak",
		"129 characters": strings.Repeat("a", 129),
		"a sign first":   ":ak", "an at sign first": "@ak", "a line feed at the end": "ak\n",
		"an accent, composed": "jos\u00e9", "an accent, decomposed": "jose\u0301",
		"a zero-width space": "ak\u200b", "a soft hyphen": "a\u00adk", "a full-width colon": "counsel\uff1aak",
		"a Cyrillic a": "counsel:\u0430k",
	} {
		require.Equal(t, []string{"/actor", "/data/approvedBy/0"}, pointers(refused(t, decided(name, name))), what)
	}
}

func TestHiddenCharactersAreRefusedWithTheirPointer(t *testing.T) {
	order := func(id, key, basis, zone, extension string) []byte {
		return fmt.Appendf(nil, `{"specversion":"1.0","id":%s,"source":"s","type":"lapse.order.received.v1",
		"subject":"m",%s:%s,
			"data":{"orderId":"o","kind":"plea","issuer":{"name":"a","role":"police","country":"US","zone":%s},
		"covers":{"subjects":"all"},
			"end":{"kind":"none"},"legalBasis":%s,"grounds":["g",%s]}}`,
			quoted(t, id), quoted(t, key), quoted(t, extension), quoted(t, zone), quoted(t, basis), quoted(t, basis))
	}
	all := func(r rune) []string {
		return pointers(refused(t, order("e"+string(r), "k"+string(r), "b"+string(r), "z"+string(r), "x"+string(r))))
	}
	for name, r := range map[string]rune{
		"null": 0, "carriage return": '\r', "escape": 0x1b, "delete": 0x7f, "next line": 0x85, "soft hyphen": 0xad,
		"combining grapheme joiner": 0x34f,
		"Arabic letter mark":        0x61c, "Hangul filler": 0x115f, "Khmer inherent vowel": 0x17b4,
		"Mongolian selector": 0x180b,
		"zero-width space":   0x200b,
		"zero-width joiner":  0x200d, "right-to-left override": 0x202e, "word joiner": 0x2060,
		"left-to-right isolate": 0x2066,
		"unassigned ignorable":  0x2065,
		"half-width filler":     0xffa0, "variation selector": 0xfe0f, "byte order mark": 0xfeff, "annotation": 0xfff9,
		"tag": 0xe0041, "selector 256": 0xe01ef,
	} {
		require.Equal(t, []string{
			"/data/grounds/1", "/data/issuer/zone", "/data/legalBasis", "/id", "/k" + string(r),
		}, all(r), name)
	}
	for _, r := range "\n\t\u2028\u2029" {
		require.Equal(t, []string{"/data/issuer/zone", "/id", "/k" + string(r)}, all(r), "%U stands in long texts only", r)
	}
	text := "Zażółć gęślą jaźń\n\tאבג 日本語 e\u0301 \u00a0\u2028\u2029 😀 <&>"
	require.Equal(t, text, decoded(t, order("e", "k", text, "Europe/Warsaw", "x")).Data.(*matter.PostedOrder).LegalBasis,
		"kept as sent")
}

func TestListsOfTextsAreBounded(t *testing.T) {
	list := func(n int) string { return `["a"` + strings.Repeat(`,"a"`, n-1) + `]` }
	order := func(grounds, recipients string) []byte {
		return envelope(event.OrderReceived, `{"orderId":"o","kind":"plea","issuer":{"name":"a","role":"police",
		"country":"US"},
			"covers":{"subjects":"all","recipients":`+recipients+`},"end":{"kind":"none"},"grounds":`+grounds+`}`)
	}
	users := func(n int) string { return strings.ReplaceAll(list(n), `"a"`, `"user"`) }
	decoded(t, order(list(100), users(100)))
	require.Equal(t, []string{"/data/covers/recipients", "/data/grounds"},
		pointers(refused(t, order(list(101), users(101)))))

	decided := func(n int) []byte {
		return envelope(event.RequestDecided,
			`{"decision":"comply","reason":"r","approvedBy":`+list(n)+`,"grounds":`+
				strings.ReplaceAll(list(100), `"a"`, `"other"`)+`}`)
	}
	decoded(t, decided(20))
	require.Equal(t, []string{"/data/approvedBy"}, pointers(refused(t, decided(21))))
	disclosed := func(n int) []byte {
		return envelope(event.DisclosureMade, `{"disclosureId":"d","basis":"compelled","at":"2026-03-01T10:00:00Z",
		"content":true,"subjects":["u"],
			"categories":`+strings.ReplaceAll(list(n), `"a"`, `"content"`)+`}`)
	}
	decoded(t, disclosed(100))
	require.Equal(t, []string{"/data/categories"}, pointers(refused(t, disclosed(101))))
}

// A restraint of Lapse's own begins with law-; no paper may take its id, and none may be missed when it is ended.
func TestNoOrderFromOutsideHasTheIDOfAStandingRestraint(t *testing.T) {
	order := func(id string) []byte {
		return envelope(event.OrderReceived, `{"orderId":`+quoted(t, id)+`,"kind":"plea","issuer":{"name":"a","role":"police",
		"country":"US"},
			"covers":{"subjects":"all"},"end":{"kind":"none"}}`)
	}
	for _, id := range []string{"law", "lawful-1", "o-law-1", ".", strings.Repeat("o", 64)} {
		decoded(t, order(id))
	}
	for _, id := range []string{"law-", "law-us-18-3123d", "", "a b", "a@b.example", "o\n", "ö",
		strings.Repeat("o", 65)} {
		require.Equal(t, []string{"/data/orderId"}, pointers(refused(t, order(id))), id)
	}
}

func TestWhatTheLedgerKeepsDoesNotSwell(t *testing.T) {
	text := "<script>&\u2028\u2029\n\t\"\\u2028\\" + strings.Repeat("<", 3000)
	posted := decoded(t, []byte(`{"specversion":"1.0","id":"e","source":"s","type":"lapse.request.decided.v1",
		"subject":"m","note":"<&>",
		"data":{"decision":"comply","reason":`+quoted(t, text)+`}}`))
	require.LessOrEqual(t, len(posted.Raw), len(text)+100)
	var data struct{ Reason string }
	require.NoError(t, json.Unmarshal(posted.Raw, &data))
	require.Equal(t, text, data.Reason)
	require.Equal(t, `{"note":"<&>"}`, string(posted.Extensions))

	addressed := decoded(t, envelope(event.RequestReceived, `{"reference":"<&>","instrument":"subpoena",
		"issuer":{"name":"a","role":"court","country":"US"},
		"receivedAt":"2026-03-01T10:00:00Z","dataSought":[{"category":"content"}],
		"subjects":[{"id":"u","accountClass":"consumer","contacts":[{"role":"user","email":"u@example.com",
		"verified":true}]}]}`))
	require.Contains(t, string(addressed.Raw), `"reference":"<&>"`)
	require.Contains(t, string(addressed.Raw), "[address]")
}

// Whatever is sent, what is kept reads the same and is no longer than its shortest JSON form, but for one byte an
// escape.
func TestRawReadsAsItWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("a<>&\u2028\u2029\n\t\"\\u28é")), 1, 200, -1).Draw(t, "text")
		text = "x" + text
		posted := decoded(t, envelope(event.RequestDecided, `{"decision":"comply","reason":`+quoted(t, text)+`}`))
		var data struct{ Reason string }
		require.NoError(t, json.Unmarshal(posted.Raw, &data))
		require.Equal(t, text, data.Reason)
		require.LessOrEqual(t, len(posted.Raw), 2*len(text)+40)
	})
}

func TestPersonsWhoReadAlikeAreOne(t *testing.T) {
	require.Equal(t, 0, events.Persons(nil))
	require.Equal(t, 0, events.Persons([]string{"", " \t", "\u200b"}))
	for _, pair := range [][2]string{
		{"counsel:ak", " COUNSEL:AK"}, {"counsel:straße", "counsel:STRASSE"}, {"counsel:josé",
			"counsel:jose\u0301"}, {"counsel:ak", "counsel:ak\u200b"},
		{"counsel:ak", "counsel: ak"}, {"counsel:ak", "counsel\uff1aak"}, {"counsel:ak", "counsel:a\u00adk"},
	} {
		require.Equal(t, 1, events.Persons(pair[:]), "%q", pair)
		require.Equal(t, 0, events.PersonsBeside(pair[:1], pair[1]), "%q", pair)
	}
	require.Equal(t, 2, events.Persons([]string{"counsel:ak", "counsel:bt", "counsel:ak"}))
}

// zone.tab of the IANA database names a country of ISO 3166-1 for every zone.
func TestCountriesAreThoseOfISO3166(t *testing.T) {
	order := func(country string) []byte {
		return envelope(event.OrderReceived, `{"orderId":"o","kind":"plea","issuer":{"name":"a","role":"police",
		"country":"`+country+`"},
			"covers":{"subjects":"all"},"end":{"kind":"none"}}`)
	}
	taken := map[string]bool{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			country := string(a) + string(b)
			_, err := events.Decode(order(country), clock)
			taken[country] = err == nil
			if err != nil {
				require.Equal(t, []string{"/data/issuer/country"}, pointers(refused(t, order(country))), country)
				delete(taken, country)
			}
		}
	}
	require.Len(t, taken, 249+2, "with XK and ZZ")
	raw, err := os.ReadFile("../internal/calendar/tzdata/zone.tab")
	require.NoError(t, err)
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, "#") {
			require.True(t, taken[line[:2]], line)
		}
	}
	for _, country := range []string{"XX", "EU", "UK", "us", "USA", "U", ""} {
		require.Equal(t, []string{"/data/issuer/country"}, pointers(refused(t, order(country))), country)
	}
}

func TestAnObjectIsReadAsStrictlyAsAnEvent(t *testing.T) {
	members, err := events.Object([]byte(` {"at":"x","limit":7} `), "at", "limit", "cursor")
	require.NoError(t, err)
	require.Equal(t, map[string]json.RawMessage{"at": json.RawMessage(`"x"`), "limit": json.RawMessage(`7`)}, members)
	for raw, want := range map[string]string{
		`{"At":1}`: "/At", `{"at":1,"at":2}`: "/at", `{"at":{"a":1,"a":2}}`: "/at/a", `[]`: "", `null`: "", `{} {}`: "",
		`{`: "", "{\"at\":\"\xff\"}": "",
	} {
		_, err := events.Object([]byte(raw), "at")
		faults, ok := errors.AsType[*event.Faults](err)
		require.True(t, ok, raw)
		require.Equal(t, []string{want}, pointers(faults), raw)
	}
}
