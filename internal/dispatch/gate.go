package dispatch

import (
	"sync"
	"time"

	"lapse/internal/store"
)

// alikeInRow is how many refusals of single messages in a row, all with one code, point to the account.
const alikeInRow = 3

// gate lets attempts to SES pass: all of them, one probe during a pause, or none.
type gate struct {
	mu    sync.Mutex
	open  bool
	probe bool
	since time.Time
	// refusals are those of the sweeps before and of this one. kept is what the control state says of them.
	refusals, kept store.Refusals
}

func newGate(enabled bool, c *store.Dispatcher, now time.Time) *gate {
	paused := c.Pause != (store.Pause{})
	return &gate{
		open: enabled && !paused, probe: enabled && paused && !c.Pause.ProbeAt.After(now), since: c.Pause.Since,
		refusals: c.Refusals, kept: c.Refusals,
	}
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

// accepted tells the gate that SES took a mail at the instant. That of a probe opens the gate.
func (g *gate) accepted(probe bool, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusals = store.Refusals{Accepted: now}
	if probe {
		g.open, g.since = true, time.Time{}
	}
}

// rejected tells the gate that SES refused a single message. It returns the refusals before this one.
// account reports whether too many in a row were refused alike to blame the messages.
func (g *gate) rejected(code string) (before store.Refusals, account bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before = g.refusals
	if g.refusals.Code != code {
		g.refusals.Count, g.refusals.Code = 0, code
	}
	g.refusals.Count++
	return before, g.refusals.Count >= alikeInRow
}

// unkept returns the refusals, and whether the control state does not say so yet.
func (g *gate) unkept() (store.Refusals, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refusals, g.refusals != g.kept
}

// keep notes that these refusals stand in the control state.
func (g *gate) keep(r store.Refusals) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = r
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
