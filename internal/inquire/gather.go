package inquire

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// window is the number of rows read from a partition at once.
const window = 250

// agendaView gathers the things for one question. It reads the rows of all partitions by their instants and stops once
// the page is certain. No open thing is missed, because of the superset rule (new row first, old row last): an open
// thing has a row at its instant or before, or its matter has a re-plan row.
type agendaView struct {
	*Service
	now, before time.Time
	// from is the last thing of the page before.
	from Item
	// most is how many things are kept. It is one more than the page, to know whether another thing follows.
	most   int
	eval   *restraint.Evaluator
	loaded map[string]*loadedMatter
	seen   map[Item]bool
	// items are the first things found so far, in order.
	items []Item
}

// add keeps the thing if it belongs on this page.
func (a *agendaView) add(i Item) {
	if compare(i, a.from) <= 0 || i.At.After(a.before) {
		return
	}
	at, _ := slices.BinarySearchFunc(a.items, i, compare)
	if at >= a.most {
		return
	}
	a.items = slices.Insert(a.items, at, i)
	a.items = a.items[:min(len(a.items), a.most)]
}

// sure reports whether no thing at the instant or later can still come onto the page.
func (a *agendaView) sure(at time.Time) bool {
	return len(a.items) == a.most && a.items[a.most-1].At.Before(at)
}

// partition reads the rows of one agenda partition in order.
type partition struct {
	work  bool
	shard int
	rows  []agenda.Row
	after string
	done  bool
}

// peek returns the next row, nil at the end.
func (p *partition) peek(ctx context.Context, rows Store, upTo time.Time) (*agenda.Row, error) {
	for len(p.rows) == 0 && !p.done {
		page, next, err := rows.Rows(ctx, p.work, p.shard, upTo, p.after, window)
		if err != nil {
			return nil, fmt.Errorf("read the agenda: %w", err)
		}
		p.rows, p.after, p.done = page, next, next == ""
	}
	if len(p.rows) == 0 {
		return nil, nil
	}
	return &p.rows[0], nil
}

// replans adds the notices of every matter with a re-plan row. Such notices may have a due before their rows.
func (a *agendaView) replans(ctx context.Context) error {
	// The row may come from a machine whose clock is ahead.
	upTo := matter.Ceil(a.now.Add(matter.Margin))
	for shard := range agenda.WorkShards {
		for p := (&partition{work: true, shard: shard}); ; p.rows = p.rows[1:] {
			r, err := p.peek(ctx, a.Store, upTo)
			if err != nil {
				return err
			}
			if r == nil {
				break
			}
			if r.Kind != agenda.Replan {
				continue
			}
			if err := a.matter(ctx, r.Matter); err != nil {
				return err
			}
		}
	}
	return nil
}

// gather reads the rows in order.
func (a *agendaView) gather(ctx context.Context) error {
	var all []*partition
	for shard := range agenda.WorkShards {
		all = append(all, &partition{work: true, shard: shard})
	}
	for shard := range agenda.NoticeShards {
		all = append(all, &partition{shard: shard})
	}
	for {
		var first *partition
		for _, p := range all {
			r, err := p.peek(ctx, a.Store, a.before)
			if err != nil {
				return err
			}
			if r != nil && (first == nil || r.At.Before(first.rows[0].At)) {
				first = p
			}
		}
		if first == nil || a.sure(first.rows[0].At) {
			return nil
		}
		r := first.rows[0]
		first.rows = first.rows[1:]
		// A thing between now and the end of the page before was listed there, or has another row. A late row may point to
		// anything, so late rows are always read.
		if r.At.After(a.now) && r.At.Before(a.from.At) {
			continue
		}
		if err := a.row(ctx, r); err != nil {
			return err
		}
	}
}

