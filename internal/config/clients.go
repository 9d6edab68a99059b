package config

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"lapse/internal/awshttp"
	"lapse/internal/dynamo"
)

// Conns is how many requests to one host a process has under way at once, in the dispatcher's case its workers'.
const Conns = 64

// requestTime is the longest one request to KMS, EventBridge or SQS may take: a connection that went dead without a word
// must not hold a function until it is ended. DynamoDB and SES have bounds of their own.
const requestTime = 5 * time.Second

// Connect makes the SDK's configuration; if the reader found anything wrong, that is the error. Lambda gives region and
// credentials in the environment, so nothing else is looked at: the SDK's own default would link the clients of four
// more services for the other places, half a megabyte of zip.
func (r *Reader) Connect() (aws.Config, error) {
	if err := r.err(); err != nil {
		return aws.Config{}, err
	}
	env, err := awsconfig.NewEnvConfig()
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	cfg := aws.Config{
		Region:      env.Region,
		Credentials: credentials.StaticCredentialsProvider{Value: env.Credentials},
		// Where each client looks for its own endpoint, AWS_ENDPOINT_URL_DYNAMODB and so on.
		ConfigSources: []any{env},
		HTTPClient:    awshttp.New(Conns, requestTime),
	}
	if env.BaseEndpoint != "" {
		cfg.BaseEndpoint = &env.BaseEndpoint
	}
	return cfg, nil
}

// Store is the store over the table.
func Store(cfg aws.Config, table string) *dynamo.Store {
	return dynamo.New(dynamo.NewClient(cfg, Conns), table)
}
