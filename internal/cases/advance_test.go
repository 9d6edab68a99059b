package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// ahead is the decision to comply, and to tell ahead whom nothing covers.
func ahead() worldtest.Event { return worldtest.Comply().With(object{"advanceNotice": true}) }

// week is the end of the time to object to a decision of this morning.
var week = morning.AddDate(0, 0, 7)

// announced is a world in which u1 and u2 were told ahead this morning. An order covers u3.
func announced(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.Post(worldtest.Request("u1", "u2", "u3"))
	w.Post(worldtest.Order("o3", "u3"))
	w.Post(ahead())
	w.at(morning)
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	return w
}

// handed is that data of the subjects was handed over at the instant.
func handed(at time.Time, subjects ...string) worldtest.Event {
	return worldtest.Disclosure("d1", subjects...).At(at.Format(time.RFC3339))
}

// advanceID is the id of the notice in advance of a subject.
func (w *world) advanceID(subject string) string {
	w.T.Helper()
	r, err := w.Store.Request(w.T.Context(), worldtest.Matter)
	require.NoError(w.T, err)
	h, err := w.Store.Head(w.T.Context(), worldtest.Matter)
	require.NoError(w.T, err)
	return notice.ID(h.Salt, h.Matter, r.Advance.Announcement, subject)
}

func (w *world) stateOf(id string) (notice.State, notice.Reason) {
	w.T.Helper()
	n, err := w.Store.Notice(w.T.Context(), id)
	require.NoError(w.T, err)
	return n.State, n.Reason
}

// TestWhomNothingCoversIsToldBeforeTheDisclosure, seven days before it or until the answer is due, whichever is later.
func TestWhomNothingCoversIsToldBeforeTheDisclosure(t *testing.T) {
	for point, c := range map[string]struct {
		due  string
		from time.Time
		warn []string
	}{
		"no answer is due":                    {"", week, []string{}},
		"the answer is due in a month":        {"2026-04-03T12:00:00Z", morning.AddDate(0, 1, 0), []string{}},
		"the answer is due before seven days": {"2026-03-06T12:00:00Z", week, []string{intake.AnswerDueBefore}},
	} {
		w := newWorld(t)
		request := worldtest.Request("u1", "u2", "u3")
		if c.due != "" {
			request = request.With(object{"responseDue": c.due})
		}
		w.Post(request)
		w.Post(worldtest.Order("o3", "u3"))
		a := w.Post(ahead())
		require.Equal(t, `"`+c.from.Format(time.RFC3339)+`"`, string(a.DisclosableFrom), point)
		require.Equal(t, c.warn, warned(a), point)
		require.Len(t, a.Notices, 2, point)
		require.Equal(t, notice.Advance, a.Notices[0].Kind, point)
		w.at(morning)
		require.Equal(t, []string{"u1", "u2"}, w.mailed(), point)
		p, err := w.Inquire.Preview(t.Context(), w.advanceID("u1"))
		require.NoError(t, err)
		require.Contains(t, p.Text, "You can object until: "+letter.Day("en", matter.DateOf(c.from)), point)
		require.Contains(t, p.Text, "You can object before we do.", "counsel sees what the user was told")
		require.NotContains(t, p.Text, "What we handed over", point)
		require.Empty(t, w.view().Disclosures, "nothing was handed over")
		w.Set(c.from)
		w.Post(handed(c.from, "u1", "u2", "u3"))
		w.at(c.from)
		require.Len(t, w.SES.Mails(), 4, "the letter after the disclosure goes out all the same")
	}
}

// TestTheOperatorSaysHowLongOneCanObject: ADVANCE_DAYS. A decision keeps its days when the setting changes.
func TestTheOperatorSaysHowLongOneCanObject(t *testing.T) {
	w := newWorld(t)
	w.Intake.AdvanceDays = 14
	w.Post(worldtest.Request("u1").With(object{"responseDue": "2026-03-12T12:00:00Z"}))
	a := w.Post(ahead())
	fortnight := `"` + week.AddDate(0, 0, 7).Format(time.RFC3339) + `"`
	require.Equal(t, fortnight, string(a.DisclosableFrom))
	require.Equal(t, []string{intake.AnswerDueBefore}, warned(a))
	require.Contains(t, a.Warnings[0].Message, "14 days to object")
	w.Intake.AdvanceDays = 1
	require.Equal(t, fortnight, string(w.Post(ahead()).DisclosableFrom))
}

