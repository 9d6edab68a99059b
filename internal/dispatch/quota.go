package dispatch

import (
	"context"
	"time"

	"lapse/internal/matter"
	"lapse/internal/store"
)

// quotaAge is how old the quota that SES last said may be.
const quotaAge = 10 * time.Minute

// readQuota returns a fresh quota, or the old one where SES does not answer.
func (p *pass) readQuota(ctx context.Context, m Mailer, old store.Quota) store.Quota {
	if p.upTo.Sub(old.ReadAt).Abs() < quotaAge {
		return old
	}
	q, err := m.Quota(ctx)
	if err != nil {
		p.recordFailure("read the sending quota", "", err)
		return old
	}
	q.ReadAt = matter.Floor(p.upTo)
	if err := p.store.PutQuota(ctx, q); err != nil {
		p.recordFailure("keep the sending quota", "", err)
	}
	return q
}
