package sesmail

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"lapse/internal/notice"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// classify says what an error of SendRawEmail means for the mail. Only an answer of SES below 500, or a request that
// never got a connection, is known not to have been taken; the rest is unknown. The error's own text is dropped: SES
// repeats addresses in it.
func (c *Client) classify(err error, way *route) *notice.SendError {
	// Without an answer the SDK wraps the error in an empty one, of status 0.
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.HTTPStatusCode() != 0 {
		return c.refused(err, answer.HTTPStatusCode())
	}
	if way.got.Load() {
		return &notice.SendError{Outcome: notice.OutcomeUnknown, Code: transportCode(err)}
	}
	if way.asked.Load() {
		return &notice.SendError{Outcome: notice.OutcomeUnreached, Code: transportCode(err)}
	}
	// No connection was asked for. Either the request was never made (no credentials, no endpoint), for every mail alike,
	// or it went by a transport that does not tell, and then nobody knows.
	_, sent := errors.AsType[*smithyhttp.RequestSendError](err)
	_, cancelled := errors.AsType[*smithy.CanceledError](err)
	if sent || cancelled {
		return &notice.SendError{Outcome: notice.OutcomeUnknown, Code: transportCode(err)}
	}
	return &notice.SendError{Outcome: notice.OutcomeAccount, Code: "request not made"}
}

func transportCode(err error) string {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), ok && timeout.Timeout():
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "connection failed"
}

// noCode is what the SDK calls the code of an answer that has none, a proxy's for example.
const noCode = "UnknownError"

// refused classifies an answer of SES. Statuses of 500 and more say nothing about the mail, whatever code comes with
// them, and neither do a redirect and a success that cannot be read.
func (c *Client) refused(err error, status int) *notice.SendError {
	code, message := http.StatusText(status), ""
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() != noCode {
		code, message = api.ErrorCode(), api.ErrorMessage()
	}
	if status < 400 || status >= 500 || status == http.StatusRequestTimeout {
		return &notice.SendError{Outcome: notice.OutcomeUnknown, Code: code}
	}
	return &notice.SendError{Outcome: c.outcome(code, message, status), Code: code + c.clockOff(err, code)}
}

// clockOff says how far our clock is off the answer's where SES did not believe a request's signature or its time, and
// the clock may be why: who is woken by the pause has to know. It is empty otherwise.
func (c *Client) clockOff(err error, code string) string {
	switch code {
	case "RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture", "SignatureDoesNotMatch",
		"InvalidSignatureException":
	default:
		return ""
	}
	answer, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok {
		return ""
	}
	at, err := http.ParseTime(answer.Response.Header.Get("Date"))
	if off := c.Now().Sub(at).Round(time.Second); err == nil && off.Abs() >= skewed {
		return " (clock off by " + off.String() + ")"
	}
	return ""
}

// skewed is from where on a clock may be why a signature is refused: AWS allows 5 minutes, and the sum of network and
// rounding is far less than this.
const skewed = time.Minute

// outcome is the table of codes in the answers below 500. The five typed ones are those of the SDK's SendRawEmail; the
// others are SES' documented ones and the common errors of AWS' query protocol. A code that is not listed stops the
// sweep rather than fail notice after notice for good.
func (c *Client) outcome(code, message string, status int) notice.Outcome {
	switch code {
	case "Throttling", "ThrottlingException":
		if strings.Contains(message, "Daily message quota exceeded") {
			return notice.OutcomeDaily
		}
		return notice.OutcomeThrottled
	case "MessageRejected":
		if c.selfUnverified(message) {
			return notice.OutcomeAccount
		}
		return notice.OutcomeRejected
	case "InvalidParameterValue", "ValidationError", "RequestEntityTooLarge":
		return notice.OutcomeRejected
	}
	switch status {
	case http.StatusTooManyRequests:
		return notice.OutcomeThrottled
	case http.StatusRequestEntityTooLarge:
		return notice.OutcomeRejected
	}
	return notice.OutcomeAccount
}

// selfUnverified reports whether SES rejected the mail because our own identity, not a recipient of an account in the
// sandbox, is not verified: "Email address is not verified. The following identities failed the check in region R:
// ...".
func (c *Client) selfUnverified(message string) bool {
	return strings.HasPrefix(message, "Email address is not verified") && strings.Contains(message, c.From.Reveal())
}
