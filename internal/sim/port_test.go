package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// port is the store as one life of a process sees it: every call waits for the scheduler.
type port struct {
	life *life
	*memory.Store
}

// through makes one call: op and key tell the scheduler which, do makes it.
func through[T any](l *life, op, key string, do func() (T, error)) (T, error) {
	var none T
	for {
		switch l.yield(op, key) {
		case die:
			return none, errDead
		case loseRequest:
			return none, errLost
		case loseReply:
			_, _ = do()
			return none, errLost
		case repeatReply:
			_, _ = do()
			continue
		}
		out, err := do()
		if l.history != nil {
			l.learn(out, err)
		}
		return out, err
	}
}

// act is through for calls without a result.
func act(l *life, op, key string, do func() error) error {
	_, err := through(l, op, key, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

func (p port) Open(ctx context.Context, h matter.Head) (matter.Head, error) {
	return through(p.life, "Open", h.Matter, func() (matter.Head, error) { return p.Store.Open(ctx, h) })
}

func (p port) Head(ctx context.Context, id string) (matter.Head, error) {
	return through(p.life, "Head", id, func() (matter.Head, error) {
		h, err := p.Store.Head(ctx, id)
		if err == nil {
			p.life.p.w.headRead(p.life, h)
		}
		return h, err
	})
}

func (p port) Heads(ctx context.Context, ids []string) (map[string]matter.Head, error) {
	return through(p.life, "Heads", ids[0], func() (map[string]matter.Head, error) {
		all, err := p.Store.Heads(ctx, ids)
		for _, id := range ids {
			if h, ok := all[id]; ok && err == nil {
				p.life.p.w.headRead(p.life, h)
			}
		}
		return all, err
	})
}

func (p port) Commit(ctx context.Context, c store.Change) error {
	return act(p.life, "Commit", c.Head.Matter, func() error {
		w := p.life.p.w
		w.tearing = w.faulty() && w.odds.torn.hit(w)
		w.torn++
		p.life.tears = w.now
		w.stale = true
		w.shown(c, false)
		err := p.Store.Commit(ctx, c)
		w.torn--
		w.stale = true
		if err == nil {
			if c.Subject != nil {
				w.keeps(c.Subject)
			}
			w.afterCommit(c)
		}
		return err
	})
}

func (p port) PutReceipt(ctx context.Context, r ledger.Receipt) error {
	return act(p.life, "PutReceipt", r.Key, func() error { return p.Store.PutReceipt(ctx, r) })
}

func (p port) Receipt(ctx context.Context, key string) (ledger.Receipt, error) {
	return through(p.life, "Receipt", key, func() (ledger.Receipt, error) { return p.Store.Receipt(ctx, key) })
}

func (p port) Entry(ctx context.Context, id string, seq int) (ledger.Entry, error) {
	return through(p.life, "Entry", fmt.Sprintf("%s@%d", id, seq),
		func() (ledger.Entry, error) { return p.Store.Entry(ctx, id, seq) })
}

func (p port) DropPending(ctx context.Context, id string, seq int) error {
	return act(p.life, "DropPending", id, func() error { return p.Store.DropPending(ctx, id, seq) })
}

func (p port) Request(ctx context.Context, id string) (matter.Request, error) {
	return through(p.life, "Request", id, func() (matter.Request, error) { return p.Store.Request(ctx, id) })
}

func (p port) Orders(ctx context.Context, id string) ([]matter.Order, error) {
	return through(p.life, "Orders", id, func() ([]matter.Order, error) { return p.Store.Orders(ctx, id) })
}

func (p port) Exceptions(ctx context.Context, id string) ([]matter.Exception, error) {
	return through(p.life, "Exceptions", id, func() ([]matter.Exception, error) { return p.Store.Exceptions(ctx, id) })
}

func (p port) Approval(ctx context.Context, id, approval string) (ledger.Approval, error) {
	return through(p.life, "Approval", id, func() (ledger.Approval, error) { return p.Store.Approval(ctx, id, approval) })
}

func (p port) Approvals(ctx context.Context, id string) ([]ledger.Approval, error) {
	return through(p.life, "Approvals", id, func() ([]ledger.Approval, error) { return p.Store.Approvals(ctx, id) })
}

func (p port) Disclosure(ctx context.Context, id, disclosure string, part int) (matter.Disclosure, error) {
	return through(p.life, "Disclosure", disclosure,
		func() (matter.Disclosure, error) { return p.Store.Disclosure(ctx, id, disclosure, part) })
}

func (p port) Disclosures(ctx context.Context, id, disclosure string) ([]matter.Disclosure, error) {
	return through(p.life, "Disclosures", disclosure,
		func() ([]matter.Disclosure, error) { return p.Store.Disclosures(ctx, id, disclosure) })
}

func (p port) Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error) {
	return through(p.life, "Subjects", id, func() (map[string]matter.Subject,
		error) {
		return p.Store.Subjects(ctx, id, ids)
	})
}

func (p port) SubjectsOf(ctx context.Context,
	keys []store.SubjectKey) (map[store.SubjectKey]matter.Subject, error) {
	return through(p.life, "SubjectsOf", keys[0].ID, func() (map[store.SubjectKey]matter.Subject, error) {
		return p.Store.SubjectsOf(ctx, keys)
	})
}

// PutSubjects waits once a subject: the store asks its Fault.
func (p port) PutSubjects(ctx context.Context, list []matter.Subject) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	return through(p.life, "PutSubjects", "", func() ([]string, error) {
		skipped, err := p.Store.PutSubjects(ctx, list)
		for i := range list {
			if err == nil && !slices.Contains(skipped, list[i].ID) {
				p.life.p.w.keeps(&list[i])
			}
		}
		return skipped, err
	})
}

