package sim

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

var (
	// errDead is what every call of a process gets that was ended: nothing it does has any effect.
	errDead = errors.New("the process was ended")
	// errLost is the error of a call after the SDK gave up: its request or its reply was lost.
	errLost = errors.New("the connection was lost")
)

// verdict is what becomes of a call.
type verdict int

const (
	carryOut    verdict = iota
	loseRequest         // nothing happens, the caller gets errLost
	loseReply           // it happens, the caller gets errLost
	repeatReply         // it happens, its reply is lost, and the SDK makes the call again
	die                 // the process is gone
)

// process is something that runs services, one task after the other, with its own clock.
type process struct {
	w    *world
	id   int
	name string
	skew time.Duration
	// ready says when the next task can start, if there is one; with now, only whether it can start now counts. run is
	// that task.
	ready func(now bool) (start time.Time, ok bool)
	run   func(ctx context.Context, l *life)
	// rest is when an idle process may work again.
	rest time.Time
	// thaw is when a frozen process goes on, zero while it is not frozen.
	thaw time.Time
	life *life
	// tasks are what its goroutine does next, one after the other.
	tasks chan<- func()
	// lastSweep is the minute of the last sweep.
	lastSweep time.Time
	// born counts lives, for tokens.
	born int
}

// life is one task of a process, from its start to its end or the process's.
type life struct {
	p      *process
	n      int
	cancel context.CancelFunc
	// dead: the process was ended in it. hurt: it was ended, frozen, or got an error, so that what it leaves undone is
	// excused. over: it has returned.
	dead, hurt, over bool
	tokens           int
	began            time.Time
	// tears is since when a transaction of it is half visible.
	tears time.Time
	// slow makes every read of the agenda a call of its own to schedule.
	slow bool
	// history identifies what the life has seen, where the pilot asks for it.
	history *history
	// checked is what the last consistent read of the head said.
	checked check
}

// call is one call of a service that waits to go on: the verdict comes by reply, or stands there if its caller made the
// step itself.
type call struct {
	life    *life
	op, key string
	reply   chan verdict
	verdict verdict
}

// outcome is who runs after a step.
type outcome int

const (
	goOn      outcome = iota // nobody yet
	selfRuns                 // who made the step
	otherRuns                // somebody else
	allDoze                  // whoever sleeps, in a while
	allOver                  // nobody any more
)

// turn is the op of a reader of work rows that waits until its process does nothing else: the work of one sweep is done
// one partition after the other here, which loses no behaviour that several dispatchers do not have, and gives every
// waiting call a name of its own.
const turn = "turn"

// newNotice is the op that makes a notice, which intake does for several at once.
const newNotice = "PutNotice"

// now is the process's clock. It is read under the lock for the sake of those whom a timer of the bubble woke.
func (p *process) now() time.Time {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.w.now.Add(p.skew)
}

// yield waits for the scheduler. Whoever calls while nobody else runs is the scheduler itself until it lets somebody
// else go on: most calls go on at once, and need no goroutine to be woken.
func (l *life) yield(op, key string) verdict {
	w := l.p.w
	w.mu.Lock()
	if l.dead {
		w.mu.Unlock()
		return die
	}
	c := w.call()
	c.life, c.op, c.key = l, op, key
	w.waiting = append(w.waiting, c)
	w.mu.Unlock()
	v, mine := verdict(0), false
	if l.alone(op) {
		v, mine = w.drive(c)
	}
	if !mine {
		v = <-c.reply
	}
	w.mu.Lock()
	w.spare = append(w.spare, c)
	w.mu.Unlock()
	return v
}

// alone reports whether a life that makes this call has no other goroutine that runs or is about to.
func (l *life) alone(op string) bool {
	switch op {
	case turn, "Rows", newNotice:
		return false
	case "Notice": // an answer reads several that are in flight at once
		return !strings.HasPrefix(l.p.name, "intake")
	}
	return true
}

