package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"lapse/internal/awshttp"
)

const (
	// requestTime bounds one request. A longer one counts as lost and is repeated. DynamoDB answers in milliseconds.
	requestTime = 5 * time.Second
	// longestPause bounds the SDK's random pause before a repetition. Its default of 20 s would outlast the lease of an
	// attempt.
	longestPause = 500 * time.Millisecond
)

// NewClient returns a client for a process that makes up to conns requests at once. Endpoint, region and credentials
// are those of cfg. If cfg was loaded from the environment, AWS_ENDPOINT_URL_DYNAMODB counts too. The options are
// applied last.
func NewClient(cfg aws.Config, conns int, options ...func(*dynamodb.Options)) *dynamodb.Client {
	own := func(o *dynamodb.Options) {
		o.HTTPClient = awshttp.New(conns, requestTime)
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 4, longestPause })
	}
	return dynamodb.NewFromConfig(cfg, append([]func(*dynamodb.Options){own}, options...)...)
}
