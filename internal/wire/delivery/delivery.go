// Package delivery builds the service that takes SES' reports about mails.
package delivery

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/announce"
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
	Bus   announce.Bus
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

func (c *counted) Apply(ctx context.Context, held notice.Notice, a notice.Act) (notice.Notice, bool, error) {
	n, taken, err := c.Store.Apply(ctx, held, a)
	if name := metric(a); err == nil && taken && name != "" {
		c.metrics.One(name)
	}
	return n, taken, err
}

// metric names the metric of a report, "" for none. The dispatcher counts the mails that SES took. A mail that came
// back for the moment is no bounce as SES counts bounces.
func metric(a notice.Act) string {
	switch {
	case a.Reason == notice.ReasonContent:
		return "NoticesRejected"
	case a.Op == notice.OpDelivery:
		return "NoticesDelivered"
	case a.Op == notice.OpBounce || a.Op == notice.OpReturn && a.Dead:
		return "NoticesBounced"
	case a.Op == notice.OpComplaint:
		return "NoticesComplained"
	case a.Op == notice.OpReject:
		return "NoticesRejected"
	}
	return ""
}
