package keyring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/keyring"
	"lapse/internal/matter"
	"lapse/internal/memory"
)

func address(t *testing.T, s string) matter.Address {
	t.Helper()
	a, err := matter.ParseAddress(s)
	require.NoError(t, err)
	return a
}

func mailbox(t *testing.T, m *keyring.Mailboxes, matterID, s string) string {
	t.Helper()
	name, err := m.Mailbox(t.Context(), matterID, address(t, s))
	require.NoError(t, err)
	return name
}

func TestEqualAddressesOfAMatterHaveTheSameMailbox(t *testing.T) {
	key, db := &counting{}, &memory.Store{}
	m := &keyring.Mailboxes{Key: key, Store: db}
	name := mailbox(t, m, "mat-1", "Ann@example.com")
	require.Len(t, name, 11)
	require.Equal(t, name, mailbox(t, m, "mat-1", "ann@EXAMPLE.com"), "upper and lower case")
	require.NotEqual(t, name, mailbox(t, m, "mat-1", "ann.b@example.com"))
	require.NotEqual(t, name, mailbox(t, m, "mat-2", "ann@example.com"), "nobody is followed across matters")
	require.Equal(t, 1, key.opened["mailbox"], "opened once")

	other := &keyring.Mailboxes{Key: key, Store: db}
	require.Equal(t, name, mailbox(t, other, "mat-1", "ann@example.com"), "every process has the same secret")
	elsewhere := &keyring.Mailboxes{Key: key, Store: &memory.Store{}}
	require.NotEqual(t, name, mailbox(t, elsewhere, "mat-1", "ann@example.com"), "nobody finds it without the secret")
}

func TestTheSecretOfMailboxesIsTheOneKeptFirst(t *testing.T) {
	key, db := &counting{}, &memory.Store{}
	ours := &keyring.Mailboxes{Key: key, Store: db}
	first := ""
	db.Fault = func(op, _ string) memory.Effect {
		if op == "KeepMailboxSecret" && first == "" {
			db.Fault = nil
			first = mailbox(t, &keyring.Mailboxes{Key: key, Store: db}, "mat-1", "ann@example.com")
		}
		return memory.None
	}
	require.Equal(t, mailbox(t, ours, "mat-1", "ann@example.com"), first, "another process was first")
}

func TestWithoutItsSecretNoMailboxIsNamed(t *testing.T) {
	for _, op := range []string{"MailboxSecret", "KeepMailboxSecret"} {
		db := &memory.Store{Fault: func(o, _ string) memory.Effect {
			if o == op {
				return memory.FailBefore
			}
			return memory.None
		}}
		m := &keyring.Mailboxes{Key: &counting{}, Store: db}
		_, err := m.Mailbox(t.Context(), "mat-1", address(t, "ann@example.com"))
		require.ErrorIs(t, err, memory.ErrInjected, op)
	}
	m := &keyring.Mailboxes{Key: &counting{refuse: map[string]bool{"mailbox": true}}, Store: &memory.Store{}}
	_, err := m.Mailbox(t.Context(), "mat-1", address(t, "ann@example.com"))
	require.ErrorContains(t, err, "no right to mailbox")
}