// TestNobodyIsToldAhead of an emergency, of what was handed over already, or without a decision to comply.
func TestNobodyIsToldAhead(t *testing.T) {
	for point, do := range map[string]func(w *world) worldtest.Event{
		"an emergency": func(w *world) worldtest.Event {
			w.Post(worldtest.Request("u1").Under("emergency"))
			return ahead()
		},
		"a decision to reject": func(w *world) worldtest.Event {
			w.Post(worldtest.Request("u1"))
			return worldtest.Decision("reject").With(object{"advanceNotice": true})
		},
		"everybody is covered": func(w *world) worldtest.Event {
			w.Post(worldtest.Request("u1"))
			w.Post(worldtest.Order("o1"))
			return ahead()
		},
		"handed over already": func(w *world) worldtest.Event {
			w.Approved("u1")
			w.Post(worldtest.Disclosure("d1", "u1"))
			return ahead()
		},
	} {
		w := newWorld(t)
		a := w.Post(do(w))
		require.Contains(t, warned(a), intake.NoAdvanceNotice, point)
		require.Equal(t, "null", string(a.DisclosableFrom), point)
		for _, n := range w.view().Notices {
			require.NotEqual(t, notice.Advance, n.Kind, point)
		}
	}
	w := newWorld(t)
	w.Post(worldtest.Request("u1"))
	a := w.Post(worldtest.Comply())
	require.Empty(t, warned(a))
	require.Equal(t, "null", string(a.DisclosableFrom))
}

// TestANoticeInAdvanceThatIsCoveredWhenItIsToGoIsWithheldForGood, also once the order is over.
func TestANoticeInAdvanceThatIsCoveredWhenItIsToGoIsWithheldForGood(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1"))
	w.Post(ahead())
	w.Post(worldtest.Order("o1", "u1").Through("2026-03-05"))
	w.at(morning)
	state, reason := w.stateOf(w.advanceID("u1"))
	require.Equal(t, notice.Withheld, state)
	require.Equal(t, notice.ReasonCovered, reason)
	w.days(morning, 10)
	require.Empty(t, w.mailed())
	w.Post(handed(morning.AddDate(0, 0, 1), "u1"))
	w.sweep()
	require.Equal(t, []string{"u1"}, w.mailed(), "who was not told has no time to object")
}

// TestANoticeInAdvanceIsOvertakenByWhatHappened: it does not say that nothing was handed over once something was.
func TestANoticeInAdvanceIsOvertakenByWhatHappened(t *testing.T) {
	for point, do := range map[string]worldtest.Event{
		"data was handed over":  handed(morning, "u1"),
		"counsel rejects after": worldtest.Decision("reject"),
	} {
		w := newWorld(t)
		w.Post(worldtest.Request("u1"))
		w.Post(ahead())
		w.Post(do)
		w.at(morning)
		state, reason := w.stateOf(w.advanceID("u1"))
		require.Equal(t, notice.Withheld, state, point)
		require.Equal(t, notice.ReasonOvertaken, reason, point)
	}
}

// TestADisclosureBeforeItsTimeIsRefused, unless two persons say that it happened, and why.
func TestADisclosureBeforeItsTimeIsRefused(t *testing.T) {
	w := announced(t)
	early := week.Add(-time.Second)
	w.Set(week.Add(time.Hour))
	w.Fails(handed(early, "u1"), event.ErrConflict)
	w.Fails(handed(early, "u1", "u3").ApprovedBy(worldtest.Both()...), event.ErrConflict)
	w.Fails(handed(early, "u1").With(object{"note": "the court ordered it"}), event.ErrConflict)
	w.Post(worldtest.Disclosure("d3", "u3").At(early.Format(time.RFC3339)))
	a := w.Post(handed(early, "u1").ApprovedBy(worldtest.Both()...).With(object{"note": "the court ordered it"}))
	require.Equal(t, []string{intake.AgainstPolicy}, warned(a))
	require.Empty(t, warned(w.Post(worldtest.Disclosure("d2", "u2").At(week.Format(time.RFC3339)))))
}

