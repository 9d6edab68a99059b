package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
)

// TestARowPlannedAnewForTheSameInstantIsVisitedOnce: the newest plan stands for the others, which are deleted.
func TestARowPlannedAnewForTheSameInstantIsVisitedOnce(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	row := func(id string, after time.Duration, planned, revision int) agenda.Row {
		r := agenda.ForNotice("m", id, now.Add(after), planned)
		r.Revision = revision
		return r
	}
	page := []agenda.Row{row("a", 0, 3, 1), row("a", 0, 3, 2), row("a", 0, 4, 2), row("b", 0, 1, 1), row("a", 1, 1, 1)}
	current, old := superseded(page)
	require.Equal(t, page[2:], current)
	require.Equal(t, page[:2], old)
	counts := []agenda.Row{agenda.ForCount("m", now, 3), agenda.ForCount("m", now, 4), agenda.ForCount("n", now, 4)}
	current, old = superseded(counts)
	require.Equal(t, counts[1:], current)
	require.Equal(t, counts[:1], old)
	ahead := []agenda.Row{row("a", 0, 3, 5), row("a", 0, 4, 2)}
	current, old = superseded(ahead)
	require.Equal(t, ahead, current, "the notice may not have reached the revision of the first")
	require.Empty(t, old)
	work := []agenda.Row{agenda.ForMoved("m", "u1", 3, now), agenda.ForMoved("m", "u1", 4, now)}
	current, old = superseded(work)
	require.Equal(t, work, current, "each of two changes is looked after")
	require.Empty(t, old)
	twice := []agenda.Row{row("a", 0, 3, 1), row("a", 0, 3, 1)}
	current, _ = superseded(twice)
	require.Equal(t, twice[1:], current, "one of two stays, however alike")
}
