package sim

import (
	"fmt"
	"slices"
	"testing/synctest"
	"time"
)

// run lets the world go on until everything has come to its end or a promise is broken.
func (w *world) run(c *crew) {
	for _, p := range w.processes {
		p.tasks = c.member(p.id)
	}
	for {
		// Nothing may be read or written here while somebody runs.
		synctest.Wait()
		w.rest()
		if w.failed() {
			break
		}
		if o := w.step(); o == allDoze {
			w.doze()
		} else if o == allOver {
			break
		}
	}
	w.end()
}

// doze lets time pass for whoever waits for the right to send, by the bubble's clock, which only moves while everybody
// sleeps. Only the world's own goroutine may: to it a sleeping scheduler would look like one who waits.
func (w *world) doze() {
	w.mu.Lock()
	w.now = w.now.Add(100 * time.Millisecond)
	w.mu.Unlock()
	time.Sleep(100 * time.Millisecond)
}

// end lets every process that still runs come to its end without effect, so that no goroutine is left.
func (w *world) end() {
	for _, p := range w.processes {
		if p.life != nil {
			w.kill(p.life)
			synctest.Wait()
		}
	}
}

// rest takes note of tasks that are over.
func (w *world) rest() {
	for _, p := range w.processes {
		l := p.life
		if l == nil || !l.over {
			continue
		}
		p.life = nil
		if p.rest.Before(w.now) {
			p.rest = w.now
		}
		if l.dead {
			p.rest = w.now.Add(w.pilot.restart(w))
		}
	}
}

// step makes one step.
func (w *world) step() outcome {
	w.steps++
	if w.steps > 60_000 {
		w.fail("unfinished", "still busy after %d steps", w.steps)
		return allOver
	}
	for _, p := range w.processes {
		if !p.thaw.IsZero() && !p.thaw.After(w.now) {
			p.thaw = time.Time{}
		}
	}
	calls, ready := w.eligible(), w.ready()
	if len(calls) == 0 && len(ready) == 0 {
		return w.jump()
	}
	return w.pilot.choose(w, calls, ready)
}

// ready are the idle processes that have something to do now.
func (w *world) ready() []*process {
	out := w.idle[:0]
	for _, p := range w.processes {
		if p.life != nil || p.rest.After(w.now) {
			continue
		}
		if at, ok := p.ready(true); ok && !at.After(w.now) {
			out = append(out, p)
		}
	}
	w.idle = out
	return out
}

// jump moves the clock to the next instant at which somebody can do something.
func (w *world) jump() outcome {
	if w.dozing() {
		return allDoze
	}
	next := time.Time{}
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, p := range w.processes {
		if !p.thaw.IsZero() {
			sooner(p.thaw)
			continue
		}
		if p.life != nil {
			continue
		}
		if at, ok := p.ready(false); ok {
			sooner(later(at, p.rest))
		}
	}
	if next.IsZero() {
		return allOver
	}
	if next.After(w.now) {
		w.now = next
	}
	if w.now.After(w.horizon) {
		w.fail("never lost", "unfinished at the horizon: %s", w.leftovers())
		return allOver
	}
	return goOn
}

