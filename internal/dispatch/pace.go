package dispatch

import (
	"context"
	"sync"
	"time"

	"lapse/internal/store"

	"golang.org/x/time/rate"
)

// pace keeps the sending rate below SES's quota and gives way when SES throttles.
type pace struct {
	limiter *rate.Limiter
	base    rate.Limit

	mu     sync.Mutex
	halved time.Time
}

// newPace starts at the quota minus 5 %, other senders of the account and the clocks' difference being why. Without a
// known quota it is one a second, what SES gives a new account.
func newPace(perSecond float64) *pace {
	if perSecond <= 0 {
		perSecond = 1
	}
	base := rate.Limit(perSecond * 0.95)
	return &pace{limiter: rate.NewLimiter(base, max(1, int(base)/10)), base: base}
}

// wait waits for the right to send one mail; its error says that ctx ends first.
func (p *pace) wait(ctx context.Context) error { return p.limiter.Wait(ctx) }

// slower halves the rate, at most once a second: the mails already under way are refused together.
func (p *pace) slower(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.halved) < time.Second {
		return
	}
	p.halved = now
	p.limiter.SetLimit(max(p.limiter.Limit()/2, p.base/64))
}

// faster takes a small step back to the full rate.
func (p *pace) faster() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.limiter.Limit(); l < p.base {
		p.limiter.SetLimit(min(l+p.base/64, p.base))
	}
}

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

// back gives the probe back: its attempt ended before SES was asked.
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

// accepted tells that SES took a mail; probe opens the gate.
func (g *gate) accepted(probe bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused = 0
	if probe {
		g.open, g.since = true, time.Time{}
	}
}

// rejected tells that SES refused a single message, and reports whether there were too many in a row to blame the
// messages.
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
