// Command dispatch sweeps the agenda once a minute.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"lapse/internal/config"
	"lapse/internal/config/dispatch"
)

func main() {
	p := config.Process{Getenv: os.Getenv, Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Out: os.Stdout}
	sweep, err := dispatch.Make(p)
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(sweep)
}
