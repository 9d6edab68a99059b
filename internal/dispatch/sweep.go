package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// sweep is one pass over the agenda.
type sweep struct {
	*Service
	// upTo is when the sweep began: rows up to then are looked at.
	upTo time.Time
	eval *restraint.Evaluator
	// claims ends when no attempt may begin any more, before the invocation does.
	claims  context.Context
	workers int
	quota   store.Quota
	// paused is the pause that stood when the sweep began.
	paused store.Pause
	// held is why this table may send nothing, pause or not; empty if it may.
	held  string
	pace  *pace
	gate  *gate
	tally tally

	heads       memo[*matter.Head]
	requests    memo[*matter.Request]
	orders      memo[[]matter.Order]
	disclosures memo[*matter.Disclosure]
	drafts      drafts

	mu sync.Mutex
	// unread are the failures to read a part of the agenda.
	unread []error
}

// Sweep does all work and sends every notice that may go now, until nothing is left up to now or until 20 s before the
// deadline of ctx. The report is valid with an error too. The error says that the agenda could not be read as a whole,
// or that the end of the sweep could not be recorded; trouble with single rows is counted and logged instead. It
// matches store.ErrClock where the clock is wrong: then nothing is done, for everything here goes by it.
func (s *Service) Sweep(ctx context.Context) (Report, error) {
	control, err := s.Store.Control(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("sweep: read pause and quota: %w", err)
	}
	if err := control.Clock(); err != nil {
		return Report{}, fmt.Errorf("sweep: %w", err)
	}
	w, stop := s.begin(ctx, control)
	defer stop()
	w.work(ctx)
	w.notices(ctx)
	return w.end(ctx)
}

func (s *Service) begin(ctx context.Context, control store.Dispatcher) (*sweep, context.CancelFunc) {
	claims, stop := claiming(ctx)
	now := s.wall()
	w := &sweep{
		Service: s,
		upTo:    now,
		eval:    restraint.NewEvaluator(),
		claims:  claims,
		workers: cmp.Or(s.Settings.Workers, defaultWorkers),
		paused:  control.Pause,
	}
	w.identify(ctx, control.Table)
	w.gate = newGate(s.Settings.SendingEnabled && w.held == "", control.Pause, now)
	w.quota = w.readQuota(ctx, control.Quota)
	w.pace = newPace(w.quota.PerSecond)
	return w, stop
}

// identify holds all mails where the table is a copy of the one that its control state names: what was sent from that
// one since stands nowhere in the copy (Restorer). A table that was never swept is no copy.
func (w *sweep) identify(ctx context.Context, named string) {
	id, err := w.Store.TableID(ctx)
	if err == nil && named == "" {
		named, err = id, w.Store.PutTable(ctx, id)
	}
	switch {
	case err != nil:
		w.trouble("tell the table from a copy", "", err)
		w.held = unknownTable
	case named != id:
		w.Log.Error("sweep: this table is a copy of another; nothing is sent from it until an operator resumes", "named",
			named, "id", id)
		w.held = restoredTable
	}
}

// claiming is the part of ctx in which attempts may begin. It goes by real time, whatever clock the service has.
func claiming(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-noClaim))
	}
	return context.WithCancel(ctx)
}

// readQuota returns a fresh quota, or the old one where SES does not answer.
func (w *sweep) readQuota(ctx context.Context, old store.Quota) store.Quota {
	if !w.Settings.SendingEnabled || w.upTo.Sub(old.ReadAt).Abs() < quotaAge {
		return old
	}
	q, err := w.Mailer.Quota(ctx)
	if err != nil {
		w.trouble("read the sending quota", "", err)
		return old
	}
	q.ReadAt = matter.Floor(w.upTo)
	if err := w.Store.PutQuota(ctx, q); err != nil {
		w.trouble("keep the sending quota", "", err)
	}
	return q
}

