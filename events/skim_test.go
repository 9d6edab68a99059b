package events_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
)

func TestASkimFindsTypeAndMatter(t *testing.T) {
	const order = `"type":"lapse.order.received.v1"`
	for name, c := range map[string]struct {
		raw, matter string
		kind        event.Type
	}{
		"data first":                 {`{"data":[{"subject":"x"}],"subject":"m",` + order + `}`, "m", event.OrderReceived},
		"what follows is no JSON":    {`{` + order + `,"subject":"m",nonsense`, "m", event.OrderReceived},
		"what breaks off before":     {`{"data":{"a":[1,{"b`, "", ""},
		"the first of a doubled one": {`{"subject":"m","subject":"n",` + order + `}`, "m", event.OrderReceived},
		"names are case-sensitive":   {`{"Subject":"m","TYPE":"lapse.order.received.v1"}`, "", ""},
		"another type":               {`{"subject":"m","type":"x"}`, "m", ""},
		"an id that is none":         {`{"subject":"a b",` + order + `}`, "", event.OrderReceived},
		"no strings":                 {`{"subject":7,"type":[]}`, "", ""},
		"no object":                  {`[{"subject":"m"}]`, "", ""},
		"nothing":                    {``, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := events.Skim([]byte(c.raw))
			require.Equal(t, c.matter, got.Matter)
			require.Equal(t, c.kind, got.Type)
			require.Len(t, got.Digest, 64)
		})
	}
}

func TestASkimOfABatchGoesOnAsFarAsTheArrayDoes(t *testing.T) {
	one := `{"type":"lapse.order.received.v1","subject":"m"}`
	for raw, want := range map[string]int{
		`[]`: 0, `{}`: 0, ``: 0, `[` + one + `]`: 1, `[1, ` + one + ` ,` + one + `]`: 2, `[` + one + `,` + one[:47]: 2,
		`[` + one + `nonsense` + one + `]`: 1,
	} {
		orders := 0
		for _, e := range events.SkimBatch([]byte(raw)) {
			if e.Type == event.OrderReceived && e.Matter == "m" {
				orders++
			}
		}
		require.Equal(t, want, orders, raw)
	}
}

// FuzzSkim: what Skim tells of an event is what Decode does, wherever Decode can tell anything.
func FuzzSkim(f *testing.F) {
	f.Add([]byte(`{"subject":"m","type":"lapse.order.received.v1","data":[{}]}`))
	f.Add([]byte(`{"subject":"m","subject":"n","type":null}`))
	f.Add([]byte(`{"data":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `,"subject":"m"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := events.Skim(raw)
		events.SkimBatch(raw)
		if !json.Valid(raw) || !utf8.Valid(raw) {
			return // Decode refuses it as a whole, and Skim tells what it can
		}
		want, _ := events.Decode(raw, clock)
		require.Equal(t, want.Type, got.Type)
		require.Equal(t, want.Matter, got.Matter)
	})
}
