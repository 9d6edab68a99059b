package storetest

import (
	"crypto/rand"
	"testing"

	"lapse/internal/store"

	"github.com/stretchr/testify/require"
)

func letterLaws() []law {
	return []law{
		{"letters: a set of facts stands in its matter as it was put first", factsOnce},
		{"letters: a set larger than an item is refused", factsTooLarge},
	}
}

func factsOnce(t *testing.T, s store.Store) {
	_, err := s.Letter(t.Context(), "mat-1", "a1")
	require.ErrorIs(t, err, store.ErrNotFound)
	want := []byte(`{"template":"de-2","request":{"reference":"Gs 1/26"}}`)
	require.NoError(t, s.PutLetter(t.Context(), "mat-1", "a1", want))
	require.NoError(t, s.PutLetter(t.Context(), "mat-1", "a1", []byte("{}")), "the same digest again changes nothing")
	require.NoError(t, s.PutLetter(t.Context(), "mat-1", "b1", []byte("{}")))
	got, err := s.Letter(t.Context(), "mat-1", "a1")
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = s.Letter(t.Context(), "mat-2", "a1")
	require.ErrorIs(t, err, store.ErrNotFound, "another matter's")
}

func factsTooLarge(t *testing.T, s store.Store) {
	noise := make([]byte, store.MaxItemBytes+1)
	_, err := rand.Read(noise)
	require.NoError(t, err)
	require.ErrorIs(t, s.PutLetter(t.Context(), "mat-1", "a1", noise), store.ErrTooLarge)
	_, err = s.Letter(t.Context(), "mat-1", "a1")
	require.ErrorIs(t, err, store.ErrNotFound)
}
