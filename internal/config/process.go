package config

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

// Process is what a function's process gives to its service.
type Process struct {
	Getenv func(string) string
	Now    func() time.Time
	Log    *slog.Logger
	// Out is standard output, where metrics are written beside the log's lines.
	Out io.Writer
}

// Reader reads the process's variables.
func (p Process) Reader() *Reader { return &Reader{getenv: p.Getenv} }

// Metrics makes what counts in the stage that the reader's STAGE names.
func (p Process) Metrics(r *Reader) *metrics.Writer {
	return &metrics.Writer{Out: p.Out, Stage: r.Need("STAGE"), Now: p.Now}
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
