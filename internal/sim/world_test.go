package sim

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/delivery"
	"lapse/internal/dispatch"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/seal"
	"lapse/internal/store"
)

// mat is the matter of every run.
const mat = "mat-1"

// dawn is when the faults of a run begin.
var dawn = time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)

// pilot decides what happens next.
type pilot interface {
	// choose makes one step: one of the calls, or one of the starts; one of both is not empty.
	choose(w *world, calls []*call, ready []*process) outcome
	// slow says whether a new life reads the agenda call by call.
	slow(w *world) bool
	// restart is how long an ended process stays away.
	restart(w *world) time.Duration
	// answer is what SES does with a mail: outcome "" accepts it; taken says whether it will send it.
	answer(w *world) (o notice.Outcome, taken bool)
	// delay is how long the next sign takes, lost whether it never comes.
	delay(w *world) (d time.Duration, lost bool)
}

// world is one run.
type world struct {
	seed   uint64
	setup  *setup
	pilot  pilot
	mutant mutant
	rng    *rand.Rand
	odds   odds
	store  *memory.Store
	now    time.Time
	// calm is when the faults stop, horizon when everything must be over.
	calm, horizon time.Time
	processes     []*process
	script        []posting
	policy        dispatch.Policy
	// outage is since when, until restored, no dispatcher is invoked.
	outage, restored time.Time
	// erased is the subject who wants to be forgotten, if any does.
	erased        string
	signs         []sign
	ses           ses
	steps         int
	last, current *life
	// torn counts commits under way, tearing says that others may look meanwhile.
	torn    int
	tearing bool
	// next is when the first agenda row stands, as long as known is true.
	next  time.Time
	known bool
	// headNow is the matter's head unless it is stale.
	headNow matter.Head
	stale   bool

	oracle
	book
	// what the mutants remember
	kept     map[string][]notice.Attempt
	stored   []matter.Restraint
	unbumped map[int]bool
	// tracked makes every life keep its history.
	tracked bool
	traced  bool
	trace   []string

	// self is the call whose caller makes the present step, nil where the world's own goroutine does.
	self *call

	// mu guards waiting, spare and the fields of lives, script and signs.
	mu             sync.Mutex
	waiting, spare []*call
	scratch        []*call
	idle           []*process
}

// setup is what all runs have in common.
type setup struct {
	book *law.Book
	// sealer and opener are the real ones, over a key that hides nothing.
	sealer  *seal.Sealer
	opener  *seal.Opener
	decoded decoded
	// small and big are the matter of 20 and of 60 subjects, ready to disclose.
	small, big beginning
	// sealed is the small one with real seals.
	sealed beginning
	// huge is one of 250 subjects, whose pages and chunks end.
	huge beginning
	// one is a matter of which one subject's data was disclosed.
	one beginning
}

// newEmpty is a world without anybody in it.
func newEmpty(s *setup, seed uint64, p pilot, m mutant, traced bool) *world {
	w := &world{
		seed: seed, setup: s, pilot: p, mutant: m, rng: rand.New(rand.NewPCG(seed, 0x6c61707365)), now: dawn, traced: traced,
		stale: true, book: book{reached: addresses{}, coming: map[string][]string{}, effects: map[string]effect{},
			handed: map[string]time.Time{}, orders: map[string]struct{}{}},
		kept: map[string][]notice.Attempt{}, unbumped: map[int]bool{},
		store: &memory.Store{}, ses: ses{mails: map[string]taken{}, counts: map[string]int{}, said: map[string][]string{},
			rejected: map[string]bool{}},
	}
	w.store.Fault, w.store.Torn = w.fault, w.tear
	return w
}

// newWorld is the world of a seed.
func newWorld(s *setup, seed uint64, m mutant, traced bool) *world {
	w := newEmpty(s, seed, randomPilot{}, m, traced)
	w.odds = w.draw()
	if m.scene != "" {
		// Both scenes need two that take their time over the same rows.
		w.odds.pace, w.odds.torn = time.Second, 1000
	}
	w.calm = dawn.Add(time.Duration(5+w.rng.IntN(4)) * time.Minute)
	if w.rng.IntN(4) == 0 || m.scene != "" {
		// Long enough for what is unknown to be tried again amid the trouble.
		w.calm = dawn.Add(time.Duration(12+w.rng.IntN(15)) * time.Minute)
	}
	if m.scene == "" {
		w.rare()
	}
	w.horizon = w.calm.AddDate(1, 1, 0) // past the yearly review of a statute
	b, large := &s.small, w.rng.IntN(3) == 0
	switch {
	case w.real():
		b = &s.sealed
	case seed%hugeMatters == 1 && m.name == "":
		b = &s.huge
	case large || m.scene == longList:
		b = &s.big
	}
	w.people(2, 3)
	b.put(w)
	w.reach(b.size)
	w.write(b)
	w.store.Sequence = func(items []string) {
		if w.rng.IntN(2) == 0 {
			w.rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		}
	}
	return w
}

