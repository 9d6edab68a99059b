package intake_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/memory"
)

func TestARequestOpensTheMatter(t *testing.T) {
	w := newWorld(t)
	answer := w.post("request.received", request("u1", "u2"))
	require.Equal(t, 1, answer.Version)
	require.Equal(t, map[string]matter.Status{
		"L01": matter.Pass, "F01": matter.Fail, "O6": matter.NotApplicable, "O8": matter.Pass, "O9": matter.Pass,
		"O10": matter.NeedsPerson,
		"O11": matter.Unknown, "O12": matter.Pass, "O13": matter.NotApplicable, "O14": matter.Unknown,
	}, statuses(answer.Findings))
	h := w.head()
	require.Equal(t, matter.Received, h.State)
	require.Equal(t, 2, h.Subjects)
	require.Equal(t, "policy-7", h.Policy)
	require.Equal(t, w.svc.Law.Revision(), h.Rules)
	require.Empty(t, h.Restraints)
	require.Equal(t, "u1@example.com", w.address("u1", matter.User))
	require.Len(t, w.rowsOf(agenda.Announce, "mat-1@1"), 1)

	r, err := w.store.Request(t.Context(), mat)
	require.NoError(t, err)
	require.Equal(t, "24-sw-1", r.Reference)
	require.Equal(t, "policy-7", r.Policy)
	e, err := w.store.Entry(t.Context(), mat, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"lapse.request.received.v1", "counsel:ak", "arn:counsel", "http"},
		[]string{string(e.Type), e.Actor, e.Principal, string(e.Door)})
	require.Equal(t, morning, e.At)
}

func TestSecrecyByStatuteStandsFromTheRequestOn(t *testing.T) {
	w := newWorld(t)
	answer := w.post("request.received", with(request("u1"), object{"instrument": "nsl"}))
	require.Equal(t, matter.NeedsPerson, statuses(answer.Findings)["L01"],
		"whether it is certified is for a person to read")
	require.True(t, w.covered("u1"))
	w.state("law-us-18-2709c", matter.OrderOpenEnded)
	require.Equal(t, "18 U.S.C. 2709(c), 3511", w.order("law-us-18-2709c").Received.LegalBasis)
	require.Equal(t, morning.AddDate(0, 0, 365), w.rowsOf(agenda.Order, "mat-1.law-us-18-2709c")[0])
	require.Len(t, w.rowsOf(agenda.Replan, "mat-1@1"), 1)
}

func TestWithoutAVerifiedRuleEverythingIsHeldUntilTwoPersonsEndIt(t *testing.T) {
	for name, end := range map[string]func(*world){
		"permitted": func(w *world) {
			w.post("order.ended", with(ending("law-unverified-br", "2026-03-03T12:00:00Z"), object{"how": "permitted"}))
		},
		"void": func(w *world) {
			w.post("order.assessed", assessment("law-unverified-br", "void", "counsel:ak", "counsel:bl"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.post("request.received", with(request("u1"), object{"issuer": with(issuer(), object{"country": "BR"})}))
			require.True(t, w.covered("u1"))
			end(w)
			require.False(t, w.covered("u1"))
			w.post("request.amended", object{"reference": "changed"})
			require.False(t, w.covered("u1"), "an amendment of something else does not bring it back")
		})
	}
}

func TestAReplayIsAnsweredAlike(t *testing.T) {
	w := newWorld(t)
	data := request("u1")
	first := w.post("request.received", data)
	w.post("request.decided", decision("comply"))
	w.repeat(raw("ev-1", "request.received", data), first)

	_, err := w.svc.Take(t.Context(), raw("ev-1", "request.received", request("u2")), "http", "")
	require.ErrorContains(t, err, "/id: ", "the same key with other content")
	_, err = w.svc.Take(t.Context(), raw("ev-1", "request.decided", decision("reject")), "http", "")
	require.ErrorContains(t, err, "/id: ")
}

func TestASecondRequest(t *testing.T) {
	w := newWorld(t)
	data := request("u1")
	first := w.post("request.received", data)
	w.repeat(w.event("request.received", data), first)
	w.refuse("request.received", request("u2"), event.ErrConflict)
	w.post("request.amended", object{"reference": "other"})
	w.repeat(w.event("request.received", data), first)
}

func TestWhatFollowsNeedsTheRequest(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		w.refuse("request.amended", object{"reference": "x"}, event.ErrPredecessor)
		w.refuse("request.decided", decision("comply"), event.ErrPredecessor)
		w.refuse("disclosure.made", disclosure("d1", "u1"), event.ErrPredecessor)
		w.refuse("order.assessed", assessment("o9", "binding", "counsel:ak"), event.ErrPredecessor)
		w.refuse("order.ended", ending("o9", "2026-03-03T12:00:00Z"), event.ErrPredecessor)
		w.post("order.received", order("o"+string(rune('1'+w.posts%9)))) // awaiting the request, the same holds
	}
}

