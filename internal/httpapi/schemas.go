package httpapi

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"lapse/events"
	"lapse/internal/event"
)

// hostForm is the form of a Host header that a document may repeat.
var hostForm = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$|^\[[0-9a-fA-F:]+\](:[0-9]+)?$`)

// address returns the beginning of the schemas' addresses, as this request reaches them.
func address(r *http.Request) string {
	if !hostForm.MatchString(r.Host) {
		return events.SchemaBase
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" { // API Gateway terminates TLS
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/schemas/"
}

// schemaNames lists the files that GET /schemas/{name} serves: of events in, of events out, and the shared one.
func schemaNames() []string {
	var names []string
	for _, folder := range []fs.FS{events.Schemas(), events.SchemasOut()} {
		list, _ := fs.Glob(folder, "*.json") // fails only for a bad pattern
		names = append(names, list...)
	}
	slices.Sort(names)
	return names
}

// getSchema serves a JSON Schema whose $id is its own address.
func (a *API) getSchema(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !slices.Contains(schemaNames(), name) {
		WriteProblem(w, Problem{Status: http.StatusNotFound, Detail: "no such schema"})
		return
	}
	raw, err := fs.ReadFile(events.Schemas(), name)
	if err != nil {
		raw, err = fs.ReadFile(events.SchemasOut(), name)
	}
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	own := bytes.Replace(raw, []byte(`"$id": "`+events.SchemaBase), []byte(`"$id": "`+address(r)), 1)
	sendTagged(w, r, "application/schema+json", own)
}

// getAsyncAPI serves the AsyncAPI 3.0 document of the bus in both directions.
func (a *API) getAsyncAPI(w http.ResponseWriter, r *http.Request) {
	doc, err := json.Marshal(asyncAPI(address(r)))
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	sendTagged(w, r, "application/json", doc)
}

func asyncAPI(schemas string) object {
	messages, in, out := object{}, []any{}, []any{}
	add := func(name, detailType, summary string) object {
		messages[name] = object{
			"name": detailType, "title": detailType, "summary": summary, "contentType": "application/json",
			"payload": object{
				"schemaFormat": "application/schema+json;version=draft-2020-12",
				"schema":       object{"$ref": schemas + name + ".json"},
			},
		}
		return object{"$ref": "#/channels/bus/messages/" + name}
	}
	for _, t := range event.Types() {
		in = append(in, add(events.Name(t), string(t), "EventBridge: detail-type is the type, detail the event"))
	}
	names, _ := fs.Glob(events.SchemasOut(), "*.json") // fails only for a bad pattern
	for _, file := range names {
		name := strings.TrimSuffix(file, ".json")
		out = append(out, add(name, "lapse."+name, "EventBridge: source lapse, detail ids and codes only"))
	}
	channel := object{"$ref": "#/channels/bus"}
	return object{
		"asyncapi": "3.0.0",
		"info": object{
			"title": "Lapse", "version": "1.0.0", "license": object{"name": "Apache-2.0"},
			"description": "The events that Lapse takes from an EventBridge bus, and those it puts on the same bus.",
		},
		"defaultContentType": "application/json",
		"channels": object{"bus": object{
			"address": nil, "description": "The EventBridge bus that the stack's output names", "messages": messages,
		}},
		"operations": object{
			"take": object{
				"action": "receive", "channel": channel, "summary": "Legal events, as at POST /v1/events", "messages": in,
			},
			"tell": object{"action": "send", "channel": channel, "summary": "What Lapse did", "messages": out},
		},
	}
}
