// Package dispatch builds the sweep of the agenda, what takes the ticks that start it, and what restores a table.
package dispatch

import (
	"context"
	"log/slog"
	mrand "math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/announce"
	"lapse/internal/bus"
	"lapse/internal/config"
	"lapse/internal/dispatch"
	"lapse/internal/dynamo"
	"lapse/internal/keyring"
	"lapse/internal/metrics"
	"lapse/internal/seal"
	"lapse/internal/sesmail"
	"lapse/internal/store"
	"lapse/internal/wire"
	"lapse/internal/wire/letterhead"
)

// Store is what a sweep and the keys of letters ask of the store.
type Store interface {
	dispatch.Store
	store.Proofs
}

// Ports are what a sweep works with.
type Ports struct {
	Store Store
	Key   seal.Key
	// SES is the client that mails go out through.
	SES sesmail.API
	Bus announce.Bus
}

// Sweeper sweeps the agenda, and logs and counts what each finished sweep did.
type Sweeper struct {
	service *dispatch.Service
	keys    *keyring.Ring
	now     func() time.Time
	log     *slog.Logger
	metrics *metrics.Writer
}

// New builds the sweeper.
func New(p wire.Process, ports Ports, s config.Dispatch) *Sweeper {
	keys := &keyring.Ring{Key: ports.Key, Store: ports.Store}
	service := &dispatch.Service{
		Now: p.Now, Store: ports.Store, Keys: keys, Opener: &seal.Opener{Key: ports.Key},
		Mailer: &sesmail.Client{API: ports.SES, From: s.From, ConfigurationSet: s.ConfigurationSet, Now: p.Now},
		Bus:    ports.Bus, Token: wire.Token, Jitter: mrand.Int64N, Log: p.Log,
		Settings: dispatch.Settings{
			Workers: s.Load.Workers, Share: s.Load.Share,
			SendingEnabled: s.SendingEnabled, Policy: dispatch.Policy(s.UnknownPolicy), Sender: letterhead.Sender(s.Sender),
		},
	}
	return &Sweeper{service: service, keys: keys, now: p.Now, log: p.Log, metrics: p.Metrics(s.Stage)}
}

// Sweep sweeps the whole agenda once (see dispatch.Service.Sweep).
func (s *Sweeper) Sweep(ctx context.Context) (dispatch.Report, error) {
	return s.SweepGroup(ctx, dispatch.Group{})
}

// SweepGroup sweeps a group's part of the agenda once (see dispatch.Service.SweepGroup).
func (s *Sweeper) SweepGroup(ctx context.Context, g dispatch.Group) (dispatch.Report, error) {
	// The keys are made, renewed and published in time, whether or not there is a letter to write. Where that fails, the
	// letters fail too, each for itself, and all else goes on.
	if _, err := s.keys.Open(ctx, s.now()); err != nil {
		s.log.ErrorContext(ctx, "sweep: the keys of letters are not ready", "error", err)
		s.metrics.One("StepsFailed")
	}
	report, err := s.service.SweepGroup(ctx, g)
	if err == nil {
		s.log.InfoContext(ctx, "sweep finished", "group", g.Number, "of", max(g.Of, 1), "report", report)
		seconds := map[string]metrics.Unit{"OldestOverdue": metrics.Seconds, "OldestStuck": metrics.Seconds}
		s.metrics.Write(values(report), seconds)
	}
	return report, err
}

// values are what the alarms and the dashboard of template.yaml read. The log has the rest of the report: each metric
// costs by the month.
func values(r dispatch.Report) metrics.Values {
	paused := 0.0
	// An operator who switched sending off knows of that pause.
	if r.Paused != "" && r.Paused != dispatch.SendingDisabled {
		paused = 1
	}
	// A sweep that had to leave some for the next one, and sent as many as the quota let go, is a healthy one.
	stuck := r.OldestOverdueSeconds
	if r.AtCapacity && r.Sent > 0 {
		stuck = 0
	}
	return metrics.Values{
		"SweepsFinished": 1, "OldestOverdue": float64(r.OldestOverdueSeconds), "OldestStuck": float64(stuck),
		"NoticesDue": float64(r.Due), "NoticesSent": float64(r.Sent), "OutcomesUnknown": float64(r.Unknown),
		"SendsRefused": float64(r.Refused), "NoticesFailed": float64(r.Failed),
		"LateOrders": float64(r.LateOrders), "StepsFailed": float64(r.Errors),
		"OrdersUnread": float64(r.Unread), "ReviewsDue": float64(r.Reviews), "ClocksRun": float64(r.Clocks),
		"ApprovalsOverdue": float64(r.Approvals),
		"RowsOrphaned":     float64(r.OrphanAlarms), "SendingPaused": paused,
	}
}

// Restorer builds what brings a restored table up to date.
func Restorer(p wire.Process, store dispatch.Store) *dispatch.Restorer {
	return &dispatch.Restorer{Store: store, Now: p.Now}
}

// Function builds what takes the ticks of the dispatch function's queue.
func Function(p wire.Process, getenv func(string) string) (*Ticks, error) {
	policies := []string{string(dispatch.MustArrive), string(dispatch.AtMostOnce)}
	s, err := config.ReadDispatch(getenv, policies, dispatch.MaxGroups, letterhead.Checks())
	if err != nil {
		return nil, err
	}
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	key, err := seal.OpenKey(cfg, s.Key.KMS, s.Key.File)
	if err != nil {
		return nil, err
	}
	sweeper := New(p, Ports{
		Store: dynamo.New(dynamo.NewClient(cfg, config.Conns), s.Table), Key: key, SES: sesmail.NewAPI(cfg, config.Conns),
		Bus: &bus.Announcer{Client: eventbridge.NewFromConfig(cfg), Bus: s.Bus},
	}, s)
	return &Ticks{
		Now: p.Now, Log: p.Log, Dispatchers: max(s.Load.Dispatchers, 1), Sweep: sweeper.SweepGroup,
		Failed: func() { sweeper.metrics.One("StepsFailed") }, Queue: sqs.NewFromConfig(cfg), URL: s.Ticks,
	}, nil
}

// Settle counts every matter for the report now (see dispatch.Service.Settle).
func (s *Sweeper) Settle(ctx context.Context) error { return s.service.Settle(ctx) }
