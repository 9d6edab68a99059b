package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
)

// FuzzDecode: whatever comes, there is either an event or a list of faults, never a panic and never an address in what
// is kept of it.
func FuzzDecode(f *testing.F) {
	contacts := `{"subjectId":"zebra7","contacts":[{"role":"user","email":"zebra7@example.com","verified":true}]}`
	order := `{"orderId":"o","kind":"court_order","issuer":{"name":"a","role":"court","country":"US"},` +
		`"covers":{"subjects":"all"},"end":{"kind":"period","n":90,"unit":"days","from":"signed"}}`
	for _, seed := range [][]byte{
		envelope(event.ContactChanged, contacts),
		envelope(event.OrderReceived, order),
		envelope(event.OrderReceived, strings.Replace(order, `"kind"`, `"kind":"plea","kind"`, 1)),
		envelope(event.OrderReceived, strings.Replace(order, `"covers"`, `"Covers"`, 1)),
		envelope(event.OrderReceived, strings.Replace(order, `"end"`, `"ends":1,"end"`, 1)),
		envelope(event.OrderReceived, strings.Replace(order, `90`, `1e999999999`, 1)),
		envelope(event.OrderReceived, strings.Replace(order, `90`, `-0.000000000000000000000000000000009`, 1)),
		envelope(event.OrderReceived, strings.Replace(order, `90`, strings.Repeat("[", 500)+strings.Repeat("]", 500), 1)),
		envelope(event.ContactChanged, strings.Replace(contacts, "zebra7@", `zebra7\r\nBcc: x@`, 1)),
		envelope(event.ContactChanged, strings.Replace(contacts, `"email"`, `"zebra7@example.com":1,"email"`, 1)),
		[]byte(`{"id":"\ud800","\ud801":1,"\ud802":2}`),
		[]byte(`[null,{"type":[]}]`),
		[]byte(`{} {}`),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		posted, err := events.Decode(raw, clock)
		if err != nil {
			faults, ok := errors.AsType[*event.Faults](err)
			require.True(t, ok, "%v", err)
			require.NotEmpty(t, faults.List)
			requireNoAddress(t, faults.Error())
			require.Nil(t, posted.Raw)
			return
		}
		require.NotEmpty(t, posted.Source)
		require.NotEmpty(t, posted.ID)
		require.NotEmpty(t, posted.Matter)
		require.True(t, json.Valid(posted.Raw))
		again, err := events.Decode(raw, clock)
		require.NoError(t, err)
		require.Equal(t, posted.Digest, again.Digest)
		// Written anew, with its keys in another order and its numbers and escapes in another form, it says the same.
		var tree any
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&tree))
		rewritten, err := json.Marshal(tree)
		require.NoError(t, err)
		again, err = events.Decode(rewritten, clock)
		require.NoError(t, err)
		require.Equal(t, posted, again)
		if posted.Type == event.ContactChanged {
			requireNoAddress(t, string(posted.Raw))
		}
	})
}

// inside is one object of a JSON text: where its members begin, the keys it has, and whether it is the envelope itself.
type inside struct {
	offset   int64
	keys     []string
	envelope bool
}

