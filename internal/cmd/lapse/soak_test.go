package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"lapse/internal/delivery"
	"lapse/internal/dispatch"
	"lapse/internal/dynamo"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/seal"
	"lapse/internal/wire"
)

const (
	// soakMatters is how many matters share the notices of a soak, soakDispatchers how many dispatchers work at once.
	soakMatters     = 10
	soakDispatchers = 2
	// soakDefault is how many notices "go test" soaks.
	soakDefault = "600"
	// soakPart is how many subjects one event names, the most that an event may.
	soakPart = 1000
)

// TestSoak loads SOAK notices through intake into the engine, kills dispatchers at random instants while SES drops,
// refuses and doubts, and then counts: none lost, none early, no duplicate without an outcome recorded as unknown. Once
// the faults and the killing stop, everything comes to an end. Every second matter is under an order that is extended
// once and lifted later; one gets its order in mid-sending.
func TestSoak(t *testing.T) {
	total, err := strconv.Atoi(cmp.Or(os.Getenv("SOAK"), soakDefault))
	require.NoError(t, err)
	require.GreaterOrEqual(t, total, soakMatters, "SOAK, the number of notices")
	require.Zero(t, total%soakMatters, "SOAK has to be a multiple of %d, for so many matters share the notices alike",
		soakMatters)
	s := newSoak(t, total/soakMatters)
	s.say("loading %d matters of %d subjects", soakMatters, s.each)
	s.load()

	s.say("sending what nothing holds, with an order against one matter on the way")
	s.dispatch(func() { s.order(0, "late", "", 400) })
	s.say("extending every order, and passing its first end")
	for i := 1; i < soakMatters; i += 2 {
		s.order(i, "second", "first", 90)
	}
	s.push(40 * 24 * time.Hour)
	s.dispatch(nil)

	s.say("lifting every order")
	s.lift(0, "late")
	for i := 1; i < soakMatters; i += 2 {
		s.lift(i, "second")
	}
	s.dispatch(nil)
	s.say("waiting for what is left")
	for round := range 6 {
		if round == 2 {
			s.mail.calm.Store(true)
		}
		// A lease ends, then the time to hear of an attempt, then the time in which a sent mail is confirmed.
		for _, wait := range []time.Duration{2 * notice.LeaseTime, notice.ReconcileWindow + time.Minute,
			notice.ConfirmWindow} {
			s.push(wait)
			s.dispatch(nil)
		}
	}
	s.judge()
}

// soak is the service as one engine, an SES that errs, and dispatchers in processes of their own.
type soak struct {
	*scene
	t      *testing.T
	each   int // subjects a matter
	table  *dynamo.Store
	mail   *soakSES
	intake *intake.Service
	// ahead is how far the service's clock is before the real one; dispatchers learn it when they are started.
	ahead time.Duration
	began time.Time
	kills int
	held  map[string]hold
	// posted counts the events.
	posted int
	// said is when say printed last, and saidAccepted what SES had accepted then.
	said         time.Time
	saidAccepted int
}

// hold is when an order forbids every mail of a matter: in the versions from and up to which, and since when its
// recording had been answered, by the service's clock.
type hold struct {
	from, to int
	answered time.Time
}

// early reports whether an attempt was made under the order: it rests on one of its versions, or it came to SES while
// the order stood and was claimed after that was answered, whatever version it says it rests on. One claimed before may
// have had its final check before the order. Claims are recorded by whole seconds, rounded down: a later one began
// later.
func (h hold) early(a notice.Attempt, came bool) bool {
	return a.Head >= h.from && a.Head < h.to || came && a.Claimed.After(h.answered)
}

func newSoak(t *testing.T, each int) *soak {
	s := &soak{scene: &scene{}, t: t, each: each, began: time.Now(), said: time.Now(), held: map[string]hold{}}
	s.now = func() time.Time { return time.Now().Add(s.ahead) }
	s.engine, s.keyFile = anEngine(t), filepath.Join(t.TempDir(), "key")
	var err error
	s.key, err = seal.OpenFileKey(s.keyFile)
	require.NoError(t, err)
	book, err := law.Load()
	require.NoError(t, err)
	s.table = s.store(t, s.engine)
	quiet := slog.New(slog.DiscardHandler)
	s.intake = &intake.Service{
		Now: s.now, Store: s.table, Wait: wire.Backoff,
		Sealer: &seal.Sealer{Key: s.key}, Mailboxes: &keyring.Mailboxes{Key: s.key, Store: s.table},
		Law: book, Rules: law.DefaultPolicy(), Policy: policyVersion, Log: quiet,
	}
	s.mail = newSoakSES(t, max(total(s)/500, 40), &delivery.Service{Now: s.now, Store: s.table, Bus: noBus{}, Log: quiet})
	s.ses = s.mail.url
	return s
}

