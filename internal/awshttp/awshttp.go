// Package awshttp is the HTTP under the AWS SDK's clients: connections enough for a process's workers, and none lost to
// the SDK's handling of request bodies.
package awshttp

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// New is the HTTP client of an SDK client that has up to conns requests under way at once. It keeps as many
// connections, where the SDK's own would keep ten, and make the other callers shake hands for every request. timeout
// bounds one request, dialling included; 0 is no bound. A redirect is not followed: it would be a second request.
func New(conns int, timeout time.Duration, options ...func(*http.Transport)) aws.HTTPClient {
	t := sdk.NewBuildableClient().GetTransport()
	t.MaxIdleConnsPerHost = conns
	t.MaxIdleConns = max(t.MaxIdleConns, conns)
	for _, set := range options {
		set(t)
	}
	return Plain(&http.Client{
		Transport: t, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// Plain replaces the SDK's request bodies by plain bytes. The SDK closes its own body as soon as the answer's headers
// are in. Where net/http is not done copying it by then, the body answers io.EOF, which counts as a failed write: the
// connection is dropped, and sometimes the answer with it (aws-sdk-go-v2 issues 1825 and 2737).
func Plain(client aws.HTTPClient) aws.HTTPClient { return plain{client} }

type plain struct{ client aws.HTTPClient }

// Do sends the request.
func (p plain) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.ContentLength = int64(len(body))
		// GetBody lets net/http take another connection when the idle one it tried turns out closed before a byte was
		// written.
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	return p.client.Do(r)
}
