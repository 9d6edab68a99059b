// Package sesmail hands mails to Amazon SES (its v1 API, SendRawEmail) and says what became of each. SES has no
// idempotency token, so nothing here ever repeats a request that may have been written: retries and redirects are off,
// and what is not known to have stayed here is unknown (law 6, docs/adr/0011).
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

// Timeout is how long one request may take, dialling included. It is shorter than the 15 s of lease that a dispatcher
// keeps in hand.
const Timeout = 10 * time.Second

// maxIdle is after how long a connection is not used again. Writing to one that SES has closed meanwhile would leave
// the mail unknown for a quarter of an hour, which costs far more than a handshake a sweep. net/http compares it by the
// wall clock, so time in which a function was frozen counts.
const maxIdle = 20 * time.Second

// API is what Client needs of the SES client. SendRawEmail must make one request at most.
type API interface {
	SendRawEmail(ctx context.Context, in *ses.SendRawEmailInput, optFns ...func(*ses.Options)) (*ses.SendRawEmailOutput,
		error)
	GetSendQuota(ctx context.Context, in *ses.GetSendQuotaInput, optFns ...func(*ses.Options)) (*ses.GetSendQuotaOutput,
		error)
}

// NewAPI makes the SES client for Client: no retries, no redirects, Timeout, and conns idle connections kept, which
// should be the number of concurrent senders.
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
	// ConfigurationSet makes SES report events; without it nothing would ever be known to be delivered.
	ConfigurationSet string
	Now              func() time.Time
}

// Send hands one mail to SES for its one recipient and returns the id SES gave it. The error is a *notice.SendError,
// which says whether the mail is known not to have been taken. The message's tags are notice (the hash part of the
// notice's id), matter and attempt; SES repeats them in every event about the mail.
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

// Quota asks SES for the account's sending quota: mails a second, mails in 24 hours (-1: without limit), and how many
// went out in the last 24.
func (c *Client) Quota(ctx context.Context) (store.Quota, error) {
	out, err := c.API.GetSendQuota(ctx, &ses.GetSendQuotaInput{})
	if err != nil {
		return store.Quota{}, fmt.Errorf("ask SES for the sending quota: %w", err)
	}
	return store.Quota{PerSecond: out.MaxSendRate, Per24h: out.Max24HourSend, Sent24h: out.SentLast24Hours,
		ReadAt: c.Now()}, nil
}

// route follows one request through net/http. A connection is asked for, then got, then written to: without one got,
// nothing can have reached SES. net/http asks anew only when nothing at all was written to the one it had.
type route struct {
	asked, got atomic.Bool
}

func (r *route) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { r.asked.Store(true); r.got.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { r.got.Store(true) },
	})
}
