package config

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"lapse/internal/bus"
	"lapse/internal/delivery"
	"lapse/internal/dispatch"
	"lapse/internal/httpapi"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/review"
	"lapse/internal/seal"
	"lapse/internal/sesmail"
)

// Process is what a function's process gives to its service.
type Process struct {
	Getenv func(string) string
	Now    func() time.Time
	Log    *slog.Logger
}

// API makes the HTTP door; caller names who was authenticated for a request.
func (p Process) API(ctx context.Context, caller func(*http.Request) string) (http.Handler, error) {
	r := reader{getenv: p.Getenv}
	from := r.sender()
	in, cfg, err := p.intake(ctx, &r)
	if err != nil {
		return nil, err
	}
	store := store(cfg, p.Getenv("TABLE"))
	ask := &inquire.Service{Now: p.Now, Matters: store, Notices: store, Agenda: store, Law: in.Law, Letter: from}
	api := &httpapi.API{Intake: in, Inquire: ask, Principal: caller, Log: p.Log}
	return api.Handler(), nil
}

// Intake makes the bus door: what takes one event from the queue (see intake.Service.Deliver).
func (p Process) Intake(ctx context.Context) (func(context.Context, bus.Event) error, error) {
	r := reader{getenv: p.Getenv}
	dead := r.need("DEAD_LETTERS")
	s, cfg, err := p.intake(ctx, &r)
	if err != nil {
		return nil, err
	}
	s.Dead = deadLetters(cfg, dead)
	return func(ctx context.Context, e bus.Event) error {
		return s.Deliver(ctx, e.Content(), e.Queued, e.Principal)
	}, nil
}

// intake makes what both doors share, unless the reader has found anything missing.
func (p Process) intake(ctx context.Context, r *reader) (*intake.Service, aws.Config, error) {
	table, policy, wrapping := r.need("TABLE"), r.need("POLICY_VERSION"), r.key()
	rules, terms := r.policy()
	cfg, err := connect(ctx, r)
	if err != nil {
		return nil, cfg, err
	}
	wrapper, err := wrapping.wrapper(cfg)
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
	store := store(cfg, table)
	return &intake.Service{
		Now: p.Now, Matters: store, Records: store, Subjects: store, Notices: store, Desk: store,
		Sealer: &seal.Sealer{Key: wrapper}, Law: book, Rules: rules, Terms: terms, Fields: fields, Policy: policy, Wait: Backoff, Log: p.Log,
	}, cfg, nil
}

// Dispatch makes the service that sweeps the agenda.
func (p Process) Dispatch(ctx context.Context) (*dispatch.Service, error) {
	r := reader{getenv: p.Getenv}
	table, busName, set, wrapping, settings := r.need("TABLE"), r.need("BUS"), r.need("CONFIGURATION_SET"), r.key(), r.settings()
	cfg, err := connect(ctx, &r)
	if err != nil {
		return nil, err
	}
	wrapper, err := wrapping.wrapper(cfg)
	if err != nil {
		return nil, err
	}
	store := store(cfg, table)
	return &dispatch.Service{
		Now: p.Now, Matters: store, Records: store, Subjects: store, Notices: store, Agenda: store, Control: store,
		Opener: &seal.Opener{Key: wrapper},
		Mailer: &sesmail.Client{API: sesmail.NewAPI(cfg, conns), From: r.address("SENDER"), ConfigurationSet: set, Now: p.Now},
		Bus:    announcer(cfg, busName), Token: Token, Jitter: mrand.Int64N, Log: p.Log, Settings: settings,
	}, nil
}

// Delivery makes what takes one of SES' events from the queue. What nobody will ever be able to read goes to the
// dead-letter queue at once.
func (p Process) Delivery(ctx context.Context) (func(context.Context, bus.Event) error, error) {
	r := reader{getenv: p.Getenv}
	table, busName, queue := r.need("TABLE"), r.need("BUS"), r.need("DEAD_LETTERS")
	cfg, err := connect(ctx, &r)
	if err != nil {
		return nil, err
	}
	s := &delivery.Service{Now: p.Now, Store: store(cfg, table), Bus: announcer(cfg, busName), Log: p.Log}
	dead := deadLetters(cfg, queue)
	return func(ctx context.Context, e bus.Event) error {
		err := s.Take(ctx, e.Detail)
		if errors.Is(err, delivery.ErrMalformed) {
			return dead.Put(ctx, e.Body, []matter.Fault{{Detail: err.Error()}})
		}
		return err
	}, nil
}

// Token makes an attempt's token: 16 random bytes in hex.
func Token() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// Backoff waits before try n of an event that lost a race: full jitter up to 2^n times 10 ms.
func Backoff(ctx context.Context, n int) error {
	t := time.NewTimer(mrand.N(10 * time.Millisecond << n))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
