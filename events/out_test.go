package events_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
)

// details has one detail of each event that Lapse publishes, with every field filled.
func details() []event.Detail {
	const matterID, noticeID = "mat-2026-0001", "mat-2026-0001.k3vq5c7n2r4t6w2yabcdefgh"
	return []event.Detail{
		event.RequestReviewedDetail{Matter: matterID, Version: 3},
		event.OrderCheckedDetail{Matter: matterID, Version: 3, Order: "ord-1"},
		event.OrderExpiredDetail{Matter: matterID, Order: "ord-1"},
		event.EventRejectedDetail{Digest: strings.Repeat("0", 64)},
		event.NoticeScheduledDetail{Matter: matterID, Notice: noticeID},
		event.NoticeSentDetail{Matter: matterID, Notice: noticeID},
		event.NoticeDeliveredDetail{Matter: matterID, Notice: noticeID, Reason: "delivery"},
		event.NoticeUndeliverableDetail{Matter: matterID, Notice: noticeID, Reason: "hard_bounce"},
		event.NoticeUnknownDetail{Matter: matterID, Notice: noticeID, Reason: "no_sign"},
		event.NoticeLateOrderDetail{Matter: matterID, Notice: noticeID, Order: "ord-1"},
		event.ContactReplacedDetail{Matter: matterID, Version: 5, Subject: "u1"},
		event.ApprovalLapsedDetail{Matter: matterID, Approval: "5f2e0a1b3c4d5e6f7081"},
	}
}

// schemasOut compiles the schema of every event out, and reads which properties each has.
func schemasOut(t *testing.T) (map[string]*jsonschema.Schema, map[string]map[string]any) {
	t.Helper()
	c := jsonschema.NewCompiler()
	add := func(folder fs.FS, name string) map[string]any {
		raw, err := fs.ReadFile(folder, name)
		require.NoError(t, err)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		require.NoError(t, err)
		require.NoError(t, c.AddResource(events.SchemaBase+name, doc))
		return doc.(map[string]any)
	}
	add(events.Schemas(), "common.json")
	names, err := fs.Glob(events.SchemasOut(), "*.json")
	require.NoError(t, err)
	schemas, properties := map[string]*jsonschema.Schema{}, map[string]map[string]any{}
	for _, name := range names {
		doc := add(events.SchemasOut(), name)
		title := doc["title"].(string)
		properties[title] = doc["properties"].(map[string]any)
		schemas[title], err = c.Compile(events.SchemaBase + name)
		require.NoError(t, err, name)
	}
	return schemas, properties
}

// TestEveryEventOutFollowsItsSchema: Lapse publishes nothing that no schema knows, and a schema promises no property
// that Lapse never fills.
func TestEveryEventOutFollowsItsSchema(t *testing.T) {
	schemas, properties := schemasOut(t)
	require.Len(t, schemas, len(event.OutTypes()), "one schema a type")
	seen := map[event.OutType]bool{}
	for _, d := range details() {
		typ := d.OutType()
		require.Contains(t, event.OutTypes(), typ)
		require.False(t, seen[typ], "%s has two structs", typ)
		seen[typ] = true
		schema := schemas[string(typ)]
		require.NotNil(t, schema, "%s has no schema", typ)
		validate := func(d any) error {
			raw, err := json.Marshal(d)
			require.NoError(t, err)
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
			require.NoError(t, err)
			return schema.Validate(doc)
		}
		require.NoError(t, validate(d), typ)
		require.Error(t, validate(reflect.Zero(reflect.TypeOf(d)).Interface()), "%s without a single id", typ)
		v := reflect.ValueOf(d)
		require.Len(t, properties[string(typ)], v.NumField(), typ)
		for i := range v.NumField() {
			require.False(t, v.Field(i).IsZero(), "%s: fill every field of the sample", typ)
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			require.Contains(t, properties[string(typ)], name, typ)
		}
	}
	require.Len(t, seen, len(event.OutTypes()), "one struct a type")
}
