package worldtest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"

	"lapse/internal/event"
)

// Bus keeps what is announced. It is safe for concurrent use.
type Bus struct {
	// Fail, if set, is the error of every announcement, of which nothing is kept then.
	Fail error

	mu   sync.Mutex
	told []string
}

// Announce implements the services' announcer.
func (b *Bus) Announce(_ context.Context, detailType string, detail []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Fail != nil {
		return b.Fail
	}
	b.told = append(b.told, detailType+" "+string(detail))
	return nil
}

// Told lists what was announced, in order: the detail type, a space, and the detail's JSON.
func (b *Bus) Told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.told)
}

// String joins what was announced, one event a line.
func (b *Bus) String() string { return strings.Join(b.Told(), "\n") }

// DeadLetters keeps what is put on the dead-letter queue. It is not safe for concurrent use.
type DeadLetters struct {
	// Fail, if set, is the error of every put, of which nothing is kept then.
	Fail   error
	Events [][]byte
	Faults [][]event.Fault
}

// Put implements intake.DeadLetters.
func (d *DeadLetters) Put(_ context.Context, posted []byte, faults []event.Fault) error {
	if d.Fail != nil {
		return d.Fail
	}
	d.Events, d.Faults = append(d.Events, posted), append(d.Faults, faults)
	return nil
}

// Log keeps log lines, one JSON object each. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all that was logged since the last Reset.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Reset forgets what was logged, where a test has looked at it.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}
