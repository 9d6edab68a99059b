package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// The principals of these tests. Each is one person.
const (
	ann = "arn:aws:iam::123456789012:user/ann"
	bob = "arn:aws:iam::123456789012:user/bob"
	eve = "arn:aws:iam::123456789012:user/eve"
)

// as posts the event as the principal.
func (w *world) as(principal string, e worldtest.Event) (intake.Result, error) {
	w.T.Helper()
	return w.Intake.Take(w.T.Context(), w.Numbered(e).JSON(w.T), "http", principal)
}

// taken posts the event as the principal, and wants an answer.
func (w *world) taken(principal string, e worldtest.Event) ledger.Answer {
	w.T.Helper()
	res, err := w.as(principal, e)
	require.NoError(w.T, err)
	require.Nil(w.T, res.Waiting)
	return res.Answer
}

// asked posts the event as the principal, and wants it to wait.
func (w *world) asked(principal string, e worldtest.Event) ledger.WaitingApproval {
	w.T.Helper()
	res, err := w.as(principal, e)
	require.NoError(w.T, err)
	require.NotNil(w.T, res.Waiting, "it has taken effect")
	require.Equal(w.T, e.Matter, res.Waiting.Matter)
	return res.Waiting.Approval
}

// conflicts posts the event as the principal, and wants it to contradict what is recorded.
func (w *world) conflicts(principal string, e worldtest.Event) {
	w.T.Helper()
	_, err := w.as(principal, e)
	require.ErrorIs(w.T, err, event.ErrConflict)
}

// last is the last entry of the ledger.
func (w *world) last() ledger.Entry {
	w.T.Helper()
	e, err := w.Store.Entry(w.T.Context(), worldtest.Matter, w.view().Version)
	require.NoError(w.T, err)
	return e
}

// needsTwo is an event of the contract's list: what has to stand before it, the event itself, and whether it has taken
// effect.
type needsTwo struct {
	before func(w *world)
	posted func(w *world) worldtest.Event
	effect func(w *world) bool
	// unnamed: where persons are names, the event needs none.
	unnamed bool
	// alone: where persons are names, one alone may post the event, without the effect.
	alone bool
}

// request is the recorded request.
func (w *world) request() matter.Request {
	w.T.Helper()
	r, err := w.Store.Request(w.T.Context(), worldtest.Matter)
	require.NoError(w.T, err)
	return r
}

func orderState(state matter.OrderState) func(*world) bool {
	return func(w *world) bool { return w.view().Orders[0].State == state }
}

func noticeState(state notice.State) func(*world) bool {
	return func(w *world) bool { return w.notice("u1").State == state }
}