func (w *sweep) end(ctx context.Context) (Report, error) {
	w.tally.add(func(r *Report) {
		switch {
		case !w.Settings.SendingEnabled:
			r.Paused = SendingDisabled
		case w.held != "":
			r.Paused = w.held
		case r.Paused == "" && !w.gate.opened():
			r.Paused = w.paused.Reason
		}
		quota := w.quota
		if strings.HasPrefix(r.Paused, string(notice.OutcomeDaily)) {
			quota.Sent24h = quota.Per24h // whatever SES said of it before
		}
		r.DrainSeconds = int64(drain(r.Waiting, quota) / time.Second)
	})
	report := w.tally.report
	if err := errors.Join(w.unread...); err != nil {
		return report, fmt.Errorf("sweep: %w", err)
	}
	if err := w.Store.PutSweep(ctx, matter.Floor(w.wall())); err != nil {
		return report, fmt.Errorf("sweep: record its end: %w", err)
	}
	return report, nil
}

// over reports whether nothing new may begin.
func (w *sweep) over() bool { return w.claims.Err() != nil }

// trouble counts and logs a step that failed; id is a row's or a notice's.
func (w *sweep) trouble(act, id string, err error) {
	w.tally.add(func(r *Report) { r.Errors++ })
	w.Log.Error("sweep: a step failed and will be tried again", "act", act, "id", id, "error", err)
}

// pages reads a partition, oldest first, until a short page or the end of time. A failure to read makes the sweep an
// unfinished one.
func (w *sweep) pages(ctx context.Context, work bool, shard int) iter.Seq[[]agenda.Row] {
	return func(yield func([]agenda.Row) bool) {
		for cursor := ""; ; {
			page, next, err := w.Store.Rows(ctx, work, shard, w.upTo, cursor, pageSize)
			if err != nil {
				w.mu.Lock()
				w.unread = append(w.unread, fmt.Errorf("read agenda partition %d (work %t): %w", shard, work, err))
				w.mu.Unlock()
				return
			}
			if len(page) == 0 || !yield(page) || next == "" {
				return
			}
			if w.over() {
				w.tally.add(func(r *Report) { r.AtCapacity = true })
				return
			}
			cursor = next
		}
	}
}

// work does the rows that send nothing, each partition in its order.
func (w *sweep) work(ctx context.Context) {
	var g sync.WaitGroup
	for shard := range agenda.WorkShards {
		g.Go(func() {
			for page := range w.pages(ctx, true, shard) {
				for _, row := range page {
					if w.over() {
						w.tally.add(func(r *Report) { r.AtCapacity = true })
						return
					}
					w.do(ctx, row)
				}
			}
		})
	}
	g.Wait()
}

// notices looks at the rows of all shards, the oldest first, with a bounded number of workers.
func (w *sweep) notices(ctx context.Context) {
	var g sync.WaitGroup
	shards := make([]chan []agenda.Row, agenda.NoticeShards)
	for shard := range shards {
		// A page each is read ahead.
		shards[shard] = make(chan []agenda.Row, 1)
		g.Go(func() {
			defer close(shards[shard])
			w.readShard(ctx, shard, shards[shard])
		})
	}
	rows := make(chan agenda.Row)
	g.Go(func() {
		defer close(rows)
		merge(shards, rows)
	})
	for range w.workers {
		g.Go(func() {
			for row := range rows {
				w.notice(ctx, row)
			}
		})
	}
	g.Wait()
}

// readShard passes the pages of a shard on. While nothing can be sent, looking at the first is enough to keep the head
// of the agenda tidy; the rest is counted, for no row may be sent before an older one that was passed over. A row
// counts as a notice that waits, which is the most there can be: an order may cover it since, or it waits for a sign.
func (w *sweep) readShard(ctx context.Context, shard int, out chan<- []agenda.Row) {
	read, counting := 0, false
	for page := range w.pages(ctx, false, shard) {
		if counting = counting || read > 0 && w.gate.closed(); !counting {
			out <- page
		} else if read < countedPages {
			w.tally.add(func(r *Report) { r.Due, r.Waiting = r.Due+len(page), r.Waiting+len(page) })
		} else {
			w.tally.add(func(r *Report) { r.AtCapacity = true })
			return
		}
		read++
	}
}

