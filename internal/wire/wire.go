// Package wire builds the services, for the functions and for the local stack alike.
//
// Each package below this one builds the services of one function, in two steps. New builds them from their ports: a
// store, a mailer, a bus. The local stack calls New with its own ports. Function reads the environment, makes the AWS
// clients and calls New with them. So rules, terms and metrics are wired in one place.
//
//	wire/intake      the intake service, and the bus door
//	wire/api         the same intake service, the answers and the HTTP door
//	wire/dispatch    the sweep, and the restorer
//	wire/delivery    SES' reports
//	wire/verify      the public page that says whether a mail is genuine
//	wire/report      what publishes the transparency report
//	wire/letterhead  the sender of the letters, for api and dispatch
//
// The packages are apart because Go links whole packages: one package for all would link the letter, the law and the
// zones with the delivery function, two megabytes more. The test of links holds that.
package wire

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"log/slog"
	mrand "math/rand/v2"
	"time"

	"lapse/internal/metrics"
)

// Process is what a service takes from the process that it runs in.
type Process struct {
	// Now is the wall clock, or the local stack's.
	Now func() time.Time
	Log *slog.Logger
	// Out is where metrics are written: a function's standard output, beside the lines of the log.
	Out io.Writer
}

// Metrics makes the metrics sink, with the stage as its dimension.
func (p Process) Metrics(stage string) *metrics.Writer {
	return &metrics.Writer{Out: p.Out, Stage: stage, Now: p.Now}
}

// Token makes an attempt's token: 16 random bytes in hex.
func Token() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// longestBackoff bounds a wait of Backoff. Sixteen senders of one matter then come a few at a time, and each comes
// again soon enough to get its turn.
const longestBackoff = 640 * time.Millisecond

// Backoff waits after the n-th lost race of an event: full jitter up to 2^n times 10 ms, and at most 640 ms. It returns
// the context's error if the context ends first.
func Backoff(ctx context.Context, n int) error {
	bound := longestBackoff
	if n < 6 {
		bound = 10 * time.Millisecond << n
	}
	t := time.NewTimer(mrand.N(bound))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
