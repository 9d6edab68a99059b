package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
)

func contact(subject, email string) object {
	return object{"subjectId": subject, "contacts": []object{{"role": "user", "email": email, "verified": true}}}
}

func TestAChangedContactReplacesTheOld(t *testing.T) {
	w := asked(t)
	w.post("contact.changed", with(contact("u1", "new@example.com"), object{"language": "de"}))
	require.Equal(t, "new@example.com", w.address("u1", matter.User))
	require.Equal(t, "de", w.subject("u1").Language)
	require.Equal(t, matter.Consumer, w.subject("u1").Class)
	require.Len(t, w.rowsOf(agenda.Replan, "mat-1@3"), 1, "a notice that failed for want of a contact is owed again")
	w.post("contact.changed", contact("u1", "newer@example.com"))
	require.Equal(t, "de", w.subject("u1").Language)
	w.refuse("contact.changed", contact("u9", "x@example.com"), event.ErrPredecessor)
}

func TestContactsRecordedBeforeTheRequestWin(t *testing.T) {
	w := newWorld(t)
	answer := w.post("contact.changed", with(contact("u1", "early@example.com"), object{"language": "de"}))
	require.Equal(t, 1, answer.Version)
	require.Equal(t, matter.AwaitingRequest, w.head().State)
	w.post("order.received", order("o1", "u1"))
	require.Equal(t, []string{"u1"}, w.restraint("o1").Unknown, "a contact does not make a subject known")
	w.post("request.received", request("u1", "u2"))
	require.Equal(t, "early@example.com", w.address("u1", matter.User))
	require.Equal(t, "de", w.subject("u1").Language)
	require.True(t, w.subject("u1").Known)
	require.Empty(t, w.restraint("o1").Unknown)
	require.Equal(t, 2, w.head().Subjects)
	w.post("request.amended", object{"subjects": []object{subject("u1")}})
	require.Equal(t, "u1@example.com", w.address("u1", matter.User), "an amendment comes later and wins")
}

func TestTheWishToEraseWaitsOnTheAgenda(t *testing.T) {
	w := asked(t)
	erase := object{"subjectId": "u1", "erase": true}
	w.post("contact.changed", erase)
	require.Equal(t, "u1@example.com", w.address("u1", matter.User), "somebody has to be told yet")
	require.Len(t, w.rowsOf(agenda.Erase, "mat-1.u1"), 1)
	w.refuse("contact.changed", object{"subjectId": "u9", "erase": true}, event.ErrPredecessor)
}

func TestAnErasedSubjectStaysKnownAndErased(t *testing.T) {
	w := asked(t)
	w.post("contact.changed", object{"subjectId": "u1", "erase": true})
	require.NoError(t, w.store.Erase(t.Context(), mat, "u1", w.subject("u1").Revision, w.head().Version))
	w.post("order.received", order("o1", "u1"))
	require.Empty(t, w.restraint("o1").Unknown)
	w.post("disclosure.made", disclosure("d1", "u1"))
	answer := w.post("request.amended", object{"subjects": []object{with(subject("u1"),
		object{"accountClass": "enterprise"})}})
	require.Equal(t, "contacts_erased", answer.Warnings[0].Code)
	require.Empty(t, w.subject("u1").Contacts, "an amendment does not bring contacts back")
	require.Equal(t, matter.Enterprise, w.subject("u1").Class)
	require.Equal(t, 3, w.head().Subjects)
	w.post("contact.changed", contact("u1", "again@example.com"))
	require.Equal(t, "again@example.com", w.address("u1", matter.User), "the account system may")
	require.False(t, w.subject("u1").Erased)
}

func TestEraseBeforeTheRequest(t *testing.T) {
	w := newWorld(t)
	w.refuse2("contact.changed", object{"subjectId": "u1", "erase": true}, event.ErrPredecessor)
	w.post("contact.changed", contact("u1", "early@example.com"))
	w.post("contact.changed", object{"subjectId": "u1", "erase": true})
	require.NoError(t, w.store.Erase(t.Context(), mat, "u1", w.subject("u1").Revision, w.head().Version))
	w.post("request.received", request("u1"))
	require.Empty(t, w.subject("u1").Contacts)
	require.True(t, w.subject("u1").Known)
}
