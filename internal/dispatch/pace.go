package dispatch

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace keeps the sending rate below SES's quota and gives way when SES throttles.
type pace struct {
	limiter *rate.Limiter
	base    rate.Limit

	mu     sync.Mutex
	halved time.Time
}

// newPace starts at the quota minus 5 %, because the account may have other senders and clocks differ. Without a known
// quota it starts at one mail a second, which SES gives a new account.
func newPace(perSecond float64) *pace {
	if perSecond <= 0 {
		perSecond = 1
	}
	base := rate.Limit(perSecond * 0.95)
	return &pace{limiter: rate.NewLimiter(base, max(1, int(base)/10)), base: base}
}

// wait waits until one more mail may be sent. Its error says that ctx ends first.
func (p *pace) wait(ctx context.Context) error { return p.limiter.Wait(ctx) }

// slower halves the rate, at most once a second, because SES refuses the mails already under way together.
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
