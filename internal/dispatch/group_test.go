package dispatch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// partitions are those of the whole agenda, as the store names them to a fault.
func partitions() []string {
	var all []string
	for shard := range agenda.NoticeShards {
		all = append(all, fmt.Sprintf("A#%02d", shard))
	}
	for shard := range agenda.WorkShards {
		all = append(all, fmt.Sprintf("A#w%d", shard))
	}
	return all
}

// TestTheGroupsShareTheAgendaWithoutGapOrOverlap, however many there are: what no group works is never sent, and what
// two work is paced twice.
func TestTheGroupsShareTheAgendaWithoutGapOrOverlap(t *testing.T) {
	for of := range dispatch.MaxGroups + 1 { // 0 is one group, too
		w := newWorld(t)
		var mu sync.Mutex
		var read []string
		w.store.Fault = func(op, key string) memory.Effect {
			if op == "Rows" {
				mu.Lock()
				defer mu.Unlock()
				read = append(read, strings.TrimSpace(key))
			}
			return memory.None
		}
		for number := range max(of, 1) {
			r, err := w.SweepGroup(t.Context(), dispatch.Group{Number: number, Of: of})
			require.NoError(t, err)
			require.Zero(t, r.Errors)
		}
		require.ElementsMatch(t, partitions(), read, "%d groups", of)
	}
}

// TestTheGroupsSendEveryNoticeOnce, those that come due while another group sweeps too.
func TestTheGroupsSendEveryNoticeOnce(t *testing.T) {
	w := newWorld(t)
	all := names(200)
	w.open(all...)
	w.disclose("d1", all...)
	var sent []int
	for range 2 { // a group that makes notices makes those of the others' partitions too
		for number := range 3 {
			r, err := w.SweepGroup(t.Context(), dispatch.Group{Number: number, Of: 3})
			require.NoError(t, err)
			sent = append(sent, r.Sent)
		}
	}
	require.Equal(t, len(all), w.mail.count())
	for _, u := range all {
		require.Equal(t, 1, w.mail.accepted(w.notice("d1", u).ID))
	}
	for number := range 3 {
		require.Positive(t, sent[number]+sent[number+3], "group %d has its part", number)
	}
}

func TestAGroupThatDoesNotExistSweepsNothing(t *testing.T) {
	w := newWorld(t)
	for _, g := range []dispatch.Group{{Number: 2, Of: 2}, {Number: -1, Of: 2}, {Number: 1},
		{Of: dispatch.MaxGroups + 1}} {
		_, err := w.SweepGroup(t.Context(), g)
		require.EqualError(t, err, fmt.Sprintf("sweep: there is no group %d of %d", g.Number, g.Of))
	}
	c, err := w.store.Control(t.Context())
	require.NoError(t, err)
	require.Zero(t, c.LastSweep, "no sweep is recorded as finished")
}

// TestAGroupForecastsForAll: what waits in its part waits in the others' too, and all of them share the quota.
func TestAGroupForecastsForAll(t *testing.T) {
	w := backlog(t, 2*firstPages)
	w.Settings.SendingEnabled = false
	require.NoError(t, w.store.PutQuota(t.Context(), store.Quota{PerSecond: 10, Per24h: 1_000_000, ReadAt: start}))
	r, err := w.SweepGroup(t.Context(), dispatch.Group{Number: 1, Of: 4})
	require.NoError(t, err)
	require.InDelta(t, 2*firstPages/4, r.Waiting, firstPages/4, "a quarter of the agenda")
	require.InDelta(t, float64(r.Waiting)*4/9.5, r.DrainSeconds, 1)
	w.Settings.Share = 0.5
	half, err := w.SweepGroup(t.Context(), dispatch.Group{Number: 1, Of: 4})
	require.NoError(t, err)
	require.InDelta(t, float64(r.Waiting)*4/5, half.DrainSeconds, 1)
}

// account is SES as it counts an account's mails: what would be more than the quota within any second is throttled. It
// answers after some time, which is another for each mail, and takes longer to be reached by some than by others.
type account struct {
	mu                  sync.Mutex
	perSecond           int
	random              *rand.Rand
	taken               []time.Time
	attempts, throttled int
}

