package events

import (
	"encoding/json"
	"fmt"
	"slices"

	"lapse/internal/event"
)

// Object reads one JSON object as strictly as an event. It has to be UTF-8 with no text after it, no object may repeat
// a key, and its members may only be those of allowed. The error is a *event.Faults.
func Object(raw []byte, allowed ...string) (map[string]json.RawMessage, error) {
	if bad := syntax(raw); bad != nil {
		return nil, bad
	}
	tree, faults, err := read(raw)
	if err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, &event.Faults{List: []event.Fault{{Detail: "has to be one object"}}}
	}
	for name := range object {
		if !slices.Contains(allowed, name) {
			faults = append(faults, event.Fault{Pointer: at("", name), Detail: "no such field; names are case-sensitive"})
		}
	}
	if len(faults) > 0 {
		return nil, &event.Faults{List: tidy(faults)}
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	return members, nil
}
