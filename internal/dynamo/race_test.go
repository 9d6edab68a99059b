package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"lapse/internal/dispatch"
	"lapse/internal/dynamo"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/seal"
	"lapse/internal/store"
)

const (
	racedMatters, racedSubjects = 3, 6
	racedRounds                 = 6
	racingDispatchers           = 3
)

// TestDispatchersRacedByOrders: several dispatchers sweep while intake records orders, extends and lifts them, every
// tenth answer of the engine is lost, and SES doubts. Law 1: every mail that SES took had, after its claim, a
// consistent look at restraints which allowed it; law 6: no second mail without an unknown; law 2: in the end all is
// terminal.
func TestDispatchersRacedByOrders(t *testing.T) {
	r := newRace(t)
	for m := range racedMatters {
		r.begin(m)
	}
	var posted atomic.Bool
	swept := make(chan struct{}, 1)
	g, sweeping := errgroup.WithContext(t.Context())
	for _, d := range r.dispatchers {
		g.Go(func() error {
			for !posted.Load() {
				if _, err := d.service.Sweep(t.Context()); err != nil {
					return err
				}
				select {
				case swept <- struct{}{}:
				default:
				}
			}
			return nil
		})
	}
	for round := range racedRounds {
		for m := range racedMatters {
			r.order(m, round)
			r.disclose(m, round)
			if round > 1 {
				r.lift(m, round-2)
			}
			r.ahead(time.Second)
		}
		if round == 2 {
			// The order over all is lifted and two subjects are free: without a mail from here on, nothing is raced.
			r.awaitMail(sweeping, swept)
		}
	}
	mails := r.mails()
	posted.Store(true)
	require.NoError(t, g.Wait())
	require.NotZero(t, mails, "mails while orders came and went")
	for m := range racedMatters {
		r.lift(m, racedRounds-2)
		r.lift(m, racedRounds-1)
	}
	r.calm.Store(true)
	r.finish()
	r.judge()
}

// race is the service over one table, under a clock of its own.
type race struct {
	t           *testing.T
	store       *dynamo.Store
	in          *intake.Service
	dispatchers []*racer
	calm        atomic.Bool
	events      int
	// seq orders what happens; clock is the seconds since the samples' beginning.
	seq, clock atomic.Int64
	mu         sync.Mutex
	// recorded are the versions of each matter with the seq at which their recording had been answered.
	recorded map[string][]recorded
	sent     []taken
}

type recorded struct {
	version int
	seq     int64
}

// racer is a dispatcher whose looks at heads, and claims, are kept.
type racer struct {
	*dynamo.Store
	race    *race
	service *dispatch.Service
	mu      sync.Mutex
	looks   []look
	claims  map[string]int64
}

type look struct {
	head         matter.Head
	began, ended int64
	at           time.Time
}

// taken is a mail that SES took from a dispatcher.
type taken struct {
	by            *racer
	notice, token string
	seq           int64
}

func (d *racer) Head(ctx context.Context, id string) (matter.Head, error) {
	began := d.race.seq.Add(1)
	h, err := d.Store.Head(ctx, id)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks = append(d.looks, look{h, began, d.race.seq.Add(1), d.race.now()})
	return h, err
}

func (d *racer) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	n, ok, err := d.Store.Apply(ctx, held, m)
	if m.Op == notice.OpClaim && ok {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.claims[m.Token] = d.race.seq.Add(1)
	}
	return n, ok, err
}

// doubtful stands for SES: it takes most mails and does not always say so.
type doubtful struct{ *racer }

func (s doubtful) Send(_ context.Context, m notice.Mail) (string, error) {
	r := s.race
	kind := rand.IntN(5)
	if kind == 0 && !r.calm.Load() {
		return "", &notice.SendError{Outcome: notice.OutcomeUnreached, Code: "unreached"}
	}
	r.mu.Lock()
	r.sent = append(r.sent, taken{s.racer, m.Notice, m.Attempt, r.seq.Add(1)})
	r.mu.Unlock()
	if kind == 1 && !r.calm.Load() {
		return "", &notice.SendError{Outcome: notice.OutcomeUnknown, Code: "timeout"}
	}
	return "message-" + m.Attempt, nil
}