// drive makes steps for the caller of c until one lets somebody run. It reports the verdict where that is the caller;
// else nothing of the world may be touched any more, and the caller has to wait for its reply.
func (w *world) drive(c *call) (verdict, bool) {
	for {
		w.rest()
		if w.failed() {
			w.self = nil
			return 0, false
		}
		w.self = c
		switch w.step() {
		case goOn:
		case selfRuns:
			return c.verdict, true
		case allDoze, allOver:
			w.self = nil
			return 0, false
		case otherRuns:
			return 0, false
		}
	}
}

// call is one to fill in, used before where there is one: nobody keeps a call that was answered.
func (w *world) call() *call {
	if n := len(w.spare); n > 0 {
		c := w.spare[n-1]
		w.spare = w.spare[:n-1]
		return c
	}
	return &call{reply: make(chan verdict)}
}

// answer lets the caller go on.
func (w *world) answer(c *call, v verdict) outcome {
	if c == w.self {
		c.verdict, w.self = v, nil
		return selfRuns
	}
	w.self = nil
	c.reply <- v
	return otherRuns
}

// crew are goroutines that processes of many runs use one after the other, in one bubble.
type crew []chan func()

// member is the goroutine of a run's i-th process.
func (c *crew) member(i int) chan<- func() {
	for len(*c) <= i {
		tasks := make(chan func())
		*c = append(*c, tasks)
		go func() {
			for task := range tasks {
				task()
			}
		}()
	}
	return (*c)[i]
}

func (c *crew) dismiss() {
	for _, tasks := range *c {
		close(tasks)
	}
}

// begin starts the next task, in the process's own goroutine: its stack has grown already.
func (p *process) begin() outcome {
	ctx, cancel := context.WithCancel(context.Background())
	p.born++
	l := &life{p: p, n: p.born, cancel: cancel, began: p.w.now}
	l.slow = p.w.pilot.slow(p.w)
	if p.w.tracked {
		l.history = &history{}
	}
	p.life = l
	p.w.current, p.w.self = l, nil
	p.tasks <- func() {
		defer cancel()
		p.run(ctx, l)
		p.w.mu.Lock()
		defer p.w.mu.Unlock()
		l.over = true
	}
	return otherRuns
}

// kill ends a process: its waiting calls, and all that follow, have no effect.
func (w *world) kill(l *life) outcome {
	w.mu.Lock()
	l.dead, l.hurt = true, true
	var mine []*call
	w.waiting = slices.DeleteFunc(w.waiting, func(c *call) bool {
		if c.life != l {
			return false
		}
		mine = append(mine, c)
		return true
	})
	w.mu.Unlock()
	l.cancel()
	l.p.thaw = time.Time{}
	runs := otherRuns
	self := w.self
	w.self = nil
	for _, c := range mine {
		if c == self {
			c.verdict, runs = die, selfRuns
		} else {
			c.reply <- die
		}
	}
	return runs
}

// eligible are the waiting calls that may go on, in an order that does not depend on chance.
func (w *world) eligible() []*call {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortFunc(w.waiting, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.life.p.id, b.life.p.id), cmp.Compare(a.op, b.op), cmp.Compare(a.key, b.key))
	})
	out := w.scratch[:0]
	for i, c := range w.waiting {
		if i > 0 {
			if b := w.waiting[i-1]; b.life == c.life && b.op == c.op && b.key == c.key {
				w.fail("simulator", "two calls %s %s of %s cannot be told apart", c.op, c.key, c.life.p.name)
			}
		}
		if !c.life.p.thaw.IsZero() {
			continue
		}
		if c.op == turn && slices.ContainsFunc(w.waiting, func(d *call) bool { return d.life == c.life && d.op != turn }) {
			continue
		}
		out = append(out, c)
	}
	w.scratch = out
	return out
}

// release lets one call go on.
func (w *world) release(c *call, v verdict) outcome {
	w.mu.Lock()
	w.waiting = slices.DeleteFunc(w.waiting, func(d *call) bool { return d == c })
	w.mu.Unlock()
	if v == loseRequest || v == loseReply {
		c.life.hurt = true
	}
	w.current = c.life
	switch c.op {
	case "PutRow", "DeleteRow", "Commit", "torn":
		w.known = false
	}
	w.note(c.life.p, c.op, c.key, v)
	return w.answer(c, v)
}