func TestBadEventsAreRefusedAtTheirPointers(t *testing.T) {
	w := asked(t)
	w.fault("request.received", with(request("u1"), object{"colour": "red"}), "/data/colour")
	w.refuse("order.challenged", object{"orderId": "o1", "route": "motion", "filedAt": "2026-03-01T10:00:00Z"},
		event.ErrPredecessor)
	w.fault("order.received", order("law-us-mine"), "/data/orderId")
	w.fault("disclosure.made", with(disclosure("d1", "u1"),
		object{"basis": "emergency", "approvedBy": []string{"a:x", "A:X"}}), "/data/approvedBy")
	w.fault("disclosure.made", with(disclosure("d1", "u1"), object{"basis": "consent"}), "/data/note")
	w.fault("order.assessed", assessment("o1", "void", "counsel:ak"), "/data/approvedBy")
	w.fault("order.assessed", assessment("o1", "plea", "counsel:ak", "Counsel:AK"), "/data/approvedBy")
	w.fault("order.ended", with(ending("o1", "2026-03-03T12:00:00Z"), object{"approvedBy": []string{"counsel:ak"}}),
		"/data/approvedBy")
}

func TestCounselsDecisions(t *testing.T) {
	for d, want := range map[string]matter.State{
		"comply": matter.Approved, "comply_in_part": matter.Approved, "challenge": matter.Challenged,
		"reject":   matter.Rejected,
		"redirect": matter.Redirected, "withdrawn": matter.Withdrawn,
	} {
		t.Run(d, func(t *testing.T) {
			w := newWorld(t)
			w.post("request.received", request("u1"))
			w.post("request.decided", with(decision(d),
				object{"grounds": []string{"other"}, "outcome": "partial", "approvedBy": []string{"counsel:bl"}}))
			require.Equal(t, want, w.head().State)
			r, err := w.store.Request(t.Context(), mat)
			require.NoError(t, err)
			require.Equal(t, matter.Decided{
				Decision: matter.Decision(d), Reason: "valid process", Outcome: "partial", Grounds: []string{"other"},
				ApprovedBy: []string{"counsel:bl"}, At: morning, Actor: "counsel:ak",
			}, *r.Decision)
		})
	}
	t.Run("after a disclosure the matter stays disclosed", func(t *testing.T) {
		w := asked(t)
		w.post("disclosure.made", disclosure("d1", "u1"))
		w.post("request.decided", decision("reject"))
		require.Equal(t, matter.Disclosed, w.head().State)
	})
}