// delay waits for up to so long.
func (a *account) delay(most time.Duration) {
	a.mu.Lock()
	d := time.Duration(a.random.Int64N(int64(most)))
	a.mu.Unlock()
	time.Sleep(d) // of the bubble
}

func (a *account) take() (bool, error) {
	a.delay(10 * time.Millisecond)
	defer a.delay(60 * time.Millisecond)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attempts++
	now := time.Now()
	if n := len(a.taken); n >= a.perSecond && now.Sub(a.taken[n-a.perSecond]) < time.Second {
		a.throttled++
		return false, &notice.SendError{Outcome: notice.OutcomeThrottled, Code: "Throttling"}
	}
	a.taken = append(a.taken, now)
	return true, nil
}

// tick is one tick of the queue: when it comes, and for which group.
type tick struct {
	after time.Duration
	group dispatch.Group
}

// play has the account's notices swept as the ticks come, and returns what SES made of it. Ticks of one message group
// are taken one after the other, as a FIFO queue does; queues says by which group each is queued.
func play(t *testing.T, perSecond, notices int, ticks []tick, queue func(i int, k tick) int) (a *account) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Settings.Workers = 64
		w.mail.quota = store.Quota{PerSecond: float64(perSecond), Per24h: 1_000_000}
		all := names(notices)
		w.open(all...)
		w.disclose("d1", all...)
		w.makes()
		began := time.Now()
		w.Now = func() time.Time { return start.Add(time.Minute + time.Since(began)) }
		a = &account{perSecond: perSecond, random: rand.New(rand.NewPCG(1, uint64(perSecond)))}
		w.mail.answer = func(notice.Mail) (bool, error) { return a.take() }
		queues := map[int][]tick{}
		for i, k := range ticks {
			queues[queue(i, k)] = append(queues[queue(i, k)], k)
		}
		var g sync.WaitGroup
		for _, queued := range queues {
			g.Go(func() {
				for _, k := range queued {
					time.Sleep(k.after - time.Since(began)) // of the bubble
					ctx, stop := context.WithTimeout(t.Context(), 170*time.Second)
					_, err := w.SweepGroup(ctx, k.group)
					stop()
					require.NoError(t, err)
				}
			})
		}
		g.Wait()
		if a.throttled == 0 {
			require.Equal(t, notices, w.mail.count(), "the ticks were to be enough")
		}
	})
	return a
}

// TestNoAttemptIsThrottledHoweverTheTicksCome: three ticks of one minute, each with more to send than the time to the
// next one lets go, at the quotas of a new account, of an ordinary one and of a large one. One dispatcher, and four at
// the quotas that call for several. Beside them the same ticks with sweeps that overlap, as they did without the queue.
func TestNoAttemptIsThrottledHoweverTheTicksCome(t *testing.T) {
	byGroup := func(_ int, k tick) int { return k.group.Number }
	for _, perSecond := range []int{14, 100, 500} {
		t.Run(fmt.Sprint(perSecond, " a second"), func(t *testing.T) {
			gap := 4 * time.Second
			if perSecond > 100 {
				gap = 2 * time.Second // as many more are sent in it
			}
			notices := perSecond * 3 * int(gap/time.Second)
			var one, four []tick
			for _, after := range []time.Duration{0, gap, 2 * gap} {
				one = append(one, tick{after: after})
				for number := range 4 {
					four = append(four, tick{after: after, group: dispatch.Group{Number: number, Of: 4}})
				}
			}
			a := play(t, perSecond, notices, one, byGroup)
			require.Equal(t, []int{notices, 0}, []int{a.attempts, a.throttled})
			last := a.taken[len(a.taken)-1].Sub(a.taken[0]).Seconds()
			require.Less(t, last, float64(notices)/float64(perSecond)*1.1, "nor is the quota left unused")
			if perSecond >= 100 {
				a = play(t, perSecond, notices, four, byGroup)
				require.Equal(t, []int{notices, 0}, []int{a.attempts, a.throttled}, "four dispatchers")
			}
			a = play(t, perSecond, notices, one, func(i int, _ tick) int { return i })
			require.Positive(t, a.throttled, "without the queue")
			t.Logf("sweeps that overlap: %d of %d attempts throttled", a.throttled, a.attempts)
		})
	}
}