func (p port) KeepFormer(ctx context.Context, s matter.Subject) error {
	return act(p.life, "KeepFormer", s.ID, func() error { return p.Store.KeepFormer(ctx, s) })
}

func (p port) Erase(ctx context.Context, id, subject string, revision, version int) error {
	return act(p.life, "Erase", subject, func() error {
		p.life.p.w.nobodyOwed(p.Store, subject)
		return p.Store.Erase(ctx, id, subject, revision, version)
	})
}

func (p port) Notice(ctx context.Context, id string) (notice.Notice, error) {
	return through(p.life, "Notice", id, func() (notice.Notice, error) { return p.Store.Notice(ctx, id) })
}

func (p port) NoticesOf(ctx context.Context, ids []string) (map[string]notice.Notice, error) {
	return through(p.life, "NoticesOf", ids[0], func() (map[string]notice.Notice, error) {
		return p.Store.NoticesOf(ctx, ids)
	})
}

type page struct {
	list []notice.Notice
	next string
}

func (p port) Notices(ctx context.Context, id, after string, limit int) ([]notice.Notice, string, error) {
	out, err := through(p.life, "Notices", after, func() (page, error) {
		list, next, err := p.Store.Notices(ctx, id, after, limit)
		return page{list, next}, err
	})
	return out.list, out.next, err
}

func (p port) PutNotice(ctx context.Context, n notice.Notice) error {
	return act(p.life, newNotice, n.ID, func() error { return p.Store.PutNotice(ctx, n) })
}

type applied struct {
	notice notice.Notice
	ok     bool
}

func (p port) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	out, err := through(p.life, "Apply "+string(m.Op), held.ID, func() (out applied, err error) {
		w := p.life.p.w
		var before notice.Notice
		if n := p.PeekAt(held.ID); n != nil {
			before = *n // the store replaces what is behind its pointers
		}
		if w.mutant.move != nil && w.mutant.move(&m, &before) {
			return applied{before, false}, nil
		}
		out.notice, out.ok, err = p.Store.Apply(ctx, held, m)
		if errors.Is(err, store.ErrBusy) {
			p.life.hurt = true // a transaction on the notice lingers
		}
		if err == nil {
			w.afterAct(p.life, held.ID, m, &before, &out.notice, out.ok)
		}
		return out, err
	})
	return out.notice, out.ok, err
}

type rows struct {
	list []agenda.Row
	next string
}

// Rows is no call to wait for, except in a slow life, and where it finds work to do.
func (p port) Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string, limit int) ([]agenda.Row,
	string, error) {
	read := func() (out rows, err error) {
		out.list, out.next, err = p.Store.Rows(ctx, work, shard, upTo, after, limit)
		return out, err
	}
	op := "Rows"
	if work {
		op = turn
	}
	if p.dead() {
		return nil, "", errDead
	}
	if !p.life.slow && p.life.history == nil && p.empty(work, shard, upTo) {
		return nil, "", nil
	}
	if !p.life.slow || work {
		if out, err := read(); err != nil || !work || len(out.list) == 0 {
			if p.life.history != nil {
				p.life.learnAside(out.list, work, shard)
			}
			return out.list, out.next, err
		}
	}
	out, err := through(p.life, op, string(rune('a'+shard))+after, read)
	return out.list, out.next, err
}

