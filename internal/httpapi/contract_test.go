package httpapi_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"lapse/internal/httpapi"
)

// document is the OpenAPI document, with its schemas compiled as they are asked for.
type document struct {
	t        *testing.T
	tree     map[string]any
	compiler *jsonschema.Compiler
}

const documentURL = "https://lapse.example/openapi.json"

func openDocument(t *testing.T) *document {
	t.Helper()
	served := httptest.NewRecorder()
	(&httpapi.API{}).Handler().ServeHTTP(served, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	require.Equal(t, http.StatusOK, served.Code)
	tree, err := jsonschema.UnmarshalJSON(served.Body)
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	require.NoError(t, c.AddResource(documentURL, tree))
	return &document{t: t, tree: tree.(map[string]any), compiler: c}
}

// node follows path through the document, and a $ref at its end; it returns where it got to.
func (d *document) node(path ...string) (map[string]any, []string) {
	d.t.Helper()
	at := any(d.tree)
	for _, name := range path {
		object, ok := at.(map[string]any)
		require.True(d.t, ok && object[name] != nil, "the document has no %s", strings.Join(path, " / "))
		at = object[name]
	}
	object := at.(map[string]any)
	if ref, ok := object["$ref"].(string); ok {
		return d.node(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return object, path
}

// validate checks a JSON text against the schema at path.
func (d *document) validate(body []byte, path ...string) {
	d.t.Helper()
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "%2B")
	pointer := ""
	for _, name := range path {
		pointer += "/" + escape.Replace(name)
	}
	schema, err := d.compiler.Compile(documentURL + "#" + pointer)
	require.NoError(d.t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(d.t, err, "%s", body)
	require.NoError(d.t, schema.Validate(value), "%s", body)
}

// check holds an answer to the operation that gave it: its status, its media type, its headers and its body.
func (d *document) check(pattern string, method string, w *httptest.ResponseRecorder) {
	d.t.Helper()
	media, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if pattern == "" { // no route: the problem document is all there is to hold it to
		require.Equal(d.t, "application/problem+json", media)
		d.validate(w.Body.Bytes(), "components", "schemas", "Problem")
		return
	}
	_, path, _ := strings.Cut(pattern, " ")
	response, at := d.node("paths", path, strings.ToLower(method), "responses", strconv.Itoa(w.Code))
	if headers, ok := response["headers"].(map[string]any); ok {
		for name := range headers {
			header, _ := d.node(append(slices.Clone(at), "headers", name)...)
			if header["required"] == false && w.Header().Get(name) == "" {
				continue
			}
			require.Contains(d.t, header, "required", name)
			require.NotEmpty(d.t, w.Header().Get(name), "%s of %s", name, pattern)
		}
	}
	if response["content"] == nil {
		require.Empty(d.t, w.Body.Bytes(), "%s answers %d without a body", pattern, w.Code)
		return
	}
	d.node(append(slices.Clone(at), "content", media)...)
	if strings.HasSuffix(media, "json") {
		d.validate(w.Body.Bytes(), append(slices.Clone(at), "content", media, "schema")...)
	}
}

// each calls f for every operation.
func (d *document) each(f func(path, method string, operation map[string]any)) {
	for path, item := range d.tree["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			f(path, method, operation.(map[string]any))
		}
	}
}

func TestEveryRouteIsOneOperationAndViceVersa(t *testing.T) {
	var documented []string
	openDocument(t).each(func(path, method string, _ map[string]any) {
		documented = append(documented, strings.ToUpper(method)+" "+path)
	})
	require.ElementsMatch(t, slices.Collect(maps.Keys((&httpapi.API{}).Routes())), documented)
}

func TestEveryPathParameterIsDocumented(t *testing.T) {
	d := openDocument(t)
	d.each(func(path, method string, operation map[string]any) {
		var named []string
		list, _ := operation["parameters"].([]any)
		for _, p := range list {
			parameter := p.(map[string]any)
			if ref, ok := parameter["$ref"].(string); ok {
				parameter, _ = d.node(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			}
			if parameter["in"] == "path" {
				require.Equal(t, true, parameter["required"])
				named = append(named, "{"+parameter["name"].(string)+"}")
			}
		}
		require.Equal(t, strings.Count(path, "{"), len(named), path)
		for _, name := range named {
			require.Contains(t, path, name)
		}
	})
}

// Each schema of the document compiles, used or not, and closes its objects, so that a new field in an answer is seen.
func TestSchemasCompileAndAreClosed(t *testing.T) {
	d := openDocument(t)
	schemas, _ := d.node("components", "schemas")
	for name, s := range schemas {
		_, err := d.compiler.Compile(documentURL + "#/components/schemas/" + name)
		require.NoError(t, err, name)
		if schema := s.(map[string]any); schema["type"] == "object" && !strings.HasSuffix(name, "Event") {
			require.Equal(t, false, schema["additionalProperties"], name)
		}
	}
}

// Every example stands beside a schema and validates against it.
func TestExamplesValidate(t *testing.T) {
	d := openDocument(t)
	examples := 0
	var walk func(at any, path []string)
	walk = func(at any, path []string) {
		object, ok := at.(map[string]any)
		if !ok {
			return
		}
		one, has := object["example"]
		if has {
			examples++
			d.validateValue(one, append(slices.Clone(path), "schema"))
		}
		if many, ok := object["examples"].(map[string]any); ok {
			for _, e := range many {
				examples++
				d.validateValue(e.(map[string]any)["value"], append(slices.Clone(path), "schema"))
			}
		}
		for name, child := range object {
			if name != "example" && name != "examples" {
				walk(child, append(slices.Clone(path), name))
			}
		}
	}
	walk(d.tree["paths"], []string{"paths"})
	walk(d.tree["components"], []string{"components"})
	require.Greater(t, examples, 15)
}

func (d *document) validateValue(v any, path []string) {
	d.t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(d.t, err)
	d.validate(raw, path...)
}

// The posted examples are events that Lapse takes, each on the ones before.
func TestExampleEventsAreTaken(t *testing.T) {
	w := newWorld(t)
	content, _ := w.doc.node("paths", "/v1/events/batch", "post", "requestBody", "content")
	examples, _ := w.doc.node("paths", "/v1/events", "post", "requestBody", "content", "application/cloudevents+json",
		"examples")
	for _, name := range []string{"request", "decision", "order", "disclosure"} {
		raw, err := json.Marshal(examples[name].(map[string]any)["value"])
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, w.post(string(raw)).Code, name)
	}
	require.Len(t, examples, 4)
	raw, err := json.Marshal(content["application/cloudevents-batch+json"].(map[string]any)["example"])
	require.NoError(t, err)
	require.Equal(t, http.StatusUnsupportedMediaType,
		w.do(http.MethodPost, "/v1/events/batch", "{}", "Content-Type", "application/cloudevents+json").Code)
	for _, item := range decode[[]item](t, w.do(http.MethodPost, "/v1/events/batch", string(raw), "Content-Type",
		"application/cloudevents-batch+json")) {
		require.Equal(t, http.StatusOK, item.Status, item.ID)
	}
}
