package config

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/bus"
	"lapse/internal/dynamo"
	"lapse/internal/seal"
)

// conns is how many requests to one host a process has under way at once, in the dispatcher's case its workers'.
const conns = 64

// connect makes the SDK's configuration from the environment; if the reader found anything wrong, that is the error.
func connect(ctx context.Context, r *reader) (aws.Config, error) {
	if err := r.err(); err != nil {
		return aws.Config{}, err
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	return cfg, nil
}

func store(cfg aws.Config, table string) *dynamo.Store {
	return dynamo.New(dynamo.NewClient(cfg, conns), table)
}

func announcer(cfg aws.Config, name string) *bus.Announcer {
	return &bus.Announcer{Client: eventbridge.NewFromConfig(cfg), Bus: name}
}

func deadLetters(cfg aws.Config, url string) *bus.DeadLetters {
	return &bus.DeadLetters{Client: sqs.NewFromConfig(cfg), Queue: url}
}

// key says where the key that wraps keysets is.
type key struct{ kms, file string }

func (k key) wrapper(cfg aws.Config) (seal.KeyWrapper, error) {
	if k.kms != "" {
		return &seal.KMSKey{Client: kms.NewFromConfig(cfg), KeyID: k.kms}, nil
	}
	return seal.OpenFileKey(k.file)
}
