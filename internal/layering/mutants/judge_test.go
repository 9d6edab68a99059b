package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const list = `# a remark
internal/p/a.go | CONDITIONALS_BOUNDARY | if a < b ¦ c { | equal values do the same
`

func mutants(kills, lives int) (all []mutant) {
	for range kills {
		all = append(all, mutant{file: "internal/p/a.go", kind: "ARITHMETIC_BASE", line: 1, source: "a + b", status: killed})
	}
	for range lives {
		all = append(all, mutant{file: "internal/p/a.go", kind: "CONDITIONALS_BOUNDARY", line: 2, source: "if a < b | c {",
			status: lived})
	}
	return all
}

func TestEfficacyIsTheShareOfTheKilled(t *testing.T) {
	known, err := readSurvivors(list)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, judge(&out, "p", mutants(9, 1), known), "0.90 is enough")
	require.Contains(t, out.String(), "efficacy 0.900: 9 killed, 1 survive (1 with a reason)")
	require.NotContains(t, out.String(), "survives:")
	require.ErrorContains(t, judge(&out, "p", mutants(8, 1), known), "efficacy 0.889")
	require.NoError(t, judge(&out, "p", append(mutants(8, 1), mutant{status: timedOut}), known), "it never ended: noticed")
	require.Error(t, judge(&out, "p", append(mutants(8, 1), mutant{status: notCovered}), known))
}

func TestASurvivorWithoutAReasonIsPrinted(t *testing.T) {
	var out strings.Builder
	require.NoError(t, judge(&out, "p", mutants(9, 1), nil))
	require.Contains(t, out.String(), "internal/p/a.go:2 CONDITIONALS_BOUNDARY survives: if a < b | c {")
}

func TestASurvivorThatIsGoneLeavesTheList(t *testing.T) {
	known, err := readSurvivors(list)
	require.NoError(t, err)
	require.ErrorContains(t, judge(&strings.Builder{}, "p", mutants(9, 0), known), "take it off the list")
	require.NoError(t, judge(&strings.Builder{}, "q", mutants(9, 0), known), "another package's survivors")
	require.Error(t, judge(&strings.Builder{}, "q", nil, known), "a package in which nothing was tried")
}

func TestEverySurvivorOfTheListHasAReason(t *testing.T) {
	for _, wrong := range []string{"a.go | X | source", "a.go | X | source | ", "a.go X source reason"} {
		_, err := readSurvivors(wrong)
		require.ErrorContains(t, err, "line 1", wrong)
	}
}
