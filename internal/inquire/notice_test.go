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
	"lapse/internal/worldtest"
)

func TestTheHistoryOfANotice(t *testing.T) {
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	event := func(s int, state notice.State, reason notice.Reason) inquire.Event {
		return inquire.Event{At: at(s), State: string(state), Reason: string(reason)}
	}
	created := event(0, notice.Scheduled, "")
	week := 7 * 24 * 3600
	for name, c := range map[string]struct {
		do   func(w *world, id string)
		want []inquire.Event
	}{
		"made": {func(*world, string) {}, nil},
		"an attempt given back leaves no trace": {func(w *world, id string) {
			w.Move(id, worldtest.Claim("a", at(10)))
			w.Move(id, notice.PutOff("a", "", at(20), at(11)))
		}, nil},
		"delivered": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, worldtest.Report(notice.OpDelivery, "a", notice.ReasonDelivered, at(13)))
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Delivered,
			notice.ReasonDelivered)}},
		"a bounce after the delivery keeps the delivery": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, worldtest.Report(notice.OpDelivery, "a", notice.ReasonDelivered, at(13)))
			w.Move(id, worldtest.Report(notice.OpBounce, "a", notice.ReasonHardBounce, at(90)))
		}, []inquire.Event{
			event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Delivered,
				notice.ReasonDelivered), event(90, notice.Bounced, notice.ReasonHardBounce),
		}},
		"a bounce stays a bounce after a new contact": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, worldtest.Report(notice.OpBounce, "a", notice.ReasonHardBounce, at(13)))
			w.Move(id, notice.Reopen(at(60)))
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Bounced, "")}},
		"a bounce is not forgotten over the next attempt": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, worldtest.Report(notice.OpBounce, "a", notice.ReasonHardBounce, at(13)))
			w.Move(id, notice.Reopen(at(60)))
			w.Accepted(id, "b", at(70))
			w.Move(id, worldtest.Report(notice.OpDelivery, "b", notice.ReasonDelivered, at(80)))
		}, []inquire.Event{
			event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(13, notice.Bounced, ""),
			event(70, notice.Sending, ""), event(71, notice.Sent, ""), event(80, notice.Delivered, notice.ReasonDelivered),
		}},
		"a delay is no state": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, worldtest.Report(notice.OpDelay, "a", "", at(13)))
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, "")}},
		"no sign for seven days, though delayed": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, worldtest.Report(notice.OpDelay, "a", "", at(13)))
			w.Move(id, notice.Unconfirm(at(week+60)))
		}, []inquire.Event{event(10, notice.Sending, ""), event(11, notice.Sent, ""), event(week+60, notice.Unconfirmed,
			"no_sign")}},
		"an unknown attempt": {func(w *world, id string) {
			w.Move(id, worldtest.Claim("a", at(10)))
			w.Move(id, notice.Unsure("a", at(12)))
		}, []inquire.Event{event(10, notice.Sending, ""), event(12, notice.Unknown, "")}},
		"an unknown attempt settled by its Send event": {func(w *world, id string) {
			w.Move(id, worldtest.Claim("a", at(10)))
			w.Move(id, notice.Unsure("a", at(12)))
			w.Move(id, worldtest.Report(notice.OpSend, "a", "", at(30)))
		}, []inquire.Event{event(10, notice.Sending, ""), event(30, notice.Sent, "settled an unknown attempt")}},
		"rejected by SES later": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, worldtest.Report(notice.OpReject, "a", notice.ReasonRejected, at(13)))
		}, []inquire.Event{event(10, notice.Sending, ""), event(13, notice.Failed, notice.ReasonRejected)}},
		"nobody to write to": {func(w *world, id string) {
			w.Move(id, notice.Fail(notice.ReasonNoContact, "", at(0)))
		}, []inquire.Event{event(0, notice.Failed, notice.ReasonNoContact)}},
		"held by a person": {func(w *world, id string) {
			w.Move(id, notice.Hold(3, "counsel asks", "counsel:ak", at(20)))
		}, []inquire.Event{event(20, notice.Held, "counsel asks")}},
		"a late order changes no state": {func(w *world, id string) {
			w.Accepted(id, "a", at(10))
			w.Move(id, notice.Late("ord-2", at(12)))
			w.Move(id, worldtest.Report(notice.OpDelivery, "a", notice.ReasonDelivered, at(13)))
		}, []inquire.Event{
			event(10, notice.Sending, ""), event(11, notice.Sent, ""),
			{At: at(12), State: string(notice.Sent), Reason: "late_order ord-2", LateOrder: "ord-2"},
			event(13, notice.Delivered, notice.ReasonDelivered),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := w.Disclosed(worldtest.Disclosed("d1", start, "u1"))
			w.Made(n, n.Base)
			c.do(w, n.ID)
			got, err := w.Inquire.Notice(t.Context(), n.ID)
			require.NoError(t, err)
			require.Equal(t, append([]inquire.Event{created}, c.want...), got.History)
		})
	}
}

func TestANoticeClaimedInTheSecondOfItsMaking(t *testing.T) {
	w := newWorld(t)
	n := w.Disclosed(worldtest.Disclosed("d1", start, "u1"))
	n.Created = start.Add(time.Second)
	w.Made(n, n.Base)
	w.Accepted(n.ID, "a", start)
	got, err := w.Inquire.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, []inquire.Event{
		{At: start, State: "scheduled"}, {At: start, State: "sending"}, {At: start.Add(time.Second), State: "sent"},
	}, got.History)
}

