package dispatch

import (
	"context"
	"encoding/json"
	"fmt"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
)

// announce publishes what a recorded event led to. The row goes only after the bus took it.
func (w *workPass) announce(ctx context.Context, row agenda.Row) error {
	detail, err := w.announcement(ctx, row)
	if err != nil {
		return err
	}
	if err := w.publish(ctx, detail); err != nil {
		return fmt.Errorf("announce %s: %w", row.ID(), err)
	}
	return w.deleteRow(ctx, row)
}

// announcement is the event that an announce row asks for.
func (w *workPass) announcement(ctx context.Context, row agenda.Row) (event.Detail, error) {
	if row.Matter == "" {
		return event.EventRejectedDetail{Digest: row.Ref}, nil
	}
	entry, err := w.store.Entry(ctx, row.Matter, row.Version)
	if err != nil {
		return nil, fmt.Errorf("read ledger entry %s: %w", row.ID(), err)
	}
	switch entry.Type {
	case event.RequestReceived, event.RequestAmended:
		return event.RequestReviewedDetail{Matter: row.Matter, Version: row.Version}, nil
	case event.OrderReceived, ledger.EntryRefused:
		var data struct {
			OrderID string `json:"orderId"`
		}
		if err := json.Unmarshal(entry.Data, &data); err != nil {
			return nil, fmt.Errorf("read the data of ledger entry %s: %w", row.ID(), err)
		}
		return event.OrderCheckedDetail{Matter: row.Matter, Version: row.Version, Order: data.OrderID}, nil
	}
	return nil, fmt.Errorf("announce ledger entry %s: nothing is announced of %s", row.ID(), entry.Type)
}
