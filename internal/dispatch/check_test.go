package dispatch_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

func TestAnOrderBetweenTheVisitAndTheFinalCheckHolds(t *testing.T) {
	for name, moment := range map[string]struct {
		op string
		n  int64
	}{"before the claim": {"SubjectsOf", 1}, "at the claim": {"Apply claim", 1}, "after the claim": {"Request", 1}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.disclose("d1", "u1")
			end, came := start.AddDate(0, 0, 30), false
			w.store.Fault = nth(moment.op, moment.n, func() memory.Effect {
				came = true
				w.order("ord-1", end)
				return memory.None
			})
			r := w.sweep()
			require.True(t, came)
			require.Zero(t, w.mail.count())
			require.Equal(t, 1, r.Blocked)
			n := w.notice("d1", "u1")
			require.Equal(t, notice.Scheduled, n.State)
			require.Empty(t, n.Attempts, "a released attempt burns nothing")
			require.Equal(t, []agenda.Row{agenda.ForNotice(n.Matter, n.ID, end, 3)}, w.rows(n.ID))
			w.at(end.Add(matter.Margin))
			w.store.Fault = nil
			w.sweep()
			require.Equal(t, 1, w.mail.count())
			require.Equal(t, 3, w.notice("d1", "u1").Attempts[0].Head, "the record names the head the mail rested on")
		})
	}
}

func TestAnOrderThatBeginsBetweenTheVisitAndTheFinalCheckHolds(t *testing.T) {
	begins := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	ends := begins.AddDate(0, 0, 10)
	almost := begins.Add(-restraint.HandOver - time.Second)
	for name, c := range map[string]struct {
		took  time.Duration
		next  time.Time
		moved int // rows, that of the order among them
	}{
		"it begins while the mail would be handed over": {2 * time.Second, almost, 1},
		"it has begun": {restraint.HandOver + 2*time.Second, ends, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.restrain(between("ord-1", begins, ends))
			w.at(almost)
			w.disclose("d1", "u1")
			w.store.Fault = nth("Request", 1, func() memory.Effect {
				w.advance(c.took)
				return memory.None
			})
			r := w.sweep()
			require.Equal(t, 1, r.Blocked)
			require.Equal(t, c.moved, r.Moved)
			require.Zero(t, w.mail.count())
			n := w.notice("d1", "u1")
			require.Empty(t, n.Attempts)
			rows := w.rows(n.ID)
			require.Len(t, rows, 1)
			require.Equal(t, c.next, rows[0].At, "the sweep that was blocked plans the next visit")
		})
	}
}

func TestRecordNamesTheHeadTheMailRestedOn(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.store.Fault = nth("Apply claim", 1, func() memory.Effect {
		w.record(event.RequestAmended, "{}", func(*store.Change) {})
		return memory.None
	})
	require.Equal(t, 1, w.sweep().Sent, "in the same sweep")
	n := w.notice("d1", "u1")
	require.Len(t, n.Attempts, 1)
	require.Equal(t, 3, n.Attempts[0].Head)
}

func TestLetterShowsTheRecordsOfTheHeadItRestedOn(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	// The disclosure is read once to make the notice, and once for the letter, after the request.
	w.store.Fault = nth("Disclosure", 2, func() memory.Effect {
		w.record(event.RequestAmended, "{}", func(c *store.Change) {
			r, err := w.store.Request(context.Background(), aMatter)
			require.NoError(t, err)
			r.Reference = "26-mc-2-amended"
			c.Request = &r
		})
		return memory.None
	})
	require.Equal(t, 1, w.sweep().Sent)
	require.Contains(t, w.mail.text(0), "26-mc-2-amended")
}

func TestOutcomeIsRecordedThoughTheSweepIsEnded(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	ctx, stop := context.WithCancel(t.Context())
	w.mail.answer = func(notice.Mail) (bool, error) {
		stop()
		return true, nil
	}
	_, err := w.Sweep(ctx)
	require.ErrorIs(t, err, context.Canceled, "no finished sweep")
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Sent, n.State)
	require.Len(t, w.rows(n.ID), 1)
}

func TestAFinalCheckOlderThanTwoSecondsIsMadeAgain(t *testing.T) {
	for took, want := range map[time.Duration]int64{2 * time.Second: 1, 2*time.Second + 1: 2} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		var heads atomic.Int64
		var claimed atomic.Bool
		w.store.Fault = func(op, _ string) memory.Effect {
			if op == "Apply claim" {
				claimed.Store(true)
			}
			if op == "Head" && claimed.Load() && heads.Add(1) == 1 {
				w.advance(took)
			}
			return memory.None
		}
		w.sweep()
		require.Equal(t, want, heads.Load(), "checks where the first took %v", took)
		require.Equal(t, 1, w.mail.count())
	}
}

// TestAnAttemptGoesOnlyWithEnoughOfItsLease: 15 s of it are left for SES, and not a nanosecond less.
func TestAnAttemptGoesOnlyWithEnoughOfItsLease(t *testing.T) {
	for took, sent := range map[time.Duration]int{notice.LeaseTime - 15*time.Second: 1,
		notice.LeaseTime - 15*time.Second + 1: 0} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		w.Opener = slow{func() { w.advance(took) }}
		r := w.sweep()
		require.Equal(t, sent, r.Sent, "after %v", took)
		require.Equal(t, 1-sent, r.Waiting)
		require.Len(t, w.notice("d1", "u1").Attempts, sent, "a released attempt burns nothing")
	}
}

// slow opens an address after something else.
type slow struct{ first func() }

func (s slow) Open(ctx context.Context, id string, wrapped, sealed, associated []byte) (matter.Address, error) {
	s.first()
	return opener{}.Open(ctx, id, wrapped, sealed, associated)
}

// deadlines keeps how long the caller would wait for a key.
type deadlines struct {
	opener
	left time.Duration
}

func (d *deadlines) Open(ctx context.Context, id string, wrapped, sealed, associated []byte) (matter.Address, error) {
	if end, ok := ctx.Deadline(); ok {
		d.left = time.Until(end)
	}
	return d.opener.Open(ctx, id, wrapped, sealed, associated)
}

func TestAKeyIsWaitedForUntilTheLeaseIsNearlyOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, keys := newWorld(t), &deadlines{}
		w.Opener = keys
		w.open("u1")
		w.disclose("d1", "u1")
		w.sweep()
		require.Equal(t, notice.LeaseTime-15*time.Second, keys.left)
	})
}

func TestAFreezeAfterTheClaimReleasesTheAttempt(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.Opener = &interrupted{by: func() { w.advance(notice.LeaseTime - 14*time.Second) }}
	w.sweep()
	require.Zero(t, w.mail.count())
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Scheduled, n.State)
	require.Empty(t, n.Attempts)
	w.sweep()
	require.Equal(t, 1, w.mail.count())
}

func TestAListThatCannotBeReadBlocks(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	at := w.rows(w.notice("d1", "u1").ID)[0]
	w.store.Torn = func(int) {
		w.store.Torn = nil
		head, err := w.store.Head(context.Background(), aMatter)
		require.NoError(t, err)
		require.True(t, head.Restraints[0].Torn)
		w.sweep()
		require.Zero(t, w.mail.count(), "blocked, to be read again")
		require.Equal(t, []agenda.Row{at}, w.rows(at.ID()), "the row waits here, for the list may be readable any moment")
	}
	w.order("ord-1", start.AddDate(0, 0, 90), names(60)...)
	w.sweep()
	require.Equal(t, 1, w.mail.count(), "u1 is not on the list")
}
