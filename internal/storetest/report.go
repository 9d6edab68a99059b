package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/store"
)

func reportLaws() []law {
	return []law{
		{"report: every field comes back, by matter and part, secret rows apart", reportFields},
		{"report: pages of any size give each row once", reportPages},
		{"report: an older reckoning never replaces a newer one", reportForward},
		{"report: a dropped row is gone, and twice is once", reportDrop},
		{"report: a row over the limit is refused", reportLarge},
	}
}

// reportRows reads all rows of a half, partition by partition, in pages of the given size.
func reportRows(t *testing.T, s store.Store, half string, size int) (ordinary, secret []store.ReportRow) {
	for shard := range store.ReportSecret + 1 {
		var rows []store.ReportRow
		for after := ""; ; {
			page, cursor, err := s.ReportRows(t.Context(), half, shard, after, size)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page), size)
			rows = append(rows, page...)
			if after = cursor; after == "" {
				break
			}
		}
		if shard == store.ReportSecret {
			return ordinary, rows
		}
		require.True(t, slices.IsSortedFunc(rows, func(a, b store.ReportRow) int {
			if a.Matter != b.Matter {
				return strings.Compare(a.Matter, b.Matter)
			}
			return a.Part - b.Part
		}))
		ordinary = append(ordinary, rows...)
	}
	return ordinary, nil
}

func sampleReport(matter string) store.ReportRow {
	return store.ReportRow{Half: "2026-H1", Matter: matter, Parts: 1, Version: 3, Counted: at(50), Opened: at(1),
		Facts: []byte(`{"matter":"m"}`)}
}

func reportFields(t *testing.T, s store.Store) {
	first, second, secret := sampleReport("m1"), sampleReport("m1"), sampleReport("m1")
	first.Parts, second.Part, second.Parts, second.Settled, secret.Secret = 2, 1, 2, true, true
	all := second
	all.Secret = true
	filled(t, all)
	for _, r := range []store.ReportRow{second, secret, first} {
		require.NoError(t, s.PutReport(t.Context(), r))
	}
	ordinary, apart := reportRows(t, s, "2026-H1", 10)
	require.Equal(t, []store.ReportRow{first, second}, ordinary)
	require.Equal(t, []store.ReportRow{secret}, apart)
	ordinary, apart = reportRows(t, s, "2026-H2", 10)
	require.Empty(t, ordinary)
	require.Empty(t, apart)
}

func reportPages(t *testing.T, s store.Store) {
	var want []string
	for i := range 60 {
		id := fmt.Sprintf("m%d", i)
		want = append(want, id)
		require.NoError(t, s.PutReport(t.Context(), sampleReport(id)))
	}
	slices.Sort(want)
	for _, size := range []int{1, 7, 100} {
		ordinary, _ := reportRows(t, s, "2026-H1", size)
		var got []string
		for _, r := range ordinary {
			got = append(got, r.Matter)
		}
		slices.Sort(got)
		require.Equal(t, want, got, "pages of %d", size)
	}
}

func reportForward(t *testing.T, s store.Store) {
	for _, c := range []struct {
		version, counted int
		facts, want      string
	}{{3, 50, "a", "a"}, {2, 60, "b", "a"}, {3, 49, "c", "a"}, {3, 50, "d", "d"}, {3, 51, "e", "e"}, {4, 40, "f", "f"}} {
		r := sampleReport("m1")
		r.Version, r.Counted, r.Facts = c.version, at(c.counted), []byte(c.facts)
		require.NoError(t, s.PutReport(t.Context(), r))
		ordinary, _ := reportRows(t, s, "2026-H1", 10)
		require.Len(t, ordinary, 1)
		require.Equal(t, c.want, string(ordinary[0].Facts))
	}
}

func reportDrop(t *testing.T, s store.Store) {
	require.NoError(t, s.PutReport(t.Context(), sampleReport("m1")))
	for range 2 {
		require.NoError(t, s.DropReport(t.Context(), sampleReport("m1")))
		ordinary, _ := reportRows(t, s, "2026-H1", 10)
		require.Empty(t, ordinary)
	}
	late := sampleReport("m1")
	late.Version--
	require.NoError(t, s.PutReport(t.Context(), late))
	ordinary, _ := reportRows(t, s, "2026-H1", 10)
	require.Empty(t, ordinary, "an older count does not bring it back")
	newer := sampleReport("m2")
	newer.Version++
	require.NoError(t, s.PutReport(t.Context(), newer))
	require.NoError(t, s.DropReport(t.Context(), sampleReport("m2")))
	ordinary, _ = reportRows(t, s, "2026-H1", 10)
	require.Equal(t, []store.ReportRow{newer}, ordinary, "a newer count is not dropped")
}

func reportLarge(t *testing.T, s store.Store) {
	r := sampleReport("m1")
	r.Facts = []byte(strings.Repeat("x", store.MaxItemBytes))
	require.ErrorIs(t, s.PutReport(t.Context(), r), store.ErrTooLarge)
}
