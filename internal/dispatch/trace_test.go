package dispatch_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// secondContact gives the subject a further verified contact.
func (w *world) secondContact(subject string) {
	w.t.Helper()
	s := w.subject(subject, 2)
	s.Contacts = append(s.Contacts, matter.SealedContact{Role: matter.User, Verified: true, Sealed: sealed("second-" + subject)})
	_, err := w.store.PutSubjects(context.Background(), []matter.Subject{s})
	require.NoError(w.t, err)
}

// The mail went to the first of two contacts after the backup, and comes back after the restore.
func TestABounceAfterARestoreGoesOnToTheNextContact(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.secondContact("u1")
	w.sweep()
	w.disclose("d1", "u1")
	backup := w.store.Copy("restored")
	require.Equal(t, 1, w.sweep().Sent)
	was := w.notice("d1", "u1").Attempts[0]
	w.onto(backup)
	w.sweep()
	w.mark()
	_, err := w.restorer().Resume(t.Context())
	require.NoError(t, err)

	n := w.notice("d1", "u1")
	require.Equal(t, was.Contact, n.Attempts[0].Contact)
	require.True(t, n.Attempts[0].Spare, "there is a contact to go on to")
	_, ok, err := w.store.Move(t.Context(), matter.Move{
		Op: matter.OpReturn, Notice: n.ID, Token: n.Token, Now: matter.Floor(w.clock()), Next: matter.Floor(w.clock()),
		MessageID: n.MessageID, Reason: matter.ReasonHardBounce, Dead: true,
	})
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, w.store.PutRow(t.Context(), matter.Row{At: matter.Floor(w.clock()), Kind: matter.KindNotice, ID: n.ID, Planned: 2}))
	require.Equal(t, 1, w.sweep().Sent)
	require.Equal(t, "u1-"+canary+"@example.com", w.mail.mails[0].To.Reveal())
	require.Equal(t, "second-u1-"+canary+"@example.com", w.mail.mails[1].To.Reveal())
}