func TestAnAmendmentChangesAddsAndReplaces(t *testing.T) {
	w := asked(t)
	enterprise := object{"id": "u2", "accountClass": "enterprise", "tenant": "t1", "language": "de",
		"contacts": []object{{"role": "legal_contact", "email": "legal@example.com", "verified": true}}}
	w.post("request.amended", object{"reference": "24-sw-2", "signed": true, "flags": []string{"f"},
		"subjects": []object{enterprise, subject("u4")}})
	r, err := w.store.Request(t.Context(), mat)
	require.NoError(t, err)
	require.Equal(t, "24-sw-2", r.Reference)
	require.Equal(t, matter.SearchWarrant, r.Instrument)
	require.NotNil(t, r.Decision, "the decision stands")
	require.Equal(t, 4, w.head().Subjects)
	require.Equal(t, matter.Enterprise, w.subject("u2").Class)
	require.Equal(t, "legal@example.com", w.address("u2", matter.LegalContact))
	require.Equal(t, "u4@example.com", w.address("u4", matter.User))
	e, err := w.store.Entry(t.Context(), mat, 3)
	require.NoError(t, err)
	require.Empty(t, e.Pending, "written before the answer")
	require.Len(t, w.rowsOf(agenda.Replan, "mat-1@3"), 1)
}

func TestAnAmendmentAddsStandingRestraintsAndEndsNone(t *testing.T) {
	w := asked(t)
	require.False(t, w.covered("u1"))
	answer := w.post("request.amended", object{"instrument": "pen_register"})
	require.Equal(t, matter.Fail, statuses(answer.Findings)["L01"])
	require.True(t, w.covered("u1"))
	w.post("request.amended", object{"instrument": "subpoena"})
	require.True(t, w.covered("u1"), "an amendment never ends one")
	w.post("request.amended", object{"issuer": with(issuer(), object{"country": "DE", "zone": "Europe/Berlin"})})
	w.restraint("law-us-18-3123d")
	w.restraint("law-unverified-de")
}

// Issue 16, point 1: the one standing restraint that an amendment may end.
func TestAnAmendmentThatNamesAnOpenLawEndsTheHoldForWantOfOne(t *testing.T) {
	w := newWorld(t)
	answer := w.post("request.received", with(request("u1"), object{"legalBasis": ""}))
	require.Equal(t, law.StatesNoLaw, answer.Warnings[0].Code)
	require.True(t, w.covered("u1"))
	w.state("law-unstated-us", matter.OrderOpenEnded)
	w.post("request.amended", object{"legalBasis": "Ala. Code 12-16-215"})
	require.True(t, w.covered("u1"), "a law that nobody verified answers nothing")
	w.state("law-unstated-us", matter.OrderOpenEnded)
	w.post("order.assessed", assessment("law-unverified-us", "void", "counsel:ak", "counsel:bl"))
	answer = w.post("request.amended", object{"legalBasis": "18 U.S.C. 2703(c)(2)", "instrument": "subpoena"})
	require.False(t, w.covered("u1"))
	w.state("law-unstated-us", matter.OrderEnded)
	require.Equal(t, []string{"law-unstated-us"}, answer.Findings[0].Evidence["ended"], "the ledger names it")
	w.post("request.amended", object{"legalBasis": ""})
	require.True(t, w.covered("u1"), "a basis that is taken back holds anew")
}

// Issue 16, point 10: an NSL's termination notice and law-us-18-2709c.
func TestTheEndOfOneHoldThatLeavesAnotherStandingSaysSo(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", with(request("u1"), object{"instrument": "nsl"}))
	w.post("order.received", with(order("nsl-1"), object{
		"kind": "certification", "legalBasis": "18 U.S.C. 2709(c)", "end": object{"kind": "none"},
	}))
	answer := w.post("order.ended", ending("nsl-1", "2026-03-02T12:00:00Z"))
	require.Equal(t, law.StillHolds, answer.Warnings[0].Code)
	require.Contains(t, answer.Warnings[0].Message, "law-us-18-2709c (18 U.S.C. 2709(c), 3511) holds until")
	require.True(t, w.covered("u1"))
	require.Empty(t, w.post("order.ended", ending("law-us-18-2709c", "2026-03-02T12:00:00Z")).Warnings, "nothing is left")
}

