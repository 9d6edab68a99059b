package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/matter"
)

// clock is when samples are judged; the package comment names it.
var clock = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// refused decodes what has to be refused and returns its faults.
func refused(t *testing.T, raw []byte) *event.Faults {
	t.Helper()
	_, err := events.Decode(raw, clock)
	faults, ok := errors.AsType[*event.Faults](err)
	require.True(t, ok, "not refused: %v", err)
	require.NotEmpty(t, faults.List)
	return faults
}

func pointers(f *event.Faults) []string {
	var list []string
	for _, x := range f.List {
		list = append(list, x.Pointer)
	}
	return list
}

// requireNoAddress: the form that an address should have may be named, an address may not.
func requireNoAddress(t *testing.T, text string) {
	t.Helper()
	named := strings.NewReplacer("_ - @ : +", "", "local@domain", "", "before @", "", "after @", "")
	require.NotContains(t, named.Replace(text), "@")
}

// samples returns the sample files of a schema whose names begin with prefix.
func samples(t *testing.T, folder, prefix string) map[string][]byte {
	t.Helper()
	names, err := fs.Glob(os.DirFS("schema"), path.Join(folder, prefix+"*.json"))
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, name := range names {
		raw, err := os.ReadFile(path.Join("schema", name))
		require.NoError(t, err)
		files[name] = raw
	}
	return files
}

// folders are those that hold samples: one a type, and the envelope's.
func folders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("schema")
	require.NoError(t, err)
	var list []string
	for _, e := range entries {
		if e.IsDir() {
			list = append(list, e.Name())
		}
	}
	return list
}

func folder(t event.Type) string {
	return strings.TrimSuffix(strings.TrimPrefix(string(t), "lapse."), ".v1")
}

func TestEveryTypeHasASchemaAndSamples(t *testing.T) {
	schemas, err := fs.Glob(events.Schemas(), "*.json")
	require.NoError(t, err)
	require.Len(t, schemas, len(event.Types())+2, "common, envelope, and one a type")
	require.Len(t, event.Types(), 21)
	for _, typ := range event.Types() {
		require.Contains(t, schemas, folder(typ)+".json")
		require.NotEmpty(t, samples(t, folder(typ), "valid-"), typ)
		require.GreaterOrEqual(t, len(samples(t, folder(typ), "invalid-")), 3, typ)
	}
	require.Len(t, folders(t), len(event.Types())+2, "one a type, the envelope's, and the events out")
}

// Whoever listens on the bus can check what it hears: ids and codes, closed.
func TestEventsOutHaveSchemasWithExamples(t *testing.T) {
	c := jsonschema.NewCompiler()
	load := func(folder fs.FS, name string) map[string]any {
		raw, err := fs.ReadFile(folder, name)
		require.NoError(t, err)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		require.NoError(t, err)
		require.NoError(t, c.AddResource(events.SchemaBase+name, doc))
		return doc.(map[string]any)
	}
	load(events.Schemas(), "common.json")
	names, err := fs.Glob(events.SchemasOut(), "*.json")
	require.NoError(t, err)
	require.Len(t, names, 12)
	for _, name := range names {
		doc := load(events.SchemasOut(), name)
		require.Equal(t, events.SchemaBase+name, doc["$id"])
		require.Equal(t, "lapse."+strings.TrimSuffix(name, ".json"), doc["title"])
		require.Equal(t, false, doc["additionalProperties"], name)
		schema, err := c.Compile(events.SchemaBase + name)
		require.NoError(t, err, name)
		require.NoError(t, schema.Validate(doc["examples"].([]any)[0]), name)
		require.Error(t, schema.Validate(map[string]any{}), name)
		_, err = fs.Stat(events.Schemas(), name)
		require.ErrorIs(t, err, fs.ErrNotExist, "an event in and one out would have one address")
	}
}

