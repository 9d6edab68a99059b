// Package events decodes a posted event, checks it completely, and reports all of its faults at once. It also holds the
// stories that the local stack loads.
//
// # Schemas
//
// The folder schema holds a JSON Schema (2020-12) for each event type, one for the envelope, and common.json with the
// shared parts. Beside each schema stands a folder with samples. valid-*.json is an event. invalid-*.json is
//
//	{"why": "...", "pointers": ["/data/end/date"], "event": {...}}
//
// with exactly the pointers that have to be reported. Samples are judged at 2026-03-01T12:00:00Z. The folder schema/out
// holds the schemas of the events that Lapse announces. rules.go holds the rules that a schema cannot express.
// schema.go checks the formats that the schemas name.
//
// # Stories
//
// The folder stories holds whole stories, one a file:
//
//	{"title": "...", "about": "...", "steps": [{"after": "P60D", "event": {...}}]}
//
// "after" is an ISO 8601 duration from the instant at which the stack loads the story. A stack applies a step when its
// clock gets there. Steps with the same "after" keep the order of the file. Any string of an event may hold the tokens
// {{date -P30D}} and {{instant -P2DT3H}}: a UTC day and a UTC instant, counted from the same load instant.
// Story.Resolve fills them in. A restarted stack has to resolve with the first load instant, so that the events stay
// the same events.
//
// The package reads no clock, and does no I/O beyond its embedded files. Stored and answered texts never repeat a value
// that could be personal.
package events

import (
	"embed"
	"io/fs"

	"lapse/internal/event"
)

//go:embed schema/*.json schema/out/*.json
var schemaFiles embed.FS

//go:embed stories/*.json
var storyFiles embed.FS

// Schemas returns the schema files: common.json, envelope.json and one for each type, such as order.received.json.
func Schemas() fs.FS {
	sub, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // fs.Sub refuses only invalid paths, and this one is a constant
	}
	return sub
}

// SchemasOut returns the schema files of the events that Lapse puts on the bus, such as notice.sent.json. They use
// common.json.
func SchemasOut() fs.FS {
	sub, err := fs.Sub(schemaFiles, "schema/out")
	if err != nil {
		panic(err) // as in Schemas
	}
	return sub
}

// SchemaBase begins the schemas' $ids. A server puts its own address in place of the host.
const SchemaBase = "https://lapse.example/schemas/"

// schemaFile returns the name of a type's schema file.
func schemaFile(t event.Type) string { return Name(t) + ".json" }