func TestWhatWasEndedForOneInstrumentStandsAnewForAnother(t *testing.T) {
	void := func(id string) func(*world) {
		return func(w *world) { w.post("order.assessed", assessment(id, "void", "counsel:ak", "counsel:bl")) }
	}
	for name, tc := range map[string]struct {
		country, id string
		end         func(*world)
	}{
		"a law nobody verified, found void": {"BR", "law-unverified-br", void("law-unverified-br")},
		"a statute's secrecy, permission given": {"DE", "law-de-tdddg", func(w *world) {
			w.post("order.ended", with(ending("law-de-tdddg", "2026-03-03T12:00:00Z"), object{"how": "permitted"}))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.post("request.received", with(request("u1"), object{
				"instrument": "production_order", "issuer": with(issuer(), object{"country": tc.country}),
				"dataSought": []object{{"category": "subscriber"}},
			}))
			tc.end(w)
			require.False(t, w.covered("u1"))
			w.post("request.amended", object{"instrument": "administrative_demand"})
			require.True(t, w.covered("u1"), "what was decided about a production order says nothing of this")
			void(tc.id + "-v3")(w)
			require.False(t, w.covered("u1"))
			w.post("request.amended", object{"reference": "changed"})
			w.post("request.amended", object{"instrument": "administrative_demand"})
			require.False(t, w.covered("u1"), "it was decided for this instrument")
			w.post("request.amended", object{"legalBasis": "another law"})
			require.True(t, w.covered("u1"), "and for this legal basis")
		})
	}
}

func TestTheLawThatARequestNamesHoldsUnderAnyInstrument(t *testing.T) {
	w := newWorld(t)
	answer := w.post("request.received", with(request("u1"),
		object{"instrument": "court_order", "legalBasis": "18 U.S.C. 2703(d)"}))
	require.Equal(t, matter.Pass, statuses(answer.Findings)["L01"])
	require.False(t, w.covered("u1"))
	answer = w.post("request.amended", object{"legalBasis": "18 U.S.C. 3123(d)"})
	require.Equal(t, matter.Fail, statuses(answer.Findings)["L01"])
	require.True(t, w.covered("u1"))
	w.state("law-us-18-3123d", matter.OrderOpenEnded)
}

func TestTheLedgerKeepsExtensionAttributes(t *testing.T) {
	w := newWorld(t)
	posted := bytes.Replace(w.event("request.received", request("u1")), []byte(`{`), []byte(`{"traceparent":"00-4bf9",`),
		1)
	_, err := w.svc.Take(t.Context(), posted, "http", "arn:counsel")
	require.NoError(t, err)
	e, err := w.store.Entry(t.Context(), mat, 1)
	require.NoError(t, err)
	require.JSONEq(t, `{"traceparent":"00-4bf9"}`, string(e.Extensions))
}

// TestSeveralLawsOfSecrecyStandTogether: an event has room for one more paper, however many laws it names.
func TestSeveralLawsOfSecrecyStandTogether(t *testing.T) {
	germany := with(issuer(), object{"country": "DE", "zone": "Europe/Berlin"})
	three := "§ 22 TDDDG, § 174 TKG, § 17 G10"
	t.Run("from the request on", func(t *testing.T) {
		w := newWorld(t)
		w.post("request.received", with(request("u1"),
			object{"instrument": "search_warrant", "issuer": germany, "legalBasis": three}))
		require.True(t, w.covered("u1"))
		require.Len(t, w.head().Restraints, 1)
		id := w.head().Restraints[0].ID
		require.Equal(t, 2, strings.Count(w.order(id).Received.LegalBasis, ";"))
		w.post("order.assessed", assessment(id, "void", "counsel:ak", "counsel:bl"))
		w.post("request.amended", object{"reference": "changed"})
		require.False(t, w.covered("u1"), "what was ended together stays ended")
	})
	t.Run("by an amendment that replaces a subject, too", func(t *testing.T) {
		w := asked(t)
		w.post("request.amended", object{"issuer": germany, "legalBasis": three,
			"subjects": []object{subject("u1"), subject("u2")}})
		require.True(t, w.covered("u1"))
		require.Len(t, w.head().Restraints, 1)
	})
}

