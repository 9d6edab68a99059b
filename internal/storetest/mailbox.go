package storetest

import (
	"testing"

	"lapse/internal/store"

	"github.com/stretchr/testify/require"
)

func mailboxSecretOnce(t *testing.T, s store.Store) {
	_, err := s.MailboxSecret(t.Context())
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, s.KeepMailboxSecret(t.Context(), []byte{1, 0}))
	require.NoError(t, s.KeepMailboxSecret(t.Context(), []byte{2}))
	got, err := s.MailboxSecret(t.Context())
	require.NoError(t, err)
	require.Equal(t, []byte{1, 0}, got)
}
