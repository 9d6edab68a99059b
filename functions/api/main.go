// Command api takes events over HTTP and answers questions, behind API Gateway.
package main

import (
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"lapse/internal/wire"
	"lapse/internal/wire/api"
)

func main() {
	p := wire.Process{Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Out: os.Stdout}
	handler, err := api.Function(p, os.Getenv, caller)
	if err != nil {
		p.Log.Error("start", "error", err)
		os.Exit(1)
	}
	lambda.Start(httpadapter.NewV2(handler).ProxyWithContext)
}

// caller is the IAM identity that API Gateway authenticated, none where it did not.
func caller(r *http.Request) api.IAM {
	c, ok := core.GetAPIGatewayV2ContextFromContext(r.Context())
	if !ok || c.Authorizer == nil || c.Authorizer.IAM == nil {
		return api.IAM{}
	}
	return api.IAM{UserID: c.Authorizer.IAM.UserID, UserARN: c.Authorizer.IAM.UserARN}
}
