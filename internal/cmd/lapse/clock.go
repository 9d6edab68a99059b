package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ahead is how far past the present the stored mark lies. A restarted stack goes on from the mark, so its clock is
// never behind its last reading. The file is written every few seconds, not at every reading.
const ahead = 2 * time.Second

// lastYear is the last year (UTC) that the clock can be set to. The clock is stored in RFC 3339, which ends with the
// year 9999, and ends, reviews and leases lie ahead of the clock.
const lastYear = 9000

// errFar refuses an instant beyond lastYear.
var errFar = fmt.Errorf("the clock goes to the year %d at most", lastYear)

// clock is the stack's clock. It runs at real speed and can be set forward, never back. It survives a kill, because it
// never shows an instant after the mark in its file.
type clock struct {
	path string

	mu sync.Mutex
	// base is the stack's time at the real instant anchor. A stopped clock shows base.
	base, anchor time.Time
	standing     bool
	mark         time.Time
}

type keptClock struct {
	Mark time.Time `json:"mark"`
}

// openClock goes on from the stored mark. Without a mark it starts at first. If first is zero, it starts at the real
// time.
func openClock(path string, first time.Time) (*clock, error) {
	c := &clock{path: path, base: first, anchor: time.Now()}
	raw, err := os.ReadFile(path)
	switch {
	case err == nil:
		var k keptClock
		if err := json.Unmarshal(raw, &k); err != nil {
			return nil, fmt.Errorf("read the clock %s: %w", path, err)
		}
		c.base = k.Mark
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the clock: %w", err)
	case first.IsZero():
		c.base = time.Now()
	}
	c.base = c.base.UTC()
	return c, c.keep(c.base)
}

// keep writes the mark, whole or not at all.
func (c *clock) keep(t time.Time) error {
	mark := t.Add(ahead)
	raw, err := json.Marshal(keptClock{mark})
	if err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	next := c.path + ".next"
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	if err := os.WriteFile(next, raw, 0o600); err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	if err := os.Rename(next, c.path); err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	c.mark = mark
	return nil
}

// Now returns the stack's time in UTC. If the mark cannot be written, the clock stops at it, because it would be behind
// after a restart otherwise.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.read()
	if now.After(c.mark) && c.keep(now) != nil {
		return c.mark
	}
	return now
}

func (c *clock) read() time.Time {
	if c.standing {
		return c.base
	}
	return c.base.Add(time.Since(c.anchor))
}

// set moves the clock forward to t. An earlier t changes nothing.
func (c *clock) set(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.UTC().Year() > lastYear { // a later time could not be stored or read again
		return errFar
	}
	if now := c.read(); t.Before(now) {
		t = now
	}
	c.base, c.anchor = t.UTC(), time.Now()
	return c.keep(c.base)
}

// stand stops the clock. run starts it again where it stopped.
func (c *clock) stand() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.anchor, c.standing = c.read(), time.Now(), true
}

func (c *clock) run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.anchor, c.standing = time.Now(), false
}
