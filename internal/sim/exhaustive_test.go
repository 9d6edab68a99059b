package sim

import (
	"context"
	"fmt"
	"hash/maphash"
	"testing"
	"testing/synctest"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// history is a digest of the replies that a life got: with its position they are all it knows.
type history struct{ sum uint64 }

// explored breaks off a run whose rest was gone before: no promise.
const explored = "explored"

// seeded makes digests comparable within one exploration.
type seeded struct{ seed maphash.Seed }

func (l *life) learn(reply ...any) {
	switch reply[0].(type) {
	case matter.Request, matter.Disclosure, []matter.Disclosure, ledger.Entry, []matter.Order, []matter.Exception:
		return // the same in every world here, and full of pointers
	}
	var h maphash.Hash
	h.SetSeed(l.p.w.pilot.(*pathPilot).seed)
	fmt.Fprintf(&h, "%d %+v", l.history.sum, reply)
	l.history.sum = h.Sum64()
}

// learnAside folds in what concurrent readers of one life learn, in no order.
func (l *life) learnAside(reply ...any) {
	var h maphash.Hash
	h.SetSeed(l.p.w.pilot.(*pathPilot).seed)
	fmt.Fprintf(&h, "%+v", reply)
	l.p.w.mu.Lock()
	defer l.p.w.mu.Unlock()
	l.history.sum += h.Sum64()
}

// trouble is what may still happen: processes that are ended or stand still, and mails of unknown outcome.
type trouble struct{ crashes, freezes, doubts int }

// pathPilot goes a given path, and from its end on always takes the first way, noting how many there were.
type pathPilot struct {
	seeded
	path          []int
	taken, widths []int
	seen          map[uint64]bool
	trouble
	next notice.Outcome
	took bool
	// cut is set where the rest was explored before.
	cut bool
}

func (p *pathPilot) slow(*world) bool                     { return false }
func (p *pathPilot) restart(*world) time.Duration         { return time.Second }
func (p *pathPilot) answer(*world) (notice.Outcome, bool) { return p.next, p.took }
func (p *pathPilot) delay(w *world) (time.Duration, bool) { return time.Second, p.next != "" }

// choose lists every way on and takes the path's.
func (p *pathPilot) choose(w *world, calls []*call, ready []*process) outcome {
	var ways []func() outcome
	for _, q := range ready {
		ways = append(ways, func() outcome {
			w.note(q, "begin", "", carryOut)
			return q.begin()
		})
	}
	for _, c := range calls {
		ways = append(ways, p.ways(w, c)...)
	}
	return ways[p.pick(w, len(ways))]()
}

// ways are what may become of a call.
func (p *pathPilot) ways(w *world, c *call) []func() outcome {
	as := func(o notice.Outcome, took bool, doubts int) func() outcome {
		return func() outcome {
			p.next, p.took, p.doubts = o, took, p.doubts-doubts
			return w.release(c, carryOut)
		}
	}
	ways := []func() outcome{as("", true, 0)}
	if c.op == "Send" && p.doubts > 0 && w.faulty() {
		ways = append(ways, as(notice.OutcomeUnknown, true, 1), as(notice.OutcomeUnknown, false, 1))
	}
	if p.crashes > 0 && w.faulty() && c.op != turn {
		ways = append(ways, func() outcome {
			p.crashes--
			w.note(c.life.p, "crash before "+c.op, c.key, die)
			return w.kill(c.life)
		})
	}
	if p.freezes > 0 && w.faulty() && c.op != turn {
		for _, still := range []time.Duration{notice.LeaseTime + time.Second, 3 * time.Minute, 20 * time.Minute} {
			ways = append(ways, func() outcome {
				p.freezes--
				c.life.hurt = true
				c.life.p.thaw = w.now.Add(still)
				w.note(c.life.p, "freeze for "+still.String()+" before "+c.op, c.key, carryOut)
				return goOn
			})
		}
	}
	return ways
}

// pick chooses one of n ways; where the world was met before at this point, the run is over.
func (p *pathPilot) pick(w *world, n int) int {
	i := len(p.taken)
	way := 0
	if i < len(p.path) {
		way = p.path[i]
	} else if sum := p.signature(w); p.seen[sum] {
		p.cut = true
		w.fail(explored, "")
		n = 1
	} else {
		p.seen[sum] = true
	}
	p.taken, p.widths = append(p.taken, way), append(p.widths, n)
	return way
}

// signature identifies everything that decides how the world goes on.
func (p *pathPilot) signature(w *world) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	fmt.Fprint(&h, w.now.UnixNano(), p.trouble, w.head().Version)
	c, _ := w.store.Control(context.Background())
	fmt.Fprint(&h, c, len(w.ses.mails))
	for n := range w.notices() {
		fmt.Fprint(&h, *n)
	}
	for shard := range agenda.NoticeShards {
		list, _, _ := w.store.Rows(context.Background(), false, shard, w.horizon, "", 100)
		fmt.Fprint(&h, list)
		if shard < agenda.WorkShards {
			list, _, _ = w.store.Rows(context.Background(), true, shard, w.horizon, "", 100)
			fmt.Fprint(&h, list)
		}
	}
	for _, q := range w.processes {
		fmt.Fprint(&h, q.rest.UnixNano(), q.lastSweep.UnixNano(), q.thaw.UnixNano(), q.born, q.life != nil)
		if q.life != nil {
			fmt.Fprint(&h, q.life.history.sum)
		}
	}
	for _, c := range w.waiting {
		fmt.Fprint(&h, c.life.p.id, c.op, c.key)
	}
	for _, s := range w.signs {
		fmt.Fprint(&h, s.at.UnixNano(), string(s.detail))
	}
	return h.Sum64()
}

