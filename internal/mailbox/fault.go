package mailbox

import (
	"fmt"
	"net/http"
)

// Fault is how the stand-in misbehaves for its next mails.
type Fault string

// The faults. Only DropAfterAccept and Slow keep the mail.
const (
	NoFault         Fault = "none"
	Throttle        Fault = "throttle"
	Reject          Fault = "reject"
	Pause           Fault = "pause"
	DropAfterAccept Fault = "drop_after_accept"
	Error500        Fault = "error_500"
	Slow            Fault = "slow"
)

// SetFault makes the next times answers to SendRawEmail misbehave. It replaces the fault set before. An unknown fault
// is an error. So is times below 1, except for NoFault. The folder does not keep the fault.
func (s *Server) SetFault(f Fault, times int) error {
	switch f {
	case NoFault:
		times = 0
	case Throttle, Reject, Pause, DropAfterAccept, Error500, Slow:
		if times < 1 {
			return fmt.Errorf("set the fault %s: %d times is too few", f, times)
		}
	default:
		return fmt.Errorf("set a fault: there is no fault %q", string(f))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.times = f, times
	return nil
}

func (s *Server) takeFault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.times == 0 {
		return NoFault
	}
	s.times--
	return s.fault
}

// refusal returns the answer of a fault that does not keep the mail, nil for the others. Codes and texts are those of
// SES.
func (f Fault) refusal() *refusal {
	switch f {
	case Throttle:
		return refuse("Throttling", "Maximum sending rate exceeded.")
	case Reject:
		return refuse("MessageRejected", "The stand-in was told to reject this mail.")
	case Pause:
		return refuse("AccountSendingPausedException", "Email sending is disabled for the account.")
	case Error500:
		return &refusal{http.StatusInternalServerError, "InternalFailure", "The stand-in was told to fail."}
	}
	return nil
}