// TestAnObjectionStandsUntilTwoPersonsDecide.
func TestAnObjectionStandsUntilTwoPersonsDecide(t *testing.T) {
	w := announced(t)
	w.Refused(worldtest.Objection("mat-other.x", "mine"), "/data/noticeId")
	a := w.Post(worldtest.Objection(w.advanceID("u1"), "not mine"))
	require.Len(t, a.Notices, 1)
	w.Set(week)
	w.Fails(handed(week, "u1"), event.ErrConflict)
	w.Post(worldtest.Disclosure("d2", "u2").At(week.Format(time.RFC3339)))
	require.Contains(t, warned(w.Post(worldtest.Comply())), intake.ObjectionStands, "one person alone")
	w.Fails(handed(week, "u1"), event.ErrConflict)
	w.Post(worldtest.Comply().ApprovedBy(worldtest.Both()...))
	require.Empty(t, warned(w.Post(handed(week, "u1"))))
}

// TestOnlyWhoWasToldAheadCanObject.
func TestOnlyWhoWasToldAheadCanObject(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1"))
	w.Post(ahead())
	w.Fails(worldtest.Objection(w.advanceID("u1"), "mine"), event.ErrConflict)
	w.at(morning)
	w.Post(worldtest.Objection(w.advanceID("u1"), "mine"))
	w.Set(week)
	w.Post(worldtest.Comply().ApprovedBy(worldtest.Both()...))
	w.Post(handed(week, "u1"))
	w.Refused(worldtest.Objection(worldtest.NoticeID("d1", "u1"), "mine"), "/data/noticeId")
}

// TestOnlyTwoPersonsShortenTheTimeToObject. A later decision to comply keeps it, and tells nobody a second time.
func TestOnlyTwoPersonsShortenTheTimeToObject(t *testing.T) {
	w := announced(t)
	sooner := morning.Add(48 * time.Hour)
	until := func(e worldtest.Event, at time.Time) worldtest.Event {
		return e.With(object{"advanceUntil": at.Format(time.RFC3339)})
	}
	require.Equal(t, `"`+week.Format(time.RFC3339)+`"`, string(w.Post(ahead()).DisclosableFrom), "kept")
	w.Refused(until(worldtest.Comply(), sooner), "/data/approvedBy")
	longer := week.AddDate(0, 0, 7)
	a := w.Post(until(worldtest.Comply(), longer))
	require.Equal(t, `"`+longer.Format(time.RFC3339)+`"`, string(a.DisclosableFrom))
	a = w.Post(until(worldtest.Comply().ApprovedBy(worldtest.Both()...), sooner))
	require.Equal(t, `"`+sooner.Format(time.RFC3339)+`"`, string(a.DisclosableFrom))
	w.sweep()
	require.Len(t, w.SES.Mails(), 2, "once")
	w.Set(sooner)
	w.Post(handed(sooner, "u1"))
}

// TestASubjectAddedLaterIsNotToldAhead.
func TestASubjectAddedLaterIsNotToldAhead(t *testing.T) {
	w := announced(t)
	w.Post(worldtest.Amendment(object{"subjects": worldtest.Subjects("u4")}))
	w.sweep()
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	w.Post(handed(morning, "u4"))
}

// TestANoticeInAdvanceWithoutAContactIsNotOwed: the letter after the disclosure is.
func TestANoticeInAdvanceWithoutAContactIsNotOwed(t *testing.T) {
	w := newWorld(t)
	unverified := worldtest.With(worldtest.Contact("user", "u1"), object{"verified": false})
	w.Post(worldtest.RequestAbout(worldtest.With(worldtest.Subject("u1"), object{"contacts": []object{unverified}})))
	w.Post(ahead())
	w.at(morning)
	n, err := w.Store.Notice(t.Context(), w.advanceID("u1"))
	require.NoError(t, err)
	require.Equal(t, notice.Failed, n.State)
	require.False(t, n.Owed())
	w.Post(worldtest.ContactChange("u1", "new"))
	w.sweep()
	require.Empty(t, w.SES.Mails())
}
