package dispatch

import (
	"context"
	"fmt"

	"lapse/internal/agenda"
	"lapse/internal/store"
)

// MaxGroups is the most groups that the agenda can be shared by: each has a partition of notices then.
const MaxGroups = agenda.NoticeShards

// defaultShare is the part of the account's sending quota that all groups use together. The rest is for other senders
// of the account, and for mails that reach SES closer together than they left.
const defaultShare = 0.95

// Group is the part of the agenda that one sweep works: the partitions, of notices and of work alike, whose number is
// Number modulo Of. The zero Group is the whole agenda.
type Group struct {
	// Number is at least 0 and below Of.
	Number int
	// Of is how many groups share the agenda, at most MaxGroups; 0 is one.
	Of int
}

// SweepGroup is Sweep for one group's part of the agenda, at the group's part of the sending quota. Sweeps of several
// groups may run side by side. An error says also that there is no such group.
func (s *Service) SweepGroup(ctx context.Context, g Group) (Report, error) {
	if g.Number < 0 || g.Number >= g.count() || g.count() > MaxGroups {
		return Report{}, fmt.Errorf("sweep: there is no group %d of %d", g.Number, g.Of)
	}
	return s.sweepGroup(ctx, g)
}

// count is how many groups there are.
func (g Group) count() int { return max(g.Of, 1) }

// has reports whether the group works the partition of this number.
func (g Group) has(shard int) bool { return shard%g.count() == g.Number }

// rate returns how many mails a second the group may send, and how many at once. Both together stay below the quota in
// every second. Without a known quota it is one mail a second, which SES gives a new account.
func (g Group) rate(q store.Quota, share float64) (perSecond float64, burst int) {
	part := q.PerSecond / float64(g.count())
	if q.PerSecond <= 0 {
		part = 1 / float64(g.count())
	}
	// Half of what the share leaves is for mails at once. The other half is for those of the sweep before, and for mails
	// that take longer to SES than those behind them.
	return part * share, max(1, int(part*(1-share)/2))
}
