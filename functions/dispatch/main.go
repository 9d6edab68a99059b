// Command dispatch sweeps the agenda once a minute.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"lapse/internal/config"
	"lapse/internal/dispatch"
)

func main() {
	p := config.Process{Getenv: os.Getenv, Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stdout, nil))}
	service, err := p.Dispatch(context.Background())
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context) (dispatch.Report, error) {
		report, err := service.Sweep(ctx)
		if err == nil {
			// The alarms of template.yaml read this line.
			p.Log.InfoContext(ctx, "sweep finished", "report", report)
		}
		return report, err
	})
}
