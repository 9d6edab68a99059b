package events_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/matter"
)

// envelope is an event of the type with the data, as text.
func envelope(typ event.Type, data string) []byte {
	return fmt.Appendf(nil,
		`{"specversion":"1.0","id":"e-1","source":"legal.example","type":%q,"subject":"mat-1","data":%s}`, typ, data)
}

func decoded(t require.TestingT, raw []byte) event.Event {
	posted, err := events.Decode(raw, clock)
	require.NoError(t, err)
	return posted
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("schema/" + name)
	require.NoError(t, err)
	return raw
}

func TestWhatIsNoJSONIsSyntax(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing":               "",
		"half an object":        `{"id":"a"`,
		"text after the object": `{"id":"a"} {"id":"b"}`,
		"a comma too many":      `{"id":"a",}`,
		"a byte order mark":     "\ufeff{}",
		"Latin-1":               "{\"id\":\"caf\xe9\"}",
		"nesting without end":   strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"an open abyss":         strings.Repeat(`{"a":`, 50_000),
	} {
		require.True(t, refused(t, []byte(raw)).Syntax, name)
	}
}

func TestWhatEncodingJSONWouldPassOverIsRefused(t *testing.T) {
	for name, row := range map[string]struct {
		raw  string
		want []string
	}{
		"a key twice in the data": {
			`{"exceptionId":"x","reason":"a","reason":"b"}`, []string{"/data/reason"}},
		"a key twice, once escaped": {
			`{"exceptionId":"x","reason":"a","re\u0061son":"b"}`, []string{"/data/reason"}},
		"a key twice beside other faults": {
			`{"exceptionId":"x y","exceptionId":"x","reson":"b"}`, []string{"/data/exceptionId", "/data/reason", "/data/reson"}},
		"a name in other case": {
			`{"exceptionId":"x","reason":"a","Reason":"b"}`, []string{"/data/Reason"}},
		"a name with slash and tilde": {
			`{"exceptionId":"x","reason":"a","a/b~c":1}`, []string{"/data/a~1b~0c"}},
		"a huge exponent": {
			`{"exceptionId":"x","reason":1e999999999}`, []string{"/data/reason"}},
		"a long number": {
			`{"exceptionId":"x","reason":"a","b":` + strings.Repeat("9", 5000) + `}`, []string{"/data/b"}},
		"nesting deeper than any event": {
			`{"exceptionId":"x","reason":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
			[]string{"/data/reason", "/data/reason" + strings.Repeat("/0", 30)}},
	} {
		faults := refused(t, envelope(event.ExceptionEnded, row.raw))
		require.False(t, faults.Syntax, name)
		require.Equal(t, row.want, pointers(faults), name)
	}
	twice := strings.Replace(string(envelope(event.ExceptionEnded, `{"exceptionId":"x","reason":"a"}`)), `"id"`,
		`"id":"e-0","id"`, 1)
	require.Equal(t, []string{"/id"}, pointers(refused(t, []byte(twice))), "an id twice in the envelope")
}

func TestAHostileEventGetsABoundedAnswer(t *testing.T) {
	raw := envelope(event.ExceptionEnded, `{"exceptionId":"x","reason":"a"`+strings.Repeat(`,"a":1`, 40_000)+`}`)
	require.Equal(t, []string{"/data/a"}, pointers(refused(t, raw)))

	var names strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&names, `,"a%d":1`, i)
	}
	faults := refused(t, envelope(event.ExceptionEnded, `{"exceptionId":"x","reason":"a"`+names.String()+`}`))
	require.Len(t, faults.List, 1001)
	require.Equal(t, "there are more faults than are listed here", faults.List[1000].Detail)

	long := refused(t, envelope(event.ExceptionEnded,
		`{"exceptionId":"x","reason":"a","`+strings.Repeat("b", 100_000)+`":1}`))
	require.Equal(t, []string{"/data/" + strings.Repeat("b", 64) + "…"}, pointers(long))
}

func TestADetailNeverRepeatsTheValue(t *testing.T) {
	raw := envelope(event.ContactChanged, `{"subjectId":"secret@example.com","language":"secret!","contacts":[
		{"role":"secret","email":"secret@example.com,secret@example.org","verified":"secret"},
		{"role":"user","email":"Secret <secret@example.com>","verified":true,"secret@example.com":1}]}`)
	faults := refused(t, raw)
	require.Len(t, faults.List, 7)
	require.NotContains(t, strings.ToLower(faults.Error()), "secret")
}

func TestInstantsComeInUTCRoundedUp(t *testing.T) {
	disclosed := decoded(t, sample(t, "disclosure.made/valid-full.json")).Data.(*event.DisclosureMadeData)
	require.Equal(t, time.Date(2026, 3, 1, 9, 30, 1, 0, time.UTC), disclosed.At)
	ended := decoded(t, sample(t, "order.ended/valid-lifted.json")).Data.(*event.OrderEndedData)
	require.Equal(t, time.Date(2026, 2, 28, 17, 0, 0, 0, time.UTC), ended.EffectiveAt)
	order := decoded(t, sample(t, "order.received/valid-instant-end.json")).Data.(*matter.PostedOrder)
	require.Equal(t, time.Date(2026, 9, 1, 3, 59, 59, 0, time.UTC), order.End.At)
	request := decoded(t, sample(t, "request.amended/valid-full.json")).Data.(*event.RequestAmendedData)
	require.Equal(t, time.Date(2026, 2, 28, 0, 40, 0, 0, time.UTC), *request.ReceivedAt)
	require.Equal(t, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), *request.ResponseDue)
}

func TestDataIsTyped(t *testing.T) {
	request := decoded(t, sample(t, "request.received/valid-full.json"))
	received := request.Data.(*event.RequestReceivedData)
	require.Equal(t, matter.SearchWarrant, received.Instrument)
	require.True(t, *received.Signed)
	require.Equal(t, "acme", received.Subjects[1].Tenant)
	require.Equal(t, "guardian@xn--bcher-kva.example.com", received.Subjects[0].Contacts[1].Email.Reveal())
	require.Equal(t, "counsel:ak", request.Actor)
	require.Equal(t, time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), request.Time)

	order := decoded(t, sample(t, "order.received/valid-full.json")).Data.(*matter.PostedOrder)
	require.Equal(t, matter.End{Kind: matter.EndPeriod, N: 90, Unit: "days", From: "signed"}, order.End)
	require.Equal(t, []string{"zebra7", "zebra8"}, order.Covers.Subjects.IDs)
	require.True(t,
		decoded(t, sample(t, "order.received/valid-least.json")).Data.(*matter.PostedOrder).Covers.Subjects.All)

	upper := decoded(t, sample(t, "order.received/valid-unknown-zone.json")).Data.(*matter.PostedOrder)
	require.Equal(t, strings.ToLower(upper.Document), upper.Document, "a digest is compared in one case")

	// 90.0 is a whole number to JSON Schema, so it has to be one to Go.
	period := `{"orderId":"o","kind":"plea","issuer":{"name":"a","role":"police","country":"US"},` +
		`"covers":{"subjects":"all"},"end":{"kind":"period","n":9.0e1,"unit":"days","from":"served"}}`
	require.Equal(t, 90, decoded(t, envelope(event.OrderReceived, period)).Data.(*matter.PostedOrder).End.N)

	for _, kind := range event.Types() {
		file := strings.TrimSuffix(strings.TrimPrefix(string(kind), "lapse."), ".v1")
		valid, err := filepath.Glob("schema/" + file + "/valid-*.json")
		require.NoError(t, err)
		require.NotEmpty(t, valid, kind)
		require.NotNil(t, decoded(t, sample(t, strings.TrimPrefix(valid[0], "schema/"))).Data, kind)
	}
}

func TestARoleCountsOnceHoweverOftenItIsNamed(t *testing.T) {
	e := decoded(t, []byte(`{"specversion":"1.0","id":"e","source":"s","type":"lapse.order.received.v1","subject":"m",
		"actor":"counsel:ak","data":{"orderId":"o1","kind":"court_order",
		"issuer":{"name":"c","role":"court","country":"US"},"end":{"kind":"none"},"covers":{"subjects":"all",
		"recipients":["user"`+strings.Repeat(`,"admin","user"`, 49)+`]}}}`))
	require.Equal(t, []matter.Role{matter.User, matter.Admin}, e.Data.(*matter.PostedOrder).Covers.Recipients)
	x := decoded(t, []byte(`{"specversion":"1.0","id":"e","source":"s","type":"lapse.exception.requested.v1","subject":"m",
		"actor":"counsel:ak","data":{"exceptionId":"x1","kind":"provider_interest",
		"facts":"f","reviewAt":"2027-11-23T10:00:00Z","covers":{"subjects":"all","recipients":["user","user"]}}}`))
	require.Equal(t, []matter.Role{matter.User}, x.Data.(*matter.PostedException).Covers.Recipients)
}

func TestRawHoldsTheDataWithoutAddresses(t *testing.T) {
	posted := decoded(t, sample(t, "contact.changed/valid-contacts.json"))
	require.JSONEq(t,
		`{"subjectId":"zebra7","language":"pt-BR","contacts":[{"role":"user","email":"[address]","verified":true}]}`,
		string(posted.Raw))
	require.Equal(t, "zebra7.new@example.com", posted.Data.(*event.ContactChangedData).Contacts[0].Email.Reveal())
}

func TestExtensionAttributesAreKeptWithoutAddresses(t *testing.T) {
	with := func(members string) []byte {
		return []byte(`{"specversion":"1.0","id":"e","source":"s","type":"lapse.request.decided.v1","subject":"m",` +
			`"actor":"counsel:ak","data":{"decision":"comply","reason":"r"}` + members + `}`)
	}
	for name, tc := range map[string]struct{ members, want string }{
		"none": {``, ``},
		"text and numbers": {`,"traceparent":"00-4bf9","sequence":7,"ok":true`,
			`{"ok":true,"sequence":7,"traceparent":"00-4bf9"}`},
		"addresses": {`,"contact":"ann@example.com","link":"https://x.example?u=ann%40example.com",` +
			`"a@b.example":"x"`, `{"[address]":"x","contact":"[address]","link":"[address]"}`},
		"addresses further in":  {`,"x":{"a@b.example":["c@d.example",null]}`, `{"x":{"[address]":["[address]",null]}}`},
		"what Lapse knows well": {`,"time":"2026-11-23T10:00:00Z","datacontenttype":"application/json"`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := events.Decode(with(tc.members), clock)
			require.NoError(t, err)
			require.Equal(t, tc.want, string(e.Extensions))
		})
	}
}

func TestARefusedEventStillTellsWhatItIs(t *testing.T) {
	raw := envelope(event.OrderReceived, `{"orderId":"o","en":{}}`)
	posted, err := events.Decode(raw, clock)
	require.Error(t, err)
	require.Equal(t, event.OrderReceived, posted.Type)
	require.Equal(t, "mat-1", posted.Matter)
	require.Equal(t, "e-1", posted.ID)
	require.Equal(t, "legal.example", posted.Source)
	require.Len(t, posted.Digest, 64)
	require.Nil(t, posted.Data)
	require.Nil(t, posted.Raw)

	posted, err = events.Decode([]byte(`{"type":"lapse.order.received.v2","subject":"no matter","id":"","source":7}`),
		clock)
	require.Error(t, err)
	require.Equal(t, event.Event{Digest: posted.Digest, Content: posted.Content}, posted,
		"what is not well-formed is not repeated")
	posted, err = events.Decode([]byte("no JSON"), clock)
	require.Error(t, err)
	require.Len(t, posted.Digest, 64)
}

func TestTheDigestIsTheContents(t *testing.T) {
	base := sample(t, "order.received/valid-full.json")
	want := decoded(t, base).Digest
	same := func(name, old, replacement string) {
		changed := strings.Replace(string(base), old, replacement, 1)
		require.NotEqual(t, string(base), changed, name)
		require.Equal(t, want, decoded(t, []byte(changed)).Digest, name)
	}
	same("another sending time", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")
	same("no sending time", `"time": "2026-03-01T10:00:00Z",`, "")
	same("no content type", `"datacontenttype": "application/json",`, "")
	same("a number written otherwise", `"n": 90`, `"n": 9e1`)
	same("a string written otherwise", "ndo-1", `ndo\u002d1`)
	for name, change := range map[string][2]string{
		"another actor":        {"counsel:ak", "counsel:bt"},
		"another number":       {`"n": 90`, `"n": 91`},
		"another matter":       {"mat-2026-0001", "mat-2026-0002"},
		"another attribute":    {`"actor"`, `"traceparent": "1", "actor"`},
		"a field less":         {`"silence": "any_person",`, ""},
		"another order of ids": {`"zebra7",`, `"zebra9",`},
	} {
		changed := strings.Replace(string(base), change[0], change[1], 1)
		require.NotEqual(t, string(base), changed, name)
		require.NotEqual(t, want, decoded(t, []byte(changed)).Digest, name)
	}
	require.NotEqual(t, decoded(t, sample(t, "contact.changed/valid-contacts.json")).Digest,
		decoded(t, []byte(strings.Replace(string(sample(t, "contact.changed/valid-contacts.json")), "new@", "old@",
			1))).Digest,
		"another address is other content")
}

func TestTheContentIsWhatAnEventSays(t *testing.T) {
	base := string(sample(t, "order.received/valid-full.json"))
	want := decoded(t, []byte(base)).Content
	require.Len(t, want, 64)
	for old, replacement := range map[string]string{
		"evt-order-received": "evt-2", "legal.example": "other.example", "counsel:ak": "counsel:bt", `"n": 90`: `"n": 90.0`,
	} {
		require.Equal(t, want, decoded(t, []byte(strings.Replace(base, old, replacement, 1))).Content, old)
	}
	for old, replacement := range map[string]string{"mat-2026-0001": "mat-2026-0002", "ndo-1": "ndo-2",
		`"n": 90`: `"n": 91`} {
		require.NotEqual(t, want, decoded(t, []byte(strings.Replace(base, old, replacement, 1))).Content, old)
	}
}

// write writes v with the keys of every object in an order of its own.
func write(t *rapid.T, v any) string {
	switch v := v.(type) {
	case map[string]any:
		var keys []string
		for key := range v {
			keys = append(keys, key)
		}
		var parts []string
		for _, key := range rapid.Permutation(keys).Draw(t, "order") {
			name, err := json.Marshal(key)
			require.NoError(t, err)
			parts = append(parts, string(name)+" :\n"+write(t, v[key]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = write(t, item)
		}
		return "[ " + strings.Join(parts, " , ") + " ]"
	}
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func TestTheDigestKnowsNoOrderOfKeys(t *testing.T) {
	raw := sample(t, "request.received/valid-full.json")
	want := decoded(t, raw).Digest
	var tree map[string]any
	require.NoError(t, json.Unmarshal(raw, &tree))
	rapid.Check(t, func(t *rapid.T) {
		sent := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "time"), 0).UTC()
		tree["time"] = sent.Format(time.RFC3339)
		posted := decoded(t, []byte(write(t, tree)))
		require.Equal(t, want, posted.Digest)
		require.Equal(t, sent, posted.Time)
	})
}

func TestSplitBatch(t *testing.T) {
	batch, err := events.SplitBatch([]byte(`[{"id":"a"}, 7, {"id":"b"}]`))
	require.NoError(t, err)
	require.Len(t, batch, 3)
	require.JSONEq(t, `{"id":"b"}`, string(batch[2]))
	batch, err = events.SplitBatch([]byte(`[]`))
	require.NoError(t, err)
	require.Empty(t, batch)
	_, err = events.SplitBatch([]byte("[" + strings.Repeat("{},", 99) + "{}]"))
	require.NoError(t, err)
	for name, row := range map[string]struct {
		raw    string
		syntax bool
	}{
		"no array":             {`{"id":"a"}`, false},
		"null":                 {`null`, false},
		"101 events":           {"[" + strings.Repeat("{},", 100) + "{}]", false},
		"half an array":        {`[{}`, true},
		"text after the array": {`[{}] x`, true},
	} {
		_, err := events.SplitBatch([]byte(row.raw))
		faults, ok := errors.AsType[*event.Faults](err)
		require.True(t, ok, name)
		require.Equal(t, row.syntax, faults.Syntax, name)
		require.Len(t, faults.List, 1, name)
	}
}