// forward is the next path in depth-first order, nil after the last.
func (p *pathPilot) forward() []int {
	for i := len(p.taken) - 1; i >= 0; i-- {
		if p.taken[i]+1 < p.widths[i] {
			return append(append([]int(nil), p.taken[:i]...), p.taken[i]+1)
		}
	}
	return nil
}

// oneNotice is a world with one notice that is due, two dispatchers and the taker of signs, all with the true time.
func oneNotice(s *setup, p *pathPilot, m mutant, made, traced bool) *world {
	w := newEmpty(s, 0, p, m, traced)
	w.tracked = true
	w.calm, w.horizon = dawn.Add(40*time.Minute), dawn.AddDate(1, 0, 0)
	w.people(0, 2)
	for _, q := range w.processes {
		q.skew = 0
	}
	s.one.put(w)
	w.reach(1)
	_ = w.store.PutQuota(context.Background(), store.Quota{PerSecond: 100_000, Per24h: 1e9, ReadAt: dawn})
	if made {
		d, _ := w.store.Disclosure(context.Background(), mat, "d1", 1)
		n := notice.New(&d, nil, d.Targets[0], "en", "")
		_ = w.store.PutRows(context.Background(), agenda.ForNotice(n.Matter, n.ID, n.Base, d.Version))
		_ = w.store.PutNotice(context.Background(), n)
		_ = w.store.DeleteRows(context.Background(), agenda.ForMakeNotices(mat, "d1", 1, d.Recorded, d.Version))
	}
	return w
}

// explore goes every path, and reports the runs, the different worlds met, and the first broken promise.
func explore(t *testing.T, s *setup, m mutant, made bool, all trouble, limit int) (runs, worlds int, broken string) {
	seed := maphash.MakeSeed()
	seen := map[uint64]bool{}
	path := []int{}
	for path != nil && broken == "" && runs < limit {
		synctest.Test(t, func(*testing.T) {
			var c crew
			defer c.dismiss()
			for range 200 {
				p := &pathPilot{seeded: seeded{seed}, path: path, seen: seen, trouble: all}
				w := oneNotice(s, p, m, made, false)
				w.run(&c)
				if runs++; !p.cut {
					w.finish()
					if w.failed() {
						broken = fmt.Sprintf("%q: %s, on path %v", w.broken, w.why, p.taken)
						return
					}
				}
				if path = p.forward(); path == nil {
					return
				}
			}
		})
	}
	return runs, len(seen), broken
}
