package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
)

// contactsOf are the contacts that stand for the subject.
func (w *world) contactsOf(id string) []matter.SealedContact {
	s, err := w.store.Subjects(w.ctx, mat, []string{id})
	require.NoError(w.t, err)
	return s[id].Contacts
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
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Commit" {
			return memory.FailBefore
		}
		return memory.None
	}
	_, err := w.try("counsel:ak", "request.amended", object{"subjects": []object{subject("u9")}})
	require.Error(t, err)
	w.store.Fault = nil
	w.post("request.decided", object{"decision": "withdrawn", "reason": "the authority withdrew"})
	w.post("contact.changed", object{"subjectId": "u9", "erase": true})
	w.days(morning, 3)
	require.Empty(t, w.contactsOf("u9"))
}

// TestAnAmendmentLeftToTheSweepBringsNoErasedContactBack, whichever of the two rows the sweep meets first.
func TestAnAmendmentLeftToTheSweepBringsNoErasedContactBack(t *testing.T) {
	for c := 'a'; c <= 'h'; c++ {
		id := "u" + string(c)
		w := newWorld(t)
		w.post("request.received", request(id))
		w.post("request.decided", object{"decision": "reject", "reason": "no legal basis"})
		w.post("contact.changed", object{"subjectId": id, "erase": true})
		w.store.Fault = func(op, _ string) memory.Effect {
			if op == "PutSubjects" {
				return memory.FailBefore
			}
			return memory.None
		}
		w.post("request.amended", object{"subjects": []object{subject(id)}})
		w.store.Fault = nil
		w.days(morning, 5)
		require.Empty(t, w.contactsOf(id), id)
		require.Empty(t, w.workRows(agenda.Erase), id)
	}
}

// TestAnErasureThatADisclosureOvertakesWaits for the notice of that disclosure.
func TestAnErasureThatADisclosureOvertakesWaits(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.at(morning)
	n := w.notice("u1")
	stored, err := w.store.Notice(w.ctx, n.ID)
	require.NoError(t, err)
	_, ok, err := w.store.Apply(w.ctx, stored, notice.Reported(notice.OpDelivery, stored.Token, stored.MessageID,
		notice.ReasonDelivered, matter.Floor(w.now)))
	require.NoError(t, err)
	require.True(t, ok)
	w.post("contact.changed", object{"subjectId": "u1", "erase": true})
	came := false
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Erase" && !came {
			came = true
			w.post("disclosure.made", disclosure("d2", "u1"))
		}
		return memory.None
	}
	w.at(morning.Add(time.Hour))
	w.store.Fault = nil
	w.at(morning.Add(48 * time.Hour))
	require.True(t, came)
	require.Equal(t, []string{"u1", "u1"}, w.mailed(), "the second notice goes before the contact is erased")
	w.days(morning.AddDate(0, 0, 3), 12)
	require.Empty(t, w.contactsOf("u1"))
}

// workRows are the rows of the kind.
func (w *world) workRows(kind agenda.Kind) (out []agenda.Row) {
	for shard := range agenda.WorkShards {
		for r := range w.store.Agenda(true, shard) {
			if r.Kind == kind {
				out = append(out, r)
			}
		}
	}
	return out
}

// TestNoMailToAContactThatARecordedAmendmentReplaced: the amendment is answered, and its subjects are written by the
// sweep only. Until then nobody is told at the contact that it replaced.
func TestNoMailToAContactThatARecordedAmendmentReplaced(t *testing.T) {
	w := approved(t)
	w.post("disclosure.made", disclosure("d1", "u1", "u2"))
	amended := false
	w.sending = func(m notice.Mail) {
		if amended {
			return
		}
		amended = true
		other := "u1"
		if m.Notice == notice.ID(mat, "d1", "u1", matter.User) {
			other = "u2"
		}
		w.store.Fault = func(op, _ string) memory.Effect {
			if op == "PutSubjects" {
				return memory.FailBefore
			}
			return memory.None
		}
		contacts := []object{{"role": "user", "email": "new-" + other + "@example.com", "verified": true}}
		w.post("request.amended", object{"subjects": []object{with(subject(other), object{"contacts": contacts})}})
		w.store.Fault = nil
	}
	w.at(morning)
	w.at(morning.Add(time.Minute))
	require.Len(t, w.mails, 2)
	require.Contains(t, w.mails[1].raw, "new-u", "the second mail went after the amendment was answered")
}
