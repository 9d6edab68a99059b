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
	// Notice and Attempt become the message tags that SES repeats in every event about it.
	Notice, Attempt string
}

// Outcome says what became of handing a mail to SES. SES has no idempotency token, so an unknown outcome is a state of
// its own.
type Outcome string

// The outcomes of an attempt that was not accepted. All but OutcomeUnknown are known not to have been sent.
const (
	// OutcomeThrottled: the sending rate was exceeded; seconds help.
	OutcomeThrottled Outcome = "throttled"
	// OutcomeDaily: the quota of the day is used up.
	OutcomeDaily Outcome = "daily_quota"
	// OutcomeAccount: paused, misconfigured or not permitted, for every mail alike.
	OutcomeAccount Outcome = "account"
	// OutcomeRejected: SES refused this message for good.
	OutcomeRejected Outcome = "rejected"
	// OutcomeUnreached: the request was not written to SES.
	OutcomeUnreached Outcome = "unreached"
	// OutcomeUnknown: a timeout, a reset or a 5xx after the request was written.
	OutcomeUnknown Outcome = "unknown"
)

// SendError is the error of an attempt that SES did not accept, or may not have. Code is SES's own error code where it
// gave one; neither holds an address.
type SendError struct {
	Outcome Outcome
	Code    string
}

// Error says outcome and code.
func (e *SendError) Error() string {
	return fmt.Sprintf("hand mail to SES: %s (%s)", e.Outcome, e.Code)
}
