package notice

import (
	"fmt"

	"lapse/internal/matter"
)

// Mail is one message to one recipient, ready to be handed to SES.
type Mail struct {
	To matter.Address
	// Raw is the whole MIME message, headers included.
	Raw []byte
	// Notice and Attempt become message tags. SES repeats them in every event about the mail.
	Notice, Attempt string
}

// Outcome is the result of handing a mail to SES. SES has no idempotency token, so an unknown outcome is an outcome of
// its own.
type Outcome string

// The outcomes of an attempt. After all but OutcomeAccepted and OutcomeUnknown the mail is known not to have been sent.
const (
	// OutcomeAccepted: SES took the mail. This is no evidence of notice.
	OutcomeAccepted Outcome = "accepted"
	// OutcomeThrottled: the sending rate was exceeded. A wait of seconds helps.
	OutcomeThrottled Outcome = "throttled"
	// OutcomeDaily: the day's quota is used up.
	OutcomeDaily Outcome = "daily_quota"
	// OutcomeAccount: the account is paused, misconfigured or not permitted, for every mail alike.
	OutcomeAccount Outcome = "account"
	// OutcomeRejected: SES refused this message for good.
	OutcomeRejected Outcome = "rejected"
	// OutcomeUnreached: the request was not written to SES.
	OutcomeUnreached Outcome = "unreached"
	// OutcomeUnknown: a timeout, a reset or a 5xx came after the request was written.
	OutcomeUnknown Outcome = "unknown"
)

// SendError is the error of an attempt that SES did not accept, or may not have accepted. Code is SES' own error code,
// if there was one. Neither field holds an address.
type SendError struct {
	Outcome Outcome
	Code    string
}

// Error returns the outcome and the code.
func (e *SendError) Error() string {
	return fmt.Sprintf("hand mail to SES: %s (%s)", e.Outcome, e.Code)
}