// objects finds every object of a JSON text, the outermost first.
func objects(t require.TestingT, raw []byte) []*inside {
	var all, open []*inside // an open array stands as nil
	dec := json.NewDecoder(bytes.NewReader(raw))
	key := false // whether a key comes next
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		switch token {
		case json.Delim('{'):
			all = append(all, &inside{offset: dec.InputOffset(), envelope: len(all) == 0})
			open = append(open, all[len(all)-1])
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if name, ok := token.(string); ok && key {
				open[len(open)-1].keys = append(open[len(open)-1].keys, name)
				key = false
				continue
			}
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

// schemaNames are all names of fields that the schemas know.
func schemaNames(t require.TestingT) map[string]bool {
	names := map[string]bool{}
	var collect func(v any)
	collect = func(v any) {
		object, _ := v.(map[string]any)
		fields, _ := object["properties"].(map[string]any)
		for name := range fields {
			names[name] = true
		}
		for _, v := range object {
			collect(v)
		}
	}
	files, err := filepath.Glob("schema/*.json")
	require.NoError(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var v any
		require.NoError(t, json.Unmarshal(raw, &v))
		collect(v)
	}
	return names
}

// monstrous reports whether a JSON text nests deeper than any event may, or holds a number too long for one.
func monstrous(value string) bool {
	dec := json.NewDecoder(strings.NewReader(value))
	dec.UseNumber()
	for depth := 0; ; {
		token, err := dec.Token()
		if err != nil {
			return false
		}
		switch token := token.(type) {
		case json.Delim:
			if depth += map[json.Delim]int{'{': 1, '[': 1, '}': -1, ']': -1}[token]; depth > 32 {
				return true
			}
		case json.Number:
			if len(token) > 40 {
				return true
			}
		}
	}
}

// withMember is the text with one more member at the beginning of the object.
func withMember(raw []byte, object *inside, key, value string) []byte {
	return slices.Concat(raw[:object.offset], []byte(key+":"+value+","), raw[object.offset:])
}

// FuzzMember puts one more member into any object of a valid event. A key that stands there already, one that no schema
// knows (also for its case alone), a monstrous number or nesting are refused; an extension attribute of the envelope is
// taken and changes nothing that is understood.
func FuzzMember(f *testing.F) {
	var valid [][]byte
	paths, err := filepath.Glob("schema/*/valid*.json")
	require.NoError(f, err)
	for i, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(f, err)
		valid = append(valid, raw)
		for j, o := range objects(f, raw) {
			key := o.keys[len(o.keys)-1]
			f.Add(uint(i), uint(j), key, `"twice"`)
			f.Add(uint(i), uint(j), strings.ToUpper(key), `null`)
		}
		_, err = events.Decode(withMember(raw, objects(f, raw)[0], `"ticket"`, `"26-1"`), clock)
		require.NoError(f, err, "%s with an extension attribute", path)
		f.Add(uint(i), uint(0), "ticket", `"26-1"`)
		f.Add(uint(i), uint(i), "extra", strings.Repeat("[", 33)+strings.Repeat("]", 33))
		f.Add(uint(i), uint(i), "note", "1e999999999")
		f.Add(uint(i), uint(0), "traceparent", strings.Repeat("9", 50))
		f.Add(uint(i), uint(0), "user@example.com", `{"email":"user@example.com"}`)
	}
	names := schemaNames(f)
	f.Fuzz(func(t *testing.T, which, where uint, name, value string) {
		if !json.Valid([]byte(value)) {
			return
		}
		raw := valid[which%uint(len(valid))]
		all := objects(t, raw)
		object := all[where%uint(len(all))]
		key, err := json.Marshal(name)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(key, &name)) // what is no UTF-8 has become U+FFFD
		got, err := events.Decode(withMember(raw, object, string(key), value), clock)
		if err != nil {
			faults, ok := errors.AsType[*event.Faults](err)
			require.True(t, ok, "%v", err)
			require.NotEmpty(t, faults.List)
			requireNoAddress(t, faults.Error())
			return
		}
		require.NotContains(t, object.keys, name, "a key twice")
		require.False(t, monstrous(value))
		if !object.envelope {
			require.True(t, names[name], "no schema knows %q", name)
			return
		}
		want := decoded(t, raw)
		if name != "time" && name != "datacontenttype" && strings.TrimSpace(value) != "null" {
			require.NotEqual(t, want.Digest, got.Digest, "another event")
		}
		if name == "actor" || name == "time" {
			return
		}
		if name != "datacontenttype" {
			require.NotEqual(t, want.Extensions, got.Extensions, "kept")
			requireNoAddress(t, string(got.Extensions))
		}
		got.Digest, got.Extensions = want.Digest, want.Extensions
		require.Equal(t, want, got)
	})
}

// FuzzAddDuration: a sum lies in the years 1 to 9999 and on the side of the sign, or there is none.
func FuzzAddDuration(f *testing.F) {
	for _, iso := range []string{"P90D", "P1Y2M", "-P1W", "PT0,5S", "+P1DT1H", "P9999Y", "P99999999999999999999D", "PT",
		"-P0.5M", "P1Y1Y"} {
		f.Add(iso, clock.Unix())
	}
	f.Fuzz(func(t *testing.T, iso string, at int64) {
		from := time.Unix(at%100_000_000_000, 0).UTC()
		to, err := events.AddDuration(from, iso)
		if err != nil || from.Year() < 1 || from.Year() > 9999 {
			return
		}
		require.Equal(t, time.UTC, to.Location())
		require.True(t, to.Year() >= 1 && to.Year() <= 9999, "%s and %s is %s", from, iso, to)
		if strings.HasPrefix(iso, "-") {
			require.False(t, to.After(from), "%s and %s is %s", from, iso, to)
		} else {
			require.False(t, to.Before(from), "%s and %s is %s", from, iso, to)
		}
	})
}
