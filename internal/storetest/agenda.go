package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func agendaLaws() []law {
	return []law{
		{"agenda: every field of every kind comes back, in the row's own partition, in UTC", rowFields},
		{"agenda: rows come by instant, kind and id, up to an instant and no further", rowOrder},
		{"agenda: pages of any size give each of 120 rows once", rowPages},
		{"agenda: a page after a cursor goes on although the rows before it are gone", rowPagesShrink},
		{"agenda: a cursor that is none of the agenda's is refused", rowCursors},
		{"agenda: rows planned under different versions or revisions stand apart, the same one is replaced", rowPlans},
		{"agenda: 130 rows are put and deleted together", rowsTogether},
		{"agenda: a row is deleted only under the version read, and twice is once", rowDelete},
		{"agenda: of racing puts of a row one stands whole", rowRace},
		{"agenda: work and notices are apart", rowClasses},
	}
}

// far returns an instant after every row of the suite.
func far() time.Time { return at(0).AddDate(100, 0, 0) }

func rowCursors(t *testing.T, s store.Store) {
	require.NoError(t, s.PutRows(t.Context(), agenda.ForNotice(sampleMatter, "n", at(1), 1)))
	for _, cursor := range []string{"x", " ", "\x01", "~", "1", "#", "999999999999", "notice#x"} {
		_, _, err := s.Rows(t.Context(), false, 0, far(), cursor, 10)
		require.ErrorIs(t, err, store.ErrCursor, cursor)
	}
}

// rowsOf reads one partition in pages of the given size.
func rowsOf(t *testing.T, s store.Store, work bool, shard int, upTo time.Time, size int) []agenda.Row {
	var all []agenda.Row
	for after := ""; ; {
		page, cursor, err := s.Rows(t.Context(), work, shard, upTo, after, size)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), size)
		all = append(all, page...)
		if cursor == "" {
			return all
		}
		require.NotEqual(t, after, cursor)
		after = cursor
	}
}

// allRows reads the whole agenda. Work comes first. Each class is ordered by instant, kind and id.
func allRows(t *testing.T, s store.Store) []agenda.Row {
	var all []agenda.Row
	for _, class := range []struct {
		work   bool
		shards int
	}{{true, agenda.WorkShards}, {false, agenda.NoticeShards}} {
		for shard := range class.shards {
			rows := rowsOf(t, s, class.work, shard, far(), 1000)
			require.True(t, slices.IsSortedFunc(rows, inOrder))
			for _, r := range rows {
				require.Equal(t, class.work, r.Work())
				require.Equal(t, shard, r.Shard())
			}
			all = append(all, rows...)
		}
	}
	return all
}

func inOrder(a, b agenda.Row) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID(), b.ID()))
}

// inShard returns n ids of notices whose rows share the partition of the first sample's row.
func inShard(n int) (ids []string, shard int) {
	shard = agenda.ForNotice(sampleMatter, notice.ID(nil, sampleMatter, "d1", "0"), time.Time{}, 0).Shard()
	for i := 0; len(ids) < n; i++ {
		r := agenda.ForNotice(sampleMatter, notice.ID(nil, sampleMatter, "d1", fmt.Sprint(i)), time.Time{}, 0)
		if r.Shard() == shard {
			ids = append(ids, r.ID())
		}
	}
	return ids, shard
}

// workRows returns a row of each kind of work. Two of them differ only by their kind.
func workRows() []agenda.Row {
	makes, replan := agenda.ForMakeNotices(sampleMatter, "d1", 2, at(100), 3), agenda.ForReplan(sampleMatter, 3, at(101))
	order, refused := agenda.ForOrder(sampleMatter, "ord-1", at(102), 2), agenda.ForRefused("5f2e", at(104))
	makes.Cursor, makes.CursorHead, replan.Cursor, order.MissingSince, order.Cursor = "30", 7, "abc", at(90), "c#d"
	return []agenda.Row{
		makes, replan, order, agenda.ForException(sampleMatter, "x1", at(102), 2), agenda.ForErase(sampleMatter, "u1",
			at(103), 2),
		agenda.ForAnnounce(sampleMatter, 3, at(101)), refused, agenda.ForCount(sampleMatter, at(103), 2),
	}
}