func TestSubjectsAnAmendmentReplacesOutliveACrash(t *testing.T) {
	w := asked(t)
	crashed := true
	w.store.Fault = func(op, key string) memory.Effect {
		if crashed && op == "PutSubjects" && key == "mat-1.u2" {
			return memory.FailBefore
		}
		return memory.None
	}
	amended := with(subject("u2"), object{"accountClass": "enterprise"})
	w.post("request.amended", object{"subjects": []object{amended}})
	require.Equal(t, matter.Consumer, w.subject("u2").Class, "not written yet")
	e, err := w.store.Entry(t.Context(), mat, 3)
	require.NoError(t, err)
	require.Len(t, e.Pending, 1, "kept in the ledger entry")
	require.Len(t, w.rowsOf(agenda.Replan, "mat-1@3"), 1, "the sweep would write it")
	require.Contains(t, w.logs.String(), "left to the sweep")

	_, err = w.svc.Take(t.Context(), w.event("request.amended", object{"reference": "x"}), "http", "")
	require.ErrorIs(t, err, memory.ErrInjected, "nothing is planned on what it replaces")
	crashed = false
	w.post("contact.changed", object{"subjectId": "u2",
		"contacts": []object{{"role": "user", "email": "new@example.com", "verified": true}}})
	require.Equal(t, matter.Enterprise, w.subject("u2").Class, "the next event writes it first")
	require.Equal(t, "new@example.com", w.address("u2", matter.User))
	e, err = w.store.Entry(t.Context(), mat, 3)
	require.NoError(t, err)
	require.Empty(t, e.Pending)
}

func TestSubjectsPutBeforeTheirRequestIsRecordedCountForNothing(t *testing.T) {
	w := newWorld(t)
	w.post("order.received", order("o1", "u1"))
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Commit" {
			return memory.FailBefore
		}
		return memory.None
	}
	lost := w.event("request.received", request("u1", "u2"))
	_, err := w.svc.Take(t.Context(), lost, "http", "")
	require.ErrorIs(t, err, memory.ErrInjected)
	w.store.Fault = nil
	require.Equal(t, []string{"u1"}, w.restraint("o1").Unknown)
	w.post("contact.changed", contact("u2", "early@example.com"))
	require.False(t, w.subject("u2").Known, "nor does a contact make it known")
	w.post("order.received", order("o2", "u2"))
	require.Equal(t, []string{"u2"}, w.restraint("o2").Unknown, "the matter does not know u2 yet")

	w.post("request.received", request("u1", "u3"))
	w.post("request.decided", decision("comply"))
	w.refuse("disclosure.made", disclosure("d1", "u2"), event.ErrPredecessor)
	_, err = w.svc.Take(t.Context(), lost, "http", "")
	require.ErrorIs(t, err, event.ErrConflict, "another request came first")
	require.Equal(t, 2, w.head().Subjects)
	w.post("request.amended", object{"subjects": []object{with(subject("u2"), object{"language": "fr"})}})
	require.Equal(t, "fr", w.subject("u2").Language, "what the lost request left does not stand in the way")
	require.Equal(t, 3, w.head().Subjects)
	w.post("disclosure.made", disclosure("d1", "u2"))
}

func TestARequestThatMakesManyLongOrdersKnownStillFits(t *testing.T) {
	w := newWorld(t)
	ids := manyIDs(60)
	for i := range 12 {
		w.post("order.received", order(fmt.Sprintf("o%02d", i), ids...))
	}
	answer := w.post("request.received", with(request(append(ids, "bystander")...), object{"instrument": "nsl"}))
	require.Zero(t, w.store.changes[len(w.store.changes)-1].Room(), "as many as there is room for")
	known := 0
	for len(w.restraint(fmt.Sprintf("o%02d", known)).Unknown) == 0 {
		known++
	}
	require.Len(t, answer.Warnings, 12-known)
	require.Equal(t, "still_covers_everybody", answer.Warnings[0].Code)
	require.Len(t, w.restraint("o11").Unknown, 60)
	w.post("order.assessed", assessment("o11", "binding", "counsel:ak"))
	require.Empty(t, w.restraint("o11").Unknown)
}
