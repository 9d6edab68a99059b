package intake_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// flying is a matter whose notice of u1 is with SES: it was claimed and passed its final check, and its outcome is not
// recorded yet. The notice of u2 waits in the same page.
func flying(t *testing.T) (*world, notice.Notice) {
	w := quietWorld(t)
	w.post("request.received", request("u1", "u2", "u3"))
	w.post("request.decided", decision("comply"))
	w.post("disclosure.made", disclosure("d1", "u1", "u2"))
	return w, w.claim("u1", w.head().Version)
}

// claim claims the notice of a subject under the version of the matter, as a dispatcher does.
func (w *world) claim(subject string, version int) notice.Notice {
	w.Helper()
	all := w.notices()
	f := store.Flight{Sweep: "sweep", Page: 1, Until: w.now.Add(notice.LeaseTime)}
	for _, n := range all {
		f.Notices = append(f.Notices, n.ID)
	}
	require.NoError(w, w.store.PutFlight(w.Context(), f))
	i := slices.IndexFunc(all, func(n notice.Notice) bool { return n.Subject == subject })
	about := w.subject(subject)
	attempt := notice.Attempt{Token: "token", Claimed: w.now, Head: version, Recipient: all[i].Recipient(&about)}
	return w.apply(all[i], notice.Claim(attempt, "", w.now.Add(notice.LeaseTime), all[i].Limit()))
}

func (w *world) apply(n notice.Notice, act notice.Act) notice.Notice {
	w.Helper()
	after, ok, err := w.store.Apply(w.Context(), n, act)
	require.NoError(w, err)
	require.True(w, ok)
	return after
}

// landsAfter lets the attempt end after so many looks of intake.
func (w *world) landsAfter(looks int, end func()) (looked *int) {
	looked = new(int)
	w.svc.Wait = func(context.Context, int) error {
		if *looked++; *looked == looks {
			end()
		}
		return nil
	}
	return looked
}

func TestAnOrdersAnswerWaitsForWhatIsInFlight(t *testing.T) {
	for name, row := range map[string]struct {
		act  notice.Act
		want []ledger.InFlight
	}{
		"SES took it":            {notice.Complete("token", "m1", morning), []ledger.InFlight{{Outcome: ledger.HandedOver}}},
		"nobody knows":           {notice.Unsure("token", morning), []ledger.InFlight{{Outcome: ledger.InDoubt}}},
		"its final check saw it": {notice.Release("token", morning), []ledger.InFlight{}},
		"SES was not to be reached": {notice.PutOff("token", "unreached", morning.Add(time.Minute), morning),
			[]ledger.InFlight{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, n := flying(t)
			for i := range row.want {
				row.want[i].Notice = n.ID
			}
			looked := w.landsAfter(3, func() {
				require.Len(t, w.head().Restraints, 1, "the order holds before anybody waits")
				w.apply(n, row.act)
			})
			posted := w.event("order.received", order("o1"))
			res, err := w.svc.Take(t.Context(), posted, "http", "")
			require.NoError(t, err)
			require.Equal(t, 3, *looked)
			require.Equal(t, row.want, res.Answer.InFlight)
			w.repeat(posted, res.Answer)
			require.Equal(t, 3, *looked, "it is settled")
		})
	}
}

// TestTheAnswerNamesWhatIsOnItsWayToASharedMailbox: the order names another person, who has the same address.
func TestTheAnswerNamesWhatIsOnItsWayToASharedMailbox(t *testing.T) {
	for name, share := range map[string]func(w *world) ledger.Answer{
		"an order": func(w *world) ledger.Answer {
			w.post("contact.changed", object{"subjectId": "u2", "contacts": subject("u1")["contacts"]})
			return w.landed(order("o1"), "order.received", "u2")
		},
		"a contact": func(w *world) ledger.Answer {
			w.post("order.received", covering(order("o1"), "u2"))
			return w.landed(object{"subjectId": "u2", "contacts": subject("u1")["contacts"]}, "contact.changed", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := quietWorld(t)
			w.post("request.received", request("u1", "u2", "u3"))
			w.post("request.decided", decision("comply"))
			w.post("disclosure.made", disclosure("d1", "u1"))
			answer := share(w)
			require.Equal(t, []ledger.InFlight{{Notice: w.notices()[0].ID, Outcome: ledger.HandedOver}}, answer.InFlight)
		})
	}
}

// covering is the order over these subjects.
func covering(o object, subjects ...string) object {
	return with(o, object{"covers": object{"subjects": subjects}})
}

