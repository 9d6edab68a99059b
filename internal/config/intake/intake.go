// Package intake makes the intake function's service, and what the two doors for events share.
package intake

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/bus"
	"lapse/internal/config"
	"lapse/internal/config/keyset"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/metrics"
	"lapse/internal/review"
	"lapse/internal/seal"
	"lapse/internal/store"
)

// Refused is the metric of events that were not taken, at either door, otherChannels that of events recorded about a
// request that came by a channel that is none of the configured ones.
const (
	Refused       = "EventsRefused"
	otherChannels = "OtherChannels"
)

// Make makes the bus door: what takes one event from the queue (see intake.Service.Deliver).
func Make(p config.Process) (func(context.Context, bus.Event) error, error) {
	r := p.Reader()
	queue, count := r.Need("DEAD_LETTERS"), p.Metrics(r)
	s, cfg, err := Door(p, r, count)
	if err != nil {
		return nil, err
	}
	s.Dead = &counted{to: &bus.DeadLetters{Client: sqs.NewFromConfig(cfg), Queue: queue}, metrics: count}
	return func(ctx context.Context, e bus.Event) error {
		return s.Deliver(ctx, intake.Message{Raw: e.Content(), DetailType: e.DetailType, Queued: e.Queued, Principal: e.Principal})
	}, nil
}

// Door makes what both doors share, unless the reader has found anything missing.
func Door(p config.Process, r *config.Reader, count *metrics.Writer) (*intake.Service, aws.Config, error) {
	table, policy, key := r.Need("TABLE"), r.Need("POLICY_VERSION"), r.Key()
	rules, terms := rulesOf(r)
	cfg, err := r.Connect()
	if err != nil {
		return nil, cfg, err
	}
	wrapper, err := keyset.Wrapper(cfg, key)
	if err != nil {
		return nil, cfg, err
	}
	book, err := law.Load()
	if err != nil {
		return nil, cfg, fmt.Errorf("load the law: %w", err)
	}
	fields, err := review.LoadFields()
	if err != nil {
		return nil, cfg, fmt.Errorf("load what requests have to say: %w", err)
	}
	db := config.Store(cfg, table)
	return &intake.Service{
		Now: p.Now, Matters: &recorded{MatterStore: db, metrics: count}, Records: db, Subjects: db, Notices: db, Desk: db,
		Sealer: &seal.Sealer{Key: wrapper}, Law: book, Rules: rules, Terms: terms, Fields: fields, Policy: policy, Wait: config.Backoff, Log: p.Log,
	}, cfg, nil
}

// recorded counts what recorded events call a person for.
type recorded struct {
	intake.MatterStore
	metrics *metrics.Writer
}

func (m *recorded) Commit(ctx context.Context, c store.Change) error {
	err := m.MatterStore.Commit(ctx, c)
	other := func(w ledger.Warning) bool { return w.Code == intake.OtherChannel }
	if err == nil && slices.ContainsFunc(c.Receipt.Answer.Warnings, other) {
		m.metrics.One(otherChannels)
	}
	return err
}

// counted counts the events that are put aside.
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
