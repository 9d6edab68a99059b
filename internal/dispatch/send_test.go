package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/event"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

func TestANoticeWithoutARestraintIsSentAtOnce(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	r := w.sweep()
	require.Equal(t, 1, r.Sent)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Sent, n.State)
	require.Equal(t, start, n.SentAt)
	require.Equal(t, "message-"+n.Token, n.MessageID)
	require.Equal(t, notice.Attempt{
		Token: n.Token, Claimed: start, Head: 2, Rules: "rules-1", Due: start, Outcome: "accepted", At: start,
		MessageID: n.MessageID, Contact: n.Attempts[0].Contact, Letter: n.Attempts[0].Letter, Form: n.Attempts[0].Form,
		Recipient: matter.Recipient{Role: matter.User},
	}, n.Attempts[0])
	require.Equal(t, []agenda.Row{agenda.ForNotice(n.Matter, n.ID, start.Add(notice.ConfirmWindow), 2)}, w.rows(n.ID))
	require.Equal(t, n.ID, w.mail.mails[0].Notice)
	require.Equal(t, n.Token, w.mail.mails[0].Attempt)
	require.Equal(t, "u1-"+canary+"@example.com", w.mail.mails[0].To.Reveal())
	require.Contains(t, w.bus.all(), fmt.Sprintf(`lapse.notice.sent {"matter":%q,"notice":%q}`, aMatter, n.ID))
	control, err := w.store.Control(t.Context())
	require.NoError(t, err)
	require.Equal(t, start, control.LastSweep)

	require.Zero(t, w.sweep().Due, "once")
	require.Equal(t, 1, w.mail.count())
}

func TestNeverBeforeItsDue(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	end := start.AddDate(0, 0, 90)
	w.order("ord-1", end)
	w.disclose("d1", "u1")
	w.sweep()
	var claims atomic.Int64
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply claim" {
			claims.Add(1)
		}
		return memory.None
	}
	for _, early := range []time.Duration{-24 * time.Hour, -time.Second, 0, time.Second, 3*time.Second - 1} {
		w.at(end.Add(early))
		w.sweep()
		require.Zero(t, w.mail.count(), "at %s", early)
	}
	require.Zero(t, claims.Load(), "a blocked notice is not claimed")
	w.at(end.Add(matter.Margin))
	r := w.sweep()
	require.Equal(t, 1, r.Sent)
	require.EqualValues(t, 3, r.OldestOverdueSeconds)
	require.Equal(t, end, w.notice("d1", "u1").Attempts[0].Due)
}

func TestNeverBeforeTheDisclosure(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.advance(time.Hour)
	w.disclose("d1", "u1")
	w.advance(-time.Minute)
	w.sweep()
	require.Zero(t, w.mail.count())
	w.advance(time.Minute)
	w.sweep()
	require.Equal(t, 1, w.mail.count())
}

func TestGapBetweenTwoOrdersIsUsed(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	end := start.AddDate(0, 0, 10)
	w.order("ord-1", end)
	w.restrain(matter.Restraint{
		ID: "ord-2", Kind: matter.CourtOrder, All: true, From: end.AddDate(0, 0, 1), Until: end.AddDate(0, 0, 10),
		Paper: matter.Paper{
			End: matter.End{Kind: matter.EndInstant, At: end.AddDate(0, 0, 10)}, StartsOn: matter.DateOf(end.AddDate(0, 0,
				3)), Zone: "UTC",
		},
	})
	w.disclose("d1", "u1")
	w.sweep()
	require.Zero(t, w.mail.count())
	w.at(end.Add(matter.Margin))
	w.sweep()
	require.Equal(t, 1, w.mail.count())
}

func TestMarginBeforeTheNextOrder(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	begins := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	w.restrain(matter.Restraint{
		ID: "ord-1", Kind: matter.CourtOrder, All: true, From: begins, Until: begins.AddDate(0, 0, 10),
		Paper: matter.Paper{End: matter.End{Kind: matter.EndInstant, At: begins.AddDate(0, 0, 10)},
			StartsOn: matter.DateOf(begins), Zone: "UTC"},
	})
	w.at(begins.Add(-restraint.HandOver))
	w.disclose("d1", "u1")
	w.sweep()
	require.Zero(t, w.mail.count(), "an order begins within the margin")
	require.Len(t, w.rows(w.notice("d1", "u1").ID), 1)
}

func TestOrderForOneOfTwo(t *testing.T) {
	w := newWorld(t)
	w.open("u1", "u2")
	w.order("ord-1", start.AddDate(0, 0, 90), "u2")
	w.disclose("d1", "u1", "u2")
	r := w.sweep()
	require.Equal(t, 1, r.Sent)
	require.Equal(t, notice.Sent, w.notice("d1", "u1").State)
	require.NotContains(t, w.mail.text(0), "Court of ord-1", "another subject's order")
	require.NotContains(t, w.mail.text(0), "u2")
	w.at(start.AddDate(0, 0, 90).Add(matter.Margin))
	w.sweep()
	require.Contains(t, w.mail.text(1), "Court of ord-1", "who delayed it")
}