// dozing reports whether a process waits neither for the scheduler nor frozen.
func (w *world) dozing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.processes, func(p *process) bool {
		return p.life != nil && p.thaw.IsZero() && !slices.ContainsFunc(w.waiting,
			func(c *call) bool { return c.life == p.life })
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// randomPilot chooses by the run's random numbers.
type randomPilot struct{}

func (randomPilot) slow(w *world) bool { return w.faulty() && w.rng.IntN(12) == 0 }

func (randomPilot) restart(w *world) time.Duration {
	return time.Duration(w.rng.IntN(30)) * time.Second
}

// freezes are how long a process may stand still: shorter and longer than the final check's freshness, the lease and
// the reconcile window.
func freezes() []time.Duration {
	return []time.Duration{time.Second, 3 * time.Second, 30 * time.Second, 61 * time.Second, 75 * time.Second,
		5 * time.Minute, 17 * time.Minute}
}

// halfVisible is the longest time for which others see a half of a transaction; DynamoDB needs milliseconds, and who
// meets one comes back after 5 s at first.
const halfVisible = 3 * time.Second

func (r randomPilot) choose(w *world, calls []*call, ready []*process) outcome {
	if i := slices.IndexFunc(calls, func(c *call) bool {
		return c.op == "torn" &&
			w.now.After(c.life.tears.Add(halfVisible))
	}); i >= 0 {
		return w.release(calls[i], carryOut)
	}
	w.now = w.now.Add(time.Duration(w.rng.IntN(int(w.odds.pace))))
	if n := len(calls) + len(ready); w.rng.IntN(n) >= len(calls) {
		p := ready[w.rng.IntN(len(ready))]
		w.note(p, "begin", "", carryOut)
		return p.begin()
	}
	c := calls[w.rng.IntN(len(calls))]
	if w.last != nil && !w.odds.switches.hit(w) {
		// Stay with the process that went on last, if it can.
		if i := slices.IndexFunc(calls, func(c *call) bool { return c.life == w.last }); i >= 0 {
			c = calls[i]
		}
	}
	if c.op == "torn" && w.odds.lingers.hit(w) {
		// A transaction that others shall meet half visible has to take its time.
		if i := slices.IndexFunc(calls, func(c *call) bool { return c.op != "torn" }); i >= 0 {
			c = calls[i]
		}
	}
	w.last = c.life
	if !w.faulty() || c.op == turn || c.op == "torn" {
		return w.release(c, carryOut)
	}
	switch {
	case w.odds.crash.hit(w):
		w.note(c.life.p, "crash before "+c.op, c.key, die)
		w.crashes++
		return w.kill(c.life)
	case w.odds.freeze.hit(w):
		all := freezes()
		c.life.hurt = true
		c.life.p.thaw = w.now.Add(all[w.rng.IntN(len(all))])
		w.note(c.life.p, fmt.Sprintf("freeze until %s before %s", c.life.p.thaw.Format("15:04:05"), c.op), c.key, carryOut)
	case w.odds.lose.hit(w):
		return w.release(c, []verdict{loseRequest, loseReply, repeatReply, repeatReply}[w.rng.IntN(4)])
	default:
		return w.release(c, carryOut)
	}
	return goOn
}

// chance is a probability of n in 1,000.
type chance int

func (c chance) hit(w *world) bool { return c > 0 && w.rng.IntN(1000) < int(c) }

// odds are a run's own probabilities, so that some runs are calm and some are not.
type odds struct {
	crash, freeze, lose, switches, torn, lingers            chance
	throttled, unreached, taken, refused, account           chance
	daily                                                   chance
	keyless, rejected, dropped, doubled, bounced, complains chance
	// pace is the longest time one step takes.
	pace time.Duration
	// delay is the longest time that a sign of SES takes.
	delay time.Duration
}

func (w *world) draw() odds {
	pick := func(of ...chance) chance { return of[w.rng.IntN(len(of))] }
	return odds{
		crash: pick(0, 2, 6, 20), freeze: pick(0, 2, 6), lose: pick(0, 5, 20), switches: pick(50, 200, 600), torn: pick(0,
			500, 1000), lingers: pick(0, 0, 900),
		throttled: pick(0, 0, 0, 30, 30, 400, 950), unreached: pick(0, 30), taken: pick(0, 50, 200), refused: pick(0, 50,
			200), account: pick(0, 0, 10), daily: pick(0, 0, 0, 10),
		keyless: pick(0, 0, 0, 50), rejected: pick(0, 5), dropped: pick(0, 100, 500, 1000), doubled: pick(0, 200),
		bounced: pick(50,
			200), complains: pick(0, 30),
		pace: []time.Duration{2 * time.Millisecond, 20 * time.Millisecond, 200 * time.Millisecond,
			time.Second}[w.rng.IntN(4)],
		delay: []time.Duration{time.Second, time.Minute, 20 * time.Minute}[w.rng.IntN(3)],
	}
}
