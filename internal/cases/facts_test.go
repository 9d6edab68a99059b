package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/facts"
	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// These are the facts that a report needs, CONTRACT.md section 2: what is not recorded when it happens, nobody can
// recover.

func (w *world) warned(code string, e worldtest.Event) {
	w.T.Helper()
	for _, warning := range w.Post(e).Warnings {
		if warning.Code == code {
			return
		}
	}
	require.Fail(w.T, "no warning", code)
}

func TestARequestThatMatchesNoAccountNeedsNoInventedPerson(t *testing.T) {
	w := newWorld(t)
	w.Refused(worldtest.RequestAbout().With(object{"subjects": []object{}}), "/data/subjects")
	w.Refused(worldtest.RequestAbout().With(object{"subjects": []object{}, "unmatched": 0}), "/data/subjects")
	w.Post(worldtest.RequestAbout().With(object{"subjects": []object{}, "unmatched": 3, "selectors": 4}))
	r := w.view().Request
	require.Equal(t, 3, r.Unmatched)
	require.Equal(t, 4, *r.Selectors)
	w.Post(worldtest.Closing("no_responsive_data"))
	w.sweep()
	row := w.counted(firstHalf)[0]
	require.Equal(t, 3, row.Request.Specified)
	require.Equal(t, facts.NoResponsiveData, row.Request.Outcome)
}

func TestAChallengeOfARequestIsKeptWithItsOutcome(t *testing.T) {
	w := newWorld(t)
	w.Fails(worldtest.RequestChallenge("ch-1", "overbroad"), event.ErrPredecessor)
	w.Post(ofAnEnterprise().With(unbounded()))
	w.Refused(comply(), "/data/grounds")
	w.Post(worldtest.RequestChallenge("ch-1", "O8", "overbroad"))
	require.Equal(t, matter.Challenged, w.view().State)
	c := w.view().Request.Challenges[0]
	require.Equal(t, []string{"overbroad"}, c.Grounds, "O8 is an older name of the same")
	require.Equal(t, matter.ChallengePending, c.Outcome)
	decided := worldtest.RequestChallenge("ch-1", "overbroad").With(object{
		"forum": "D.D.C.", "outcome": "narrowed", "decidedAt": "2026-03-03T11:00:00Z"})
	w.Fails(decided.With(object{"route": "another"}), event.ErrConflict)
	w.Fails(decided.With(object{"filedAt": "2026-03-02T09:00:00Z"}), event.ErrConflict)
	w.Post(decided)
	require.Len(t, w.view().Request.Challenges, 1)
	require.Equal(t, matter.ChallengeNarrowed, w.view().Request.Challenges[0].Outcome)
	w.Post(comply())
	w.sweep()
	found := w.counted(firstHalf)[0].Challenges
	require.Len(t, found, 1)
	require.Equal(t, "request", found[0].About)
	require.Equal(t, matter.ChallengeNarrowed, found[0].Outcome)
	require.Equal(t, "2026-03-03T11:00:00Z", found[0].DecidedAt.Format(time.RFC3339))
}

func TestAnOutcomeThatTheDisclosuresContradictIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		disclosed []worldtest.Event
		taken     []string
		refused   []string
	}{
		"content was handed over": {[]worldtest.Event{worldtest.Disclosure("d1", "u1")},
			[]string{"content", "partial"},
			[]string{"non_content", "general_information", "no_responsive_data", "rejected_invalid", "rejected_service",
				"insufficient_information", "withdrawn", "quashed", "redirected_to_customer", "preserved_only",
				"access_withheld"}},
		"no content was": {[]worldtest.Event{worldtest.Disclosure("d1", "u1").With(object{"content": false,
			"categories": []string{"subscriber"}})},
			[]string{"non_content", "partial", "general_information"}, []string{"content", "no_responsive_data"}},
		"nothing was held of anybody": {[]worldtest.Event{worldtest.Disclosure("d1", "u1").With(object{
			"noData": []string{"u1"}})},
			[]string{"no_responsive_data", "withdrawn"}, []string{"content", "non_content", "partial"}},
		"data was only preserved": {[]worldtest.Event{worldtest.Disclosure("d1", "u1").With(object{"content": false,
			"categories": []string{"preservation"}})},
			[]string{"preserved_only"}, []string{"content", "quashed"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := approved(t)
			for _, d := range c.disclosed {
				w.Post(d)
			}
			for _, outcome := range c.refused {
				w.Fails(worldtest.Closing(outcome), event.ErrConflict)
				w.Fails(worldtest.Comply().With(object{"outcome": outcome}), event.ErrConflict)
			}
			for _, outcome := range c.taken {
				w.Post(worldtest.Closing(outcome))
				require.Equal(t, outcome, w.view().Request.Closing.Outcome)
			}
		})
	}
}

