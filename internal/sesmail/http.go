package sesmail

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// maxIdle is after how long a connection is not used again. Writing to one that SES has closed meanwhile would leave the
// mail unknown for a quarter of an hour, which costs far more than a handshake a sweep. net/http compares it by the wall
// clock, so time in which a function was frozen counts.
const maxIdle = 20 * time.Second

func newHTTPClient(conns int) aws.HTTPClient {
	transport := awshttp.NewBuildableClient().GetTransport()
	transport.IdleConnTimeout = maxIdle
	transport.MaxIdleConnsPerHost = conns
	transport.MaxIdleConns = max(transport.MaxIdleConns, conns)
	return plainBody{&http.Client{
		Transport: transport,
		Timeout:   Timeout,
		// A redirect would be a second request.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// plainBody replaces the SDK's request body by plain bytes. The SDK closes its own body as soon as the reply's headers
// are in, which net/http may take for a failed write: it then drops the connection, and sometimes the reply with it
// (aws-sdk-go-v2 issues 1825 and 2737).
type plainBody struct {
	client aws.HTTPClient
}

// Do sends the request.
func (p plainBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.ContentLength = int64(len(body))
		// GetBody lets net/http take another connection when the idle one it tried turns out closed before a byte was written.
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	return p.client.Do(r)
}
