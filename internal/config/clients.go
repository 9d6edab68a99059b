package config

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"lapse/internal/dynamo"
)

// Conns is how many requests to one host a process has under way at once, in the dispatcher's case its workers'.
const Conns = 64

// Connect makes the SDK's configuration from the environment; if the reader found anything wrong, that is the error.
func (r *Reader) Connect(ctx context.Context) (aws.Config, error) {
	if err := r.err(); err != nil {
		return aws.Config{}, err
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	return cfg, nil
}

// Store is the store over the table.
func Store(cfg aws.Config, table string) *dynamo.Store {
	return dynamo.New(dynamo.NewClient(cfg, Conns), table)
}
