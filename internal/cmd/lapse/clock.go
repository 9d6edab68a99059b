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

// ahead is how far past the present the kept mark lies: a restarted stack goes on there, so that its clock is never
// behind where it stood, and the file is written every so many seconds rather than at every reading.
const ahead = 2 * time.Second

// lastYear is the last year (UTC) that the clock can be set to. RFC 3339, in which it is kept, ends with the year
// 9999, and ends, reviews and leases lie ahead of the clock.
const lastYear = 9000

// errFar refuses an instant beyond lastYear.
var errFar = fmt.Errorf("the clock goes to the year %d at most", lastYear)

// clock is the stack's clock: it runs at real speed and can be set forward, never back. It survives a kill: no
// instant is given out that lies after the mark kept in its file.
type clock struct {
	path string

	mu sync.Mutex
	// base is the stack's time at the real instant anchor; a standing clock shows base.
	base, anchor time.Time
	standing     bool
	mark         time.Time
}

type keptClock struct {
	Mark time.Time `json:"mark"`
}

// openClock goes on from the kept mark, else starts at first, else at the real time.
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
		return fmt.Errorf("keep the clock: %w", err)
	}
	next := c.path + ".next"
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return fmt.Errorf("keep the clock: %w", err)
	}
	if err := os.WriteFile(next, raw, 0o600); err != nil {
		return fmt.Errorf("keep the clock: %w", err)
	}
	if err := os.Rename(next, c.path); err != nil {
		return fmt.Errorf("keep the clock: %w", err)
	}
	c.mark = mark
	return nil
}

// Now is the stack's time, in UTC. A clock that cannot be kept stands still at its mark: it would be behind after a
// restart otherwise.
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

// set moves the clock forward to t; an earlier t leaves it.
func (c *clock) set(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.UTC().Year() > lastYear { // it could not be kept, or not be read again
		return errFar
	}
	if now := c.read(); t.Before(now) {
		t = now
	}
	c.base, c.anchor = t.UTC(), time.Now()
	return c.keep(c.base)
}

// stand stops the clock, and run lets it go on from where it stands.
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
