// Package delivery makes the delivery function's service.
package delivery

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/bus"
	"lapse/internal/config"
	"lapse/internal/delivery"
	"lapse/internal/event"
	"lapse/internal/metrics"
	"lapse/internal/notice"
)

// Make makes what takes one of SES' events from the queue. What nobody will ever be able to read goes to the dead-letter
// queue at once.
func Make(p config.Process) (func(context.Context, bus.Event) error, error) {
	r := p.Reader()
	table, name, queue, count := r.Need("TABLE"), r.Need("BUS"), r.Need("DEAD_LETTERS"), p.Metrics(r)
	cfg, err := r.Connect()
	if err != nil {
		return nil, err
	}
	announcer := &bus.Announcer{Client: eventbridge.NewFromConfig(cfg), Bus: name}
	s := &delivery.Service{Now: p.Now, Store: &counted{Store: config.Store(cfg, table), metrics: count}, Bus: announcer, Log: p.Log}
	dead := &bus.DeadLetters{Client: sqs.NewFromConfig(cfg), Queue: queue}
	return func(ctx context.Context, e bus.Event) error {
		err := s.Take(ctx, e.Detail)
		if errors.Is(err, delivery.ErrMalformed) {
			return dead.Put(ctx, e.Body, []event.Fault{{Detail: err.Error()}})
		}
		return err
	}, nil
}

// counted counts the signs of SES that changed a notice, each once however often it comes.
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

// metric names what is counted of a sign; that SES took the mail is the dispatcher's to count. A mail that came back for the
// moment is no bounce as SES counts them.
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
