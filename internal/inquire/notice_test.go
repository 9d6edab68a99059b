package inquire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// claimed starts an attempt.
func (w *world) claimed(id, token string, at time.Time) {
	w.t.Helper()
	w.move(id, notice.Act{Op: notice.OpClaim, Token: token, At: at, Next: at.Add(notice.LeaseTime), Due: start,
		Actor: "lapse"})
}

// accepted is an attempt that SES took.
func (w *world) accepted(id, token string, at time.Time) {
	w.t.Helper()
	w.claimed(id, token, at)
	w.move(id, notice.Act{Op: notice.OpComplete, Token: token, At: at.Add(time.Second), MessageID: "m-" + token,
		Actor: "lapse"})
}

// signed is a sign from SES.
func (w *world) signed(op notice.Op, id, token, reason string, at time.Time) {
	w.t.Helper()
	w.move(id, notice.Act{Op: op, Token: token, At: at, MessageID: "m-" + token, Reason: reason, Actor: "ses"})
}

func TestTheHistoryOfANotice(t *testing.T) {
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	event := func(s int, state notice.State, reason string) inquire.Event {
		return inquire.Event{At: at(s), State: string(state), Reason: reason}
	}
	created := event(0, notice.Scheduled, "")
	week := 7 * 24 * 3600
	for name, c := range map[string]struct {
		do   func(w *world, id string)
		want []inquire.Event
	}{
		"made": {func(*world, string) {}, nil},
		"an attempt given back leaves no trace": {func(w *world, id string) {
			w.claimed(id, "a", at(10))
			w.move(id, notice.Act{Op: notice.OpRelease, Token: "a", At: at(11), Next: at(20), Back: notice.Retry,
				Actor: "lapse"})
		}, nil},
		"delivered": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.signed(notice.OpDelivery, id, "a", notice.ReasonDelivered, at(13))
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Delivered,
			notice.ReasonDelivered)}},
		"a bounce after the delivery keeps the delivery": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.signed(notice.OpDelivery, id, "a", notice.ReasonDelivered, at(13))
			w.signed(notice.OpBounce, id, "a", notice.ReasonHardBounce, at(90))
		}, []inquire.Event{
			event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Delivered,
				notice.ReasonDelivered), event(90, notice.Bounced, notice.ReasonHardBounce),
		}},
		"a bounce stays a bounce after a new contact": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.signed(notice.OpBounce, id, "a", notice.ReasonHardBounce, at(13))
			w.move(id, notice.Act{Op: notice.OpReopen, At: at(60), Next: at(60), Actor: "lapse"})
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Bounced, "")}},
		"a bounce is not forgotten over the next attempt": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.signed(notice.OpBounce, id, "a", notice.ReasonHardBounce, at(13))
			w.move(id, notice.Act{Op: notice.OpReopen, At: at(60), Next: at(60), Actor: "lapse"})
			w.accepted(id, "b", at(70))
			w.signed(notice.OpDelivery, id, "b", notice.ReasonDelivered, at(80))
		}, []inquire.Event{
			event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Bounced, ""),
			event(70, notice.Sending, ""), event(71, notice.Sent, ""), event(80, notice.Delivered, notice.ReasonDelivered),
		}},
		"a delay is no state": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.signed(notice.OpDelay, id, "a", "", at(13))
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, "")}},
		"no sign for seven days, though delayed": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.signed(notice.OpDelay, id, "a", "", at(13))
			w.move(id, notice.Act{Op: notice.OpUnconfirm, At: at(week + 60), Reason: "no_sign", Actor: "lapse"})
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(week+60, notice.Unconfirmed,
			"no_sign")}},
		"an unknown attempt": {func(w *world, id string) {
			w.claimed(id, "a", at(10))
			w.move(id, notice.Act{Op: notice.OpUnsure, Token: "a", At: at(12), Next: at(900), Actor: "lapse"})
		}, []inquire.Event{event(10, notice.Sending, ""), event(12, notice.Unknown, "")}},
		"an unknown attempt settled by its Send event": {func(w *world, id string) {
			w.claimed(id, "a", at(10))
			w.move(id, notice.Act{Op: notice.OpUnsure, Token: "a", At: at(12), Next: at(900), Actor: "lapse"})
			w.signed(notice.OpSend, id, "a", "", at(30))
		}, []inquire.Event{event(10, notice.Sending, ""), event(30, notice.Sent, "settled an unknown attempt")}},
		"rejected by SES later": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.signed(notice.OpReject, id, "a", notice.ReasonRejected, at(13))
		}, []inquire.Event{event(10, notice.Sending, ""), event(13, notice.Failed, notice.ReasonRejected)}},
		"nobody to write to": {func(w *world, id string) {
			w.move(id, notice.Act{Op: notice.OpFail, At: at(0), Reason: notice.ReasonNoContact, Actor: "lapse"})
		}, []inquire.Event{event(0, notice.Failed, notice.ReasonNoContact)}},
		"held by a person": {func(w *world, id string) {
			w.move(id, notice.Act{Op: notice.OpHold, At: at(20), Version: 3, Reason: "counsel asks", Actor: "counsel:ak"})
		}, []inquire.Event{event(20, notice.Held, "counsel asks")}},
		"a late order changes no state": {func(w *world, id string) {
			w.accepted(id, "a", at(10))
			w.move(id, notice.Act{Op: notice.OpLate, At: at(12), Order: "ord-2"})
			w.signed(notice.OpDelivery, id, "a", notice.ReasonDelivered, at(13))
		}, []inquire.Event{
			event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(12, notice.Sent, "late_order ord-2"), event(13,
				notice.Delivered, notice.ReasonDelivered),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := w.disclosed(aMatter, "d1", start)
			w.made(n, n.Base)
			c.do(w, n.ID)
			got, err := w.Notice(t.Context(), n.ID)
			require.NoError(t, err)
			require.Equal(t, append([]inquire.Event{created}, c.want...), got.History)
		})
	}
}