func TestAMatterOrASubjectOfAnEndlessIdIsNotThere(t *testing.T) {
	w := newWorld(t)
	w.Disclosed(worldtest.Disclosed("d1", start, "u1"))
	long := strings.Repeat("x", 3000)
	_, err := w.Inquire.Matter(t.Context(), long, "", 100)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NotContains(t, err.Error(), long)
	_, err = w.Inquire.Why(t.Context(), worldtest.Matter, long, "")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestANoticeThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"", "x", worldtest.Matter + ".x", strings.Repeat("x", 3000)} {
		_, err := w.Inquire.Notice(t.Context(), id)
		require.ErrorIs(t, err, store.ErrNotFound, id)
		_, err = w.Inquire.Preview(t.Context(), id)
		require.ErrorIs(t, err, store.ErrNotFound, id)
	}
}

func TestWhyIsAboutTheEarliestNoticeThatWaits(t *testing.T) {
	hour := start.Add(time.Hour)
	ordered := worldtest.CourtOrder("ord-1", hour)
	for name, c := range map[string]struct {
		do   func(w *world, first, second string)
		due  *time.Time
		text string
	}{
		"two that wait": {func(*world, string, string) {}, &hour, "due at 3 March 2026, 13:00:00 UTC"},
		"one told, one that waits": {func(w *world, first, _ string) {
			w.Set(hour.Add(time.Minute))
			w.Accepted(first, "a", hour)
		}, new(start.Add(2 * time.Hour)), "due at 3 March 2026, 14:00:00 UTC"},
		"all told": {func(w *world, first, second string) {
			w.Set(hour.Add(2 * time.Hour))
			w.Accepted(first, "a", w.Now())
			w.Accepted(second, "b", w.Now())
		}, nil, "Every notice about this person is finished. The court order ord-1 forbade telling this person until 3 " +
			"March 2026, 13:00 UTC"},
		"given up and still owed": {func(w *world, first, second string) {
			w.Set(hour.Add(2 * time.Hour))
			w.Accepted(first, "a", w.Now())
			w.Move(second, notice.Fail(notice.ReasonNoContact, "", w.Now()))
		}, nil, "A notice about this person could not be delivered: it is still owed. The court order"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			first := w.Disclosed(worldtest.Disclosed("d1", start, "u1"), ordered)
			second := w.Disclosed(worldtest.Disclosed("d2", start.Add(2*time.Hour), "u1"), ordered)
			w.Made(first, hour)
			w.Made(second, second.Base)
			c.do(w, first.ID, second.ID)
			got, err := w.Inquire.Why(t.Context(), worldtest.Matter, "u1", "")
			require.NoError(t, err)
			require.Equal(t, c.due, got.Due)
			require.Contains(t, got.Text, c.text)
			require.Len(t, got.Notices, 2)
		})
	}
}

func TestWhySpeaksOfTheNoticeThatWaitsEvenWithoutADue(t *testing.T) {
	w := newWorld(t)
	first := w.Disclosed(worldtest.Disclosed("d1", start, "u1"))
	w.Made(first, start)
	w.Accepted(first.ID, "a", start)
	late := worldtest.CourtOrder("ord-1", time.Time{})
	late.Revision = 2
	second := w.Disclosed(worldtest.Disclosed("d2", start.Add(time.Hour), "u1"), late)
	w.Made(second, start.Add(time.Hour))
	got, err := w.Inquire.Why(t.Context(), worldtest.Matter, "u1", "")
	require.NoError(t, err)
	require.Nil(t, got.Due)
	require.Contains(t, got.Text, "nobody can say yet when the notice may be sent")
}

func TestANoticeNotMadeYetIsAnsweredAsItWillBe(t *testing.T) {
	w := newWorld(t)
	n := w.Disclosed(worldtest.Disclosed("d1", start.Add(time.Hour), "u1"))
	got, err := w.Inquire.Why(t.Context(), worldtest.Matter, "u1", "")
	require.NoError(t, err)
	require.Equal(t, []inquire.WhyNotice{{ID: n.ID, Disclosure: "d1", Recipient: matter.User,
		Due: new(start.Add(time.Hour))}}, got.Notices)
}

func TestAQuestionAmidTheRequestsTransaction(t *testing.T) {
	w := newWorld(t)
	w.Disclosed(worldtest.Disclosed("d0", start, "u1")) // the matter is there
	id := "mat-2026-0002"
	w.Commit(id, store.Change{Head: matter.Head{State: matter.AwaitingRequest}})
	seen := 0
	w.Store.Torn = func(int) {
		seen++
		v, err := w.Inquire.Matter(t.Context(), id, "", 10)
		if err != nil {
			require.ErrorIs(t, err, store.ErrBusy, "never as if the matter were not there")
			require.NotErrorIs(t, err, store.ErrNotFound)
			return
		}
		require.NotNil(t, v.Request)
	}
	w.Commit(id, store.Change{Head: matter.Head{State: matter.Received}, Request: &matter.Request{Matter: id}})
	require.Positive(t, seen)
}