// row adds the item of the row, once. The item's instant is not before the row's, because the sweep acts at the row's
// instant.
func (a *agendaView) row(ctx context.Context, r agenda.Row) error {
	if r.Kind == agenda.Count || r.Kind == agenda.Moved {
		return nil // counting, and a look at former contacts, are Lapse's own business: nothing happens to a matter
	}
	key := Item{Kind: r.Kind, ID: r.ID()}
	if a.seen[key] {
		return nil
	}
	a.seen[key] = true
	switch r.Kind {
	case agenda.Notice:
		n, err := a.Store.Notice(ctx, r.ID())
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read notice %s: %w", r.ID(), err)
		}
		about, err := a.subjectOf(ctx, &n)
		if err != nil {
			return err
		}
		return a.notice(ctx, &n, about, r.At)
	case agenda.Order:
		return a.order(ctx, r)
	case agenda.Exception:
		return a.exception(ctx, r)
	case agenda.Approval:
		return a.approval(ctx, r)
	}
	a.add(itemOf(r, r.At))
	return nil
}

// matter adds all notices of a matter whose rows are about to move.
func (a *agendaView) matter(ctx context.Context, id string) error {
	for after := ""; ; {
		page, next, err := a.Store.Notices(ctx, id, after, window)
		if err != nil {
			return fmt.Errorf("list the notices of %s: %w", id, err)
		}
		about, err := a.subjectsOf(ctx, id, page)
		if err != nil {
			return err
		}
		for i := range page {
			key := Item{Kind: agenda.Notice, ID: page[i].ID}
			if a.seen[key] {
				continue
			}
			a.seen[key] = true
			if err := a.notice(ctx, &page[i], about(&page[i]), time.Time{}); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// notice adds a notice that has a due, not before the row's instant.
func (a *agendaView) notice(ctx context.Context, n *notice.Notice, about *matter.Subject, row time.Time) error {
	l, err := a.loadOnce(ctx, n.Matter)
	if l == nil || err != nil {
		return err
	}
	if _, due := a.eval.NoticeDue(n, about, &l.head, a.now); !due {
		return nil
	}
	if at, open := a.eval.NextVisit(n, about, &l.head, a.now); open {
		kind := agenda.Notice
		if n.Kind == notice.Moved {
			kind = agenda.Moved
		}
		a.add(Item{At: latest(at, row), Kind: kind, ID: n.ID, Matter: n.Matter, Ref: n.ID})
	}
	return nil
}

func (a *agendaView) order(ctx context.Context, r agenda.Row) error {
	l, err := a.loadOnce(ctx, r.Matter)
	if l == nil || err != nil {
		return err
	}
	for i := range l.orders {
		if l.orders[i].ID != r.Ref {
			continue
		}
		if at, open := a.eval.NextOrderVisit(&l.orders[i], &l.head, a.now); open {
			a.add(itemOf(r, latest(at, r.At)))
		}
	}
	return nil
}

func (a *agendaView) exception(ctx context.Context, r agenda.Row) error {
	l, err := a.loadOnce(ctx, r.Matter)
	if l == nil || err != nil {
		return err
	}
	for i := range l.exceptions {
		if l.exceptions[i].ID != r.Ref {
			continue
		}
		if at, open := a.eval.NextExceptionVisit(&l.exceptions[i], &l.head, a.now); open {
			a.add(itemOf(r, latest(at, r.At)))
		}
	}
	return nil
}

// approval adds an approval that waits, at the instant at which it lapses. One that never lapses is added while it is
// no alarm yet.
func (a *agendaView) approval(ctx context.Context, r agenda.Row) error {
	x, err := a.Store.Approval(ctx, r.Matter, r.Ref)
	if isNotFound(err) || err == nil && !x.Waits(a.now) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read approval %s: %w", r.ID(), err)
	}
	if at := cmp.Or(x.Expires, x.Overdue()); !at.Before(a.now) {
		a.add(itemOf(r, latest(at, r.At)))
	}
	return nil
}

// loadOnce loads a matter once a question. It returns nil while the matter's first event is being recorded, because the
// items of a transaction become visible one by one, and the row may be first.
func (a *agendaView) loadOnce(ctx context.Context, id string) (*loadedMatter, error) {
	if l, ok := a.loaded[id]; ok {
		return l, nil
	}
	l, err := a.load(ctx, id)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	a.loaded[id] = l
	return l, nil
}
