package dispatch

import (
	"context"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
)

const (
	// firstOrphanWait and nextOrphanWait are how long a row waits for its missing item, the first time and later. A row is
	// written just before its notice, and a sweep in between must not make that notice an hour late.
	firstOrphanWait = 5 * time.Second
	nextOrphanWait  = time.Hour
	// orphanAlarm is when a row without its item becomes an alarm.
	orphanAlarm = 24 * time.Hour
)

// postponeOrphan moves a row whose item does not exist, or is not visible yet. The row keeps the time since when, and
// is never deleted.
func (p *pass) postponeOrphan(ctx context.Context, row agenda.Row, cause error) error {
	now := p.wall()
	since, wait := now, firstOrphanWait
	if !row.MissingSince.IsZero() {
		since, wait = row.MissingSince, nextOrphanWait
	}
	p.countOrphan(row, since, cause)
	moved := row
	moved.At, moved.MissingSince = matter.Ceil(now.Add(wait)), matter.Floor(since)
	return p.moveRow(ctx, row, moved)
}

// countOrphan counts and logs a row whose item is missing. After a day the row is an alarm, because an event was half
// recorded.
func (p *pass) countOrphan(row agenda.Row, since time.Time, cause error) {
	late := p.upTo.Sub(since) >= orphanAlarm
	p.tally.add(func(r *Report) {
		r.Orphans++
		if late {
			r.OrphanAlarms++
		}
	})
	p.log.Warn("sweep: a row's item is missing", "kind", string(row.Kind), "id", row.ID(), "alarm", late, "error", cause)
}
