// Command dispatch sweeps the agenda once a minute, a sweep for each tick on its queue.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"lapse/internal/wire"
	"lapse/internal/wire/dispatch"
)

func main() {
	p := wire.Process{Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Out: os.Stdout}
	ticks, err := dispatch.Function(p, os.Getenv)
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(ticks.Take)
}
