package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// onto points the dispatcher to another table, as the stack is pointed to a restored one.
func (w *world) onto(db *memory.Store) {
	w.store = db
	w.Service = w.another()
}

func (w *world) restorer() *dispatch.Restorer {
	return &dispatch.Restorer{Store: w.store, Now: w.clock}
}

// logged are the acceptances in the log, the oldest first.
func (w *world) logged() []notice.Trace { return w.traces(false) }

// traces are the acceptances, or the attempts of unknown outcome, in the log.
func (w *world) traces(unknown bool) []notice.Trace {
	var all []notice.Trace
	for line := range strings.Lines(w.log.String()) {
		a, err := notice.ReadTrace([]byte(line))
		if err != nil {
			require.ErrorIs(w.t, err, notice.ErrOtherLine, line)
			continue
		}
		if a.Unknown() == unknown {
			all = append(all, a)
		}
	}
	return all
}

// mark marks every line of the log, and counts the results.
func (w *world) mark() (fresh, known, missing int) {
	w.t.Helper()
	for _, a := range append(w.traces(true), w.traces(false)...) {
		switch marked, err := w.restorer().Mark(w.t.Context(), a); {
		case err != nil:
			require.ErrorIs(w.t, err, store.ErrNotFound)
			missing++
		case marked:
			fresh++
		default:
			known++
		}
	}
	return fresh, known, missing
}

func TestEachAcceptanceIsOneLogLine(t *testing.T) {
	w := newWorld(t)
	w.open(names(5)...)
	w.secondContact("u0001")
	w.disclose("d1", names(5)...)
	w.mail.answer = func(m notice.Mail) (bool, error) {
		if m.Notice == w.notice("d1", "u0000").ID {
			return false, &notice.SendError{Outcome: notice.OutcomeThrottled}
		}
		return true, nil
	}
	w.sweep()
	lines := w.logged()
	require.Len(t, lines, 4, "none for what SES did not take")
	spare := 0
	for _, a := range lines {
		if a.Spare {
			spare++
		}
		n, err := w.store.Notice(t.Context(), a.Notice)
		require.NoError(t, err)
		require.Equal(t, notice.Trace{
			Notice: n.ID, Attempt: n.Token, MessageID: n.MessageID, At: n.SentAt, Due: n.Attempts[0].Due,
			Rules:   n.Attempts[0].Rules,
			Contact: n.Attempts[0].Contact, Spare: n.Attempts[0].Spare,
		}, a)
		require.NotEmpty(t, a.Contact)
	}
	require.Equal(t, 1, spare)
}

// TestAnAcceptanceIsLoggedEvenIfItCannotBeRecorded: the line comes before the record, so a restored table can learn of
// the mail even if the record fails.
func TestAnAcceptanceIsLoggedEvenIfItCannotBeRecorded(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply complete" {
			return memory.FailBefore
		}
		return memory.None
	}
	w.faultySweep()
	require.Len(t, w.logged(), 1)
}

// drill runs five notices past a backup. One is sent before it, one is held until the next day, and one is held for
// longer. One is running at the backup. One belongs to a disclosure that the backup has without its notices.
func drill(t *testing.T) (w *world, backup *memory.Store) {
	w = newWorld(t)
	all := names(20)
	w.open(all...)
	w.order("one-day", start.AddDate(0, 0, 1), all[4:8]...)
	w.order("month", start.AddDate(0, 0, 30), all[8:10]...)
	w.disclose("d1", all[:10]...)
	require.Equal(t, 4, w.sweep().Sent)
	w.disclose("d2", all[10:12]...)
	w.disclose("d3", all[12:14]...)
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply complete" {
			return memory.FailBefore // the dispatcher dies with the mails out
		}
		return memory.None
	}
	w.faultySweep()
	w.store.Fault = nil
	require.Equal(t, notice.Sending, w.notice("d3", all[12]).State)
	w.disclose("d4", all[14:16]...)
	backup = w.store.Copy("restored")

	w.at(start.AddDate(0, 0, 1).Add(matter.Margin))
	w.sweep()
	require.Equal(t, notice.Sent, w.notice("d1", all[4]).State)
	w.disclose("d5", all[16:]...)
	w.sweep()
	return w, backup
}

