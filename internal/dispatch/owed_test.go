package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// contact records new contacts of a subject as intake does: in one transaction with a re-plan row.
func (w *world) contact(subject string) {
	w.t.Helper()
	w.record(event.ContactChanged, fmt.Sprintf(`{"subjectId":%q}`, subject), func(c *store.Change) {
		stored, err := w.store.Subjects(context.Background(), aMatter, []string{subject})
		require.NoError(w.t, err)
		changed := w.subject(subject, c.Head.Version)
		changed.Erasing = stored[subject].Erasing
		c.Subject = &changed
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
	})
}

// stands is where the rows of a notice stand.
func (w *world) stands(id string) (all []time.Time) {
	w.t.Helper()
	for _, r := range w.rows(id) {
		all = append(all, r.At)
	}
	return all
}

// unverified takes the verified contact away.
func (w *world) unverified(subject string) {
	w.t.Helper()
	s := w.subject(subject, 2)
	s.Contacts[0].Verified = false
	_, err := w.store.PutSubjects(context.Background(), []matter.Subject{s})
	require.NoError(w.t, err)
}

// bounce has SES report that the last mail of the notice came back.
func (w *world) bounce(n notice.Notice, reason notice.Reason) {
	w.t.Helper()
	_, ok, err := w.store.Apply(context.Background(), notice.Notice{ID: n.ID}, notice.Act{
		Op: notice.OpBounce, Token: n.Token, At: matter.Floor(w.clock()), MessageID: n.MessageID, Reason: reason,
		Actor: "ses",
	})
	require.NoError(w.t, err)
	require.True(w.t, ok)
}

func TestANewContactPutsBackAnOwedNotice(t *testing.T) {
	for _, reason := range []notice.Reason{notice.ReasonHardBounce, notice.ReasonSuppressed, notice.ReasonSoftBounce,
		notice.ReasonContent} {
		t.Run(string(reason), func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.disclose("d1", "u1")
			w.sweep()
			w.bounce(w.notice("d1", "u1"), reason)
			w.advance(time.Hour)
			w.contact("u1")
			w.sweep()
			require.Equal(t, 2, w.mail.count())
		})
	}
}

// TestAReplanWaitsForContactsThatAreNotVisibleYet: a transaction's items become visible one by one, in any order. A
// sweep that sees the re-plan of new contacts, and not yet the contacts, leaves the re-plan to the next.
func TestAReplanWaitsForContactsThatAreNotVisibleYet(t *testing.T) {
	contactsLast := func(items []string) {
		slices.SortStableFunc(items, func(a, b string) int {
			is := func(item string) int { return strings.Index(item, "subject ") } // -1, or 0 where it is one
			return is(a) - is(b)
		})
	}
	for name, sequence := range map[string]func([]string){"the contacts first": nil, "the contacts last": contactsLast} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.disclose("d1", "u1")
			w.sweep()
			w.bounce(w.notice("d1", "u1"), notice.ReasonHardBounce)
			w.advance(notice.ConfirmWindow + time.Minute)
			w.sweep()
			require.Equal(t, []time.Time{start.AddDate(0, 0, 30)}, w.stands(w.notice("d1", "u1").ID))
			w.store.Sequence = sequence
			steps := 0
			w.store.Torn = func(int) {
				steps++
				w.sweep()
			}
			w.contact("u1")
			require.Greater(t, steps, 2)
			w.store.Torn = nil
			w.advance(5 * time.Second)
			w.sweep()
			w.advance(time.Second)
			w.sweep()
			require.Equal(t, 2, w.mail.count(), "the notice is owed, and there is a contact")
		})
	}
}

// TestContactThatComesWhileTheNoticeFails: the contact is recorded, and planned for, between two steps of a sweep that
// ends the notice for want of one.
func TestContactThatComesWhileTheNoticeFails(t *testing.T) {
	for name, at := range map[string]struct {
		op string
		n  int64
	}{
		"before the restraints are read again": {"Head", 2}, "before the notice fails": {"Apply fail", 1},
		"before the contacts are read again": {"Subjects", 2}, "before the row goes": {"DeleteRow", 2},
	} {
		for _, fail := range []memory.Effect{memory.None, memory.FailBefore, memory.FailAfter} {
			t.Run(fmt.Sprint(name, fail), func(t *testing.T) {
				w := newWorld(t)
				w.Settings.Workers = 1
				w.open("u1")
				w.unverified("u1")
				w.disclose("d1", "u1")
				came := false
				w.store.Fault = nth(at.op, at.n, func() memory.Effect {
					came = true
					w.contact("u1")
					_, err := w.another().Sweep(context.Background())
					require.NoError(t, err)
					return fail
				})
				w.faultySweep()
				require.True(t, came)
				w.store.Fault = nil
				w.sweep()
				w.advance(time.Minute)
				w.sweep()
				require.Equal(t, notice.Sent, w.notice("d1", "u1").State)
				require.Equal(t, 1, w.mail.count())
			})
		}
	}
}

