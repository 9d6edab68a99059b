package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// ofAnEnterprise is a request about an enterprise's account of the requesting country.
func ofAnEnterprise(more object) object {
	who := with(subject("u1"), object{
		"accountClass": "enterprise", "country": "US", "contacts": []object{{"role": "legal_contact",
			"email": "counsel@example.com", "verified": true}},
	})
	return with(with(request("u1"), object{"subjects": []object{who}, "signed": true, "legalBasis": "18 U.S.C. 2703(a)"}),
		more)
}

func unbounded() object { return object{"dataSought": []object{{"category": "content"}}} }

func comply(grounds ...string) object {
	return object{"decision": "comply", "reason": "narrowed by telephone; nothing is left to challenge",
		"grounds": append([]string{}, grounds...)}
}

func TestEnterpriseDataWithAGroundIsNotHandedOverWithoutAChallenge(t *testing.T) {
	w := newWorld(t)
	answer := w.post("request.received", ofAnEnterprise(unbounded()))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["O8"])
	w.refused("request.decided", comply(), "/data/grounds")
	require.Nil(t, w.view().Request.Decision)
	w.post("request.decided", object{"decision": "challenge", "reason": "overbroad", "grounds": []string{"O8"}})
	answer = w.post("request.decided", comply())
	require.Equal(t, matter.Fail, statuses(answer.Findings)["O8"], "the challenge was decided before")
	w.post("disclosure.made", disclosure("d1", "u1"))
}

func TestARefusalToChallengeCanBeReasoned(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", ofAnEnterprise(unbounded()))
	w.post("request.decided", comply("overbroad"))
	require.Equal(t, matter.Approved, w.view().State)
}

func TestAConsumersRequestAndASoundOneAreNotGuarded(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", with(request("u1"), unbounded()))
	w.post("request.decided", comply())
	w = newWorld(t)
	w.post("request.received", ofAnEnterprise(nil))
	w.post("request.decided", comply())
}

func TestAnOrderWithoutAnEndThatCameLaterIsAGroundToo(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", ofAnEnterprise(nil))
	w.post("order.received", order("o1", object{"kind": "none"}))
	w.refused("request.decided", comply(), "/data/grounds")
	w.post("request.decided", comply("O13"))
	require.Equal(t, matter.Fail, statuses(w.view().Findings)["O13"])
}

func TestPersonsOutsideTheJurisdictionStayAGroundWhateverIsAmended(t *testing.T) {
	w := newWorld(t)
	abroad := with(subject("u2"), object{"accountClass": "public_sector", "country": "DE"})
	home := with(subject("u3"), object{"country": "US"})
	require.Equal(t, matter.Pass, statuses(w.post("request.received", ofAnEnterprise(nil)).Findings)["O11"])
	require.Equal(t, matter.Fail, statuses(w.post("request.amended",
		object{"subjects": []object{abroad}}).Findings)["O11"])
	require.Equal(t, matter.Fail, statuses(w.post("request.amended", object{"subjects": []object{home}}).Findings)["O11"])
	require.Equal(t, matter.Fail, statuses(w.post("request.amended", object{"signed": true}).Findings)["O11"])
	w.refused("request.decided", comply(), "/data/grounds")
}

func TestAnotherChannelIsAFindingAndAnAlarm(t *testing.T) {
	w := newWorld(t)
	w.in.Rules.Channels = []string{"portal"}
	answer := w.post("request.received", with(request("u1"), object{"servedVia": "fax"}))
	require.Equal(t, matter.Fail, statuses(answer.Findings)["O6"])
	require.Equal(t, "other_channel", answer.Warnings[0].Code)
	require.Contains(t, w.logs.String(), "none of the configured ones")
}

func TestAHeldNoticeWaitsForTwoPersons(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1", "u2"))
	id := w.notice("u1").ID
	act := object{"noticeId": id, "reason": "the family is abroad"}
	answer := w.post("notice.held", act)
	require.Equal(t, notice.Held, answer.Notices[0].State)
	require.Nil(t, answer.Notices[0].Due)
	require.Equal(t, notice.Held, w.notice("u1").State)
	require.Equal(t, "the family is abroad", *w.notice("u1").Reason)
	w.at(morning.Add(day))
	require.Equal(t, []string{"u2"}, w.mailed())
	require.Contains(t, w.why("u1").Text, "A person holds this notice: the family is abroad")
	w.refused("notice.released", with(act, object{"approvedBy": []string{"counsel:ak"}}), "/data/approvedBy")
	w.post("notice.released", with(act, object{"approvedBy": []string{"counsel:ak", "counsel:bl"}}))
	w.at(morning.Add(day))
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	_, err := w.try("counsel:ak", "notice.held", act)
	require.ErrorIs(t, err, event.ErrConflict, "the mail is gone")
	w.refused("notice.objected", act, "/type")
}

func TestACancelledNoticeIsNeverSent(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	id := w.notice("u1").ID
	two := []string{"counsel:ak", "counsel:bl"}
	w.post("notice.held", object{"noticeId": id, "reason": "wrong account"})
	w.post("notice.cancelled", object{"noticeId": id, "reason": "wrong account", "approvedBy": two})
	w.at(morning.AddDate(1, 0, 0))
	require.Empty(t, w.mails)
	n := w.notice("u1")
	require.Equal(t, notice.Cancelled, n.State)
	require.Equal(t, "wrong account", *n.Reason)
	_, err := w.try("counsel:ak", "notice.released", object{"noticeId": id, "reason": "no", "approvedBy": two})
	require.ErrorIs(t, err, event.ErrConflict)
	_, err = w.try("counsel:ak", "notice.held", object{"noticeId": mat + ".none", "reason": "no"})
	require.ErrorIs(t, err, event.ErrPredecessor)
	w.refused("notice.held", object{"noticeId": "mat-2.none", "reason": "no"}, "/data/noticeId")
}