// countedPages is how many pages of a partition are counted while nothing can be sent: some 100,000 rows in all, so
// that a pause of weeks with a backlog of a million costs less to watch than to send.
const countedPages = 64

// merge passes the rows of the shards on, always the oldest of those at their heads.
func merge(shards []chan []agenda.Row, out chan<- agenda.Row) {
	pages := make([][]agenda.Row, 0, len(shards))
	from := make([]chan []agenda.Row, 0, len(shards))
	for _, c := range shards {
		if page, ok := <-c; ok {
			pages, from = append(pages, page), append(from, c)
		}
	}
	for len(pages) > 0 {
		oldest := 0
		for i := range pages {
			if pages[i][0].At.Before(pages[oldest][0].At) {
				oldest = i
			}
		}
		out <- pages[oldest][0]
		if pages[oldest] = pages[oldest][1:]; len(pages[oldest]) > 0 {
			continue
		}
		page, ok := <-from[oldest]
		if !ok {
			last := len(pages) - 1
			pages[oldest], from[oldest] = pages[last], from[last]
			pages, from = pages[:last], from[:last]
			continue
		}
		pages[oldest] = page
	}
}

// notice looks at one row, again where the matter changed meanwhile.
func (w *sweep) notice(ctx context.Context, row agenda.Row) {
	w.tally.add(func(r *Report) { r.Due++ })
	if w.over() {
		w.tally.add(func(r *Report) { r.Waiting, r.AtCapacity = r.Waiting+1, true })
		w.tally.overdue(row.At, w.upTo)
		return
	}
	for range checks {
		err := w.look(ctx, row)
		if err == nil {
			return
		}
		if !errors.Is(err, errStale) {
			w.trouble("look at a notice", row.ID(), err)
			return
		}
	}
}

// head is the matter's head as remembered for this sweep; what rests on it alone sends nothing.
func (w *sweep) head(ctx context.Context, id string) (*matter.Head, error) {
	return w.heads.get(id, func() (*matter.Head, error) { return w.freshHead(ctx, id) })
}

// freshHead reads the head and remembers it.
func (w *sweep) freshHead(ctx context.Context, id string) (*matter.Head, error) {
	h, err := w.Store.Head(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the head of matter %s: %w", id, err)
	}
	w.heads.put(id, &h)
	return &h, nil
}

// move makes a move and, where its reply is lost, asks again: every move recognises its own result.
func (w *sweep) apply(ctx context.Context, held *notice.Notice, a notice.Act) (n notice.Notice, ok bool, err error) {
	for range checks {
		n, ok, err = w.Store.Apply(ctx, *held, a)
		if err == nil || errors.Is(err, store.ErrNotFound) || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return n, ok, fmt.Errorf("%s notice %s: %w", a.Op, held.ID, err)
	}
	return n, ok, nil
}

// again is the row at another instant, planned under the head version. What was kept of its last visit is forgotten.
func again(row agenda.Row, at time.Time, planned int) agenda.Row {
	row.At, row.Planned = at, planned
	row.Retries, row.MissingSince, row.Cursor, row.CursorHead = 0, time.Time{}, "", 0
	return row
}

// place puts a row where the old one has to go, and only then deletes the old one.
func (w *sweep) place(ctx context.Context, old, moved agenda.Row) error {
	if moved.At.Equal(old.At) {
		return nil
	}
	if err := w.Store.PutRow(ctx, moved); err != nil {
		return fmt.Errorf("move row %s: %w", old.ID(), err)
	}
	w.tally.add(func(r *Report) { r.Moved++ })
	return w.drop(ctx, old)
}

func (w *sweep) drop(ctx context.Context, row agenda.Row) error {
	if err := w.Store.DeleteRow(ctx, row); err != nil {
		return fmt.Errorf("delete row %s: %w", row.ID(), err)
	}
	return nil
}
