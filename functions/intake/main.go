// Command intake takes events from the bus.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"lapse/internal/bus"
	"lapse/internal/wire"
	"lapse/internal/wire/intake"
)

func main() {
	p := wire.Process{Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Out: os.Stdout}
	take, err := intake.Function(p, os.Getenv)
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		return bus.Each(ctx, batch, p.Log, take), nil
	})
}
