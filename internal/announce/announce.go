// Package announce publishes the events of Lapse on its bus. It stands apart from package owed because the delivery
// function publishes too, and must not be linked with the letters.
package announce

import (
	"context"
	"encoding/json"
	"fmt"

	"lapse/internal/event"
)

// Bus takes the events that Lapse publishes. The detail is JSON and holds ids and codes only.
type Bus interface {
	Announce(ctx context.Context, detailType string, detail []byte) error
}

// Publish puts an event of Lapse on the bus.
func Publish(ctx context.Context, bus Bus, d event.Detail) error {
	detail, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", d.OutType(), err)
	}
	if err := bus.Announce(ctx, string(d.OutType()), detail); err != nil {
		return fmt.Errorf("publish event %s: %w", d.OutType(), err)
	}
	return nil
}
