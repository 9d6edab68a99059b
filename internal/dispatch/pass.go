package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/announce"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// pass is what the parts of one sweep share.
type pass struct {
	store Store
	bus   announce.Bus
	log   *slog.Logger
	now   func() time.Time
	// group is whose partitions are worked, share the part of the quota that all groups use together.
	group Group
	share float64
	// upTo is when the sweep began: rows up to then are visited.
	upTo time.Time
	eval *restraint.Evaluator
	// claims ends when no attempt may begin any more, before the invocation does.
	claims  context.Context
	workers int
	heads   memo[*matter.Head]
	// late are the readings of heads that final checks share.
	late  shared[*matter.Head]
	tally tally

	mu sync.Mutex
	// unread are the failures to read a part of the agenda.
	unread []error
}

// errStale says that the matter changed since it was read. What is remembered of it is fresh again.
var errStale = errors.New("the matter changed meanwhile")

// revisitAfter is when something that waits for people or other notices is visited again.
const revisitAfter = 24 * time.Hour

// wall is now as the wall clock says it: without the monotonic reading, which may not count the time for which an
// environment was frozen.
func (p *pass) wall() time.Time { return p.now().Round(0).UTC() }

// over reports whether nothing new may begin.
func (p *pass) over() bool { return p.claims.Err() != nil }

// head is the matter's head as remembered for this sweep. Nothing is sent because of it alone.
func (p *pass) head(ctx context.Context, id string) (*matter.Head, error) {
	return p.heads.get(id, func() (*matter.Head, error) { return p.freshHead(ctx, id) })
}

// freshHead reads the head and remembers it.
func (p *pass) freshHead(ctx context.Context, id string) (*matter.Head, error) {
	h, err := p.store.Head(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the head of matter %s: %w", id, err)
	}
	p.heads.put(id, &h)
	return &h, nil
}

// recordFailure counts and logs a step that failed. id is a row's or a notice's.
func (p *pass) recordFailure(step, id string, err error) {
	p.tally.add(func(r *Report) { r.Errors++ })
	p.log.Error("sweep: a step failed and will be tried again", "act", step, "id", id, "error", err)
}

// publish puts an event on the bus.
func (p *pass) publish(ctx context.Context, d event.Detail) error {
	return announce.Publish(ctx, p.bus, d)
}

// publishBestEffort publishes what happened to a notice. A failure is logged only: the notice is the record.
func (p *pass) publishBestEffort(ctx context.Context, noticeID string, d event.Detail) {
	if err := p.publish(ctx, d); err != nil {
		p.log.Warn("sweep: a notice's event was not published", "id", noticeID, "event", string(d.OutType()), "error", err)
	}
}

// moveRow puts the row at its new instant, and only then deletes the old one.
func (p *pass) moveRow(ctx context.Context, old, moved agenda.Row) error {
	if moved.At.Equal(old.At) {
		return nil
	}
	if err := p.store.PutRows(ctx, moved); err != nil {
		return fmt.Errorf("move row %s: %w", old.ID(), err)
	}
	p.tally.add(func(r *Report) { r.Moved++ })
	return p.deleteRow(ctx, old)
}

func (p *pass) deleteRow(ctx context.Context, row agenda.Row) error {
	if err := p.store.DeleteRows(ctx, row); err != nil {
		return fmt.Errorf("delete row %s: %w", row.ID(), err)
	}
	return nil
}

// rescheduled is the row at another instant, planned under the head version. It starts anew: retries, the time since
// its item is missing, and its cursor are those of the last visit.
func rescheduled(row agenda.Row, at time.Time, planned int) agenda.Row {
	row.At, row.Planned = at, planned
	row.Retries, row.MissingSince, row.Cursor, row.CursorHead = 0, time.Time{}, "", 0
	return row
}

// torn reports whether the list of subjects that a restraint covers could not be read.
func torn(h *matter.Head) bool {
	return slices.ContainsFunc(h.Restraints, func(r matter.Restraint) bool { return r.Torn && !r.Void })
}

// firstError is the first error, or else the second.
func firstError(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
