// Package sesmail hands mails to Amazon SES through its v1 API (SendRawEmail) and returns the outcome of each attempt.
// SES has no idempotency token, so this package never repeats a request that may have been written. Retries and
// redirects are off. An outcome is unknown unless the mail is known not to have left (law 6, docs/adr/0011).
package sesmail

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"

	"lapse/internal/awshttp"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Timeout bounds one request, dialling included. It is shorter than the 15 s of lease that a dispatcher keeps in
// reserve.
const Timeout = 10 * time.Second

// maxIdle is the idle time after which a connection is not used again. SES may have closed an older one. A write to a
// closed connection leaves the mail unknown for a quarter of an hour, and a handshake a sweep costs far less. net/http
// measures by the wall clock, so time in which a function was frozen counts.
const maxIdle = 20 * time.Second

// API is the part of the SES client that Client uses. SendRawEmail must make at most one request.
type API interface {
	SendRawEmail(ctx context.Context, in *ses.SendRawEmailInput, optFns ...func(*ses.Options)) (*ses.SendRawEmailOutput,
		error)
	GetSendQuota(ctx context.Context, in *ses.GetSendQuotaInput, optFns ...func(*ses.Options)) (*ses.GetSendQuotaOutput,
		error)
}

// NewAPI makes the SES client for Client: no retries, no redirects, and Timeout for each request. It keeps conns idle
// connections, which should be the number of concurrent senders.
func NewAPI(cfg aws.Config, conns int) *ses.Client {
	return ses.NewFromConfig(cfg, func(o *ses.Options) {
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = awshttp.New(conns, Timeout, func(t *http.Transport) { t.IdleConnTimeout = maxIdle })
	})
}

// Client sends mails. It is safe for concurrent use.
type Client struct {
	API API
	// From is the verified identity that sends.
	From matter.Address
	// ConfigurationSet makes SES report events. Without it no mail would ever be known to be delivered.
	ConfigurationSet string
	Now              func() time.Time
}

// Send hands one mail to SES for its one recipient and returns SES' message id. The error is a *notice.SendError, whose
// Outcome says whether SES may have taken the mail. The message's tags are notice (the hash part of the notice's id),
// matter and attempt. SES repeats the tags in every event about the mail.
func (c *Client) Send(ctx context.Context, m notice.Mail) (string, error) {
	matterID, hash, ok := notice.SplitID(m.Notice)
	if !ok || m.To.IsZero() {
		return "", &notice.SendError{Outcome: notice.OutcomeRejected, Code: "no notice or no recipient"}
	}
	if ctx.Err() != nil {
		return "", &notice.SendError{Outcome: notice.OutcomeUnreached, Code: "out of time before the request"}
	}
	var way route
	out, err := c.API.SendRawEmail(way.traced(ctx), &ses.SendRawEmailInput{
		RawMessage:           &types.RawMessage{Data: m.Raw},
		Source:               aws.String(c.From.Reveal()),
		Destinations:         []string{m.To.Reveal()},
		ConfigurationSetName: aws.String(c.ConfigurationSet),
		Tags:                 []types.MessageTag{tag("notice", hash), tag("matter", matterID), tag("attempt", m.Attempt)},
	})
	if err != nil {
		return "", c.classify(err, &way)
	}
	if aws.ToString(out.MessageId) == "" {
		return "", &notice.SendError{Outcome: notice.OutcomeUnknown, Code: "an answer without a message id"}
	}
	return *out.MessageId, nil
}

func tag(name, value string) types.MessageTag {
	return types.MessageTag{Name: aws.String(name), Value: aws.String(value)}
}

// Quota reads the account's sending quota from SES: mails a second, mails in 24 hours (-1: no limit), and the mails of
// the last 24 hours.
func (c *Client) Quota(ctx context.Context) (store.Quota, error) {
	out, err := c.API.GetSendQuota(ctx, &ses.GetSendQuotaInput{})
	if err != nil {
		return store.Quota{}, fmt.Errorf("read the sending quota from SES: %w", err)
	}
	return store.Quota{PerSecond: out.MaxSendRate, Per24h: out.Max24HourSend, Sent24h: out.SentLast24Hours,
		ReadAt: c.Now()}, nil
}

// route follows one request through net/http, which asks for a connection, gets one, and writes to it. Without a
// connection nothing can have reached SES. net/http asks for another connection only if nothing was written to the
// first.
type route struct {
	requested, connected atomic.Bool
}

func (r *route) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { r.requested.Store(true); r.connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { r.connected.Store(true) },
	})
}