// twoPersons lists every event that needs two persons and exists. CONTRACT: "Two persons, two principals".
func twoPersons() map[string]needsTwo {
	order := func(w *world) { w.taken(ann, worldtest.Order("o1")) }
	disclosed := func(w *world) { order(w); w.taken(ann, worldtest.Disclosure("d1", "u1")) }
	held := func(w *world) { disclosed(w); w.taken(ann, worldtest.NoticeHold(w.notice("u1").ID, "ask")) }
	exception := func(w *world) { w.taken(ann, worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z")) }
	fixed := func(e worldtest.Event) func(*world) worldtest.Event {
		return func(*world) worldtest.Event { return e }
	}
	exceptionState := func(state matter.ExceptionState) func(*world) bool {
		return func(w *world) bool { return w.view().Exceptions[0].State == state }
	}
	return map[string]needsTwo{
		"verdict void": {before: order, posted: fixed(worldtest.Assessment("o1", "void")),
			effect: orderState(matter.OrderVoid)},
		"verdict plea": {before: order, posted: fixed(worldtest.Assessment("o1", "plea")),
			effect: orderState(matter.OrderPlea)},
		"an earlier end": {before: order,
			posted: fixed(worldtest.Assessment("o1", "binding").With(object{
				"untilOverride": object{"kind": "date", "date": "2026-05-31", "wording": "through"}})),
			effect: func(w *world) bool { return w.view().Orders[0].Until.Before(worldtest.AugustEnds()) }},
		"order ended": {before: order, posted: fixed(worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z")),
			effect: orderState(matter.OrderEnded)},
		"notice released": {before: held,
			posted: func(w *world) worldtest.Event { return worldtest.NoticeRelease(w.notice("u1").ID, "clear") },
			effect: noticeState(notice.Scheduled)},
		"notice cancelled": {before: disclosed,
			posted: func(w *world) worldtest.Event { return worldtest.NoticeCancel(w.notice("u1").ID, "mistake") },
			effect: noticeState(notice.Cancelled)},
		"notice told without a document": {
			before: func(w *world) { w.taken(ann, worldtest.Disclosure("d1", "u1")) },
			posted: func(w *world) worldtest.Event {
				return worldtest.Told(w.notice("u1").ID, "post", "2026-03-03T11:00:00Z")
			},
			effect: noticeState(notice.ToldOtherwise)},
		"exception approved": {before: exception, posted: fixed(worldtest.Approval("ex-1")),
			effect: exceptionState(matter.ExceptionActive)},
		"exception renewed": {
			before: func(w *world) { exception(w); w.taken(bob, worldtest.Approval("ex-1", worldtest.Colleague)) },
			posted: fixed(worldtest.Renewal("ex-1", "2026-07-01T00:00:00Z")),
			effect: func(w *world) bool { return w.view().Exceptions[0].ReviewAt.Month() == time.July }},
		"a found ground overridden": {unnamed: true,
			before: func(w *world) { w.taken(ann, ofAnEnterprise().In("mat-1").With(unbounded())) },
			posted: fixed(comply("overbroad").In("mat-1")),
			effect: func(w *world) bool {
				h, err := w.Store.Head(w.T.Context(), "mat-1")
				require.NoError(w.T, err)
				return h.State == matter.Approved
			}},
		"the time to object ended sooner": {before: func(w *world) { w.taken(ann, ahead()) },
			posted: fixed(worldtest.Comply().With(object{"advanceUntil": morning.Add(2 * day).Format(time.RFC3339)})),
			effect: func(w *world) bool { return w.request().Advance.Until.Equal(morning.Add(2 * day)) }},
		"an objection ended": {alone: true,
			before: func(w *world) {
				w.taken(ann, ahead())
				w.sweep()
				w.taken(ann, worldtest.Objection(w.advanceID("u1"), "not mine"))
			},
			posted: fixed(worldtest.Comply()),
			effect: func(w *world) bool { return len(w.request().Objections) == 0 }},
		"emergency disclosure": {before: func(*world) {},
			posted: fixed(worldtest.Disclosure("d1", "u1").With(object{"basis": "emergency"})),
			effect: func(w *world) bool {
				page, _, err := w.Store.Notices(w.T.Context(), worldtest.Matter, "", 10)
				require.NoError(w.T, err)
				if len(page) == 0 {
					return false
				}
				why, err := w.Inquire.Why(w.T.Context(), worldtest.Matter, "u1", "")
				require.NoError(w.T, err)
				return why.Due != nil
			}},
	}
}

// TestTwoPersonsAreTwoPrincipals: whatever approvedBy claims, one credential is one person, and nothing changes before
// another one has decided.
func TestTwoPersonsAreTwoPrincipals(t *testing.T) {
	for point, c := range twoPersons() {
		t.Run(point, func(t *testing.T) {
			w := approved(t)
			w.Intake.Principals = true
			c.before(w)
			posted := w.Numbered(c.posted(w).Without("approvedBy"))
			version := w.versionOf(posted)
			id := w.asked(ann, posted).ID
			require.False(t, c.effect(w))
			require.Equal(t, version+1, w.versionOf(posted))
			require.Equal(t, id, w.asked(bob, posted).ID, "whoever posts it again")
			again := posted.Named("").ApprovedBy(worldtest.Both()...)
			if point != "emergency disclosure" {
				require.NotEqual(t, id, w.asked(ann, again).ID, "other content, whatever it claims")
			}
			require.Equal(t, id, w.asked(bob, posted.Named("")).ID, "the same content")
			w.conflicts(ann, worldtest.Given(id).In(posted.Matter))
			w.conflicts(bob, worldtest.Given("none").In(posted.Matter))
			_, err := w.as(bob, posted.With(object{"reason": "another"}))
			require.Error(t, err, "other content under the same id")
			require.False(t, c.effect(w))

			approval := w.Numbered(worldtest.Given(id).In(posted.Matter))
			answer := w.taken(bob, approval)
			require.True(t, c.effect(w))
			require.False(t, answer.Replayed)
			for _, e := range []worldtest.Event{approval, posted} {
				replay := w.taken(eve, e)
				require.True(t, replay.Replayed)
				replay.Replayed = false
				require.Equal(t, answer, replay, "both are answered as the event would have been")
			}
			w.conflicts(eve, worldtest.Given(id).In(posted.Matter))
		})
	}
}

// versionOf is the version of the event's matter.
func (w *world) versionOf(e worldtest.Event) int {
	w.T.Helper()
	h, err := w.Store.Head(w.T.Context(), e.Matter)
	require.NoError(w.T, err)
	return h.Version
}

// TestTwoPersonsAreTwoNames: where persons are names, approvedBy names both, and the event takes effect at once.
func TestTwoPersonsAreTwoNames(t *testing.T) {
	for point, c := range twoPersons() {
		t.Run(point, func(t *testing.T) {
			w := approved(t)
			c.before(w)
			posted := c.posted(w).Without("approvedBy")
			switch {
			case c.unnamed:
			case c.alone:
				w.taken(ann, posted)
				require.False(t, c.effect(w))
				posted = posted.ApprovedBy(worldtest.Both()...)
			default:
				w.Refused(posted, "/data/approvedBy")
				w.Refused(posted.ApprovedBy(worldtest.Counsel), "/data/approvedBy")
				w.Refused(posted.ApprovedBy(worldtest.Counsel, "COUNSEL:AK"), "/data/approvedBy")
				posted = posted.ApprovedBy(worldtest.Both()...)
			}
			require.False(t, c.effect(w))
			w.taken(ann, posted)
			require.True(t, c.effect(w))
		})
	}
}

// TestWhatWaitsLapses: after seven days it waits no more, and the same event asks anew. CONTRACT: "Not approved in 7
// days".
func TestWhatWaitsLapses(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	ending := w.Numbered(worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z"))
	waiting := w.asked(ann, ending)
	require.Equal(t, morning.Add(7*day), *waiting.Expires)
	require.Equal(t, 1, waiting.Needs)
	require.Equal(t, ledger.WaitingEvent{Source: "legal.example", ID: ending.ID}, waiting.Event)
	require.Equal(t, event.OrderEnded, waiting.Type)
	w.Set(morning.Add(7*day - time.Second))
	require.Equal(t, waiting, w.asked(bob, ending))
	w.Set(morning.Add(7 * day))
	w.conflicts(bob, worldtest.Given(waiting.ID))
	require.False(t, orderState(matter.OrderEnded)(w))
	anew := w.asked(ann, ending)
	require.NotEqual(t, waiting.ID, anew.ID)
	w.conflicts(bob, worldtest.Given(waiting.ID))
	w.taken(bob, worldtest.Given(anew.ID))
	require.True(t, orderState(matter.OrderEnded)(w))
}

// TestWhatWaitsStandsOnTheLedger as asked for, and as what it became, with everybody who decided.
func TestWhatWaitsStandsOnTheLedger(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	id := w.asked(ann, worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z").Named("the ending")).ID
	asked := w.last()
	require.EqualValues(t, "lapse.approval.asked", asked.Type)
	require.Equal(t, ann, asked.Principal)
	require.Equal(t, &ledger.EntryApproval{ID: id, Step: ledger.StepAsked}, asked.Approval)
	require.Contains(t, string(asked.Data), `"type":"lapse.order.ended.v1"`)
	waits := "Another person has to approve what one person has decided: order.ended (approval " + id + ")."
	require.Contains(t, w.why("u1").Text, waits)
	w.taken(bob, worldtest.Given(id).Named("the approval").By("counsel:bm"))
	taken := w.last()
	require.EqualValues(t, "lapse.order.ended.v1", taken.Type)
	require.Equal(t, []string{"the ending", ann, worldtest.Counsel}, []string{taken.EventID, taken.Principal, taken.Actor})
	require.Equal(t, ledger.StepTaken, taken.Approval.Step)
	require.Len(t, taken.Approval.Given, 1)
	g := taken.Approval.Given[0]
	require.Equal(t, []string{"the approval", bob, "counsel:bm", "read the document"},
		[]string{g.ID, g.Principal, g.Actor, g.Reason})
	require.Equal(t, asked.Hash, taken.Prev)
	require.NotContains(t, w.why("u1").Text, "Another person")
}

// TestAnEndingWorksFromItsApproval: an end long past frees nobody in the past, and one ahead waits for its instant.
func TestAnEndingWorksFromItsApproval(t *testing.T) {
	for effective, works := range map[string]time.Time{
		"2026-03-02T00:00:00Z": morning.Add(day), "2026-03-20T00:00:00Z": worldtest.Instant(t, "2026-03-20T00:00:00Z"),
	} {
		w := approved(t)
		w.Intake.Principals = true
		w.taken(ann, worldtest.Order("o1"))
		id := w.asked(ann, worldtest.Ending("o1", "lifted", effective)).ID
		w.Set(morning.Add(day))
		w.taken(bob, worldtest.Given(id))
		h, err := w.Store.Head(t.Context(), worldtest.Matter)
		require.NoError(t, err)
		r, _ := h.Restraint("o1")
		require.Equal(t, works, r.Ended)
		orders, err := w.Store.Orders(t.Context(), worldtest.Matter)
		require.NoError(t, err)
		require.Equal(t, worldtest.Instant(t, effective), orders[0].Endings[0].EffectiveAt, "the report's instant")
	}
}

// TestWhatNoLongerFitsIsRefusedAndClosed: the event is judged under the records of the approval's moment.
func TestWhatNoLongerFitsIsRefusedAndClosed(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	w.taken(ann, worldtest.Disclosure("d1", "u1"))
	n := w.notice("u1").ID
	release := w.asked(ann, worldtest.NoticeCancel(n, "a mistake")).ID
	other := w.asked(bob, worldtest.NoticeCancel(n, "another mistake")).ID
	w.taken(eve, worldtest.Given(other))
	require.True(t, noticeState(notice.Cancelled)(w))
	approval := w.Numbered(worldtest.Given(release))
	w.conflicts(bob, approval)
	refused := w.last()
	require.Equal(t, event.ApprovalGiven, refused.Type)
	require.Equal(t, ledger.StepRefused, refused.Approval.Step)
	w.conflicts(bob, approval)
	w.conflicts(eve, worldtest.Given(release))
	a, err := w.Store.Approval(t.Context(), worldtest.Matter, release)
	require.NoError(t, err)
	require.Equal(t, ledger.ApprovalRefused, a.State)
	require.Equal(t, refused.Seq, w.last().Seq, "a closed one changes nothing any more")
}
