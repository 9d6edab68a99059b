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

// classify returns the outcome that an error of SendRawEmail means. SES did not take the mail if it answered below 500,
// or if the request never got a connection. Every other outcome is unknown. The error's own text is dropped, because
// SES repeats addresses in it.
func (c *Client) classify(err error, way *route) *notice.SendError {
	// Without an answer the SDK wraps the error in an empty response of status 0.
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.HTTPStatusCode() != 0 {
		return c.refused(err, answer.HTTPStatusCode())
	}
	if way.connected.Load() {
		return &notice.SendError{Outcome: notice.OutcomeUnknown, Code: transportCode(err)}
	}
	if way.requested.Load() {
		return &notice.SendError{Outcome: notice.OutcomeUnreached, Code: transportCode(err)}
	}
	// No connection was asked for. Either the request was never made (no credentials, no endpoint), which concerns every
	// mail alike. Or the transport does not report connections, and the outcome is unknown.
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

// noCode is the SDK's name for an answer without a code, such as a proxy's.
const noCode = "UnknownError"

// refused classifies an answer of SES. A status of 500 or more says nothing about the mail, whatever its code. Neither
// does a redirect, nor a success that cannot be read.
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

// clockOff returns the difference between our clock and the answer's, for errors about a request's signature or time.
// The person on call has to know that the clock may be the cause. It is empty otherwise.
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

// skewed is the difference from which a clock may be the cause of a refused signature. AWS allows 5 minutes. Network
// and rounding add up to far less than a minute.
const skewed = time.Minute

// outcome is the table of codes in answers below 500. Five are the typed errors of the SDK's SendRawEmail. The others
// are documented by SES or common to AWS' query protocol. An unlisted code stops the sweep, because failing notice
// after notice for good would be worse.
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

// selfUnverified reports whether SES rejected the mail because our own identity is not verified. In the sandbox a
// recipient can be unverified too. SES' text is: "Email address is not verified. The following identities failed the
// check in region R: ...".
func (c *Client) selfUnverified(message string) bool {
	return strings.HasPrefix(message, "Email address is not verified") && strings.Contains(message, c.From.Reveal())
}