func TestANoticeClaimedInTheSecondOfItsMaking(t *testing.T) {
	w := newWorld(t)
	n := w.disclosed(aMatter, "d1", start)
	n.Created = start.Add(time.Second)
	w.made(n, n.Base)
	w.accepted(n.ID, "a", start)
	got, err := w.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, []inquire.Event{
		{At: start, State: "scheduled"}, {At: start, State: "sending"}, {At: start.Add(time.Second), State: "sent"},
	}, got.History)
}

func TestAMatterOrASubjectOfAnEndlessIdIsNotThere(t *testing.T) {
	w := newWorld(t)
	w.disclosed(aMatter, "d1", start)
	long := strings.Repeat("x", 3000)
	_, err := w.Matter(t.Context(), long, "", 100)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NotContains(t, err.Error(), long)
	_, err = w.Why(t.Context(), aMatter, long, "")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestANoticeThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"", "x", aMatter + ".x", strings.Repeat("x", 3000)} {
		_, err := w.Notice(t.Context(), id)
		require.ErrorIs(t, err, store.ErrNotFound, id)
		_, err = w.Preview(t.Context(), id)
		require.ErrorIs(t, err, store.ErrNotFound, id)
	}
}

func TestWhyIsAboutTheEarliestNoticeThatWaits(t *testing.T) {
	hour := start.Add(time.Hour)
	ordered := until("ord-1", hour)
	for name, c := range map[string]struct {
		do   func(w *world, first, second string)
		due  *time.Time
		text string
	}{
		"two that wait": {func(*world, string, string) {}, &hour, "due at 1 March 2026, 11:00:00 UTC"},
		"one told, one that waits": {func(w *world, first, _ string) {
			w.now = hour.Add(time.Minute)
			w.accepted(first, "a", hour)
		}, new(start.Add(2 * time.Hour)), "due at 1 March 2026, 12:00:00 UTC"},
		"all told": {func(w *world, first, second string) {
			w.now = hour.Add(2 * time.Hour)
			w.accepted(first, "a", w.now)
			w.accepted(second, "b", w.now)
		}, nil, "Every notice about this person is finished. The court order ord-1 forbade telling this person until 1 " +
			"March 2026, 11:00 UTC"},
		"given up and still owed": {func(w *world, first, second string) {
			w.now = hour.Add(2 * time.Hour)
			w.accepted(first, "a", w.now)
			w.move(second, notice.Act{Op: notice.OpFail, At: w.now, Reason: notice.ReasonNoContact, Actor: "lapse"})
		}, nil, "A notice about this person could not be delivered: it is still owed. The court order"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			first := w.disclosed(aMatter, "d1", start, ordered)
			second := w.disclosed(aMatter, "d2", start.Add(2*time.Hour), ordered)
			w.made(first, hour)
			w.made(second, second.Base)
			c.do(w, first.ID, second.ID)
			got, err := w.Why(t.Context(), aMatter, "u1", "")
			require.NoError(t, err)
			require.Equal(t, c.due, got.Due)
			require.Contains(t, got.Text, c.text)
			require.Len(t, got.Notices, 2)
		})
	}
}

func TestWhySpeaksOfTheNoticeThatWaitsEvenWithoutADue(t *testing.T) {
	w := newWorld(t)
	first := w.disclosed(aMatter, "d1", start)
	w.made(first, start)
	w.accepted(first.ID, "a", start)
	late := until("ord-1", time.Time{})
	late.Revision = 2
	second := w.disclosed(aMatter, "d2", start.Add(time.Hour), late)
	w.made(second, start.Add(time.Hour))
	got, err := w.Why(t.Context(), aMatter, "u1", "")
	require.NoError(t, err)
	require.Nil(t, got.Due)
	require.Contains(t, got.Text, "nobody can say yet when the notice may be sent")
}

func TestANoticeNotMadeYetIsAnsweredAsItWillBe(t *testing.T) {
	w := newWorld(t)
	n := w.disclosed(aMatter, "d1", start.Add(time.Hour))
	got, err := w.Why(t.Context(), aMatter, "u1", "")
	require.NoError(t, err)
	require.Equal(t, []inquire.WhyNotice{{ID: n.ID, Disclosure: "d1", Recipient: matter.User,
		Due: new(start.Add(time.Hour))}}, got.Notices)
}

func TestAQuestionAmidTheRequestsTransaction(t *testing.T) {
	w := newWorld(t)
	w.disclosed(aMatter, "d0", start) // the matter is there
	id := "mat-2026-0002"
	w.commit(id, store.Change{Head: matter.Head{State: matter.AwaitingRequest}})
	seen := 0
	w.store.Torn = func(int) {
		seen++
		v, err := w.Matter(t.Context(), id, "", 10)
		if err != nil {
			require.ErrorIs(t, err, store.ErrBusy, "never as if the matter were not there")
			require.NotErrorIs(t, err, store.ErrNotFound)
			return
		}
		require.NotNil(t, v.Request)
	}
	w.commit(id, store.Change{Head: matter.Head{State: matter.Received}, Request: &matter.Request{Matter: id}})
	require.Positive(t, seen)
}