func TestADisclosureThatContradictsTheClosingOpensTheRequestAgain(t *testing.T) {
	w := approved(t)
	w.warned(intake.NothingDisclosed, worldtest.Closing("content"))
	w.Post(worldtest.Closing("withdrawn"))
	w.warned(intake.OutcomeContradicted, worldtest.Disclosure("d1", "u1"))
	require.Nil(t, w.view().Request.Closing)
	require.Len(t, w.view().Notices, 1, "what was handed over is owed, whatever was said before")
	w.sweep()
	require.Equal(t, facts.Content, w.counted(firstHalf)[0].Request.Outcome)
	w.Post(worldtest.Closing("content"))
	require.Equal(t, "content", w.view().Request.Closing.Outcome)
}

func TestWhomNothingWasHeldOfGetsNoNotice(t *testing.T) {
	w := approved(t)
	w.Refused(worldtest.Disclosure("d1", "u1").With(object{"noData": []string{"u2"}}), "/data/noData/0")
	answer := w.Post(worldtest.Disclosure("d1", "u1", "u2").With(object{"noData": []string{"u2"}}))
	require.Len(t, answer.Notices, 1)
	require.Equal(t, 1, *answer.NoticesTotal)
	require.Equal(t, []string{"u2"}, w.view().Disclosures[0].NoData)
	require.Equal(t, 1, w.view().Disclosures[0].Subjects)
	w.sweep()
	row := w.counted(firstHalf)[0]
	require.Equal(t, 1, row.Request.AccountsWithData())
	require.Len(t, row.Notices, 1)

	same := worldtest.Disclosure("d1", "u2").With(object{"noData": []string{"u2"}})
	require.Empty(t, w.Post(same).Notices[1:], "it is in the first part already")
	require.Len(t, w.view().Notices, 1)
	w.Post(worldtest.Disclosure("d1", "u2"))
	require.Len(t, w.view().Notices, 2, "data of theirs was found after all, so the notice is owed")
}

func TestADisclosureOfNothingOwesNothingAndLeavesNoRow(t *testing.T) {
	w := approved(t)
	answer := w.Post(worldtest.Disclosure("d1", "u1").With(object{"noData": []string{"u1"}}))
	require.Empty(t, answer.Notices)
	require.Equal(t, matter.Approved, w.view().State)
	w.at(morning.Add(day))
	require.Empty(t, w.SES.Mails())
	row := w.counted(firstHalf)[0]
	require.Equal(t, facts.NoResponsiveData, row.Request.Outcome)
	require.Empty(t, row.Notices)
}

func TestALaterDecisionKeepsTheEarlierOnesGrounds(t *testing.T) {
	w := newWorld(t)
	w.Post(ofAnEnterprise().With(unbounded()))
	w.Post(worldtest.Decision("challenge").With(object{"grounds": []string{"O8", "no_authority"}}))
	w.Post(comply())
	w.Post(worldtest.Decision("comply_in_part").With(object{"grounds": []string{"other"}, "outcome": "partial"}))
	r := w.view().Request
	require.Equal(t, matter.ComplyInPart, r.Decision.Decision)
	require.Len(t, r.Earlier, 2)
	require.Equal(t, []string{"overbroad", "no_authority"}, r.Earlier[0].Grounds)
	require.Equal(t, matter.Comply, r.Earlier[1].Decision)
	w.Refused(worldtest.Decision("challenge").With(object{"grounds": []string{"asks for too much"}}), "/data/grounds/0")
}

func TestWhoEndedAnOrderAndWhatWasSaidInItsChallengeAreKept(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("o1").Endless())
	filed := worldtest.Challenge("o1", "motion to vacate", "2026-03-03T09:00:00Z")
	w.Post(filed.With(object{"grounds": []string{"O13"}, "forum": "D.D.C."}))
	w.Post(filed.With(object{"outcome": "vacated", "decidedAt": "2026-03-03T11:00:00Z"}))
	c := w.view().Orders[0].Challenges
	require.Len(t, c, 1)
	require.Equal(t, []string{"no_end_date"}, c[0].Grounds, "the outcome names none, and takes none away")
	require.Equal(t, "D.D.C.", c[0].Forum)
	require.Equal(t, "2026-03-03T11:00:00Z", c[0].DecidedAt.Format(time.RFC3339))
	w.Post(worldtest.Ending("o1", "vacated", "2026-03-03T11:30:00Z").With(object{"by": "court"}))
	require.Equal(t, "court", w.view().Orders[0].EndedBy)
	w.sweep()
	row := w.counted(firstHalf)[0]
	require.Equal(t, matter.ChallengeVacated, row.Challenges[0].Outcome)
	require.Equal(t, []string{"no_end_date"}, row.Challenges[0].Grounds)
}

