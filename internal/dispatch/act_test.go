package dispatch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// ask records a person's hold of a notice as intake does, and does not carry it out.
func (w *world) ask(id string) (e ledger.Entry) {
	w.t.Helper()
	w.record(event.NoticeHeld, fmt.Sprintf(`{"noticeId":%q,"reason":"counsel asks"}`, id), func(c *store.Change) {
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
		n, err := w.store.Notice(w.t.Context(), id)
		require.NoError(w.t, err)
		if decided, effect := n.Apply(notice.Decide(c.Head.Version)); effect == notice.Applied {
			c.Decided = &decided
		}
		e = c.Entry
	})
	return e
}

// hold records a hold as ask does, and tries to carry it out.
func (w *world) hold(id string) {
	w.t.Helper()
	e := w.ask(id)
	d, ok, err := e.Decision()
	require.NoError(w.t, err)
	require.True(w.t, ok)
	_, _, err = w.store.Apply(context.Background(), notice.Notice{ID: d.Notice}, d.Act)
	require.NoError(w.t, err)
}

// interrupted is an opener whose first call, between claim and final check, runs the test's code.
type interrupted struct {
	opener
	by func()
}

func (o *interrupted) Open(ctx context.Context, id string, wrapped, sealed, associated []byte) (matter.Address, error) {
	if by := o.by; by != nil {
		o.by = nil
		by()
	}
	return o.opener.Open(ctx, id, wrapped, sealed, associated)
}

// TestAHoldWhileAnAttemptIsRunning: the final check sees that the matter changed and releases the attempt. The same
// sweep inspects the notice again, and it is held.
func TestAHoldWhileAnAttemptIsRunning(t *testing.T) {
	w := newWorld(t)
	w.open("u1", "u2")
	w.disclose("d1", "u1", "u2")
	w.Settings.Workers = 1
	w.Opener = &interrupted{by: func() {
		w.hold(notice.ID(nil, aMatter, "d1", "u1"))
		w.hold(notice.ID(nil, aMatter, "d1", "u2"))
	}}
	w.sweep()
	require.Zero(t, w.mail.count())
	for range 2 {
		w.advance(time.Minute)
		w.sweep()
	}
	require.Zero(t, w.mail.count())
	require.Equal(t, notice.Held, w.notice("d1", "u1").State)
	require.Equal(t, notice.Held, w.notice("d1", "u2").State)
	require.Empty(t, w.work(agenda.Replan))
}

// TestAHoldAfterADispatcherDied: sweeps that still see its attempt running do not delay the hold beyond the next one.
func TestAHoldAfterADispatcherDied(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	id := notice.ID(nil, aMatter, "d1", "u1")
	_, claimed, err := w.store.Apply(t.Context(), notice.Notice{ID: id}, notice.Act{
		Op: notice.OpClaim, Token: w.newToken(), At: w.clock(), Next: w.clock().Add(notice.LeaseTime), Version: 2,
	})
	require.NoError(t, err)
	require.True(t, claimed)
	w.hold(id)
	w.advance(10 * time.Second)
	for range 30 {
		w.sweep()
		w.advance(time.Minute)
	}
	require.Zero(t, w.mail.count())
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Held, n.State)
	require.Equal(t, 1, n.Unknowns())
}

// TestAHoldThatNobodyCameToCarryOut: the process that recorded the hold died right after, while a sweep was under way.
// That sweep knows the version of the hold, and its notice. It must not send the mail, and carries the hold out itself.
func TestAHoldThatNobodyCameToCarryOut(t *testing.T) {
	for name, at := range map[string]string{"before the notice is read": "NoticesOf",
		"between the read and the claim": "Apply claim"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1", "u2")
			w.disclose("d1", "u1", "u2")
			w.Settings.Workers = 1
			w.makes()
			first := ""
			w.store.Fault = func(op, key string) memory.Effect {
				if op == at && first == "" {
					first = strings.Fields(key)[0]
					w.ask(first)
				}
				return memory.None
			}
			require.Equal(t, 1, w.sweep().Sent)
			require.Equal(t, 1, w.mail.count())
			n, err := w.store.Notice(t.Context(), first)
			require.NoError(t, err)
			require.Empty(t, n.Attempts)
			if at == "NoticesOf" {
				require.Equal(t, notice.Held, n.State, "in the same sweep")
			}
			w.advance(time.Minute)
			w.sweep()
			n, err = w.store.Notice(t.Context(), first)
			require.NoError(t, err)
			require.Equal(t, notice.Held, n.State)
			require.Empty(t, w.work(agenda.Replan))
		})
	}
}

// TestAHoldThatARestoreLostIsNotSent: a table restored to an instant between two writes has a notice that waits for a
// version. The entry of that version is missing, or it is another change. The notice is not sent, and the log says so.
func TestAHoldThatARestoreLostIsNotSent(t *testing.T) {
	for name, another := range map[string]bool{"no entry": false, "another's": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1", "u2")
			w.disclose("d1", "u1", "u2")
			w.makes()
			head, err := w.store.Head(t.Context(), aMatter)
			require.NoError(t, err)
			n := w.notice("d1", "u1")
			w.store.PeekAt(n.ID).Decision = head.Version + 1
			if another {
				w.ask(notice.ID(nil, aMatter, "d1", "u2"))
				require.Equal(t, 1, w.faultySweep().Errors)
			} else {
				require.Equal(t, 1, w.sweep().Orphans)
				w.advance(25 * time.Hour)
				require.Equal(t, 1, w.sweep().OrphanAlarms)
			}
			require.Zero(t, len(w.notice("d1", "u1").Attempts))

			w.hold(n.ID)
			w.advance(time.Hour)
			w.sweep()
			require.Equal(t, notice.Held, w.notice("d1", "u1").State, "counsel decided anew")
		})
	}
}
