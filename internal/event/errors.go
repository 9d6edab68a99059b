package event

import (
	"errors"
	"fmt"
	"strings"
)

// The errors of an event that does not fit the recorded facts, for errors.Is.
var (
	// ErrConflict: the event contradicts a recorded fact.
	ErrConflict = errors.New("contradicts a recorded fact")
	// ErrPredecessor: an event that this one builds on is not recorded yet.
	ErrPredecessor = errors.New("its predecessor is not recorded")
)

// Fault is one mistake in an event, at a JSON pointer (RFC 6901). Its text never repeats a value that could be
// personal.
type Fault struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// Faults is the error of a bad event. It holds every fault at once. Syntax tells text that is not JSON apart.
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