func (s doubtful) Quota(context.Context) (store.Quota, error) {
	return store.Quota{PerSecond: 1e6, Per24h: 1e9, ReadAt: s.race.now()}, nil
}

func (s doubtful) Announce(context.Context, string, []byte) error { return nil }

func (r *race) now() time.Time { return at(int(r.clock.Load())) }

func (r *race) ahead(d time.Duration) { r.clock.Add(int64(d / time.Second)) }

func newRace(t *testing.T) *race {
	name := table(t)
	r := &race{t: t, store: over(name), recorded: map[string][]recorded{}}
	key, err := seal.OpenFileKey(filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	book, err := law.Load()
	require.NoError(t, err)
	quiet := slog.New(slog.DiscardHandler)
	sometimes := func(_ string, _ int, again bool) fate { return fate{lost: !again && rand.IntN(10) == 0} }
	in := over(name, (&wire{decide: sometimes}).on)
	r.in = &intake.Service{
		Now: r.now, Store: in, Sealer: &seal.Sealer{Key: key}, Mailboxes: &keyring.Mailboxes{Key: key, Store: in},
		Wait: func(context.Context,
			int) error {
			return nil
		}, Law: book, Rules: law.DefaultPolicy(), Policy: "2026-01", Log: quiet,
	}
	for range racingDispatchers {
		d := &racer{Store: over(name, (&wire{decide: sometimes}).on), race: r, claims: map[string]int64{}}
		d.service = &dispatch.Service{
			Now: r.now, Store: d, Opener: &seal.Opener{Key: key},
			Mailer: doubtful{d}, Bus: doubtful{d}, Log: quiet, Jitter: rand.Int64N,
			Token: func() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) },
			Settings: dispatch.Settings{SendingEnabled: true, Workers: 4, Sender: letter.Sender{
				From: "notices@example.com", Name: "Example", ReplyTo: "legal@example.com", PolicyURL: "https://example.com/policy",
			}},
		}
		r.dispatchers = append(r.dispatchers, d)
	}
	return r
}

func raced(m int) string { return fmt.Sprint("mat-", m) }

// mails is how many mails SES took so far.
func (r *race) mails() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.sent)
}

// awaitMail lets time pass until SES has taken a mail, for longer than a lease and the longest wait after a refusal.
func (r *race) awaitMail(sweeping context.Context, swept <-chan struct{}) {
	for range 60 * 60 {
		if r.mails() > 0 {
			return
		}
		select {
		case <-swept:
		case <-sweeping.Done():
			return
		}
		r.ahead(time.Second)
	}
}

// post records an event, however often it has to be tried.
func (r *race) post(m int, kind, data string) {
	r.events++
	raw := fmt.Sprintf(`{"specversion":"1.0","id":"e%d","source":"legal.example","type":"lapse.%s.v1","subject":%q,`+
		`"data":%s}`, r.events, kind, raced(m), data)
	out, err := r.in.Take(r.t.Context(), []byte(raw), "http", "tester")
	for errors.Is(err, store.ErrBusy) {
		out, err = r.in.Take(r.t.Context(), []byte(raw), "http", "tester")
	}
	require.NoError(r.t, err)
	r.recorded[raced(m)] = append(r.recorded[raced(m)], recorded{out.Answer.Version, r.seq.Add(1)})
}

const racedIssuer = `{"name":"Court","role":"court","country":"US","zone":"America/New_York"}`

// begin records the request and the decision of a matter.
func (r *race) begin(m int) {
	var subjects []string
	for i := range racedSubjects {
		subjects = append(subjects,
			fmt.Sprintf(`{"id":"u%d","accountClass":"consumer","contacts":[{"role":"user","email":"u%d@example.com",`+
				`"verified":true}]}`, i, i))
	}
	r.post(m, "request.received", `{"reference":"r","instrument":"search_warrant","legalBasis":"18 U.S.C. 2703",
		"issuer":`+racedIssuer+`,"receivedAt":"2026-02-27T10:00:00Z","dataSought":[{"category":"content"}],
		"subjects":[`+strings.Join(subjects, ",")+`]}`)
	r.post(m, "request.decided", `{"decision":"comply","reason":"valid"}`)
}

