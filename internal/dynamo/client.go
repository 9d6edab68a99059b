package dynamo

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	// requestTime is the longest one request may take before it counts as lost and is repeated. DynamoDB answers in
	// milliseconds.
	requestTime = 5 * time.Second
	// longestPause bounds the SDK's random pause before a repetition; its own default of 20 s would outlast the lease
	// of an attempt.
	longestPause = 500 * time.Millisecond
)

// NewClient returns a client for a process that has up to conns requests under way at once. The endpoint, the region
// and the credentials are those of cfg, AWS_ENDPOINT_URL_DYNAMODB included where cfg was loaded from the environment.
// The options are applied last.
func NewClient(cfg aws.Config, conns int, options ...func(*dynamodb.Options)) *dynamodb.Client {
	own := func(o *dynamodb.Options) {
		o.HTTPClient = newHTTPClient(conns)
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 4, longestPause })
	}
	return dynamodb.NewFromConfig(cfg, append([]func(*dynamodb.Options){own}, options...)...)
}

func newHTTPClient(conns int) aws.HTTPClient {
	transport := awshttp.NewBuildableClient().GetTransport()
	transport.MaxIdleConnsPerHost = conns
	transport.MaxIdleConns = max(transport.MaxIdleConns, conns)
	return plainBody{&http.Client{Transport: transport, Timeout: requestTime}}
}

// plainBody replaces the SDK's request body by plain bytes. The SDK closes its own body as soon as the answer's headers
// are in, which net/http may take for a failed write: it then drops the connection, and sometimes the answer with it
// (aws-sdk-go-v2 issues 1825 and 2737).
type plainBody struct{ client aws.HTTPClient }

// Do sends the request.
func (p plainBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.ContentLength = int64(len(body))
		// GetBody lets net/http take another connection when the idle one it tried turns out closed.
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	return p.client.Do(r)
}