// TestAnEndThatTheBusRefusedIsPublishedAgain by the next sweep.
func TestAnEndThatTheBusRefusedIsPublishedAgain(t *testing.T) {
	for end, begin := range map[string]func(w *world){
		`lapse.notice.undeliverable {"matter":"mat-2026-0001","notice":%q,"reason":"no_contact"}`: func(w *world) {
			w.unverified("u1")
		},
		`lapse.notice.unknown {"matter":"mat-2026-0001","notice":%q,"reason":"no_sign"}`: func(w *world) {
			w.sweep()
			w.advance(notice.ConfirmWindow)
		},
	} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		w.makes()
		begin(w)
		w.bus.fail = errors.New("the bus is away")
		require.Equal(t, 1, w.faultySweep().Errors)
		n := w.notice("d1", "u1")
		require.True(t, n.State.Terminal())
		require.Len(t, w.rows(n.ID), 1)
		w.bus.fail = nil
		w.sweep()
		told := fmt.Sprintf(end, n.ID)
		require.Contains(t, w.bus.all(), told)
		require.Equal(t, []time.Time{start.AddDate(0, 0, 30)}, w.stands(n.ID), "the slow row")
		w.advance(31 * 24 * time.Hour)
		w.sweep()
		count := len(slices.DeleteFunc(w.bus.all(), func(e string) bool { return e != told }))
		require.Equal(t, 1, count, "a slow visit announces nothing again")
	}
}

func TestReopeningWhoseReplyIsLostKeepsTheRow(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1")
	w.unverified("u1")
	w.disclose("d1", "u1")
	replies := failing("Apply reopen", memory.FailAfter, 1)
	came := nth("Apply fail", 1, func() memory.Effect {
		_, err := w.store.PutSubjects(context.Background(), []matter.Subject{w.subject("u1", 2)})
		require.NoError(t, err)
		return memory.None
	})
	w.store.Fault = func(op, key string) memory.Effect { return max(came(op, key), replies(op, key)) }
	w.sweep()
	w.store.Fault = nil
	require.NotEmpty(t, w.rows(w.notice("d1", "u1").ID), "law 2")
	w.sweep()
	require.Equal(t, 1, w.mail.count())
}

func TestBounceAfterTheContactChanged(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	w.contact("u1")
	w.sweep()
	w.bounce(w.notice("d1", "u1"), notice.ReasonHardBounce)
	w.advance(notice.ConfirmWindow)
	w.sweep()
	w.sweep()
	require.Equal(t, 2, w.mail.count(), "the new address was not tried")
	w.bounce(w.notice("d1", "u1"), notice.ReasonHardBounce)
	w.advance(notice.ConfirmWindow)
	w.sweep()
	w.sweep()
	require.Equal(t, 2, w.mail.count(), "one that came back is not tried again")
	require.Equal(t, []time.Time{start.Add(notice.ConfirmWindow).AddDate(0, 0, 30)},
		w.stands(w.notice("d1", "u1").ID), "the slow row")
}

func TestNoticesAreNotMadeUnderAListThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	all := names(60)
	w.open(all...)
	w.disclose("d1", all[0])
	w.store.Torn = func(int) {
		head, err := w.store.Head(context.Background(), aMatter)
		require.NoError(t, err)
		if len(head.Restraints) == 0 || !head.Restraints[0].Torn {
			return
		}
		w.store.Torn = nil
		require.Positive(t, w.sweep().Orphans)
		_, err = w.store.Notice(context.Background(), notice.ID(nil, aMatter, "d1", all[0]))
		require.ErrorIs(t, err, store.ErrNotFound)
	}
	end := start.AddDate(0, 0, 90)
	w.order("ord-1", end, all...)
	require.Nil(t, w.store.Torn)
	w.advance(5 * time.Second)
	w.sweep()
	rows := w.rows(w.notice("d1", all[0]).ID)
	require.Len(t, rows, 1)
	require.Equal(t, end, rows[0].At)
}

// counted counts the calls of the store by op.
func (w *world) counted(ops ...string) *atomic.Int64 {
	var n atomic.Int64
	w.store.Fault = func(op, _ string) memory.Effect {
		for _, o := range ops {
			if o == op {
				n.Add(1)
			}
		}
		return memory.None
	}
	return &n
}

func TestContactChangedPlansItsSubjectAlone(t *testing.T) {
	w := newWorld(t)
	all := names(300)
	w.open(all...)
	w.order("ord-1", start.AddDate(0, 0, 90))
	w.disclose("d1", all...)
	w.disclose("d2", all[:2]...)
	w.sweep()
	calls := w.counted("PutRow", "Notice", "Notices")
	w.contact(all[0])
	w.sweep()
	require.EqualValues(t, 4, calls.Load(), "two notices are read and planned")
	require.Empty(t, w.work(agenda.Replan))
}

func TestAmendmentWithoutARestraintPlansNothing(t *testing.T) {
	w := newWorld(t)
	all := names(300)
	w.open(all...)
	w.order("ord-1", start.AddDate(0, 0, 90))
	w.disclose("d1", all...)
	w.sweep()
	calls := w.counted("PutRow", "Notices")
	w.record(event.RequestAmended, "{}", func(c *store.Change) {
		c.Entry.Pending = []matter.Subject{w.subject(all[0], c.Head.Version)}
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
	})
	w.sweep()
	require.EqualValues(t, 1, calls.Load(), "the row that looks after the contacts it may have changed")
	require.Empty(t, w.work(agenda.Replan))
	entry, err := w.store.Entry(t.Context(), aMatter, 4)
	require.NoError(t, err)
	require.Empty(t, entry.Pending)

	later := start.AddDate(1, 0, 0)
	w.record(event.RequestAmended, "{}", func(c *store.Change) {
		c.Head.Restraints = append(c.Head.Restraints, matter.Restraint{
			ID: "law-x", Kind: matter.CourtOrder, All: true, Until: later, Revision: c.Head.Version, Recorded: start,
			Paper: matter.Paper{End: matter.End{Kind: matter.EndInstant, At: later}},
		})
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
	})
	w.sweep()
	rows := w.rows(w.notice("d1", all[0]).ID)
	require.Equal(t, later, rows[len(rows)-1].At, "a restraint it adds is planned for")
}
