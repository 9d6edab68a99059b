// Command report publishes the transparency report: twice a year by a schedule, and on demand.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"lapse/internal/wire"
	"lapse/internal/wire/report"
)

func main() {
	p := wire.Process{Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Out: os.Stdout}
	publisher, err := report.Function(p, os.Getenv)
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(publisher.Publish)
}