func TestValidSamplesDecode(t *testing.T) {
	for _, dir := range folders(t) {
		for name, raw := range samples(t, dir, "valid-") {
			posted, err := events.Decode(raw, clock)
			require.NoError(t, err, name)
			require.Equal(t, dir, folder(posted.Type), name)
			require.Equal(t, "mat-2026-0001", posted.Matter, name)
			require.NotEmpty(t, posted.ID, name)
			require.Len(t, posted.Digest, 64, name)
			require.NotContains(t, string(posted.Raw), "@", name)
		}
	}
}

func TestInvalidSamplesReportEveryFaultAndNoOther(t *testing.T) {
	for _, dir := range folders(t) {
		for name, raw := range samples(t, dir, "invalid-") {
			var sample struct {
				Why      string          `json:"why"`
				Pointers []string        `json:"pointers"`
				Event    json.RawMessage `json:"event"`
			}
			require.NoError(t, json.Unmarshal(raw, &sample), name)
			require.NotEmpty(t, sample.Why, name)
			faults := refused(t, sample.Event)
			require.False(t, faults.Syntax, name)
			require.Equal(t, sample.Pointers, pointers(faults), "%s: %v", name, faults)
			requireNoAddress(t, faults.Error())
			for _, f := range faults.List {
				require.NotContains(t, f.Detail, "as the schema wants", "%s: %s says nothing", name, f.Pointer)
			}
		}
	}
}

func TestSchemasAndStructsHaveTheSameFields(t *testing.T) {
	for typ, data := range map[event.Type]any{
		event.RequestReceived: event.RequestReceivedData{},
		event.RequestAmended:  event.RequestAmendedData{},
		event.RequestDecided:  event.RequestDecidedData{},
		event.DisclosureMade:  event.DisclosureMadeData{},
		event.OrderReceived:   matter.PostedOrder{},
		event.OrderAssessed:   event.OrderAssessedData{},

		event.RequestChallenged: event.RequestChallengedData{},
		event.RequestClosed:     event.RequestClosedData{},
		event.OrderChallenged:   event.OrderChallengedData{},
		event.NoticeTold:        event.NoticeToldData{},
		event.OrderEnded:        event.OrderEndedData{},
		event.ContactChanged:    event.ContactChangedData{},
	} {
		raw, err := fs.ReadFile(events.Schemas(), folder(typ)+".json")
		require.NoError(t, err)
		var schema struct {
			Properties struct {
				Data struct {
					Properties map[string]any `json:"properties"`
				} `json:"data"`
			} `json:"properties"`
		}
		require.NoError(t, json.Unmarshal(raw, &schema))
		// What Lapse adds to a request stands in the same struct.
		fields := slices.DeleteFunc(jsonFields(reflect.TypeOf(data)), func(name string) bool {
			own := []string{"decision", "policy", "earlierDecisions", "goodFaith", "challenges", "closing",
				"advance", "objections"}
			return typ == event.RequestReceived && slices.Contains(own, name)
		})
		var properties []string
		for name := range schema.Properties.Data.Properties {
			properties = append(properties, name)
		}
		require.ElementsMatch(t, properties, fields, typ)
	}
}

func jsonFields(typ reflect.Type) []string {
	var names []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous {
			names = append(names, jsonFields(f.Type)...)
		} else if name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// A fault says what a pattern means in the words of its description, so every pattern needs one beside it.
func TestEveryPatternIsDescribed(t *testing.T) {
	names, err := fs.Glob(events.Schemas(), "*.json")
	require.NoError(t, err)
	patterns := 0
	for _, name := range names {
		raw, err := fs.ReadFile(events.Schemas(), name)
		require.NoError(t, err)
		var doc any
		require.NoError(t, json.Unmarshal(raw, &doc))
		walk(doc, func(object map[string]any) {
			_, pattern := object["pattern"].(string)
			_, not := object["not"]
			if pattern && object["type"] != nil || not {
				patterns++
				require.Contains(t, object, "description", name)
			}
		})
	}
	require.Greater(t, patterns, 8)
}

func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, value := range v {
			walk(value, visit)
		}
	case []any:
		for _, value := range v {
			walk(value, visit)
		}
	}
}
