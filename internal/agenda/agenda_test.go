package agenda_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
)

func TestRowIdsComeApartAgain(t *testing.T) {
	m, d, part, ok := agenda.SplitPartID(agenda.PartID("mat-1", "d.1#x", 12))
	require.True(t, ok)
	require.Equal(t, []any{"mat-1", "d.1#x", 12}, []any{m, d, part})
	m, v, ok := agenda.SplitVersionedID(agenda.VersionedID("mat-1", 7))
	require.True(t, ok)
	require.Equal(t, []any{"mat-1", 7}, []any{m, v})
	for _, bad := range []string{"", "mat-1", "mat-1@x", "mat-1.d1", "mat-1.d1#x"} {
		_, _, ok := agenda.SplitVersionedID(bad)
		require.False(t, ok, bad)
		_, _, _, ok = agenda.SplitPartID(bad)
		require.False(t, ok, bad)
	}
}
