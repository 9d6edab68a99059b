package matter

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of error that callers tell apart, matched with errors.Is.
var (
	// ErrNotFound: there is no such record.
	ErrNotFound = errors.New("not found")
	// ErrRace: another change was recorded first; read again and try again.
	ErrRace = errors.New("another change came first")
	// ErrConflict: the event contradicts a recorded fact.
	ErrConflict = errors.New("contradicts a recorded fact")
	// ErrPredecessor: what the event builds on is not recorded (yet).
	ErrPredecessor = errors.New("its predecessor is not recorded")
	// ErrBusy: races or throttles outlasted the retries; trying later helps.
	ErrBusy = errors.New("busy, try again")
	// ErrClock: the clock of this process is off from the store's; another process may have a right one.
	ErrClock = errors.New("this machine's clock is wrong")
)

// Fault is one thing wrong with an event, at a JSON pointer (RFC 6901). Its text never repeats a value that could be
// personal.
type Fault struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// Faults is the error of a bad event: everything wrong with it at once. Not JSON at all is told apart by Syntax.
type Faults struct {
	Syntax bool
	List   []Fault
}

// Error lists the pointers.
func (f *Faults) Error() string {
	parts := make([]string, len(f.List))
	for i, x := range f.List {
		parts[i] = fmt.Sprintf("%s: %s", x.Pointer, x.Detail)
	}
	return "bad event: " + strings.Join(parts, "; ")
}
