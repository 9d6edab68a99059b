// Command verify answers, for anybody, whether a mail is Lapse's own, behind an API Gateway of its own.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"lapse/internal/wire"
	"lapse/internal/wire/verify"
)

func main() {
	p := wire.Process{Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Out: os.Stdout}
	handler, err := verify.Function(p, os.Getenv)
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(httpadapter.NewV2(handler).ProxyWithContext)
}
