package dispatch

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// recovery is how long the sending rate takes from nothing back to its base, by a straight line: a throttled second
// costs half a minute of less than the base, whatever the quota.
const recovery = time.Minute

// pace keeps the sending rate at its base and gives way when SES throttles. The rate recovers by time. By acceptances
// it would recover at once at a high quota, into the next throttle, and would take minutes at a low one.
type pace struct {
	limiter *rate.Limiter
	base    rate.Limit
	now     func() time.Time

	mu sync.Mutex
	// low is the rate that SES' last throttle led to, at the instant halved; zero before the first.
	low    rate.Limit
	halved time.Time
}

// newPace lets perSecond mails go a second, burst of them at once. Half of the burst, rounded up, has to be waited for
// first: the sweep before this one may have sent until now.
func newPace(perSecond float64, burst int, now func() time.Time) *pace {
	base := rate.Limit(perSecond)
	p := &pace{limiter: rate.NewLimiter(base, burst/2), base: base, now: now}
	p.limiter.SetBurst(burst)
	return p
}

// wait waits until one more mail may be sent. Its error says that ctx ends first.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	if p.limiter.Limit() < p.base {
		p.limiter.SetLimit(p.limit(p.now()))
	}
	p.mu.Unlock()
	return p.limiter.Wait(ctx)
}

// slower halves the rate, at most once a second, because SES refuses the mails already under way together.
func (p *pace) slower(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.halved) < time.Second {
		return
	}
	p.low, p.halved = max(p.limit(now)/2, p.base/64), now
	p.limiter.SetLimit(p.low)
}

// limit is the rate at an instant.
func (p *pace) limit(now time.Time) rate.Limit {
	if p.halved.IsZero() {
		return p.base
	}
	passed := max(now.Sub(p.halved), 0)
	return min(p.base, p.low+p.base*rate.Limit(passed)/rate.Limit(recovery))
}
