package store

import (
	"fmt"
	"time"

	"lapse/internal/notice"
)

// Dispatcher is the state of the dispatcher that outlives an invocation. Store keeps each part in an item of its own.
type Dispatcher struct {
	// Table is the id of the table from which mails may be sent. A copy of the table names the one it was copied from.
	Table string
	// LastSweep is when a sweep last finished.
	LastSweep time.Time
	// Quota is what SES last said.
	Quota Quota
	// Pause is set while account-wide errors stop sending.
	Pause Pause
	// Refusals counts what SES refused last.
	Refusals Refusals
	// Ahead is how far, at least, the clock of the process that read this is ahead of the store's; negative where it is
	// behind. Zero where the two may agree, or where the store says no time. It is found with each reading and never
	// stored.
	Ahead time.Duration
}

// maxAhead is the largest difference of clocks that is let pass. The measured difference may be too small by a second
// and the time of one read. A difference of more than Margin and that read is always found.
const maxAhead = 2 * time.Second

// Clock returns an error that matches ErrClock where the clock of the process that read this is off from the store's.
// By such a clock, a restraint may seem over although it still holds.
func (d *Dispatcher) Clock() error {
	if d.Ahead.Abs() <= maxAhead {
		return nil
	}
	side := "ahead of"
	if d.Ahead < 0 {
		side = "behind"
	}
	return fmt.Errorf("%s or more %s the table's: %w", d.Ahead.Abs(), side, ErrClock)
}

// Quota is SES's sending quota and when it was read.
type Quota struct {
	PerSecond float64
	Per24h    float64
	Sent24h   float64
	ReadAt    time.Time
}

// Pause stops sending; the zero Pause is none.
type Pause struct {
	// Outcome is what became of the mail that began the pause, and Code the code of SES' error, empty where it has none.
	Outcome notice.Outcome
	Code    string
	Since   time.Time
	// ProbeAt is when one notice may try again.
	ProbeAt time.Time
}

// Reason is the outcome and the code, as people and metrics read them: "account:AccountSendingPausedException".
func (p Pause) Reason() string {
	if p.Code == "" {
		return string(p.Outcome)
	}
	return string(p.Outcome) + ":" + p.Code
}

// Refusals counts, across sweeps, the refusals of messages that no acceptance has followed. Many alike in a row point
// to the account, however few notices go out in a day.
type Refusals struct {
	// Count is how many of the last calls in a row SES refused with this Code.
	Count int
	Code  string
	// Accepted is when SES last took a mail, zero if no sweep recorded that. UTC, whole seconds.
	Accepted time.Time
}