// people makes the processes: so many takers of events, so many dispatchers, and one taker of signs.
func (w *world) people(takers, dispatchers int) {
	w.oracle.init()
	add := func(name string) *process {
		p := &process{w: w, id: len(w.processes), name: name, skew: time.Duration(w.rng.IntN(4001)-2000) * time.Millisecond}
		w.processes = append(w.processes, p)
		return p
	}
	for i := range takers {
		p := add(fmt.Sprintf("intake-%d", i))
		p.ready, p.run = func(bool) (time.Time, bool) { return w.nextPosting() }, w.takePosting
	}
	for i := range dispatchers {
		p := add(fmt.Sprintf("dispatch-%d", i))
		// Invocations come around the minute, and some of them late.
		early := time.Duration(w.rng.IntN(5)-2) * time.Second
		if i > 0 && w.rng.IntN(2) == 0 {
			early = time.Duration(w.rng.IntN(30)) * time.Second
		}
		p.ready = func(now bool) (time.Time, bool) { return w.nextSweep(p, i, early, now) }
		p.run = func(ctx context.Context, l *life) { w.sweep(ctx, l, early) }
	}
	p := add("delivery")
	p.ready, p.run = func(bool) (time.Time, bool) { return w.nextSign() }, w.takeSign
}

// faulty reports whether faults still happen.
func (w *world) faulty() bool { return w.now.Before(w.calm) }

// minutely rounds up to the whole minute, at which the scheduler invokes.
func minutely(t time.Time) time.Time {
	m := t.Truncate(time.Minute)
	if m.Before(t) {
		m = m.Add(time.Minute)
	}
	return m
}

// nextSweep begins at the first minute at which a row stands; sweeps that would find nothing are left out.
// With now, any later instant stands for those that lie ahead.
func (w *world) nextSweep(p *process, i int, early time.Duration, now bool) (time.Time, bool) {
	if i > 0 && !w.faulty() {
		return time.Time{}, false
	}
	at := minutely(p.lastSweep.Add(time.Second)).Add(early)
	if !now || !at.After(w.now) {
		first := w.firstRow()
		if first.IsZero() {
			return time.Time{}, false
		}
		at = minutely(later(first, p.lastSweep.Add(time.Second))).Add(early)
	}
	if at.After(w.outage) && at.Before(w.restored) {
		at = w.restored
	}
	return at, true
}

// sweep is one invocation of a dispatcher.
func (w *world) sweep(ctx context.Context, l *life, early time.Duration) {
	l.p.lastSweep = l.began.Add(-early).Truncate(time.Minute)
	before := w.beforeSweep(l)
	report, err := w.dispatcher(l).Sweep(ctx)
	if !l.dead {
		w.afterSweep(l, before, report, err)
	}
}

// firstRow is when the first row of the agenda stands; zero where there is none.
func (w *world) firstRow() time.Time {
	if !w.known {
		w.next, w.known = time.Time{}, true
		for shard := range agenda.NoticeShards {
			w.first(false, shard)
			if shard < agenda.WorkShards {
				w.first(true, shard)
			}
		}
	}
	return w.next
}

func (w *world) first(work bool, shard int) {
	for r := range w.store.Agenda(work, shard) {
		if w.idles(r) {
			continue
		}
		if w.next.IsZero() || r.At.Before(w.next) {
			w.next = r.At
		}
		return
	}
}

// silent is a log that nobody reads.
func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

// hugeMatters is of how many runs one plays a matter of 250 subjects.
const hugeMatters = 400

// realRuns is of how many runs one writes its letters and seals its addresses. In the others the letters are all the
// same, for writing them takes half of the time and nothing of theirs is looked after here.
const realRuns = 10

func (w *world) real() bool { return w.seed > 0 && w.seed%realRuns == 0 && w.mutant.name == "" }

// constant is a letter that says nothing.
func constant(letter.Facts) (dispatch.Prepared, error) { return sameLetter{}, nil }

type sameLetter struct{}

func (sameLetter) Compose(letter.Personal, letter.Headers) ([]byte, error) { return nil, nil }

func (sameLetter) FormDigest(letter.Personal, letter.Headers) (string, error) { return "", nil }

// ports are the store as a life sees it, with the run's mutation around.
func (w *world) ports(l *life) store.Store {
	var s store.Store = port{l, w.store}
	if w.mutant.store != nil {
		s = w.mutant.store(l, s)
	}
	return s
}

