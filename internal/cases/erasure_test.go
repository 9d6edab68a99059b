package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// contactsOf are the contacts that stand for the subject.
func (w *world) contactsOf(id string) []matter.SealedContact {
	s, err := w.Store.Subjects(w.T.Context(), worldtest.Matter, []string{id})
	require.NoError(w.T, err)
	return s[id].Contacts
}

// erasure is a subject's wish that its contacts be erased.
func erasure(id string) worldtest.Event {
	return worldtest.NewEvent(event.ContactChanged, object{"subjectId": id, "erase": true})
}

// days sweeps once a day.
func (w *world) days(from time.Time, n int) {
	for d := range n {
		w.at(from.AddDate(0, 0, d))
	}
}

// TestContactsOfAnEventThatWasNeverRecordedCanBeErased: the subjects of an amendment are put before its transaction,
// which then fails.
func TestContactsOfAnEventThatWasNeverRecordedCanBeErased(t *testing.T) {
	w := approved(t)
	w.Store.Fault = func(op, _ string) memory.Effect {
		if op == "Commit" {
			return memory.FailBefore
		}
		return memory.None
	}
	_, err := w.Take(worldtest.Amendment(object{"subjects": worldtest.Subjects("u9")}))
	require.Error(t, err)
	w.Store.Fault = nil
	w.Post(worldtest.Decision("withdrawn"))
	w.Post(erasure("u9"))
	w.days(morning, 3)
	require.Empty(t, w.contactsOf("u9"))
}

// TestAnAmendmentLeftToTheSweepBringsNoErasedContactBack, whichever of the two rows the sweep meets first.
func TestAnAmendmentLeftToTheSweepBringsNoErasedContactBack(t *testing.T) {
	for c := 'a'; c <= 'h'; c++ {
		id := "u" + string(c)
		w := newWorld(t)
		w.Post(worldtest.Request(id))
		w.Post(worldtest.Decision("reject"))
		w.Post(erasure(id))
		w.Store.Fault = func(op, _ string) memory.Effect {
			if op == "PutSubjects" {
				return memory.FailBefore
			}
			return memory.None
		}
		w.Post(worldtest.Amendment(object{"subjects": worldtest.Subjects(id)}))
		w.Store.Fault = nil
		w.days(morning, 5)
		require.Empty(t, w.contactsOf(id), id)
		require.Empty(t, w.RowsOf(agenda.Erase), id)
	}
}

// TestAnErasureThatADisclosureOvertakesWaits for the notice of that disclosure.
func TestAnErasureThatADisclosureOvertakesWaits(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	n := w.notice("u1")
	stored, err := w.Store.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	_, ok, err := w.Store.Apply(t.Context(), stored, notice.Reported(notice.OpDelivery, stored.Token, stored.MessageID,
		notice.ReasonDelivered, matter.Floor(w.Now())))
	require.NoError(t, err)
	require.True(t, ok)
	w.Post(erasure("u1"))
	came := false
	w.Store.Fault = func(op, _ string) memory.Effect {
		if op == "Erase" && !came {
			came = true
			w.Post(worldtest.Disclosure("d2", "u1"))
		}
		return memory.None
	}
	w.at(morning.Add(time.Hour))
	w.Store.Fault = nil
	w.at(morning.Add(48 * time.Hour))
	require.True(t, came)
	require.Equal(t, []string{"u1", "u1"}, w.mailed(), "the second notice goes before the contact is erased")
	w.days(morning.AddDate(0, 0, 3), 12)
	require.Empty(t, w.contactsOf("u1"))
}

// TestNoMailToAContactThatARecordedAmendmentReplaced: the amendment is answered, and its subjects are written by the
// sweep only. Until then nobody is told at the contact that it replaced.
func TestNoMailToAContactThatARecordedAmendmentReplaced(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	amended := false
	w.SES.Sending = func(m notice.Mail) {
		if amended {
			return
		}
		amended = true
		other := "u1"
		if m.Notice == worldtest.NoticeID("d1", "u1") {
			other = "u2"
		}
		w.Store.Fault = func(op, _ string) memory.Effect {
			if op == "PutSubjects" {
				return memory.FailBefore
			}
			return memory.None
		}
		moved := worldtest.With(worldtest.Subject(other), object{"contacts": worldtest.Contacts("new-" + other)})
		w.Post(worldtest.Amendment(object{"subjects": []object{moved}}))
		w.Store.Fault = nil
	}
	w.at(morning)
	w.at(morning.Add(time.Minute))
	require.Len(t, w.mails(), 2)
	require.Contains(t, w.mails()[1].Text(), "new-u", "the second mail went after the amendment was answered")
}

// TestAnAmendmentThatBringsAVerifiedContactReopensTheOwedNotice, as contact.changed does. Nobody could be written to
// before.
func TestAnAmendmentThatBringsAVerifiedContactReopensTheOwedNotice(t *testing.T) {
	for name, amendment := range map[string]object{
		"contacts alone":        {},
		"with a law that holds": {"instrument": "search_warrant", "legalBasis": "18 U.S.C. 3123(d)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			unverified := worldtest.With(worldtest.Contact("user", "u1"), object{"verified": false})
			unreachable := worldtest.With(worldtest.Subject("u1"), object{"contacts": []object{unverified}})
			w.Post(worldtest.RequestAbout(unreachable))
			w.Post(worldtest.Comply())
			w.Post(worldtest.Disclosure("d1", "u1"))
			w.at(morning)
			require.Equal(t, notice.Failed, w.notice("u1").State)
			w.Post(worldtest.Amendment(worldtest.With(amendment, object{"subjects": worldtest.Subjects("u1")})))
			w.at(morning.Add(time.Hour))
			if name == "contacts alone" {
				require.Equal(t, []string{"u1"}, w.mailed())
			}
			require.NotEqual(t, notice.Failed, w.notice("u1").State, "it waits, for SES or for the law's end")
		})
	}
}
