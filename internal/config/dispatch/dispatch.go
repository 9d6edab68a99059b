// Package dispatch makes the dispatch function's service.
package dispatch

import (
	"context"
	mrand "math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"lapse/internal/bus"
	"lapse/internal/config"
	"lapse/internal/config/keyset"
	"lapse/internal/config/sender"
	"lapse/internal/dispatch"
	"lapse/internal/metrics"
	"lapse/internal/seal"
	"lapse/internal/sesmail"
)

// Make makes what sweeps the agenda once, and logs and counts what a finished sweep did.
func Make(p config.Process) (func(context.Context) (dispatch.Report, error), error) {
	r := p.Reader()
	table, name, set, key, settings, count := r.Need("TABLE"), r.Need("BUS"), r.Need("CONFIGURATION_SET"), r.Key(), settings(r), p.Metrics(r)
	cfg, err := r.Connect()
	if err != nil {
		return nil, err
	}
	wrapper, err := keyset.Wrapper(cfg, key)
	if err != nil {
		return nil, err
	}
	store := config.Store(cfg, table)
	s := &dispatch.Service{
		Now: p.Now, Store: store,
		Opener: &seal.Opener{Key: wrapper},
		Mailer: &sesmail.Client{API: sesmail.NewAPI(cfg, config.Conns), From: r.Address("SENDER"), ConfigurationSet: set, Now: p.Now},
		Bus:    &bus.Announcer{Client: eventbridge.NewFromConfig(cfg), Bus: name},
		Token:  config.Token, Jitter: mrand.Int64N, Log: p.Log, Settings: settings,
	}
	return func(ctx context.Context) (dispatch.Report, error) {
		report, err := s.Sweep(ctx)
		if err == nil {
			p.Log.InfoContext(ctx, "sweep finished", "report", report)
			count.Write(values(report), map[string]metrics.Unit{"OldestOverdue": metrics.Seconds})
		}
		return report, err
	}, nil
}

// settings reads what an operator decides about sending.
func settings(r *config.Reader) dispatch.Settings {
	return dispatch.Settings{
		SendingEnabled: r.One("SENDING_ENABLED", "true", "false") == "true",
		Policy:         dispatch.Policy(r.One("UNKNOWN_POLICY", "", string(dispatch.MustArrive), string(dispatch.AtMostOnce))),
		Sender:         sender.Read(r),
	}
}

// values are what the alarms and the dashboard of template.yaml read; the rest of the report is in the log. Each costs
// by the month, so there are no more.
func values(r dispatch.Report) metrics.Values {
	paused := 0.0
	// A pause that an operator surely chose is no news to them.
	if r.Paused != "" && r.Paused != dispatch.SendingDisabled {
		paused = 1
	}
	return metrics.Values{
		"SweepsFinished": 1, "OldestOverdue": float64(r.OldestOverdueSeconds), "NoticesDue": float64(r.Due), "NoticesSent": float64(r.Sent),
		"OutcomesUnknown": float64(r.Unknown), "SendsRefused": float64(r.Refused), "NoticesFailed": float64(r.Failed),
		"LateOrders": float64(r.LateOrders), "StepsFailed": float64(r.Errors),
		"OrdersUnread": float64(r.Unread), "ReviewsDue": float64(r.Reviews), "ClocksRun": float64(r.Clocks),
		"RowsOrphaned": float64(r.OrphanAlarms), "SendingPaused": paused,
	}
}