func (w *world) dispatcher(l *life) *dispatch.Service {
	s := w.ports(l)
	var m dispatch.Mailer = mailer{l}
	if w.mutant.mailer != nil {
		m = w.mutant.mailer(m)
	}
	prepare := constant
	if w.real() {
		prepare = nil
	}
	return &dispatch.Service{
		Prepare: prepare,
		Now:     l.p.now, Store: s,
		Opener: keys{l}, Mailer: m, Bus: bus{l}, Log: silent(),
		Token: func() string {
			l.tokens++
			return fmt.Sprintf("%08x%08x%016x", l.p.id, l.n, l.tokens)
		},
		// Not from the run's numbers, which belong to the scheduler.
		Jitter: func(n int64) int64 {
			l.tokens++
			return int64(uint64(l.tokens)*0x9e3779b97f4a7c15>>1) % n
		},
		Settings: dispatch.Settings{Workers: 1, SendingEnabled: true, Policy: w.policy, Sender: letter.Sender{
			From: "notices@example.com", Name: "Example", ReplyTo: "legal@example.com", PolicyURL: "https://example.com/policy",
		}},
	}
}

func (w *world) taker(l *life) *intake.Service {
	s := w.ports(l)
	return &intake.Service{
		Now: l.p.now, Store: s, Wait: impatient,
		Sealer: keys{l}, Mailboxes: keys{l}, Law: w.setup.book, Decode: w.setup.decoded.decode, Policy: "policy-1",
		Salt: unsalted, Log: silent(),
	}
}

// unsalted lets an oracle name a notice without reading a head.
func unsalted() []byte { return nil }

// impatient ends the tries of an event after a few lost races, because the script posts it again.
func impatient(_ context.Context, lost int) error {
	if lost == 5 {
		return context.DeadlineExceeded
	}
	return nil
}

func (w *world) reader(l *life) *delivery.Service {
	return &delivery.Service{Now: l.p.now, Store: w.ports(l), Bus: bus{l}, Log: silent()}
}

// note keeps a line of the run for its replay.
func (w *world) note(p *process, op, key string, v verdict) {
	if w.traced {
		w.trace = append(w.trace, fmt.Sprintf("%s %-10s %s %s %s", w.now.Format("02 15:04:05.000"), p.name, op, key,
			[]string{"", "request lost", "reply lost", "reply lost, repeated", "ended"}[v]))
	}
}

// remark keeps a line that is no call.
func (w *world) remark(format string, args ...any) {
	if w.traced {
		w.trace = append(w.trace, "  "+fmt.Sprintf(format, args...))
	}
}

// rowed remarks where a row stands that is put or deleted.
func (w *world) rowed(r agenda.Row) {
	if w.traced {
		w.remark("row at %s, planned under %d, %s", r.At.Format(time.DateTime), r.Planned, r.Cursor)
	}
}

// leftovers lists what is not over.
func (w *world) leftovers() string {
	var out []string
	for n := range w.notices() {
		if !n.State.Terminal() {
			row, _ := w.rowOf(n.ID)
			out = append(out, fmt.Sprintf("%s %s next %s row %v", n.ID, n.State, n.Next.Format(time.DateTime), row))
		}
	}
	for shard := range agenda.WorkShards {
		for r := range w.store.Agenda(true, shard) {
			out = append(out, fmt.Sprintf("%s %s at %s", r.Kind, r.ID(), r.At.Format(time.DateTime)))
		}
	}
	return strings.Join(out, "; ")
}

// notices are all notices of the matter; nobody may change them.
func (w *world) notices() iter.Seq[*notice.Notice] { return w.store.Peek(mat) }

// head is the head as it stands; nobody may change it.
func (w *world) head() *matter.Head {
	if w.stale {
		w.headNow, _ = w.store.Head(context.Background(), mat)
		// Half of a transaction may be all that there is to read.
		w.stale = w.torn > 0
	}
	return &w.headNow
}

// rowOf is the earliest row of a notice.
func (w *world) rowOf(id string) (agenda.Row, bool) {
	for r := range w.store.Agenda(false, agenda.ForNotice(mat, id, time.Time{}, 0).Shard()) {
		if r.ID() == id {
			return r, true
		}
	}
	return agenda.Row{}, false
}

// standing are the stored rows for the row's thing at its instant, whatever version they were planned under.
func (w *world) standing(r agenda.Row) (all []agenda.Row) {
	for x := range w.store.Agenda(r.Work(), r.Shard()) {
		if x.At.Equal(r.At) && x.Kind == r.Kind && x.ID() == r.ID() {
			all = append(all, x)
		}
	}
	return all
}

// subject is the notice's, as it stands.
func (w *world) subject(n *notice.Notice) *matter.Subject {
	all, _ := w.store.Subjects(context.Background(), mat, []string{n.Subject})
	return new(all[n.Subject])
}

// target is whom a notice tells.
func (w *world) target(n *notice.Notice) restraint.Target { return restraint.TargetOf(n, w.subject(n)) }
