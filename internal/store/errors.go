package store

import "errors"

// The kinds of error that callers tell apart, matched with errors.Is.
var (
	// ErrNotFound: there is no such record.
	ErrNotFound = errors.New("not found")
	// ErrRace: another change was recorded first. Reading again and trying again helps.
	ErrRace = errors.New("another change came first")
	// ErrBusy: races or throttles outlasted the retries. Trying later helps.
	ErrBusy = errors.New("busy, try again")
	// ErrTooLarge: an item of the change would be larger than a store keeps. Trying again never helps.
	ErrTooLarge = errors.New("too large to be kept")
	// ErrCursor: a cursor is none that the store gave.
	ErrCursor = errors.New("no answer gave this cursor")
	// ErrClock: the clock of this process is off from the store's. Another process may have a right one.
	ErrClock = errors.New("this machine's clock is wrong")
)