func TestRestoreDrill(t *testing.T) {
	w, backup := drill(t)
	taken := w.mail.count()
	require.Len(t, w.logged(), taken)
	require.Len(t, w.traces(true), 4, "the dispatcher that died")

	w.onto(backup)
	w.advance(time.Hour)
	for range 3 {
		r := w.sweep()
		require.Equal(t, "restored_table", r.Paused)
		require.NotZero(t, r.Waiting)
		require.NotZero(t, r.OldestOverdueSeconds, "the alarm on overdue notices tells of it")
		w.advance(2 * time.Hour)
	}
	require.Equal(t, taken, w.mail.count(), "nothing, and no probe, before the operator resumes")

	doubts := len(w.traces(true))
	require.Equal(t, 8, doubts, "found lost in the copy as well")
	fresh, known, missing := w.mark()
	require.Equal(t, 4, missing, "made after the backup")
	require.Equal(t, 4+doubts, known, "sent before it, or tried")
	require.Equal(t, taken-8, fresh)
	w.disclose("d5", names(20)[16:]...) // the legal system posts again what it posted since the backup
	require.Equal(t, "restored_table", w.sweep().Paused, "work is done all the same")
	fresh, known, missing = w.mark()
	require.Equal(t, []int{4, taken - 4 + doubts, 0}, []int{fresh, known, missing})

	was, err := w.restorer().Resume(t.Context())
	require.NoError(t, err)
	require.Equal(t, dispatch.Resumed{Table: "restored", Named: "memory"}, was)
	require.Empty(t, w.sweep().Paused)
	require.Equal(t, taken, w.mail.count(), "twice to nobody")

	w.at(start.AddDate(0, 0, 30))
	w.sweep()
	require.Equal(t, taken, w.mail.count(), "not before the order ends")
	w.advance(matter.Margin)
	require.Equal(t, 2, w.sweep().Sent)
	w.advance(notice.ConfirmWindow)
	w.sweep()
	w.everyNoticeToldOnce(20)
}

// everyNoticeToldOnce requires so many notices, each mailed once, finished, and off the agenda.
func (w *world) everyNoticeToldOnce(want int) {
	w.t.Helper()
	all, _, err := w.store.Notices(context.Background(), aMatter, "", 1000)
	require.NoError(w.t, err)
	require.Len(w.t, all, want)
	for _, n := range all {
		require.Equal(w.t, 1, w.mail.accepted(n.ID), n.Subject)
		require.Equal(w.t, notice.Unconfirmed, n.State, n.Subject)
		require.NotEmpty(w.t, n.MessageID)
		require.Empty(w.t, n.LateOrder)
		for _, at := range w.stands(n.ID) {
			require.Equal(w.t, n.SentAt.Add(notice.SignWindow), at, n.Subject)
		}
	}
}

// TestResumingWithoutTheLogWritesAgain: without the log, the restored table does not know which notices were sent, and
// sends them again. The drill guards against that.
func TestResumingWithoutTheLogWritesAgain(t *testing.T) {
	w, backup := drill(t)
	taken := w.mail.count()
	w.onto(backup)
	_, err := w.restorer().Resume(t.Context())
	require.NoError(t, err)
	w.sweep()
	require.Greater(t, w.mail.count(), taken)
}

func TestMarkingIsSafeToCutOffAndRepeat(t *testing.T) {
	for _, effect := range []memory.Effect{memory.FailBefore, memory.FailAfter} {
		for _, op := range []string{"Notice", "Head", "PutRow", "Apply restore"} {
			t.Run(fmt.Sprint(op, effect), func(t *testing.T) {
				w, backup := drill(t)
				w.onto(backup)
				id := w.notice("d1", "u0004").ID
				lines := slices.DeleteFunc(w.logged(), func(a notice.Trace) bool { return a.Notice != id })
				require.Len(t, lines, 1)
				backup.Fault = failing(op, effect, 1)
				_, err := w.restorer().Mark(t.Context(), lines[0])
				require.ErrorIs(t, err, memory.ErrInjected)
				_, err = w.restorer().Mark(t.Context(), lines[0])
				require.NoError(t, err)
				n := w.notice("d1", "u0004")
				require.Equal(t, notice.Sent, n.State)
				rows := w.rows(id)
				require.Equal(t, matter.Ceil(n.SentAt.Add(notice.ConfirmWindow)), rows[len(rows)-1].At)
			})
		}
	}
}

func TestATableThatCannotBeToldFromACopySendsNothing(t *testing.T) {
	for _, op := range []string{"TableID", "PutTable"} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		w.store.Fault = failing(op, memory.FailBefore, 1)
		r := w.faultySweep()
		require.Equal(t, "unknown_table", r.Paused, op)
		require.Equal(t, 1, r.Errors)
		require.Positive(t, r.Work)
		require.Equal(t, 1, w.sweep().Sent, "the next sweep asks again")
	}
}