// landed posts an event, over the named subject if there is one, while the mail about u1 is with SES, which takes it.
func (w *world) landed(data object, kind, named string) ledger.Answer {
	w.Helper()
	if named != "" {
		data = covering(data, named)
	}
	n := w.claim("u1", w.head().Version)
	w.landsAfter(2, func() { w.apply(n, notice.Complete("token", "m1", w.now)) })
	res, err := w.svc.Take(w.Context(), w.event(kind, data), "http", "")
	require.NoError(w, err)
	return res.Answer
}

func TestWhatIsOpenAtTheDeadlineIsInDoubtAndAReplayWaitsAgain(t *testing.T) {
	for name, row := range map[string]struct{ left, want time.Duration }{
		"a function's deadline": {29 * time.Second, 25 * time.Second},
		"a shorter one":         {10 * time.Second, 6 * time.Second},
		"no deadline":           {0, 25 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, n := flying(t)
				w.svc.Wait = func(ctx context.Context, _ int) error {
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(100 * time.Millisecond):
						return nil
					}
				}
				ctx, stop := t.Context(), func() {}
				if row.left > 0 {
					ctx, stop = context.WithTimeout(ctx, row.left)
				}
				defer stop()
				began := time.Now()
				posted := w.event("order.received", order("o1"))
				res, err := w.svc.Take(ctx, posted, "http", "")
				require.NoError(t, err)
				require.Equal(t, row.want, time.Since(began))
				require.Equal(t, []ledger.InFlight{{Notice: n.ID, Outcome: ledger.InDoubt}}, res.Answer.InFlight)

				time.AfterFunc(time.Second, func() { w.apply(n, notice.Complete("token", "m1", morning)) })
				res.Answer.InFlight[0].Outcome = ledger.HandedOver
				w.repeat(posted, res.Answer)
				w.repeat(posted, res.Answer)
				require.InDelta(t, (row.want + time.Second).Seconds(), time.Since(began).Seconds(), 0.2,
					"once settled a replay waits no more")
			})
		})
	}
}

func TestOnlyWhatTheEventForbidsIsWaitedFor(t *testing.T) {
	exception := object{"exceptionId": "x1", "kind": "provider_interest", "facts": "f",
		"reviewAt": "2026-05-01T00:00:00Z", "covers": object{"subjects": []string{"u1"}}}
	// u1's notice of d1, which the events below are about
	this := object{"noticeId": notice.ID(salt(), mat, "d1", "u1"), "reason": "r",
		"approvedBy": []string{"counsel:ak", "counsel:bl"}}
	for name, row := range map[string]struct {
		kind string
		data object
		want bool
	}{
		"an order over the subject":             {"order.received", order("o1", "u1"), true},
		"an order over somebody else":           {"order.received", order("o1", "u3"), false},
		"an exception":                          {"exception.requested", exception, true},
		"a hold of the notice":                  {"notice.held", this, true},
		"a cancellation of the notice":          {"notice.cancelled", this, true},
		"a new address of the subject":          {"contact.changed", contact("u1", "new@example.com"), true},
		"a new address of somebody else":        {"contact.changed", contact("u2", "new@example.com"), false},
		"an erasure":                            {"contact.changed", object{"subjectId": "u1", "erase": true}, true},
		"an amendment with a new address":       {"request.amended", object{"subjects": []object{subject("u1")}}, true},
		"an amendment that forbids nobody":      {"request.amended", object{"reference": "new"}, false},
		"an amendment that brings a secret law": {"request.amended", object{"instrument": "fisa"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, n := flying(t)
			looked := w.landsAfter(1, func() { w.apply(n, notice.Complete("token", "m1", morning)) })
			a := w.post(row.kind, row.data)
			if !row.want {
				require.Equal(t, []ledger.InFlight{}, a.InFlight)
				require.Zero(t, *looked)
				return
			}
			require.Equal(t, []ledger.InFlight{{Notice: n.ID, Outcome: ledger.HandedOver}}, a.InFlight)
		})
	}
}

func TestAnAttemptThatKnewTheEventIsNotInFlight(t *testing.T) {
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	posted := w.event("contact.changed", contact("u1", "new@example.com"))
	first, err := w.svc.Take(t.Context(), posted, "http", "")
	require.NoError(t, err)
	w.claim("u1", w.head().Version) // it goes to the new address
	w.repeat(posted, first.Answer)
}

