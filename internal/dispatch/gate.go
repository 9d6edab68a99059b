package dispatch

import (
	"sync"
	"time"

	"lapse/internal/store"
)

// rejectedInRow is how many refusals of single messages in a row are believed. More of them point to the account.
const rejectedInRow = 3

// gate lets attempts to SES pass: all of them, one probe during a pause, or none.
type gate struct {
	mu    sync.Mutex
	open  bool
	probe bool
	since time.Time
	// refused counts refusals of single messages since the last acceptance.
	refused int
}

func newGate(enabled bool, p store.Pause, now time.Time) *gate {
	paused := p != (store.Pause{})
	return &gate{open: enabled && !paused, probe: enabled && paused && !p.ProbeAt.After(now), since: p.Since}
}

// enter reports whether one more attempt may be made, and whether it is the probe.
func (g *gate) enter() (ok, probe bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open {
		return true, false
	}
	probe, g.probe = g.probe, false
	return probe, probe
}

// back gives the probe back, because its attempt ended before SES was called.
func (g *gate) back(probe bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.probe = g.probe || probe
}

// shut stops all further attempts of this sweep and reports since when sending is paused.
func (g *gate) shut(now time.Time) (since time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.probe = false, false
	if g.since.IsZero() {
		g.since = now
	}
	return g.since
}

// accepted tells the gate that SES took a mail. That of a probe opens the gate.
func (g *gate) accepted(probe bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused = 0
	if probe {
		g.open, g.since = true, time.Time{}
	}
}

// rejected tells the gate that SES refused a single message. It reports whether too many in a row were refused to blame
// the messages.
func (g *gate) rejected() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused++
	return g.refused > rejectedInRow
}

// closed reports whether no attempt can pass at present.
func (g *gate) closed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.open && !g.probe
}

// opened reports whether all attempts may pass.
func (g *gate) opened() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}
