package intake

import (
	"context"
	"slices"

	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/ledger"
	"lapse/internal/metrics"
	"lapse/internal/store"
)

// Metrics of events, at either door.
const (
	// Refused counts the events that were not taken.
	Refused = "EventsRefused"
	// otherChannels counts the recorded events about a request that came by a channel that is none of the configured.
	otherChannels = "OtherChannels"
	// nobody counts the recorded events that leave a notice without anybody to write to.
	nobody = "NobodyToWriteTo"
)

// recorded is a store that counts the recorded events that call for a person.
type recorded struct {
	intake.Store
	metrics *metrics.Writer
}

func (m *recorded) Commit(ctx context.Context, c store.Change) error {
	err := m.Store.Commit(ctx, c)
	if err != nil {
		return err
	}
	for code, metric := range map[string]string{intake.OtherChannel: otherChannels, intake.NobodyToWriteTo: nobody} {
		if slices.ContainsFunc(c.Receipt.Answer.Warnings, func(w ledger.Warning) bool { return w.Code == code }) {
			m.metrics.One(metric)
		}
	}
	return nil
}

// counted is a dead-letter queue that counts the events it gets.
type counted struct {
	to      intake.DeadLetters
	metrics *metrics.Writer
}

func (c *counted) Put(ctx context.Context, posted []byte, faults []event.Fault) error {
	err := c.to.Put(ctx, posted, faults)
	if err == nil {
		c.metrics.One(Refused)
	}
	return err
}