func TestAnAttemptWhoseLeaseIsOverIsInDoubtAtOnce(t *testing.T) {
	w, n := flying(t)
	w.now = n.Lease
	w.svc.Wait = func(context.Context, int) error { require.Fail(t, "nothing can land any more"); return nil }
	a := w.post("order.received", order("o1"))
	require.Equal(t, []ledger.InFlight{{Notice: n.ID, Outcome: ledger.InDoubt}}, a.InFlight)
}

func TestAReplayAfterAllLeasesWaitsForNothing(t *testing.T) {
	w, n := flying(t)
	w.svc.Wait = nil
	posted := w.event("order.received", order("o1"))
	res, err := w.svc.Take(t.Context(), posted, "http", "")
	require.NoError(t, err)
	require.Equal(t, []ledger.InFlight{{Notice: n.ID, Outcome: ledger.InDoubt}}, res.Answer.InFlight)
	w.now = w.now.Add(3 * time.Minute)
	w.store.Fault = func(op, _ string) memory.Effect {
		require.NotEqual(t, "Flights", op)
		return memory.None
	}
	res.Answer.InFlight = []ledger.InFlight{}
	w.repeat(posted, res.Answer)
}

func TestTheBusWaitsForNothingInFlight(t *testing.T) {
	w, _ := flying(t)
	w.svc.Wait = func(context.Context, int) error { require.Fail(t, "the bus waits"); return nil }
	require.NoError(t, w.svc.Deliver(t.Context(), intake.Message{Raw: w.event("order.received", order("o1"))}))
	require.Len(t, w.head().Restraints, 1)
}

func TestEventsAtOnceAreWaitedForOnce(t *testing.T) {
	w, n := flying(t)
	reads := 0
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Flights" {
			reads++
		}
		return memory.None
	}
	w.landsAfter(1, func() { w.apply(n, notice.Complete("token", "m1", morning)) })
	var results []*intake.Result
	for _, raw := range [][]byte{
		w.event("order.received", order("o1", "u1")), w.event("order.received", order("o2")),
		w.event("request.decided", decision("reject")),
	} {
		res, err := w.svc.Record(t.Context(), raw, event.Caller{Door: "http"})
		require.NoError(t, err)
		results = append(results, &res)
	}
	require.NoError(t, w.svc.Await(t.Context(), results...))
	require.Equal(t, 1, reads)
	sent := []ledger.InFlight{{Notice: n.ID, Outcome: ledger.HandedOver}}
	require.Equal(t, sent, results[0].Answer.InFlight)
	require.Equal(t, sent, results[1].Answer.InFlight)
	require.Nil(t, results[2].Answer.InFlight, "a decision forbids no mail")
}

func TestTheAnswersOfWhatForbidsAlwaysSayWhatIsInFlight(t *testing.T) {
	says := []string{"a request", "a request after contact", "an amendment", "an order", "an order of a new matter",
		"an assessment", "a contact", "an erasure"}
	for name, s := range stories() {
		w := quietWorld(t)
		for _, b := range s.before {
			w.post(b[0].(string), b[1].(object))
		}
		a := w.post(s.kind, s.data)
		if slices.Contains(says, name) {
			require.Equal(t, []ledger.InFlight{}, a.InFlight, name)
			require.Contains(t, encoded(t, a), `"inFlight":[]`)
		} else {
			require.NotContains(t, encoded(t, a), "inFlight", name)
		}
	}
}

func TestAnAnswerThatCannotKnowWhatIsInFlightIsNone(t *testing.T) {
	w, n := flying(t)
	w.svc.Wait = nil
	posted := w.event("order.received", order("o1"))
	for _, op := range []string{"Flights", "Notice", "Head"} {
		var recorded atomic.Bool
		w.store.Fault = func(o, _ string) memory.Effect {
			if o == "Flights" {
				recorded.Store(true)
			}
			if o == op && recorded.Load() {
				return memory.FailBefore
			}
			return memory.None
		}
		_, err := w.svc.Take(t.Context(), posted, "http", "")
		require.ErrorIs(t, err, memory.ErrInjected, op)
	}
	w.store.Fault = nil
	w.apply(n, notice.Complete("token", "m1", morning))
	res, err := w.svc.Take(t.Context(), posted, "http", "")
	require.NoError(t, err)
	require.Empty(t, res.Answer.InFlight, "it had landed when the answer was given")
	require.Equal(t, matter.OrderInForce, res.Answer.Order.State)
}
