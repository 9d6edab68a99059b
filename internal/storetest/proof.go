package storetest

import (
	"testing"

	"lapse/internal/store"

	"github.com/stretchr/testify/require"
)

func proofLaws() []law {
	return []law{
		{"proof: what was issued stands as it was put first", issuedOnce},
		{"proof: keys are replaced from one revision to the next only", keysByRevision},
		{"mailboxes: the secret that is kept first stands", mailboxSecretOnce},
		{"proof: an earlier revision of the published keys never replaces a later one", keySetForward},
	}
}

func issuedOnce(t *testing.T, s store.Store) {
	_, err := s.Issued(t.Context(), "a1")
	require.ErrorIs(t, err, store.ErrNotFound)
	want := store.Issued{Pair: "a1", Address: "b1", On: "2026-03-01"}
	filled(t, want)
	require.NoError(t, s.PutIssued(t.Context(), want))
	require.NoError(t, s.PutIssued(t.Context(), store.Issued{Pair: "a1", Address: "b2", On: "2026-03-02"}))
	got, err := s.Issued(t.Context(), "a1")
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = s.Issued(t.Context(), "b1")
	require.ErrorIs(t, err, store.ErrNotFound, "the digest with the address is no pair")
}

func keysByRevision(t *testing.T, s store.Store) {
	none, err := s.LetterKeys(t.Context())
	require.NoError(t, err)
	require.Zero(t, none)
	want := store.LetterKeys{Revision: 1, Reference: []byte{1}, Code: []byte{2}, Signing: []store.SigningKey{
		{Public: []byte{3}, Wrapped: []byte{4}, NotBefore: at(1), Expires: at(2)}, {Public: []byte{5}, NotBefore: at(2)},
	}}
	filled(t, want)
	require.NoError(t, s.PutLetterKeys(t.Context(), want))
	require.NoError(t, s.PutLetterKeys(t.Context(), want), "the answer of the first one may be lost")
	other := want
	other.Signing = want.Signing[:1]
	require.ErrorIs(t, s.PutLetterKeys(t.Context(), other), store.ErrRace, "somebody else made them")
	got, err := s.LetterKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
	want.Revision, want.Signing = 2, want.Signing[1:]
	require.NoError(t, s.PutLetterKeys(t.Context(), want))
	want.Revision = 4
	require.ErrorIs(t, s.PutLetterKeys(t.Context(), want), store.ErrRace)
	want.Revision = 2
	got, err = s.LetterKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func keySetForward(t *testing.T, s store.Store) {
	_, err := s.KeySet(t.Context())
	require.ErrorIs(t, err, store.ErrNotFound)
	for _, c := range []struct {
		revision  int
		set, want string
	}{{2, "two", "two"}, {1, "one", "two"}, {2, "again", "two"}, {3, "three", "three"}} {
		require.NoError(t, s.PutKeySet(t.Context(), c.revision, []byte(c.set)))
		got, err := s.KeySet(t.Context())
		require.NoError(t, err)
		require.Equal(t, c.want, string(got))
	}
}