func rowFields(t *testing.T, s store.Store) {
	visit := agenda.ForNotice(sampleMatter, notice.ID(nil, sampleMatter, "d1", "u1"), at(100), 3)
	whole := visit
	whole.Part, whole.Version, whole.Retries, whole.MissingSince, whole.Cursor, whole.CursorHead = 1, 2, 4, at(80), "c", 3
	whole.Revision = 5
	filled(t, whole)
	want := append(workRows(), whole)
	for i, r := range want {
		r.At = r.At.In(time.FixedZone("east", 3600*(i-2)))
		require.NoError(t, s.PutRows(t.Context(), r))
	}
	require.ElementsMatch(t, want, allRows(t, s))
}

func rowOrder(t *testing.T, s store.Store) {
	ids, shard := inShard(9)
	slices.Sort(ids)
	var want []agenda.Row
	for i, second := range []int{-400 * 86400, 5, 9, 9, 10, 10, 99, 100, 20000 * 86400} {
		want = append(want, agenda.ForNotice(sampleMatter, ids[i], at(second), 1))
	}
	for _, i := range []int{4, 8, 0, 2, 6, 5, 1, 7, 3} {
		require.NoError(t, s.PutRows(t.Context(), want[i]))
	}
	for name, row := range map[string]struct {
		upTo time.Time
		n    int
	}{
		"before all":             {at(-401 * 86400), 0},
		"the instant itself":     {at(10), 6},
		"the second before":      {at(9), 4},
		"the last":               {at(20000 * 86400), 9},
		"the second before last": {at(20000*86400 - 1), 8},
	} {
		require.ElementsMatch(t, want[:row.n], rowsOf(t, s, false, shard, row.upTo, 4), name)
		require.True(t, slices.IsSortedFunc(rowsOf(t, s, false, shard, row.upTo, 4), inOrder), name)
	}
}

func rowPages(t *testing.T, s store.Store) {
	ids, shard := inShard(120)
	var want []agenda.Row
	for i, id := range ids {
		want = append(want, agenda.ForNotice(sampleMatter, id, at(i/10), 1))
		require.NoError(t, s.PutRows(t.Context(), want[i]))
	}
	slices.SortFunc(want, inOrder)
	for _, size := range []int{7, 60, 120, 1000} {
		require.Equal(t, want, rowsOf(t, s, false, shard, far(), size), "pages of %d", size)
	}
	require.Equal(t, want[:60], rowsOf(t, s, false, shard, at(5), 7))
}

func rowPagesShrink(t *testing.T, s store.Store) {
	ids, shard := inShard(30)
	var all []agenda.Row
	for i, id := range ids {
		all = append(all, agenda.ForNotice(sampleMatter, id, at(i), 1))
		require.NoError(t, s.PutRows(t.Context(), all[i]))
	}
	page, cursor, err := s.Rows(t.Context(), false, shard, far(), "", 10)
	require.NoError(t, err)
	require.Equal(t, all[:10], page)
	for _, r := range page {
		require.NoError(t, s.DeleteRows(t.Context(), r))
	}
	page, _, err = s.Rows(t.Context(), false, shard, far(), cursor, 100)
	require.NoError(t, err)
	require.Equal(t, all[10:], page)
}

