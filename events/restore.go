package events

import (
	"encoding/json"
	"fmt"

	"lapse/internal/event"
)

// Restore fills Data from Type and Raw, for an event that was decoded before and recorded. Its type has no address in
// its data, so Raw is all of it.
func Restore(recorded event.Event) (event.Event, error) {
	if recorded.Data = empty(recorded.Type); recorded.Data == nil {
		return recorded, fmt.Errorf("restore event %s: there is no type %s", recorded.ID, recorded.Type)
	}
	if err := json.Unmarshal(recorded.Raw, recorded.Data); err != nil {
		return recorded, fmt.Errorf("restore event %s of type %s: %w", recorded.ID, recorded.Type, err)
	}
	normalise(recorded.Data)
	return recorded, nil
}
