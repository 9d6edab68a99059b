package httpapi

import (
	_ "embed" // the OpenAPI document
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"lapse/events"
	"lapse/internal/event"
)

//go:embed openapi.json
var openAPI []byte

// object is a JSON object of a document.
type object = map[string]any

const (
	// components is the place of the schemas in an OpenAPI document.
	components = "#/components/schemas/"
	// posted begins the names of schemas that only events use. Answers have schemas of their own.
	posted = "Posted"
)

// document is the OpenAPI document as served: openapi.json with the events' schemas and one operation for each type.
var document = sync.OnceValues(func() ([]byte, error) {
	var doc struct {
		tree       object
		paths      object
		components object
	}
	if err := json.Unmarshal(openAPI, &doc.tree); err != nil {
		return nil, fmt.Errorf("read openapi.json: %w", err)
	}
	doc.paths, _ = doc.tree["paths"].(object)
	list, _ := doc.tree["components"].(object)
	doc.components, _ = list["schemas"].(object)
	if err := addShared(doc.components); err != nil {
		return nil, err
	}
	var variants []any
	mapping := object{}
	for _, t := range event.Types() {
		if err := addEvent(doc.components, t); err != nil {
			return nil, err
		}
		ref := components + typeName(t) + "Event"
		variants = append(variants, object{"$ref": ref})
		mapping[string(t)] = ref
		doc.paths["/v1/events/"+events.Name(t)] = object{"post": operation(doc.paths, t)}
	}
	doc.components["Event"] = object{
		"description": "A CloudEvents 1.0 event in structured JSON; its data is typed by its type",
		"oneOf":       variants, "discriminator": object{"propertyName": "type", "mapping": mapping},
	}
	addGateway(doc.paths)
	return json.Marshal(doc.tree)
})

// addGateway adds to every operation the answers that API Gateway gives by itself, to a caller who is unknown, not
// allowed, or too fast.
func addGateway(paths object) {
	for _, item := range paths {
		methods, _ := item.(object)
		for _, o := range methods {
			operation, _ := o.(object)
			responses, _ := operation["responses"].(object)
			for status, name := range map[string]string{"401": "Unauthorized", "403": "Forbidden", "429": "TooManyRequests"} {
				responses[status] = object{"$ref": "#/components/responses/" + name}
			}
		}
	}
}

