package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// complied is a world in which counsel has decided to hand over an enterprise's data, and nothing spoke against it.
func complied(t *testing.T) *world {
	w := newWorld(t)
	w.Post(ofAnEnterprise())
	w.Post(comply())
	return w
}

// handedOver is the disclosure of the enterprise's data, by two persons and with a note.
func handedOver() worldtest.Event {
	return worldtest.Disclosure("d1", "u1").ApprovedBy(worldtest.Both()...).
		With(object{"note": "handed over before the order was read"})
}

// warned lists the codes of an answer's warnings.
func warned(a ledger.Answer) []string {
	codes := []string{}
	for _, w := range a.Warnings {
		codes = append(codes, w.Code)
	}
	return codes
}

// CONTRACT 4: "A ground that an order brings after the decision (no end date, O13) stands in the matter's findings at
// once, and the guard is asked again at the disclosure".
func TestAGroundThatCameAfterTheDecisionStandsAtOnce(t *testing.T) {
	w := complied(t)
	require.Equal(t, matter.NotApplicable, statuses(w.view().Findings)["O13"])
	decided := w.last()
	require.Equal(t, []string{intake.NoKnownEnd, intake.GroundFound}, warned(w.Post(worldtest.Order("o1").Endless())))
	require.Equal(t, matter.Fail, statuses(w.view().Findings)["O13"])
	kept, err := w.Store.Entry(t.Context(), worldtest.Matter, decided.Seq)
	require.NoError(t, err)
	require.Equal(t, matter.NotApplicable, statuses(kept.Findings)["O13"], "the ledger keeps the old")

	w.Post(worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z"))
	require.Equal(t, matter.NotApplicable, statuses(w.view().Findings)["O13"], "the finding is that of now")
}

func TestTheGuardAsksAgainAtTheDisclosure(t *testing.T) {
	endless, another := worldtest.Order("o1").Endless(), worldtest.Order("o2").Endless()
	challenge := worldtest.Challenge("o1", "motion", "2026-03-03T11:00:00Z")
	ended := worldtest.Ending("o1", "lifted", "2026-03-03T12:00:00Z")
	dated := worldtest.Assessment("o1", "binding", worldtest.Both()...).
		With(object{"untilOverride": object{"kind": "date", "date": "2026-08-31", "wording": "through"}})
	type events = []worldtest.Event
	for name, c := range map[string]struct {
		before  events
		guarded bool
	}{
		"an order without an end":      {events{endless}, true},
		"an order with an end":         {events{worldtest.Order("o1")}, false},
		"a challenge of that order":    {events{endless, challenge}, false},
		"a challenge of another order": {events{endless, another, challenge}, true},
		"a challenge of the request": {events{endless, worldtest.NewEvent("request.challenged", object{"challengeId": "c",
			"grounds": []string{"no_end_date"}, "route": "motion", "filedAt": "2026-03-03T11:00:00Z"})}, false},
		"a challenge for something else": {events{endless, worldtest.NewEvent("request.challenged", object{"challengeId": "c",
			"grounds": []string{"overbroad"}, "route": "motion", "filedAt": "2026-03-03T11:00:00Z"})}, true},
		"a later decision with reasons": {events{endless, comply("no_end_date")}, false},
		"a later decision, and another": {events{endless, comply("no_end_date"), another}, true},
		"an order that was ended":       {events{endless, ended}, false},
		"an end that two persons chose": {events{endless, dated}, false},
		"an amendment with a ground":    {events{worldtest.Amendment(unbounded())}, true},
		"an amendment without one":      {events{worldtest.Amendment(object{"signed": true})}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := complied(t)
			for _, e := range c.before {
				w.Post(e)
			}
			if !c.guarded {
				require.Empty(t, warned(w.Post(worldtest.Disclosure("d1", "u1"))))
				return
			}
			w.Fails(worldtest.Disclosure("d1", "u1"), event.ErrConflict)
			w.Fails(handedOver().Without("note"), event.ErrConflict)
			w.Fails(handedOver().ApprovedBy(worldtest.Counsel), event.ErrConflict)
			require.Equal(t, []string{intake.AgainstPolicy}, warned(w.Post(handedOver())))
			require.Len(t, w.view().Notices, 1, "what was handed over is owed")
			w.Post(worldtest.Disclosure("d2", "u1").With(object{"basis": "consent", "note": "the customer asked for it"}))
		})
	}
}

func TestAConsumersDataIsNotGuarded(t *testing.T) {
	w := approved(t)
	require.NotContains(t, warned(w.Post(worldtest.Order("o1").Endless())), intake.GroundFound)
	require.Empty(t, warned(w.Post(worldtest.Disclosure("d1", "u1"))))
}

// TestAFurtherPartOfADisclosureIsOwedLikeTheFirst, whatever was found since. The answer warns.
func TestAFurtherPartOfADisclosureIsOwedLikeTheFirst(t *testing.T) {
	w := newWorld(t)
	second := worldtest.With(worldtest.Subject("u2"), object{"accountClass": "enterprise", "country": "US",
		"contacts": []object{worldtest.Contact("legal_contact", "counsel2")}})
	w.Post(ofAnEnterprise())
	w.Post(worldtest.Amendment(object{"subjects": []object{second}}))
	w.Post(comply())
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1").Endless())
	require.Equal(t, []string{intake.AgainstPolicy}, warned(w.Post(worldtest.Disclosure("d1", "u2"))))
	w.Fails(worldtest.Disclosure("d2", "u2"), event.ErrConflict)
}

// CONTRACT 5: a disclosure against policy needs two principals.
func TestADisclosureAgainstPolicyWaitsForAnotherPrincipal(t *testing.T) {
	w := complied(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1").Endless())
	w.conflicts(ann, worldtest.Disclosure("d1", "u1"))
	id := w.asked(ann, handedOver().Without("approvedBy")).ID
	require.Empty(t, w.view().Disclosures)
	require.Equal(t, []string{intake.AgainstPolicy}, warned(w.taken(bob, worldtest.Given(id))))
	require.Len(t, w.view().Disclosures, 1)
}

// TestAnExtensionThatCameFirstIsJudgedAgain when the order that it extends comes, and what a person has answered stays.
func TestAnExtensionThatCameFirstIsJudgedAgain(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("third", "u1").Extends("second").SignedOn("2026-03-02"))
	w.Post(worldtest.Order("second", "u1").Extends("first").SignedOn("2026-03-02"))
	finding := func(id, check string) matter.Status { return statuses(w.order(id).Findings)[check] }
	require.Equal(t, matter.Pass, finding("third", "K16"))
	require.Equal(t, matter.Pass, finding("third", "K17"))
	require.Equal(t, matter.Unknown, finding("second", "K16"))
	require.Equal(t, matter.Unknown, finding("second", "K17"))

	w.Post(worldtest.Order("first", "u1").SignedOn("2024-03-02"))
	require.Equal(t, matter.Pass, finding("second", "K16"))
	require.Equal(t, matter.Fail, finding("second", "K17"), "over a year together")
	require.Equal(t, matter.Fail, finding("third", "K17"), "through the second")

	w.Post(worldtest.Order("next", "u1").Extends("other"))
	w.Post(worldtest.Assessment("next", "binding", worldtest.Counsel))
	require.Equal(t, matter.Pass, finding("next", "K16"), "a person has looked")
	answered := w.order("next").Findings
	w.Post(worldtest.Order("other", "u1"))
	require.Equal(t, answered, w.order("next").Findings)
}