func rowPlans(t *testing.T, s store.Store) {
	row := workRows()[0]
	row.Planned, row.Revision, row.Cursor = 9, 2, "as first put"
	plan := func(planned, revision int) agenda.Row {
		r := row
		r.Planned, r.Revision, r.Cursor = planned, revision, ""
		return r
	}
	want := []agenda.Row{plan(4, 0), plan(9, 1), row, plan(9, 10), plan(10, 0), plan(120, 1)}
	for _, i := range []int{3, 0, 5, 2, 4, 1} {
		require.NoError(t, s.PutRows(t.Context(), want[i]))
	}
	require.Equal(t, want, allRows(t, s))
	want[2].Cursor = "again"
	require.NoError(t, s.PutRows(t.Context(), want[2]))
	require.Equal(t, want, allRows(t, s))
	require.Equal(t, want, rowsOf(t, s, true, row.Shard(), far(), 1), "each page goes on after the row before")
}

func rowsTogether(t *testing.T, s store.Store) {
	require.NoError(t, s.PutRows(t.Context()))
	require.NoError(t, s.DeleteRows(t.Context()))
	var all []agenda.Row
	for i := range 130 {
		all = append(all, agenda.ForNotice(sampleMatter, notice.ID(nil, sampleMatter, "d1", fmt.Sprint(i)), at(i), 1))
	}
	require.NoError(t, s.PutRows(t.Context(), all...))
	require.ElementsMatch(t, all, allRows(t, s))
	require.NoError(t, s.DeleteRows(t.Context(), all[1:]...))
	require.Equal(t, all[:1], allRows(t, s))
	require.NoError(t, s.DeleteRows(t.Context(), all...), "some are gone already")
	require.Empty(t, allRows(t, s))

	twice := all[0]
	twice.Retries = 3
	require.NoError(t, s.PutRows(t.Context(), all[0], all[1], twice), "two visits plan the same")
	require.Equal(t, []agenda.Row{twice, all[1]}, allRows(t, s))
	require.NoError(t, s.DeleteRows(t.Context(), all[0], all[1], twice))
	require.Empty(t, allRows(t, s))
}

func rowDelete(t *testing.T, s store.Store) {
	row := workRows()[1]
	row.Planned = 5
	other := row
	other.At = row.At.Add(time.Second)
	require.NoError(t, s.DeleteRows(t.Context(), row), "a row that never was")
	require.NoError(t, s.PutRows(t.Context(), row))
	require.NoError(t, s.PutRows(t.Context(), other))
	for _, plan := range [][2]int{{4, 0}, {6, 0}, {5, 1}} {
		read := row
		read.Planned, read.Revision = plan[0], plan[1]
		require.NoError(t, s.DeleteRows(t.Context(), read))
		require.Equal(t, []agenda.Row{row, other}, allRows(t, s), "planned under %v", plan)
	}
	for range 2 {
		read := row
		read.Cursor = "a cursor says nothing"
		require.NoError(t, s.DeleteRows(t.Context(), read))
		require.Equal(t, []agenda.Row{other}, allRows(t, s))
	}
}

func rowRace(t *testing.T, s store.Store) {
	for _, err := range inParallel(t.Context(), 8, func(ctx context.Context, i int) error {
		row := workRows()[0]
		row.Cursor, row.CursorHead = fmt.Sprint(i), i
		return s.PutRows(ctx, row)
	}) {
		require.NoError(t, err)
	}
	rows := allRows(t, s)
	require.Len(t, rows, 1)
	require.Equal(t, rows[0].Cursor, fmt.Sprint(rows[0].CursorHead))
}

func rowClasses(t *testing.T, s store.Store) {
	ids, _ := inShard(3)
	for _, id := range ids {
		require.NoError(t, s.PutRows(t.Context(), agenda.ForNotice(sampleMatter, id, at(1), 1)))
	}
	for shard := range agenda.WorkShards {
		require.Empty(t, rowsOf(t, s, true, shard, far(), 100))
	}
	for _, r := range workRows() {
		require.NoError(t, s.PutRows(t.Context(), r))
	}
	rows := allRows(t, s)
	require.Len(t, rows, len(workRows())+3)
	for i, r := range rows {
		require.Equal(t, i < len(workRows()), r.Work())
	}
}