// typeName writes order.received as OrderReceived.
func typeName(t event.Type) string {
	var b strings.Builder
	for part := range strings.SplitSeq(events.Name(t), ".") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func sharedName(def string) string { return posted + strings.ToUpper(def[:1]) + def[1:] }

func readSchema(name string) (object, error) {
	raw, err := fs.ReadFile(events.Schemas(), name)
	if err != nil {
		return nil, fmt.Errorf("read schema %s: %w", name, err)
	}
	var schema object
	if err := json.Unmarshal(raw, &schema); err != nil {
		return nil, fmt.Errorf("read schema %s: %w", name, err)
	}
	return schema, nil
}

// addShared adds the schemas of common.json.
func addShared(schemas object) error {
	common, err := readSchema("common.json")
	if err != nil {
		return err
	}
	defs, _ := common["$defs"].(object)
	for name, def := range defs {
		converted, _ := convert(def).(object)
		schemas[sharedName(name)] = converted
	}
	for _, name := range []string{"endPart", "end"} { // an end may be any of its parts, so these come first
		schema, _ := schemas[sharedName(name)].(object)
		variants(schemas, sharedName(name), schema)
	}
	return nil
}

// addEvent adds the schemas of a type's event and data. It writes the envelope's members out, because generators follow
// no $ref beside properties.
func addEvent(schemas object, t event.Type) error {
	envelope, err := readSchema("envelope.json")
	if err != nil {
		return err
	}
	file, err := readSchema(events.Name(t) + ".json")
	if err != nil {
		return err
	}
	members, _ := file["properties"].(object)
	name := typeName(t)
	data, _ := convert(members["data"]).(object)
	data["description"] = file["description"]
	schemas[name+"Data"] = data
	properties, _ := convert(envelope["properties"]).(object)
	properties["specversion"] = object{"type": "string", "const": "1.0"}
	properties["type"] = object{"type": "string", "const": string(t)}
	properties["data"] = object{"$ref": components + name + "Data"}
	schemas[name+"Event"] = object{
		"type": "object", "required": envelope["required"], "properties": properties,
		"description": "The event " + string(t) + ". Unknown extension attributes are kept.",
	}
	return nil
}

// convert turns an event schema into one of OpenAPI 3.1. References lead to components. Keywords that generators do not
// understand are replaced.
func convert(v any) any {
	switch v := v.(type) {
	case object:
		if texts, ok := textOrList(v); ok {
			return texts
		}
		out := object{}
		for key, value := range v {
			switch {
			case key == "$ref":
				def, _ := value.(string)
				def = strings.TrimPrefix(strings.TrimPrefix(def, "common.json"), "#/$defs/")
				out[key] = components + sharedName(def)
			case key == "const" && value == true, key == "const" && value == false:
				out["enum"] = []any{value}
			default:
				out[key] = convert(value)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = convert(item)
		}
		return out
	}
	return v
}

// textOrList turns a schema that branches on "is it a string" into a choice of two. The string comes last, because
// openapi-python-client tries a constant without going back.
func textOrList(schema object) (object, bool) {
	condition, _ := schema["if"].(object)
	then, _ := schema["then"].(object)
	if condition["type"] != "string" || then["const"] == nil {
		return nil, false
	}
	return object{
		"description": schema["description"],
		"oneOf":       []any{convert(schema["else"]), object{"type": "string", "const": then["const"]}},
	}, true
}

// variants turns a schema that branches by kind into a choice of components. The kind tells them apart.
func variants(schemas object, name string, schema object) {
	branches, _ := schema["allOf"].([]any)
	var refs []any
	mapping := object{}
	for _, b := range branches {
		branch, _ := b.(object)
		condition, _ := branch["if"].(object)
		tested, _ := condition["properties"].(object)
		kind, _ := tested["kind"].(object)
		word, _ := kind["const"].(string)
		variant, _ := branch["then"].(object)
		if other, ok := variant["$ref"].(string); ok { // one of the choices of another schema
			choice, _ := schemas[strings.TrimPrefix(other, components)].(object)
			choices, _ := choice["oneOf"].([]any)
			discriminator, _ := choice["discriminator"].(object)
			words, _ := discriminator["mapping"].(object)
			refs = append(refs, choices...)
			maps.Copy(mapping, words)
			continue
		}
		variant = maps.Clone(variant)
		properties, _ := variant["properties"].(object)
		properties = maps.Clone(properties)
		properties["kind"] = object{"type": "string", "const": word}
		required, _ := variant["required"].([]any)
		variant["type"], variant["properties"], variant["required"] = "object", properties, append([]any{"kind"}, required...)
		component := name + strings.ToUpper(word[:1]) + word[1:]
		schemas[component] = variant
		refs = append(refs, object{"$ref": components + component})
		mapping[word] = components + component
	}
	schemas[name] = object{
		"description": schema["description"], "oneOf": refs,
		"discriminator": object{"propertyName": "kind", "mapping": mapping},
	}
}

// operation returns the operation of a type's own route. It is the operation of POST /v1/events for one event of this
// type.
func operation(paths object, t event.Type) object {
	all, _ := paths["/v1/events"].(object)
	post, _ := all["post"].(object)
	responses, _ := post["responses"].(object)
	media := object{"schema": object{"$ref": components + typeName(t) + "Event"}}
	body, _ := post["requestBody"].(object)
	content, _ := body["content"].(object)
	one, _ := content["application/cloudevents+json"].(object)
	examples, _ := one["examples"].(object)
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		example, _ := examples[name].(object)
		if posted, _ := example["value"].(object); posted["type"] == string(t) {
			media["examples"] = object{name: example}
		}
	}
	return object{
		"operationId": "post" + typeName(t), "tags": []any{"events"}, "summary": "Record " + string(t),
		"description": "As POST /v1/events, for this type only, so that a caller can be allowed single types. " +
			"Another type is refused (422).",
		"requestBody": object{"required": true, "content": object{"application/cloudevents+json": media}},
		"responses":   maps.Clone(responses),
	}
}

func (a *API) getOpenAPI(w http.ResponseWriter, r *http.Request) {
	doc, err := document()
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	sendTagged(w, r, "application/json", doc)
}
