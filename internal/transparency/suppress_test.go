package transparency

import (
	"fmt"
	"testing"

	"lapse/internal/matter"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// accountsOf makes accounts.csv with the counts, one country each.
func accountsOf(counts ...int) Table {
	t := Table{Name: Accounts}
	for i, n := range counts {
		t.Rows = append(t.Rows, []string{"2026-H1", Consumer, "basic", string(rune('A'+i)) + "A", itoa(n)})
	}
	return t
}

// cellsOf are the last cells of the rows.
func cellsOf(t Table) []string {
	var out []string
	for _, r := range t.Rows {
		out = append(out, r[len(r)-1])
	}
	return out
}

// TestC7SmallCountsAreLeftEmpty: Twitter printed "<10" beside exact totals, so that a single one could be reckoned. The
// total of accounts stands in requests.csv, so one more cell goes with the small ones.
func TestC7SmallCountsAreLeftEmpty(t *testing.T) {
	for name, c := range map[string]struct {
		counts []int
		want   []string
	}{
		"nothing small":                        {[]int{5, 12, 0}, []string{"5", "12", "0"}},
		"one small cell takes the least other": {[]int{4, 12, 7, 0}, []string{"", "12", "", "0"}},
		"two of one would show themselves":     {[]int{1, 1, 12, 30}, []string{"", "", "", "30"}},
		"with nothing else than zeros, a zero": {[]int{3, 0, 0}, []string{"", "", "0"}},
		"a cell alone":                         {[]int{2}, []string{""}},
		"of equal complements the first":       {[]int{2, 9, 9}, []string{"", "", "9"}},
		"zeros and 5 are exact":                {[]int{0, 5}, []string{"0", "5"}},
	} {
		tables := freezeTables(t)
		tables[2] = accountsOf(c.counts...)
		require.Equal(t, c.want, cellsOf(suppress(tables, nil)[2]), name)
	}
}

// freezeTables are the tables of an empty half.
func freezeTables(t testing.TB) []Table {
	t.Helper()
	return NewCount(counting()).tables()
}

// TestASuppressedCellStaysSo: a later revision in which the count grew to 6 would tell the earlier one by its changes.
func TestASuppressedCellStaysSo(t *testing.T) {
	data := func(n int) []Row {
		a := withData(requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"), Consumer, n)
		b := withData(requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"), Enterprise, 20)
		c := withData(requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"), PublicSector, 90)
		return []Row{a, b, c}
	}
	one := freeze(t, data(3)...)
	require.Equal(t, []string{"", "", "90"}, cellsOf(one.Tables[2]))
	later := counting()
	later.FirstFrozen = one.FrozenAt
	two := freezeAs(t, later, Freezing{Previous: one, Reason: "More."}, data(6)...)
	require.Equal(t, []string{"", "", "90"}, cellsOf(two.Tables[2]))
	for _, change := range two.Changes {
		require.NotEqual(t, "accounts.csv", change.File)
	}
	require.NotEmpty(t, two.Changes, "requests.csv is exact")
}

// TestChallengesAreSuppressed: by cell, and one more in the row or over the grounds that would give it away.
func TestChallengesAreSuppressed(t *testing.T) {
	r := requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03")
	add := func(n int, ground string, outcome matter.ChallengeOutcome) {
		for range n {
			f := ChallengeFact{About: "request", Grounds: []string{ground}, Class: Enterprise, FiledAt: on(t,
				"2026-02-02"), Outcome: outcome}
			if outcome != matter.ChallengePending {
				f.DecidedAt = on(t, "2026-03-02")
			}
			r.Challenges = append(r.Challenges, f)
		}
	}
	add(6, "overbroad", "narrowed")
	add(2, "overbroad", "upheld")
	s := freeze(t, r)
	got := row(t, s, Challenges, "request", "overbroad", Enterprise)
	require.Equal(t, "8", got["raised"])
	require.Equal(t, "", got["failed"], "2")
	require.Equal(t, "", got["partly"], "8 raised less 6 narrowed would be 2")
	require.Equal(t, "0", got["pending"])

	add(7, "bad_service", "pending")
	add(1, "no_authority", "pending")
	s = freeze(t, r)
	require.Equal(t, "", row(t, s, Challenges, "request", "no_authority", Enterprise)["raised"])
	require.Equal(t, "", row(t, s, Challenges, "request", "bad_service", Enterprise)["raised"],
		"16 of any ground less 8 and 7 would be 1")
	require.Equal(t, "16", row(t, s, Challenges, "request", AnyGround, Enterprise)["raised"])
}

// TestOnlyTwoTablesAreSuppressed: the rest is exact, ones and twos too.
func TestOnlyTwoTablesAreSuppressed(t *testing.T) {
	s, _ := sample(t, 300)
	suppressed := map[string]bool{}
	for _, table := range s.Tables {
		v := table.view()
		for _, r := range v.Rows {
			for i, c := range v.Columns {
				if c.kind == count && r[i] == "" {
					suppressed[table.Name] = true
				}
			}
		}
	}
	require.Equal(t, map[string]bool{Accounts: true, Challenges: true}, suppressed)
}

// TestNoSuppressedAccountCanBeReckoned: from the total and the cells shown, never does exactly one empty cell remain,
// unless the table has no other cell.
func TestNoSuppressedAccountCanBeReckoned(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 12), 2, 12).Draw(rt, "counts")
		tables := freezeTables(t)
		tables[2] = accountsOf(counts...)
		empty := 0
		for i, cell := range cellsOf(suppress(tables, nil)[2]) {
			require.False(rt, isSmall(cell), fmt.Sprint(counts))
			if cell == "" {
				empty++
			} else {
				require.Equal(rt, itoa(counts[i]), cell)
			}
		}
		require.NotEqual(rt, 1, empty)
	})
}
