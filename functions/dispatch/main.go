// Command dispatch sweeps the agenda once a minute.
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
	sweep, err := dispatch.Function(p, os.Getenv)
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(sweep)
}
