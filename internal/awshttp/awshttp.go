// Package awshttp is the HTTP client under the AWS SDK's clients. It keeps enough connections for a process's workers,
// and loses none to the SDK's handling of request bodies.
package awshttp

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// New returns the HTTP client of an SDK client that makes up to conns requests at once. It keeps as many idle
// connections. The SDK's own client keeps ten, so that further callers make a handshake for every request. timeout
// bounds one request, dialling included; 0 is no bound. The client follows no redirect, because that would be a second
// request.
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
// are in. If net/http is still copying the body, it then reads io.EOF and counts a failed write. It drops the
// connection, and sometimes the answer with it (aws-sdk-go-v2 issues 1825 and 2737).
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
		// GetBody lets net/http take another connection if an idle one was closed before the first byte.
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	return p.client.Do(r)
}
