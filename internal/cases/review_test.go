package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// ofAnEnterprise is a request about an enterprise's account of the requesting country.
func ofAnEnterprise() worldtest.Event {
	return worldtest.RequestAbout(worldtest.With(worldtest.Subject("u1"), object{
		"accountClass": "enterprise", "country": "US", "contacts": []object{worldtest.Contact("legal_contact", "counsel")},
	})).With(object{"signed": true, "legalBasis": "18 U.S.C. 2703(a)"})
}

// unbounded is what is sought where no dates bound it.
func unbounded() object { return object{"dataSought": []object{{"category": "content"}}} }

// comply is a decision to comply that says why no ground is left.
func comply(grounds ...string) worldtest.Event {
	return worldtest.Comply().Reason("narrowed by telephone; nothing is left to challenge").
		With(object{"grounds": append([]string{}, grounds...)})
}

func TestEnterpriseDataWithAGroundIsNotHandedOverWithoutAChallenge(t *testing.T) {
	w := newWorld(t)
	answer := w.Post(ofAnEnterprise().With(unbounded()))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["O8"])
	w.Refused(comply(), "/data/grounds")
	require.Nil(t, w.view().Request.Decision)
	w.Post(worldtest.Decision("challenge").Reason("overbroad").With(object{"grounds": []string{"O8"}}))
	answer = w.Post(comply())
	require.Equal(t, matter.Fail, statuses(answer.Findings)["O8"], "the challenge was decided before")
	w.Post(worldtest.Disclosure("d1", "u1"))
}

func TestARefusalToChallengeCanBeReasoned(t *testing.T) {
	w := newWorld(t)
	w.Post(ofAnEnterprise().With(unbounded()))
	w.Post(comply("overbroad"))
	require.Equal(t, matter.Approved, w.view().State)
}

func TestAConsumersRequestAndASoundOneAreNotGuarded(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").With(unbounded()))
	w.Post(comply())
	w = newWorld(t)
	w.Post(ofAnEnterprise())
	w.Post(comply())
}

func TestAnOrderWithoutAnEndThatCameLaterIsAGroundToo(t *testing.T) {
	w := newWorld(t)
	w.Post(ofAnEnterprise())
	w.Post(worldtest.Order("o1").Endless())
	w.Refused(comply(), "/data/grounds")
	w.Post(comply("O13"))
	require.Equal(t, matter.Fail, statuses(w.view().Findings)["O13"])
}

func TestPersonsOutsideTheJurisdictionStayAGroundWhateverIsAmended(t *testing.T) {
	w := newWorld(t)
	abroad := worldtest.With(worldtest.Subject("u2"), object{"accountClass": "public_sector", "country": "DE"})
	home := worldtest.With(worldtest.Subject("u3"), object{"country": "US"})
	require.Equal(t, matter.Pass, statuses(w.Post(ofAnEnterprise()).Findings)["O11"])
	require.Equal(t, matter.Fail,
		statuses(w.Post(worldtest.Amendment(object{"subjects": []object{abroad}})).Findings)["O11"])
	require.Equal(t, matter.Fail,
		statuses(w.Post(worldtest.Amendment(object{"subjects": []object{home}})).Findings)["O11"])
	require.Equal(t, matter.Fail, statuses(w.Post(worldtest.Amendment(object{"signed": true})).Findings)["O11"])
	w.Refused(comply(), "/data/grounds")
}

func TestAnotherChannelIsAFindingAndAnAlarm(t *testing.T) {
	w := newWorld(t)
	w.Intake.Rules.Channels = []string{"portal"}
	answer := w.Post(worldtest.Request("u1").With(object{"servedVia": "fax"}))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["O6"])
	require.Equal(t, "other_channel", answer.Warnings[0].Code)
	require.Contains(t, w.Log.String(), "none of the configured ones")
}

func TestAHeldNoticeWaitsForTwoPersons(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	id := w.notice("u1").ID
	hold := worldtest.NoticeHold(id, "the family is abroad")
	answer := w.Post(hold)
	require.Equal(t, notice.Held, answer.Notices[0].State)
	require.Nil(t, answer.Notices[0].Due)
	require.Equal(t, notice.Held, w.notice("u1").State)
	require.EqualValues(t, "the family is abroad", *w.notice("u1").Reason)
	w.at(morning.Add(day))
	require.Equal(t, []string{"u2"}, w.mailed())
	require.Contains(t, w.why("u1").Text, "A person holds this notice: the family is abroad")
	release := worldtest.NoticeRelease(id, "the family is abroad")
	w.Refused(release.ApprovedBy("counsel:ak"), "/data/approvedBy")
	w.Post(release)
	w.at(morning.Add(day))
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	_, err := w.Take(hold)
	require.ErrorIs(t, err, event.ErrConflict, "the mail is gone")
	w.Refused(worldtest.Objection(id, "the family is abroad"), "/data/noticeId")
}

func TestACancelledNoticeIsNeverSent(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	id := w.notice("u1").ID
	w.Post(worldtest.NoticeHold(id, "wrong account"))
	w.Post(worldtest.NoticeCancel(id, "wrong account"))
	w.at(morning.AddDate(1, 0, 0))
	require.Empty(t, w.SES.Mails())
	n := w.notice("u1")
	require.Equal(t, notice.Cancelled, n.State)
	require.EqualValues(t, "wrong account", *n.Reason)
	_, err := w.Take(worldtest.NoticeRelease(id, "no"))
	require.ErrorIs(t, err, event.ErrConflict)
	_, err = w.Take(worldtest.NoticeHold(worldtest.Matter+".none", "no"))
	require.ErrorIs(t, err, event.ErrPredecessor)
	w.Refused(worldtest.NoticeHold("mat-2.none", "no"), "/data/noticeId")
}
