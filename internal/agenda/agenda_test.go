package agenda_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
)

func TestNoTwoThingsShareARowsID(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	rows := []agenda.Row{
		agenda.ForNotice("mat-1", "mat-1.abc", at, 1), agenda.ForMakeNotices("mat-1", "d1", 1, at,
			1), agenda.ForMakeNotices("mat-1", "d1", 2, at, 1),
		agenda.ForMakeNotices("mat-1", "d2", 1, at, 1), agenda.ForReplan("mat-1", 2, at), agenda.ForReplan("mat-1", 3, at),
		agenda.ForReplan("mat-2", 2, at), agenda.ForOrder("mat-1", "o1", at, 1), agenda.ForOrder("mat-1", "o2", at, 1),
		agenda.ForRefused("5f2e", at), agenda.ForRefused("5f2f", at),
	}
	seen := map[string]bool{}
	for _, r := range rows {
		require.NotEmpty(t, r.ID())
		require.False(t, seen[r.ID()], r.ID())
		seen[r.ID()] = true
	}
}

func TestOnlyNoticesAreNoWork(t *testing.T) {
	for _, k := range agenda.Kinds() {
		require.Equal(t, k != agenda.Notice, agenda.Row{Kind: k}.Work(), k)
	}
}

func TestShardsLieWithinTheirClass(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	notices, work := map[int]bool{}, map[int]bool{}
	for i := range 1000 {
		notices[agenda.ForNotice("m", "m."+string(rune('a'+i%26))+string(rune('a'+i/26)), at, 1).Shard()] = true
		work[agenda.ForReplan("m", i, at).Shard()] = true
	}
	require.Len(t, notices, agenda.NoticeShards, "every partition is used")
	require.Len(t, work, agenda.WorkShards)
}
