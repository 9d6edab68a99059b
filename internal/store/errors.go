package store

import (
	"errors"
)

// The kinds of error that callers tell apart, matched with errors.Is.
var (
	// ErrNotFound: there is no such record.
	ErrNotFound = errors.New("not found")
	// ErrRace: another change was recorded first; read again and try again.
	ErrRace = errors.New("another change came first")
)

// How a store can be in the way, matched with errors.Is.
var (
	// ErrBusy: races or throttles outlasted the retries; trying later helps.
	ErrBusy = errors.New("busy, try again")
	// ErrClock: the clock of this process is off from the store's; another process may have a right one.
	ErrClock = errors.New("this machine's clock is wrong")
)