// disclose records that the data of every subject was handed over once more.
func (r *race) disclose(m, round int) {
	r.post(m, "disclosure.made", fmt.Sprintf(`{"disclosureId":"d%d","basis":"compelled","at":"2026-02-28T09:00:00Z",
		"categories":["content"],
		"content":true,"subjects":["u0","u1","u2","u3","u4","u5"]}`, round))
}

// order records the order of a round: over two subjects, over all, or an extension of the one before.
func (r *race) order(m, round int) {
	covers, extends := fmt.Sprintf(`["u%d","u%d"]`, round%racedSubjects, (round+3)%racedSubjects), ""
	if round%3 == 0 {
		covers = `"all"`
	}
	if round%2 == 1 {
		extends = fmt.Sprintf(`,"extends":"o%d"`, round-1)
	}
	r.post(m, "order.received", fmt.Sprintf(`{"orderId":"o%d","kind":"court_order","issuer":%s,"signed":true,
		"covers":{"subjects":%s},
		"end":{"kind":"date","date":"2026-12-31","wording":"through"},
		"legalBasis":"18 U.S.C. 2705(b)"%s}`, round, racedIssuer, covers, extends))
}

func (r *race) lift(m, round int) {
	r.post(m, "order.ended",
		fmt.Sprintf(`{"orderId":"o%d","how":"lifted","effectiveAt":%q,"documentSha256":"%064d","approvedBy":["counsel:a",`+
			`"counsel:b"]}`,
			round, r.now().Add(-time.Minute).Format(time.RFC3339), 0))
}

func (r *race) notices() []notice.Notice {
	var all []notice.Notice
	for m := range racedMatters {
		page, next, err := r.store.Notices(r.t.Context(), raced(m), "", 100)
		require.NoError(r.t, err)
		require.Empty(r.t, next)
		all = append(all, page...)
	}
	return all
}

// finish lets time pass until nothing is left to do.
func (r *race) finish() {
	for range 4 {
		for _, wait := range []time.Duration{time.Minute, 2 * notice.LeaseTime, notice.ReconcileWindow + time.Minute,
			notice.ConfirmWindow} {
			r.ahead(wait)
			var g errgroup.Group
			for _, d := range r.dispatchers {
				g.Go(func() error { _, err := d.service.Sweep(r.t.Context()); return err })
			}
			require.NoError(r.t, g.Wait())
		}
	}
}

// judge holds what became of everything against the laws.
func (r *race) judge() {
	accepted := map[string]int{}
	all := map[string]notice.Notice{}
	for _, n := range r.notices() {
		all[n.ID] = n
	}
	require.Len(r.t, all, racedMatters*racedSubjects*racedRounds)
	for _, s := range r.sent {
		n := all[s.notice]
		require.NotNil(r.t, n.Attempt(s.token), "%s has no record of %s", s.notice, s.token)
		accepted[n.ID]++
		require.True(r.t, s.by.looked(&n, s), "%s was sent by %s without a look at a head that allowed it", s.notice, s.token)
	}
	doubts := 0
	for id, n := range all {
		require.True(r.t, n.State.Terminal(), "%s is %s", id, n.State)
		require.Positive(r.t, accepted[id], "%s is %s %s and was never mailed", id, n.State, n.Reason)
		require.LessOrEqual(r.t, accepted[id]-1, n.Unknowns(), "%s was mailed %d times", id, accepted[id])
		doubts += n.Unknowns()
	}
	r.t.Logf("%d mails about %d notices, %d unknown outcomes, %d events", len(r.sent), len(all), doubts, r.events)
}

// looked reports whether the dispatcher, between the claim and the mail, read a head that had everything recorded
// before and allowed the notice.
func (d *racer) looked(n *notice.Notice, s taken) bool {
	eval := restraint.NewEvaluator()
	for _, l := range d.looks {
		if l.head.Matter != n.Matter || l.head.Version != n.Attempt(s.token).Head || l.began < d.claims[s.token] ||
			l.ended > s.seq {
			continue
		}
		for _, v := range d.race.recorded[n.Matter] {
			require.True(d.race.t, v.seq > l.began || v.version <= l.head.Version, "a look at %s misses version %d", n.Matter,
				v.version)
		}
		if restraint.Clear(eval.Covering(&l.head, restraint.TargetAt(n, n.Attempt(s.token).Recipient)), n.Base, l.at) {
			return true
		}
	}
	return false
}
