//go:build !race

package sim

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is found of bugs and of paths does not depend on the race detector, which makes it ten times slower: the runs of
// TestSeeds show the detector the same code.

// TestEveryMutantIsKilled: a suite that a known design bug survives proves nothing about the design.
func TestEveryMutantIsKilled(t *testing.T) {
	t.Parallel()
	s, err := newSetup()
	require.NoError(t, err)
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, m.promise)
			how, runs := kill(t, s, m, number(t, "SIM_MUTANT_SEEDS", 4000))
			require.NotEmpty(t, how, "survives %d runs", runs)
			t.Logf("killed after %d runs by %s", runs, how)
		})
	}
}

// TestTheScenesAloneBreakNothing: else a mutant that plays one would count as killed without its bug.
func TestTheScenesAloneBreakNothing(t *testing.T) {
	t.Parallel()
	s, err := newSetup()
	require.NoError(t, err)
	for _, sc := range []scene{putOff, longList} {
		t.Run(string(sc), func(t *testing.T) {
			t.Parallel()
			how, runs := kill(t, s, mutant{scene: sc}, 500)
			require.Empty(t, how, "after %d runs", runs)
		})
	}
}

// kill makes runs with the mutant until one breaks a promise.
func kill(t *testing.T, s *setup, m mutant, limit uint64) (how string, runs int) {
	try := func(from, to uint64) {
		bubble(t, s, from, to, m, false, func(w *world) bool {
			runs++
			if w.failed() {
				how = fmt.Sprintf("seed %d, %q: %s", w.seed, w.broken, w.why)
			}
			return how == ""
		})
	}
	if m.seed > 0 {
		try(m.seed, m.seed+1)
	}
	for seed := uint64(1); seed <= limit && how == ""; seed += 25 {
		try(seed, seed+25)
	}
	return how, runs
}

// TestEveryInterleaving goes every way that two dispatchers and the taker of signs can take with one notice while up to
// SIM_CRASHES of them are ended, at whichever call, up to SIM_FREEZES stand still there for longer than the lease or
// the time to hear of a mail, and the outcomes of up to SIM_DOUBTS mails stay unknown. With SIM_MADE=no the dispatchers
// make the notice too. Ways that lead to the same world with the same memories are gone once.
func TestEveryInterleaving(t *testing.T) {
	t.Parallel()
	s, err := newSetup()
	require.NoError(t, err)
	limit := int(number(t, "SIM_LIMIT", 1_000_000))
	crashes, freezes, doubts := int(number(t, "SIM_CRASHES", 2)), int(number(t, "SIM_FREEZES", 1)),
		int(number(t, "SIM_DOUBTS", 0))
	for name, all := range map[string]trouble{
		"ended": {crashes: crashes, doubts: doubts}, "standing still": {freezes: freezes, doubts: doubts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runs, worlds, broken := explore(t, s, mutant{}, os.Getenv("SIM_MADE") != "no", all, limit)
			t.Logf("%d paths, %d different worlds", runs, worlds)
			require.Empty(t, broken)
			require.Less(t, runs, limit, "paths, after which nobody knows how many are left")
		})
	}
}

// TestEveryInterleavingFindsMutants: the bugs that one notice without an order can meet, a crash and a doubt reveal.
func TestEveryInterleavingFindsMutants(t *testing.T) {
	t.Parallel()
	s, err := newSetup()
	require.NoError(t, err)
	for _, name := range []string{
		"due row deleted first", "blind retry after an unknown", "lease ignored", "no reconcile window", "final check " +
			"before the claim",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := mutants()
			i := slices.IndexFunc(all, func(m mutant) bool { return m.name == name })
			require.GreaterOrEqual(t, i, 0)
			runs, _, broken := explore(t, s, all[i], true, trouble{crashes: 1, doubts: 1}, 5_000)
			require.NotEmpty(t, broken, "survives %d paths", runs)
			t.Logf("killed after %d paths: %s", runs, broken)
		})
	}
}