// TestLettersOfOneSecondAreEachTheirRecipients: recipients with the same facts share the letter that was prepared for
// the first of them.
func TestLettersOfOneSecondAreEachTheirRecipients(t *testing.T) {
	w := newWorld(t)
	subjects := []string{"alice1", "bobby2", "carol3", "david4", "emily5"}
	w.open(subjects...)
	w.order("first", start.Add(time.Hour), "bobby2", "carol3")
	w.order("second", start.Add(time.Hour), "david4")
	w.disclose("d1", subjects...)
	w.advance(time.Minute)
	w.disclose("d2", "bobby2")
	w.advance(2 * time.Hour)
	w.sweep()
	w.advance(time.Second)
	w.sweep()
	require.Equal(t, 6, w.mail.count())
	var references []string
	for i, m := range w.mail.mails {
		n, err := w.store.Notice(t.Context(), m.Notice)
		require.NoError(t, err)
		references = append(references, letter.ProofKey{}.Reference(n.ID))
		text := w.mail.text(i)
		require.Equal(t, n.Disclosure == "d2", strings.Contains(text, "We handed data over: 1 March 2026, 05:01"))
		for _, s := range subjects {
			require.Equal(t, s == n.Subject, strings.Contains(text, "Account: "+s[:2]+"***"+s[5:]), s)
		}
		require.Equal(t, n.Subject == "bobby2" || n.Subject == "carol3", strings.Contains(text, "Court of first"), n.Subject)
		require.Equal(t, n.Subject == "david4", strings.Contains(text, "Court of second"), n.Subject)
	}
	for i := range references {
		for k, r := range references {
			require.Equal(t, i == k, strings.Contains(w.mail.text(i), r))
		}
	}
}

func TestAReasonThatIsNotNamedIsOneRecipientsOnly(t *testing.T) {
	w := newWorld(t)
	w.open("u1", "u2")
	w.record(event.ExceptionRequested, "{}", func(c *store.Change) {
		c.Head.Restraints = append(slices.Clone(c.Head.Restraints), matter.Restraint{
			ID: "ours", Kind: matter.ExceptionInterest.Restraint(), Subjects: []string{"u2"}, Until: start.Add(time.Hour),
			Recorded: c.Entry.At, Revision: c.Head.Version, Paper: matter.Paper{End: matter.End{Kind: matter.EndInstant,
				At: start.Add(time.Hour)}},
		})
	})
	w.disclose("d1", "u1", "u2")
	w.advance(2 * time.Hour)
	w.sweep()
	require.Equal(t, 2, w.mail.count())
	for i, m := range w.mail.mails {
		of := m.Notice == w.notice("d1", "u2").ID
		require.Equal(t, of, strings.Contains(w.mail.text(i), "We do not name it here."))
	}
}

func TestNoVerifiedContact(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.order("ord-1", start.AddDate(0, 0, 30))
	s := w.subject("u1", 2)
	s.Contacts[0].Verified = false
	_, err := w.store.PutSubjects(t.Context(), []matter.Subject{s})
	require.NoError(t, err)
	w.disclose("d1", "u1")
	w.sweep()
	require.Equal(t, notice.Scheduled, w.notice("d1", "u1").State, "not before its due")
	w.at(start.AddDate(0, 0, 30).Add(matter.Margin))
	require.Equal(t, 1, w.sweep().Failed)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Failed, n.State)
	require.Equal(t, notice.ReasonNoContact, n.Reason)
	require.Empty(t, n.Attempts)
	require.Equal(t, []time.Time{n.Changed.AddDate(0, 0, 30)}, w.stands(n.ID), "it is owed, so it keeps a slow row")

	// The steps of intake once there is a contact.
	_, err = w.store.PutSubjects(t.Context(), []matter.Subject{w.subject("u1", 2)})
	require.NoError(t, err)
	_, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID},
		notice.Act{Op: notice.OpReopen, At: matter.Floor(w.clock()), Next: matter.Floor(w.clock())})
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(n.Matter, n.ID, matter.Floor(w.clock()), 4)))
	w.sweep()
	require.Equal(t, 1, w.mail.count())
}

func TestTwoDisclosuresOfOneSubjectAreTwoMails(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	w.advance(time.Hour)
	w.disclose("d2", "u1")
	w.sweep()
	require.Equal(t, 2, w.mail.count())
	require.Equal(t, 1, w.mail.accepted(w.notice("d1", "u1").ID))
	require.Equal(t, 1, w.mail.accepted(w.notice("d2", "u1").ID))
}