func TestWhatARequestOfNationalSecuritySaysForTheBands(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").Under("fisa").Citing("50 U.S.C. 1881a").With(object{"fisaTitle": "VII"}))
	w.Post(worldtest.Amendment(object{"fisaCallRecords": false, "firstOfProduct": true, "selectors": 9}))
	r := w.view().Request
	require.Equal(t, "VII", r.FisaTitle)
	require.False(t, *r.FisaCallRecords)
	require.True(t, *r.FirstOfProduct)
	w.sweep()
	s := w.counted(firstHalf)[0].Security
	require.Equal(t, 9, s.Selectors)
	require.Equal(t, "VII", s.Title)
	require.False(t, *s.CallRecords)
	require.True(t, s.FirstOfProduct)
}

func TestARequestToWithholdAccessHolds(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").Under("withhold_access"))
	require.True(t, strings.HasPrefix(w.view().Orders[0].ID, "law-unverified-us"), "no verified rule says it is open")
	w.Post(worldtest.Closing("access_withheld"))
	w.sweep()
	row := w.counted(firstHalf)[0]
	require.Equal(t, "withhold_access", row.RequestType)
	require.Equal(t, facts.AccessWithheld, row.Request.Outcome)
}

func TestTheTypeOfAnAccountAndTheEvidenceOfItsCountry(t *testing.T) {
	w := newWorld(t)
	person := worldtest.With(worldtest.Subject("u1"), object{"accountType": "basic", "country": "FR",
		"countryEvidence": "declared"})
	require.Equal(t, matter.Unknown, statuses(w.Post(worldtest.RequestAbout(person)).Findings)["O11"],
		"a country that the user alone declared proves nothing")
	billed := worldtest.With(person, object{"countryEvidence": "billing"})
	answer := w.Post(worldtest.Amendment(object{"subjects": []object{billed}}))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["O11"])
	w.Post(worldtest.Comply())
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.sweep()
	require.Equal(t, []facts.AccountFact{{Class: "consumer", Type: "basic", Country: "FR", N: 1}},
		w.counted(firstHalf)[0].Request.WithData)
}

func TestARecipientWhoWasToldByPostIsOwedNothing(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("o1", "u2"))
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	id := w.notice("u1").ID
	told := worldtest.Told(id, "post", "2026-03-03T11:00:00Z")
	w.Fails(told.With(object{"at": "2026-03-03T08:59:59Z"}), event.ErrConflict)
	w.Refused(told.ApprovedBy(worldtest.Counsel), "/data/approvedBy")
	w.Refused(told.Without("approvedBy"), "/data/approvedBy")
	w.Fails(worldtest.Told(w.notice("u2").ID, "phone", "2026-03-03T11:00:00Z"), event.ErrConflict)
	answer := w.Post(told)
	require.Equal(t, notice.ToldOtherwise, answer.Notices[0].State)
	require.EqualValues(t, "post", *w.notice("u1").Reason)
	w.Fails(told, event.ErrConflict)
	_, err := w.Take(worldtest.NoticeRelease(id, "no"))
	require.ErrorIs(t, err, event.ErrConflict)
	w.Post(worldtest.ContactChange("u1", "new"))
	w.at(morning.Add(day))
	require.Empty(t, w.SES.Mails())
	require.Equal(t, notice.ToldOtherwise, w.notice("u1").State)
	var closings []facts.Closing
	for _, n := range w.counted(firstHalf)[0].Notices {
		if closings = append(closings, n.Closing); n.Closing == facts.ToldOtherwise {
			require.Equal(t, "2026-03-03T11:00:00Z", n.ClosedAt.Format(time.RFC3339))
		}
	}
	require.ElementsMatch(t, []facts.Closing{facts.ToldOtherwise, facts.StillOwed}, closings)
	w.at(worldtest.AugustEnds())
	require.Equal(t, []string{"u2"}, w.mailed())
}

func TestOnePersonAndADocumentTellOfANoticeToldOtherwise(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	w.at(morning.Add(day))
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	told := worldtest.Told(w.notice("u1").ID, "in_person", "2026-03-04T11:00:00Z").Without("approvedBy").
		With(object{"documentSha256": strings.Repeat("ab", 32)})
	w.Post(told)
	require.Equal(t, notice.ToldOtherwise, w.notice("u1").State, "one that was mailed, too")
	w.Post(worldtest.Disclosure("d2", "u3"))
	id := w.notice("u3").ID
	w.Post(worldtest.NoticeHold(id, "ask"))
	w.Post(worldtest.NoticeCancel(id, "mistake"))
	w.Fails(worldtest.Told(id, "post", "2026-03-04T11:00:00Z"), event.ErrConflict)
}

// A mail that is on its way is no moment to say that the recipient was told otherwise.
func TestANoticeThatIsBeingSentIsNotToldOtherwise(t *testing.T) {
	n := notice.Notice{State: notice.Sending}
	require.False(t, n.Allows(notice.Tell(3, "post", "counsel:ak", morning)))
	for _, state := range notice.States() {
		n.State = state
		refused := state == notice.Sending || state == notice.Cancelled || state == notice.ToldOtherwise
		require.Equal(t, !refused, n.Allows(notice.Tell(3, "post", "counsel:ak", morning)), state)
	}
}