func total(s *soak) int { return s.each * soakMatters }

// say prints how the soak stands, how fast it was since the last line, and how long the rest takes at that rate.
func (s *soak) say(format string, args ...any) {
	now, accepted := time.Now(), s.mail.count()
	rate := float64(accepted-s.saidAccepted) / now.Sub(s.said).Seconds()
	left := ""
	if missing := total(s) - accepted; rate > 0 && missing > 0 {
		left = fmt.Sprintf(", %s left", time.Duration(float64(missing)/rate*float64(time.Second)).Round(time.Second))
	}
	s.said, s.saidAccepted = now, accepted
	fmt.Printf("%7.0fs  accepted %d of %d, %.0f/s%s, %d kills%s%s  %s\n",
		now.Sub(s.began).Seconds(), accepted, total(s), rate, left, s.kills, megabytes("engine",
			engineMemory()), megabytes("this process", ownMemory()),
		fmt.Sprintf(format, args...))
}

func soakMatter(i int) string { return fmt.Sprintf("mat-soak-%d", i) }

// post posts one event and returns the matter's version with it.
func (s *soak) post(id, kind, data string) int {
	s.posted++
	raw := fmt.Sprintf(`{"specversion":"1.0","id":"e%d","source":"soak.example","type":"lapse.%s.v1","subject":%q,`+
		`"data":%s}`, s.posted, kind, id, data)
	out, err := s.intake.Take(context.Background(), []byte(raw), "http", "soak")
	require.NoError(s.t, err)
	return out.Answer.Version
}

// load records the matters: the request and its further subjects in parts, the orders of every second one, the
// decision, and the disclosure in parts.
func (s *soak) load() {
	at := matter.Floor(s.now()).Add(-time.Minute).Format(time.RFC3339)
	for i := range soakMatters {
		id := soakMatter(i)
		for from := 0; from < s.each; from += soakPart {
			kind, data := "request.amended", `{`
			if from == 0 {
				kind = "request.received"
				data = `{"reference":"r","instrument":"search_warrant","legalBasis":"18 U.S.C. 2703","issuer":` + soakCourt +
					`,"receivedAt":"` + at + `","dataSought":[{"category":"content"}],`
			}
			s.post(id, kind, data+`"subjects":[`+s.subjects(from,
				`{"id":%q,"accountClass":"consumer","contacts":[{"role":"user","email":"%s@example.com","verified":true}]}`)+`]}`)
		}
		if i%2 == 1 {
			s.order(i, "first", "", 30)
		}
		s.post(id, "request.decided", `{"decision":"comply","reason":"valid"}`)
		for from := 0; from < s.each; from += soakPart {
			s.post(id, "disclosure.made", `{"disclosureId":"d1","basis":"compelled","at":"`+at+`","categories":["content"],
		"content":true,"subjects":[`+s.subjects(from, "%q")+`]}`)
		}
		s.say("loaded %s", id)
	}
}

const soakCourt = `{"name":"N.D. Cal.","role":"judge","country":"US","zone":"America/Los_Angeles"}`

// subjects writes the subjects of a part, each by the format, which takes its id once or twice.
func (s *soak) subjects(from int, format string) string {
	var out []string
	for k := from; k < min(from+soakPart, s.each); k++ {
		id := fmt.Sprintf("user%06d", k)
		args := []any{id, id}[:strings.Count(format, "%")]
		out = append(out, fmt.Sprintf(format, args...))
	}
	return strings.Join(out, ",")
}

// order records an order over everybody of a matter that ends so many days from now.
func (s *soak) order(i int, id, extends string, days int) {
	today := s.now().UTC()
	data := fmt.Sprintf(`{"orderId":%q,"kind":"court_order","issuer":%s,"covers":{"subjects":"all"},"signed":true,`+
		`"signedOn":%q,"end":{"kind":"date","date":%q,"wording":"until"}`,
		id, soakCourt, today.AddDate(0, 0, -1).Format(time.DateOnly), today.AddDate(0, 0, days).Format(time.DateOnly))
	if extends != "" {
		data += fmt.Sprintf(`,"extends":%q`, extends)
	}
	version := s.post(soakMatter(i), "order.received", data+"}")
	if _, ok := s.held[soakMatter(i)]; !ok {
		s.held[soakMatter(i)] = hold{from: version, answered: s.now()}
		s.mail.watch(soakMatter(i), true)
	}
}