// empty spares most reads: most partitions hold nothing that is due.
func (p port) empty(work bool, shard int, upTo time.Time) bool {
	for r := range p.Agenda(work, shard) {
		return r.At.After(upTo)
	}
	return true
}

func (p port) dead() bool {
	p.life.p.w.mu.Lock()
	defer p.life.p.w.mu.Unlock()
	return p.life.dead
}

// PutRows waits once a row.
func (p port) PutRows(ctx context.Context, rows ...agenda.Row) error {
	var failed error
	for _, r := range rows {
		failed = errors.Join(failed, act(p.life, "PutRow", rowKey(r), func() error {
			p.life.p.w.rowed(r)
			return p.Store.PutRows(ctx, r)
		}))
	}
	return failed
}

// DeleteRows waits once a row.
func (p port) DeleteRows(ctx context.Context, rows ...agenda.Row) error {
	var failed error
	for _, r := range rows {
		failed = errors.Join(failed, act(p.life, "DeleteRow", rowKey(r), func() error {
			w := p.life.p.w
			gone := []agenda.Row{r}
			if w.mutant.unversioned {
				gone = w.standing(r)
			}
			w.rowed(r)
			err := p.Store.DeleteRows(ctx, gone...)
			w.afterDelete(r)
			return err
		}))
	}
	return failed
}

func rowKey(r agenda.Row) string { return string(r.Kind) + " " + r.ID() }

func (p port) Control(ctx context.Context) (store.Dispatcher, error) {
	return through(p.life, "Control", "", func() (store.Dispatcher, error) { return p.Store.Control(ctx) })
}

func (p port) TableID(ctx context.Context) (string, error) {
	return through(p.life, "TableID", "", func() (string, error) { return p.Store.TableID(ctx) })
}

func (p port) PutFlight(ctx context.Context, f store.Flight) error {
	return act(p.life, "PutFlight", "", func() error { return p.Store.PutFlight(ctx, f) })
}

func (p port) DeleteFlight(ctx context.Context, f store.Flight) error {
	return act(p.life, "DeleteFlight", "", func() error { return p.Store.DeleteFlight(ctx, f) })
}

// Flights is no call to wait for where nothing is in flight, as after most sweeps.
func (p port) Flights(ctx context.Context) ([]store.Flight, error) {
	if all, err := p.Store.Flights(ctx); !p.dead() && err == nil && len(all) == 0 {
		return nil, nil
	}
	return through(p.life, "Flights", "", func() ([]store.Flight, error) { return p.Store.Flights(ctx) })
}

func (p port) Settle(ctx context.Context, r ledger.Receipt) error {
	return act(p.life, "Settle", "", func() error { return p.Store.Settle(ctx, r) })
}

func (p port) PutSweep(ctx context.Context, at time.Time) error {
	return act(p.life, "PutSweep", "", func() error { return p.Store.PutSweep(ctx, at) })
}

func (p port) PutQuota(ctx context.Context, q store.Quota) error {
	return act(p.life, "PutQuota", "", func() error { return p.Store.PutQuota(ctx, q) })
}

func (p port) PutPause(ctx context.Context, x store.Pause) error {
	return act(p.life, "PutPause", "", func() error { return p.Store.PutPause(ctx, x) })
}

func (p port) PutRefusals(ctx context.Context, x store.Refusals) error {
	return act(p.life, "PutRefusals", "", func() error { return p.Store.PutRefusals(ctx, x) })
}

var _ store.Store = port{}

// fault is the store's Fault hook: every subject of PutSubjects is a call of its own.
func (w *world) fault(op, key string) memory.Effect {
	if op != "PutSubjects" || w.current == nil {
		return memory.None
	}
	l := w.current
	switch l.yield(op, key) {
	case die, loseRequest:
		return memory.FailBefore
	case loseReply:
		return memory.FailAfter
	}
	return memory.None
}

// tear is the store's Torn hook: others may look while a transaction becomes visible item by item.
func (w *world) tear(int) {
	if w.tearing {
		w.current.yield("torn", "")
	}
}
