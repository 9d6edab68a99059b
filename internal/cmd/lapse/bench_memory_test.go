package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/seal"
	"lapse/internal/store"
	"lapse/internal/wire"
)

const memoryMatters, memoryEach = 5, 1000

// taker stands for SES where nothing outside is to cost anything: it takes every mail.
type taker struct{ n atomic.Int64 }

func (t *taker) Send(context.Context, notice.Mail) (string, error) {
	return fmt.Sprintf("0100-%d", t.n.Add(1)), nil
}

func (t *taker) Quota(context.Context) (store.Quota, error) {
	return store.Quota{PerSecond: 1e9, Per24h: -1}, nil
}

// memoryScene is a store in memory with notices that are due, and a dispatcher that sends them to nobody.
func memoryScene(tb testing.TB, key *seal.FileKey) (dispatcher, *memory.Store) {
	db := &memory.Store{}
	for i := range memoryMatters {
		recordMatter(tb, db, key, time.Now, fmt.Sprintf("mat-bench-%d", i), memoryEach)
	}
	later := func() time.Time { return time.Now().Add(2 * time.Second) }
	made, err := newDispatcher(db, key, nil, later, false)
	require.NoError(tb, err)
	d := dispatcher{made}
	d.sweep(tb)
	d.Settings.SendingEnabled, d.Mailer = true, &taker{}
	return d, db
}

// spent is what a pass took: by the clock, and of all processors.
type spent struct{ wall, cpu time.Duration }

// measured carries f out and returns what it took for each of n.
func measured(tb testing.TB, n int, f func()) spent {
	var before, after syscall.Rusage
	runtime.GC()
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
	began := time.Now()
	f()
	wall := time.Since(began)
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
	cpu := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	return spent{wall / time.Duration(n), time.Duration(cpu) / time.Duration(n)}
}

// least is the pass that took the least of the processors.
func least(passes []spent) spent {
	return slices.MinFunc(passes, func(a, b spent) int { return int(a.cpu - b.cpu) })
}

// BenchmarkMemory prints the dispatcher's notices a second where store and SES cost nothing outside the process, and
// what a notice takes of the processors, beside what its two parts take by themselves that nothing can leave out:
// opening the sealed address, and writing the mail. Run it once:
// go test -run '^$' -bench Memory -benchtime 1x ./internal/cmd/lapse
func BenchmarkMemory(b *testing.B) {
	key, err := seal.OpenFileKey(filepath.Join(b.TempDir(), "key"))
	require.NoError(b, err)
	var sweeps, opens, mails []spent
	const n = memoryMatters * memoryEach
	for b.Loop() {
		for range benchPasses {
			d, db := memoryScene(b, key)
			work := readWork(b, db)
			opens = append(opens, measured(b, n, func() { openAll(b, d, work) }))
			mails = append(mails, measured(b, n, func() { writeAll(b, d, work) }))
			sweeps = append(sweeps, measured(b, n, func() { require.Equal(b, n, d.sweep(b).Sent) }))
		}
	}
	all, open, mail := least(sweeps), least(opens), least(mails)
	fastest := slices.MinFunc(sweeps, func(a, b spent) int { return int(a.wall - b.wall) })
	rate := func(each time.Duration) float64 { return float64(time.Second) / float64(each) }
	processors := float64(runtime.GOMAXPROCS(0))
	ratio := float64(open.cpu+mail.cpu) / float64(all.cpu)
	fmt.Printf("\nin memory   %7.0f notices/s by the clock, %.0f by the processor time of %.0f processors\n",
		rate(fastest.wall), processors*rate(all.cpu), processors)
	fmt.Printf("a notice    %v of a processor: %v open the address, %v write the mail, %v the rest\n", all.cpu, open.cpu,
		mail.cpu, all.cpu-open.cpu-mail.cpu)
	fmt.Printf("ratio %.2f of the ceiling, which only opens addresses and writes mails\n", ratio)
	b.ReportMetric(rate(fastest.wall), "notices/s")
	b.ReportMetric(ratio, "ratio")
}

// work is one notice with what its mail is made from.
type work struct {
	sources letter.Sources
	contact matter.SealedContact
}

func readWork(tb testing.TB, db *memory.Store) []work {
	ctx := context.Background()
	var all []work
	for i := range memoryMatters {
		id := fmt.Sprintf("mat-bench-%d", i)
		head, err := db.Head(ctx, id)
		require.NoError(tb, err)
		request, err := db.Request(ctx, id)
		require.NoError(tb, err)
		disclosures, err := db.Disclosures(ctx, id, "")
		require.NoError(tb, err)
		notices, _, err := db.Notices(ctx, id, "", memoryEach)
		require.NoError(tb, err)
		subjects := make([]string, len(notices))
		for i := range notices {
			subjects[i] = notices[i].Subject
		}
		known, err := db.Subjects(ctx, id, subjects)
		require.NoError(tb, err)
		for i := range notices {
			s := known[notices[i].Subject]
			contact, _, _, ok := notices[i].Contact(&s)
			require.True(tb, ok)
			all = append(all, work{letter.Sources{Notice: &notices[i], Recipient: s.Recipient(contact), Head: &head,
				Request: request, Disclosure: disclosures[0].Facts}, contact})
		}
	}
	return all
}

func openAll(tb testing.TB, d dispatcher, all []work) {
	for _, w := range all {
		n := w.sources.Notice
		_, err := d.Opener.Open(context.Background(), n.Matter, w.sources.Head.WrappedKeyset, w.contact.Sealed,
			matter.AssociatedData(n.Matter, n.Subject, w.contact.Role))
		require.NoError(tb, err)
	}
}

func writeAll(tb testing.TB, d dispatcher, all []work) {
	to, err := matter.ParseAddress("person@example.org")
	require.NoError(tb, err)
	eval, now, from := restraint.NewEvaluator(), matter.Floor(d.Now()), d.Settings.Sender
	var draft *letter.Draft
	for i, w := range all {
		f := from.Facts(eval, w.sources, w.sources.Notice.Base, now)
		if i%memoryEach == 0 {
			draft, err = letter.Prepare(f)
			require.NoError(tb, err)
		}
		_, err = draft.Compose(f.Personal(), letter.Headers{To: to, From: from.From, SenderName: from.Name,
			ReplyTo: from.ReplyTo, MessageID: wire.Token() + "@lapse.example", Date: now})
		require.NoError(tb, err)
	}
}