func TestACopyFailsNoNoticeForWantOfAContact(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.unverified("u1")
	w.disclose("d1", "u1")
	require.NoError(t, w.store.PutTable(t.Context(), "another"))
	require.Zero(t, w.sweep().Failed)
	require.Equal(t, notice.Scheduled, w.notice("d1", "u1").State)
	require.NotContains(t, strings.Join(w.bus.all(), " "), "undeliverable")
}

func TestResumeEndsAPauseToo(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	pause := store.Pause{Outcome: "account", Code: "Code", Since: start, ProbeAt: start.Add(time.Hour)}
	require.NoError(t, w.store.PutPause(t.Context(), pause))
	require.Equal(t, "account:Code", w.sweep().Paused)
	was, err := w.restorer().Resume(t.Context())
	require.NoError(t, err)
	require.Equal(t, pause, was.Pause)
	require.Equal(t, 1, w.sweep().Sent)
}

func TestACopyIsNotProbedEither(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	require.NoError(t, w.store.PutPause(t.Context(), store.Pause{Outcome: "account", Code: "Code", Since: start,
		ProbeAt: start}))
	require.NoError(t, w.store.PutTable(t.Context(), "another"))
	w.advance(time.Hour)
	require.Equal(t, "restored_table", w.sweep().Paused)
	require.Zero(t, w.mail.count())
}

func TestACopyIsVisitedByThePage(t *testing.T) {
	w := newWorld(t)
	all := names(3 * 1600)
	w.open(all...)
	w.disclose("d1", all...)
	require.NoError(t, w.store.PutTable(t.Context(), "another"))
	w.sweep()
	looks := w.counted("NoticesOf", "Notice")
	require.Equal(t, len(all), w.sweep().Due)
	require.Equal(t, int64(16), looks.Load(), "however long the backlog")
}

func TestResumingThatIsCutOffLeavesACopyPaused(t *testing.T) {
	for _, op := range []string{"TableID", "Control", "PutPause", "PutTable"} {
		w := newWorld(t)
		require.NoError(t, w.store.PutTable(t.Context(), "another"))
		w.store.Fault = failing(op, memory.FailBefore, 1)
		_, err := w.restorer().Resume(t.Context())
		require.ErrorIs(t, err, memory.ErrInjected)
		require.Equal(t, "restored_table", w.sweep().Paused, op)
	}
}

// TestAMailFromTheLogIsNoLateOrder: the order was lifted after the backup, and the mail went. The copy has the order
// and not yet its end.
func TestAMailFromTheLogIsNoLateOrder(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.order("ord-1", time.Time{})
	w.disclose("d1", "u1")
	w.sweep()
	backup := w.store.Copy("restored")
	w.advance(time.Hour)
	lifted := w.clock()
	w.lift("ord-1", lifted)
	w.advance(time.Minute)
	require.Equal(t, 1, w.sweep().Sent)
	w.onto(backup)
	fresh, _, _ := w.mark()
	require.Equal(t, 1, fresh)
	w.order("ord-2", time.Time{}, "another") // everything is planned anew
	require.Zero(t, w.sweep().LateOrders)
	w.advance(time.Hour)
	w.lift("ord-1", lifted) // posted again
	require.Zero(t, w.sweep().LateOrders)
	require.Empty(t, w.notice("d1", "u1").LateOrder)
}

// TestTheRowOfARestoredNoticeStandsUntilTheNoticeIsMarked: a sweep over the copy runs meanwhile. It sees a notice that
// is over, or one that an order covers, and must not take the row away.
func TestTheRowOfARestoredNoticeStandsUntilTheNoticeIsMarked(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	n := w.notice("d1", "u1")
	w.order("ord-1", start.Add(30*24*time.Hour))
	w.sweep()
	sent := start.Add(-time.Hour)
	w.advance(notice.ConfirmWindow)
	swept := 0
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply restore" {
			w.advance(time.Minute)
			swept++
			w.sweep()
		}
		return memory.None
	}
	_, err := w.restorer().Mark(t.Context(), notice.Trace{Notice: n.ID, Attempt: "of-the-log", MessageID: "m-1", At: sent})
	require.NoError(t, err)
	require.Equal(t, 1, swept)
	require.Equal(t, notice.Sent, w.notice("d1", "u1").State)
	w.store.Fault = nil
	w.advance(time.Minute)
	require.Equal(t, 1, w.sweep().Unconfirmed, "the row is visited, and no report will come any more")
}
