// Package delivery builds the service that takes SES' reports about mails.
package delivery

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/bus"
	"lapse/internal/config"
	"lapse/internal/delivery"
	"lapse/internal/dynamo"
	"lapse/internal/event"
	"lapse/internal/metrics"
	"lapse/internal/notice"
	"lapse/internal/wire"
)

// Ports are what the service works with.
type Ports struct {
	Store delivery.Store
	Bus   delivery.Announcer
}

// New builds the service; the stage is the dimension of its metrics.
func New(p wire.Process, ports Ports, stage string) *delivery.Service {
	store := &counted{Store: ports.Store, metrics: p.Metrics(stage)}
	return &delivery.Service{Now: p.Now, Store: store, Bus: ports.Bus, Log: p.Log}
}

// Function builds what takes one of SES' events from the queue of the delivery function. A malformed event goes to the
// dead-letter queue at once, because no later try could read it.
func Function(p wire.Process, getenv func(string) string) (func(context.Context, bus.Event) error, error) {
	s, err := config.ReadDelivery(getenv)
	if err != nil {
		return nil, err
	}
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	service := New(p, Ports{
		Store: dynamo.New(dynamo.NewClient(cfg, config.Conns), s.Table),
		Bus:   &bus.Announcer{Client: eventbridge.NewFromConfig(cfg), Bus: s.Bus},
	}, s.Stage)
	dead := &bus.DeadLetters{Client: sqs.NewFromConfig(cfg), Queue: s.DeadLetters}
	return func(ctx context.Context, e bus.Event) error {
		err := service.Take(ctx, e.Detail)
		if errors.Is(err, delivery.ErrMalformed) {
			return dead.Put(ctx, e.Body, []event.Fault{{Detail: err.Error()}})
		}
		return err
	}, nil
}

// counted is a store that counts SES' reports which changed a notice, each once however often it comes.
type counted struct {
	delivery.Store
	metrics *metrics.Writer
}

func (c *counted) Move(ctx context.Context, m notice.Move) (notice.Notice, bool, error) {
	n, moved, err := c.Store.Move(ctx, m)
	if name := metric(m); err == nil && moved && name != "" {
		c.metrics.One(name)
	}
	return n, moved, err
}

// metric names the metric of a report, "" for none. The dispatcher counts the mails that SES took. A mail that came
// back for the moment is no bounce as SES counts bounces.
func metric(m notice.Move) string {
	switch {
	case m.Reason == notice.ReasonContent:
		return "NoticesRejected"
	case m.Op == notice.OpDelivery:
		return "NoticesDelivered"
	case m.Op == notice.OpBounce || m.Op == notice.OpReturn && m.Dead:
		return "NoticesBounced"
	case m.Op == notice.OpComplaint:
		return "NoticesComplained"
	case m.Op == notice.OpReject:
		return "NoticesRejected"
	}
	return ""
}
