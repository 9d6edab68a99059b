package config

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"lapse/internal/awshttp"
)

// Conns is how many requests to one host a process has under way at once. The dispatcher's workers need the most.
const Conns = 64

// requestTime is the longest one request to KMS, EventBridge or SQS may take. A connection that went dead without a
// word must not hold a function until Lambda ends it. DynamoDB and SES have bounds of their own.
const requestTime = 5 * time.Second

// AWS makes the SDK's configuration from the environment that Lambda gives: region, credentials and endpoints. No other
// place is asked, because the SDK's own loader links the clients of four more services, half a megabyte of zip.
func AWS() (aws.Config, error) {
	env, err := awsconfig.NewEnvConfig()
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	cfg := aws.Config{
		Region:      env.Region,
		Credentials: credentials.StaticCredentialsProvider{Value: env.Credentials},
		// Each client looks here for its own endpoint, AWS_ENDPOINT_URL_DYNAMODB and so on.
		ConfigSources: []any{env},
		HTTPClient:    awshttp.New(Conns, requestTime),
	}
	if env.BaseEndpoint != "" {
		cfg.BaseEndpoint = &env.BaseEndpoint
	}
	return cfg, nil
}
