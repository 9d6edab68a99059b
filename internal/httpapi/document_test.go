package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
)

// A generator's client can only send what the document describes, so the document and the door have to agree on every
// sample, save what no schema can say.
func TestTheDocumentTypesDataByTypeAsTheDoorDoes(t *testing.T) {
	d := openDocument(t)
	d.compiler.RegisterFormat(&jsonschema.Format{Name: "language-tag", Validate: func(any) error { return nil }})
	schema, err := d.compiler.Compile(documentURL + "#/components/schemas/Event")
	require.NoError(t, err)
	valid, refused := 0, 0
	for _, kind := range event.Types() {
		files, err := fs.Glob(os.DirFS("../../events/schema"), events.Name(kind)+"/*.json")
		require.NoError(t, err)
		for _, file := range files {
			raw, err := os.ReadFile("../../events/schema/" + file)
			require.NoError(t, err)
			if strings.HasPrefix(path.Base(file), "valid-") {
				require.NoError(t, schema.Validate(instance(t, raw)), file)
				valid++
				continue
			}
			var sample struct{ Event json.RawMessage }
			require.NoError(t, json.Unmarshal(raw, &sample))
			if schema.Validate(instance(t, sample.Event)) != nil {
				refused++
			}
		}
	}
	require.Greater(t, valid, 40)
	require.Greater(t, refused, 50)

	posted, _ := d.node("components", "schemas", "Event")
	mapping := posted["discriminator"].(map[string]any)["mapping"].(map[string]any)
	require.Len(t, mapping, len(event.Types()))
	require.Len(t, posted["oneOf"], len(event.Types()))
	for _, kind := range event.Types() {
		variant, _ := d.node(strings.Split(strings.TrimPrefix(mapping[string(kind)].(string), "#/"), "/")...)
		require.Equal(t, string(kind), variant["properties"].(map[string]any)["type"].(map[string]any)["const"])
	}
}

func instance(t *testing.T, raw []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	require.NoError(t, err)
	return value
}

// Generators stumble over these.
func TestTheDocumentIsMadeForGenerators(t *testing.T) {
	d := openDocument(t)
	raw, err := json.Marshal(d.tree)
	require.NoError(t, err)
	require.NotContains(t, string(raw), `"const":true`)
	require.NotContains(t, string(raw), "common.json")
	d.each(func(path, method string, operation map[string]any) {
		for _, status := range []string{"401", "403", "429"} {
			require.Contains(t, operation["responses"], status, "%s %s", method, path)
		}
		body, ok := operation["requestBody"].(map[string]any)
		if !ok {
			return
		}
		require.Len(t, body["content"], 1, "%s %s: a body has one media type", method, path)
	})
}

func TestSchemasAreServedUnderTheirIDs(t *testing.T) {
	w := newWorld(t)
	names := []string{"common.json", "envelope.json", "notice.sent.json", "event.rejected.json"}
	for _, kind := range event.Types() {
		names = append(names, events.Name(kind)+".json")
	}
	server := serve(t, w.api.Handler())
	for _, name := range names {
		id := server + "/schemas/" + name
		res, err := http.Get(id)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, res.StatusCode, name)
		require.Equal(t, "application/schema+json", res.Header.Get("Content-Type"))
		var schema map[string]any
		require.NoError(t, json.NewDecoder(res.Body).Decode(&schema))
		require.NoError(t, res.Body.Close())
		require.Equal(t, id, schema["$id"])
	}
	for _, name := range []string{"x.json", "order.received", "..%2Fgo.mod", "out", "out%2Fnotice.sent.json"} {
		require.Equal(t, http.StatusNotFound, w.get("/schemas/"+name).Code, name)
	}
	behind := w.get("/schemas/order.ended.json", "X-Forwarded-Proto", "https")
	require.Contains(t, behind.Body.String(), `"$id": "https://example.com/schemas/order.ended.json"`)
}

// Whoever follows the references of a served schema gets a schema that works.
func TestServedSchemasCompile(t *testing.T) {
	server := serve(t, newWorld(t).api.Handler())
	c := jsonschema.NewCompiler()
	c.UseLoader(overHTTP{})
	for _, name := range []string{"order.received", "disclosure.made", "order.late", "notice.late_order"} {
		schema, err := c.Compile(server + "/schemas/" + name + ".json")
		if name == "order.late" {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err, name)
		require.Error(t, schema.Validate(map[string]any{}), name)
	}
}

type overHTTP struct{}

func (overHTTP) Load(url string) (any, error) {
	res, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return jsonschema.UnmarshalJSON(res.Body)
}

func TestAsyncAPIDescribesBothDirections(t *testing.T) {
	w := newWorld(t)
	doc := decode[struct {
		AsyncAPI string `json:"asyncapi"`
		Channels map[string]struct {
			Messages map[string]struct {
				Name    string
				Payload struct{ Schema map[string]string }
			}
		}
		Operations map[string]struct {
			Action   string
			Channel  map[string]string
			Messages []map[string]string
		}
	}](t, w.found("/asyncapi.json"))
	require.Equal(t, "3.0.0", doc.AsyncAPI)
	messages := doc.Channels["bus"].Messages
	require.Len(t, messages, len(event.Types())+len(event.OutTypes()))
	for name, m := range messages {
		require.Equal(t, "http://example.com/schemas/"+name+".json", m.Payload.Schema["$ref"])
		require.Equal(t, http.StatusOK, w.get("/schemas/"+name+".json").Code, name)
	}
	for direction, count := range map[string]int{"receive": len(event.Types()), "send": len(event.OutTypes())} {
		operation := doc.Operations[map[string]string{"receive": "take", "send": "tell"}[direction]]
		require.Equal(t, direction, operation.Action)
		require.Len(t, operation.Messages, count)
		for _, ref := range operation.Messages {
			require.Contains(t, messages, strings.TrimPrefix(ref["$ref"], "#/channels/bus/messages/"))
		}
	}
}