func TestAnOrderExtendedNineTimesStillEndsInAMail(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	end := start.AddDate(0, 0, 90)
	w.order("ord-0", end)
	w.disclose("d1", "u1")
	for i := range 9 {
		w.at(end.AddDate(0, 0, -1))
		w.sweep()
		end = end.AddDate(0, 0, 90)
		w.order(fmt.Sprintf("ord-%d", i+1), end)
		w.sweep()
	}
	w.at(end.Add(-time.Second))
	w.sweep()
	require.Zero(t, w.mail.count())
	w.at(end.Add(matter.Margin))
	w.sweep()
	require.Equal(t, 1, w.mail.count())
	require.Len(t, w.rows(w.notice("d1", "u1").ID), 1, "no row is left behind")
}

func TestOpenEndedOrderIsReviewedAndLifted(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.order("ord-1", time.Time{})
	w.disclose("d1", "u1")
	w.sweep()
	n := w.notice("d1", "u1")
	for day := 90; day <= 900; day += 90 {
		require.Equal(t, start.AddDate(0, 0, day), w.rows(n.ID)[0].At, "the next review")
		w.at(start.AddDate(0, 0, day))
		r := w.sweep()
		require.Equal(t, 1, r.Blocked)
		require.Equal(t, 1, r.Reviews)
	}
	w.advance(time.Hour)
	w.lift("ord-1", matter.Floor(w.clock()))
	w.advance(matter.Margin)
	w.sweep()
	require.Equal(t, 1, w.mail.count(), "the re-plan puts the row to now, in the same sweep")
}

func TestUnconfirmedAfterSevenDaysThenDelivered(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	w.advance(notice.ConfirmWindow - time.Second)
	w.sweep()
	require.Equal(t, notice.Sent, w.notice("d1", "u1").State)
	w.advance(time.Second)
	require.Equal(t, 1, w.sweep().Unconfirmed)
	n := w.notice("d1", "u1")
	require.Contains(t, w.bus.all(), fmt.Sprintf(`lapse.notice.unknown {"matter":%q,"notice":%q,"reason":"no_sign"}`,
		aMatter, n.ID))
	require.Equal(t, notice.Unconfirmed, n.State)
	require.Equal(t, []time.Time{start.Add(notice.SignWindow)}, w.stands(n.ID), "a sign may still come")
	n, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID},
		notice.Act{Op: notice.OpDelivery, Token: n.Token, At: matter.Floor(w.clock()), MessageID: n.MessageID})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, notice.Delivered, n.State)
}

func TestSeveralDispatchersMailEachNoticeOnce(t *testing.T) {
	w := newWorld(t)
	all := names(200)
	w.open(all...)
	w.disclose("d1", all...)
	done := make(chan error)
	for range 3 {
		s := w.another()
		go func() {
			_, err := s.Sweep(context.Background())
			done <- err
		}()
	}
	for range 3 {
		require.NoError(t, <-done)
	}
	for range 3 {
		w.sweep()
	}
	for _, u := range all {
		n := w.notice("d1", u)
		require.Equal(t, notice.Sent, n.State)
		require.Equal(t, 1, w.mail.accepted(n.ID))
		require.Len(t, w.rows(n.ID), 1)
	}
}

func TestNoClaimInTheLastTwentySeconds(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	w.disclose("d2", "u1")
	w.makes()
	ctx, stop := context.WithTimeout(t.Context(), 19*time.Second)
	defer stop()
	r, err := w.Sweep(ctx)
	require.NoError(t, err)
	require.True(t, r.AtCapacity)
	require.Equal(t, 1, r.Waiting)
	require.Equal(t, 1, w.mail.count())
	require.Empty(t, w.notice("d2", "u1").Attempts)
}

func TestQuotaAndDeadlineBoundASweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.mail.quota = store.Quota{PerSecond: 2, Per24h: 1000}
		all := names(1000)
		w.open(all...)
		w.disclose("d1", all...)
		began := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 170*time.Second)
		defer stop()
		r, err := w.Sweep(ctx)
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(began), 150*time.Second)
		require.InDelta(t, 150*1.9, r.Sent, 3)
		require.True(t, r.AtCapacity)
		require.Equal(t, 1000, r.Sent+r.Waiting)
		require.InDelta(t, float64(r.Waiting)/1.9, r.DrainSeconds, 2)
		for _, u := range all {
			require.Contains(t, []notice.State{notice.Sent, notice.Scheduled}, w.notice("d1", u).State,
				"nothing is left in hand")
		}
	})
}

func TestOldestFirst(t *testing.T) {
	w := newWorld(t)
	all := names(40)
	w.open(all...)
	for i, u := range all {
		w.at(start.Add(time.Duration(i) * time.Minute))
		w.disclose("d"+u, u)
	}
	w.makes()
	w.Settings.Workers = 1
	w.sweep()
	for i, u := range all {
		require.Equal(t, w.notice("d"+u, u).ID, w.mail.mails[i].Notice)
	}
}

func TestReportHasTheContractsNames(t *testing.T) {
	require.Equal(t, int64(0), dispatch.Report{}.DrainSeconds)
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	got := fields(t, w.sweep())
	for _, name := range []string{"due", "sent", "blocked", "unknown", "oldestOverdueSeconds", "atCapacity",
		"drainSeconds"} {
		require.Contains(t, got, name)
	}
}