// lift records that the court lifted the order.
func (s *soak) lift(i int, id string) {
	data := fmt.Sprintf(`{"orderId":%q,"how":"lifted","effectiveAt":%q,"documentSha256":"%064d",`+
		`"approvedBy":["counsel:a","counsel:b"]}`,
		id, matter.Floor(s.now()).Format(time.RFC3339), 0)
	s.mail.watch(soakMatter(i), false)
	h := s.held[soakMatter(i)]
	h.to = s.post(soakMatter(i), "order.ended", data)
	s.held[soakMatter(i)] = h
}

// push sets the clock forward; no dispatcher is running.
func (s *soak) push(d time.Duration) { s.ahead += d }

// dispatch lets dispatchers sweep until none finds anything to do, killing one of them whenever SES has accepted some
// more mails. At the first kill, during is done.
func (s *soak) dispatch(during func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	working := &soakProcesses{}
	var g errgroup.Group
	for range soakDispatchers {
		g.Go(func() error { return s.sweepUntilQuiet(ctx, working) })
	}
	quiet := make(chan error, 1)
	go func() { quiet <- g.Wait() }()
	for progress := time.NewTicker(20 * time.Second); ; {
		select {
		case <-s.mail.more:
			if during != nil {
				during()
				during = nil
			}
			if working.killOne() {
				s.kills++
			}
		case <-progress.C:
			s.say("")
		case err := <-quiet:
			progress.Stop()
			require.NoError(s.t, err)
			if during != nil {
				during()
			}
			s.mail.drain(s.t)
			return
		}
	}
}

// sweepUntilQuiet starts a dispatcher, and another whenever one was killed, until a sweep has changed nothing.
func (s *soak) sweepUntilQuiet(ctx context.Context, working *soakProcesses) error {
	for {
		p, err := startSoakProcess(ctx, s)
		if err != nil {
			return err
		}
		working.add(p)
		for err == nil {
			var r dispatch.Report
			r, err = p.sweep()
			if err == nil && r.Sent+r.Unknown+r.Moved+r.Work+r.Waiting+r.Refused+r.Unconfirmed+r.Failed+r.Errors == 0 {
				working.remove(p)
				p.kill()
				return nil
			}
		}
		working.remove(p)
		p.kill()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// judge counts what became of every notice.
func (s *soak) judge() {
	var lost, early, late, duplicates, unknowns, unexplained, delivered int
	for i := range soakMatters {
		id, found := soakMatter(i), 0
		for cursor := ""; ; {
			page, next, err := s.table.Notices(s.t.Context(), id, cursor, 100)
			require.NoError(s.t, err)
			for k := range page {
				n := &page[k]
				found++
				accepted := s.mail.accepted(n.ID)
				if !n.State.Terminal() || accepted == 0 {
					lost++
					s.say("lost: %s is %s %s after %d attempts, mailed %d times", n.ID, n.State, n.Reason, len(n.Attempts), accepted)
				}
				if n.State == notice.Delivered {
					delivered++
				}
				if n.LateOrder != "" {
					late++
				}
				for _, a := range n.Attempts {
					if h, ok := s.held[id]; ok && h.early(a, s.mail.cameUnderOrder(a.Token)) {
						early++
					}
				}
				duplicates += max(accepted-1, 0)
				unknowns += n.Unknowns()
				if accepted-1 > n.Unknowns() {
					unexplained++
				}
			}
			if cursor = next; next == "" {
				break
			}
		}
		lost += s.each - found
	}
	s.say("done: %d delivered, lost %d, early %d, duplicates %d, unknowns %d, orders after the mail %d, mails of %s "+
		"handed over after its order %d; %.0f notices/s",
		delivered, lost, early, duplicates, unknowns, late, soakMatter(0), s.mail.underOrder(soakMatter(0)),
		float64(total(s))/time.Since(s.began).Seconds())
	require.Zero(s.t, lost, "lost")
	require.Zero(s.t, early, "attempts made while an order forbade them")
	require.Zero(s.t, unexplained, "notices mailed more often than unknown outcomes explain")
	require.LessOrEqual(s.t, duplicates, unknowns)
	require.NotZero(s.t, s.kills, "dispatchers killed")
	require.NotZero(s.t, unknowns)
}

// jolt is a random number of mails until the next kill, mean on average.
func jolt(mean int) int { return 1 + mrand.IntN(2*mean) }
