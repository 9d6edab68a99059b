// Package events is the door's vocabulary: it decodes a posted event, checks it completely, and says everything that is
// wrong with it at once. It also holds the stories that the local stack loads.
//
// # Schemas
//
// The folder schema holds one JSON Schema (2020-12) for each event type, the envelope's, and common.json with what they
// share. Beside each stands a folder with samples: valid-*.json is an event, invalid-*.json is
//
//	{"why": "...", "pointers": ["/data/end/date"], "event": {...}}
//
// with every pointer that has to be reported and no other. The folder schema/out holds the schemas of what Lapse
// announces. Samples are judged at 2026-03-01T12:00:00Z. What a schema cannot say stands in rules.go; the formats it
// names are asserted in schema.go.
//
// # Stories
//
// The folder stories holds whole stories, one a file:
//
//	{"title": "...", "about": "...", "steps": [{"after": "P60D", "event": {...}}]}
//
// "after" is an ISO 8601 duration from the instant at which the stack loads the story; a stack applies a step when its
// clock gets there, steps with the same "after" in the order written. Any string of an event may hold the tokens {{date
// -P30D}} and {{instant -P2DT3H}}, which stand for a UTC day and a UTC instant counted from that same load instant.
// Story.Resolve fills them in. A stack that is started again has to resolve with the first load instant, so that the
// events stay the same events.
//
// The package does no I/O beyond its embedded files and reads no clock. Stored and answered texts never repeat a value
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

// Schemas are the schema files: common.json, envelope.json and one a type, such as order.received.json.
func Schemas() fs.FS {
	sub, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // fs.Sub refuses invalid paths only, and this one is a constant
	}
	return sub
}

// SchemasOut are the schema files of the events that Lapse puts on the bus, such as notice.sent.json. They use
// common.json.
func SchemasOut() fs.FS {
	sub, err := fs.Sub(schemaFiles, "schema/out")
	if err != nil {
		panic(err) // as in Schemas
	}
	return sub
}

// SchemaBase is the address that the schemas' $ids begin with. A server puts its own address in place of the host.
const SchemaBase = "https://lapse.example/schemas/"

// schemaFile is the name of a type's schema file.
func schemaFile(t event.Type) string { return Name(t) + ".json" }
