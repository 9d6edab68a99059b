package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/review"
	"lapse/internal/worldtest"
)

// Point 11: the file for a challenge has the rule's route, clock and standard, and reproaches only what failed.
func TestPoint11TheFileForAChallengeReproachesOnlyWhatFailed(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("o1").Endless())
	file, err := w.Inquire.Challenge(t.Context(), worldtest.Matter, "o1")
	require.NoError(t, err)
	require.NotEmpty(t, file.Failed)
	require.NotEmpty(t, file.NeedsPerson)
	for status, list := range map[matter.Status][]matter.Finding{matter.Fail: file.Failed, matter.Unknown: file.Unknown,
		matter.NeedsPerson: file.NeedsPerson} {
		for _, f := range list {
			require.Equal(t, status, f.Status, f.Check)
		}
	}
	require.Equal(t, "US-2705b", file.Remedy.Rule)
	require.Equal(t, "reason to believe that notification will result in an adverse result", file.Remedy.Standard)
	letter := worldtest.Order("nsl-1").Kind("certification").Citing("18 U.S.C. 2709(c)").
		From(worldtest.With(worldtest.Issuer(), object{"name": "FBI", "role": "fbi_director_designee"})).Endless()
	w.Post(letter)
	file, err = w.Inquire.Challenge(t.Context(), worldtest.Matter, "nsl-1")
	require.NoError(t, err)
	require.Equal(t, "US-NSL", file.Remedy.Rule)
	require.Equal(t, "30 days", file.Remedy.Clock, "18 U.S.C. 3511(b)(1)(B)")
	require.NotEmpty(t, file.Remedy.Route.Route)
}

// Point 11: a request's review answers as a letter to the authority as well.
func TestPoint11AReviewAnswersAsADeficiencyLetter(t *testing.T) {
	w := newWorld(t)
	w.Intake.Rules.Entities = []string{"Example Inc."}
	for _, f := range w.Post(worldtest.Request("u1")).Findings {
		if f.Check != review.FieldsCheck {
			continue
		}
		letter, _ := f.Evidence["letter"].(string)
		require.Contains(t, letter, "Your reference: 24-sw-1\n")
		require.Contains(t, letter, "\n- ")
		require.Contains(t, letter, "\nExample Inc.\n")
		require.NotContains(t, letter, "u1")
		return
	}
	require.Fail(t, "no finding about the fields")
}

// Point 12: what only a person can say is quiet once a person has said it.
func TestPoint12APersonsAnswersAreQuiet(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, matter.NeedsPerson, statuses(w.Post(ofAnEnterprise()).Findings)["O10"])
	answer := w.Post(comply().With(object{"goodFaith": object{"verdict": "yes", "note": "fraud with victims"}}))
	require.Equal(t, matter.Pass, statuses(answer.Findings)["O10"])
	require.Equal(t, matter.Pass, statuses(w.view().Findings)["O10"])
	require.Equal(t, "fraud with victims", w.view().Request.GoodFaith.Note)
	require.Equal(t, matter.Pass, statuses(w.Post(comply()).Findings)["O10"], "nobody asks again")

	w.Post(worldtest.Order("o1"))
	require.Equal(t, matter.NeedsPerson, statuses(w.view().Orders[0].Findings)["K18"])
	verified := object{"by": worldtest.Counsel, "method": "callback", "at": "2026-03-03T11:00:00Z"}
	w.Post(worldtest.Assessment("o1", "binding", worldtest.Counsel).With(object{"verified": verified}))
	for _, check := range []string{"K10", "K18", "K20"} {
		require.Equal(t, matter.Pass, statuses(w.view().Orders[0].Findings)[check], check)
	}
	for _, f := range w.view().Orders[0].Findings {
		if f.Check == "K18" {
			require.Equal(t, map[string]any{"by": worldtest.Counsel, "method": "callback", "at": "2026-03-03T11:00:00Z"},
				f.Evidence["verified"])
		}
	}
}

// Point 12: a person's "no" is a ground that the guard asks about, and a changed request is asked about again.
func TestPoint12GoodFaithDeniedIsAGround(t *testing.T) {
	w := newWorld(t)
	w.Post(ofAnEnterprise())
	no := object{"goodFaith": object{"verdict": "no", "note": "a journalist's sources"}}
	w.Refused(comply().With(no), "/data/grounds")
	w.Post(worldtest.Decision("challenge").With(no).With(object{"grounds": []string{"not_good_faith"}}))
	require.Equal(t, matter.Fail, statuses(w.view().Findings)["O10"])
	w.Post(worldtest.Amendment(object{"offence": "fraud"}))
	require.Equal(t, matter.Fail, statuses(w.view().Findings)["O10"], "the authority's words take no ground away")
	w.Post(worldtest.Decision("challenge").With(object{"goodFaith": object{"verdict": "yes", "note": "shown"}}))
	w.Post(worldtest.Amendment(object{"offence": "dissent"}))
	require.Equal(t, matter.NeedsPerson, statuses(w.view().Findings)["O10"], "it was an answer about another offence")
}

// Points 5 and 12: who validated an EPOC, and who verified the issuer of a request (O12).
func TestPoint12WhoMayAskIsAnsweredByValidationAndByVerification(t *testing.T) {
	w := newWorld(t)
	w.Set(time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC))
	police := worldtest.Of("FR")
	police["role"] = "police"
	w.Post(worldtest.Request("u1").Under("epoc").Citing("Regulation (EU) 2023/1543").From(police))
	require.Equal(t, matter.Fail, statuses(w.view().Findings)["O12"])
	judge := worldtest.With(police, object{"role": "judge"})
	w.Post(worldtest.Amendment(object{"validatedBy": judge}))
	require.Equal(t, matter.Pass, statuses(w.view().Findings)["O12"])

	w = newWorld(t)
	peru := worldtest.Of("PE")
	w.Post(worldtest.Request("u1").From(peru))
	require.Equal(t, matter.NeedsPerson, statuses(w.view().Findings)["O12"])
	w.Post(worldtest.Order("o1").From(peru))
	verified := object{"by": worldtest.Counsel, "method": "in person", "at": "2026-03-03T11:00:00Z"}
	w.Post(worldtest.Assessment("o1", "binding", worldtest.Counsel).With(object{"verified": verified}))
	w.Post(worldtest.Comply())
	require.Equal(t, matter.Pass, statuses(w.view().Findings)["O12"], "the same issuer signed the order")
}

// Point 6: a date that we lack is no order without an end date in the report.
func TestPoint6OurMissingDateIsNoOrderWithoutAnEndDate(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("o1").For(90, "days", "served"))
	w.Post(worldtest.Order("o2").Endless())
	w.sweep()
	orders := w.counted(firstHalf)[0].Orders
	require.Len(t, orders, 2)
	require.True(t, orders[0].DateMissing)
	require.False(t, orders[1].DateMissing)
	require.True(t, orders[0].Until.IsZero(), "it holds all the same")
}
