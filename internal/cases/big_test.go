package cases_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// part is how many subjects one event may name.
const part = 1000

// plain stands in for the keys: sealing is not what a big matter is about.
type plain struct{}

func (plain) NewKeys(context.Context, string) (public, wrapped []byte, err error) {
	return []byte("public"), []byte("wrapped"), nil
}

func (plain) Seal(_ []byte, a matter.Address, _ []byte) ([]byte, error) {
	return []byte(a.Reveal()), nil
}

func (plain) Open(_ context.Context, _ string, _, sealed, _ []byte) (matter.Address, error) {
	return matter.ParseAddress(string(sealed))
}

// limited is an SES that takes so many mails a day.
type limited struct {
	*world
	perDay int
	sent   []time.Time
}

func (l *limited) Quota(context.Context) (store.Quota, error) {
	return store.Quota{PerSecond: 1e6, Per24h: float64(l.perDay), Sent24h: float64(l.today())}, nil
}

// today is how many mails were taken in the last 24 h; they were taken in the order of time.
func (l *limited) today() int {
	first, _ := slices.BinarySearchFunc(l.sent, l.Now().Add(-24*time.Hour), func(at, since time.Time) int {
		if at.After(since) {
			return 1
		}
		return -1
	})
	return len(l.sent) - first
}

func (l *limited) Send(_ context.Context, m notice.Mail) (string, error) {
	if l.today() >= l.perDay {
		return "", &notice.SendError{Outcome: notice.OutcomeDaily, Code: "Throttling"}
	}
	l.sent = append(l.sent, l.Now())
	return "message-" + m.Attempt, nil
}

// TestBigMatter goes through the life of a matter with a great many subjects: recorded in parts, forecast when
// recorded, extended by one write, planned anew in chunks when the order is lifted, and mailed to the day's quota.
func TestBigMatter(t *testing.T) {
	w := newWorld(t)
	w.Intake.Sealer, w.Dispatch.Opener = plain{}, plain{}
	const perDay = bigMatter * 6 / 10
	ses := &limited{world: w, perDay: perDay}
	w.Dispatch.Mailer = ses
	w.sweep() // which learns the quota
	parts := bigMatter / part
	ids := func(p int) (out []string) {
		for i := range part {
			out = append(out, fmt.Sprintf("u%06d", p*part+i))
		}
		return out
	}
	w.Post(worldtest.Request(ids(0)...))
	for p := 1; p < parts; p++ {
		w.Post(worldtest.Amendment(object{"subjects": worldtest.Subjects(ids(p)...)}))
	}
	w.Post(worldtest.Order("ord-1").Through("2026-05-31"))
	w.Post(worldtest.Comply())
	var last ledger.Answer
	for p := range parts {
		last = w.Post(worldtest.Disclosure("d1", ids(p)...))
	}
	require.Equal(t, "cannot_drain_in_a_day", last.Warnings[len(last.Warnings)-1].Code,
		"the forecast comes when it is recorded")
	for range parts/10 + 1 {
		w.sweep()
	}
	require.Empty(t, ses.sent)

	extension := &counter{counts: writes}
	w.Store.Fault = extension.count
	w.Post(worldtest.Order("ord-2").Extends("ord-1"))
	require.Equal(t, 1, extension.n, "one transaction, however many subjects it covers")

	// The first end passes; rows not planned anew yet would show here.
	w.Store.Fault = nil
	w.at(worldtest.Instant(t, "2026-06-01T04:00:00Z"))
	for range parts {
		w.sweep()
	}
	require.Empty(t, ses.sent)
	w.Set(worldtest.Instant(t, "2026-07-01T12:00:00Z"))
	w.Post(worldtest.Ending("ord-2", "lifted", "2026-07-01T12:00:00Z"))
	w.Advance(5 * time.Second)
	replanned := &counter{counts: func(op string) bool { return op == "PutRow" }}
	w.Store.Fault = replanned.count
	ses.perDay = 0 // nothing is mailed yet, so the rows put are the re-plan's
	_, err := w.Dispatch.Sweep(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, replanned.n, 10_000+10_000/100+1,
		"the notices, after each page how far it is, and the row that counts for the report")
	require.GreaterOrEqual(t, replanned.n, min(bigMatter, 10_000))
	w.Store.Fault = nil
	ses.perDay = perDay
	w.Advance(time.Hour)
	until(w, func() bool { return len(ses.sent) >= perDay })
	report, err := w.Dispatch.Sweep(t.Context())
	require.NoError(t, err)
	require.Len(t, ses.sent, perDay, "the day's quota")
	require.NotEmpty(t, report.Paused)

	w.Advance(24*time.Hour + time.Minute)
	until(w, func() bool { return len(ses.sent) >= bigMatter })
	require.Len(t, ses.sent, bigMatter)
	h, err := w.Store.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, []int{bigMatter, bigMatter, 1}, []int{h.Subjects, h.Notices, h.Disclosures},
		"a report has one line for it: one request and one disclosure, in however many parts, of so many accounts")
}

// until sweeps until done, at most as often as a matter of this size may take.
func until(w *world, done func() bool) {
	w.T.Helper()
	for range bigMatter/10_000 + 5 {
		if done() {
			return
		}
		_, err := w.Dispatch.Sweep(w.T.Context())
		require.NoError(w.T, err)
		w.Advance(time.Second)
	}
}

// writes reports whether the op of the store is none of those that only read, so that an op added later is a write.
func writes(op string) bool {
	return !slices.Contains([]string{
		"Head", "Receipt", "Entry", "Entries", "Request", "Orders", "Exceptions", "Disclosure", "Disclosures", "Subjects",
		"Approval", "Approvals", "Notice", "Notices",
		"Rows", "Control", "Flights", "TableID",
	}, op)
}

// counter counts the calls of those ops of the store that counts says.
type counter struct {
	counts func(op string) bool
	mu     sync.Mutex
	n      int
}

func (c *counter) count(op, _ string) memory.Effect {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts(op) {
		c.n++
	}
	return memory.None
}
