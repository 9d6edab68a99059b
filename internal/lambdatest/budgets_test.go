//go:build budgets

package lambdatest_test

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/lambdatest"
)

// The budgets of each deployed function: what is loaded at every cold start.
const initBudget = 120 * time.Millisecond

// zipBudgets are by processor, in bytes. The stack deploys arm64 unless it is told otherwise; the same code takes about
// a tenth more on x86_64.
func zipBudgets() map[string]int64 { return map[string]int64{"arm64": 8_000_000, "x86_64": 8_600_000} }

// TestBudgets prints the sizes of the binaries that "make build" made, and how long each takes to its first question
// for an event, the best of some starts: how busy this machine is is not the binary's fault.
func TestBudgets(t *testing.T) {
	here := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	fmt.Printf("%-10s %-8s %12s %12s %10s\n", "function", "arch", "binary", "zip", "init")
	for _, name := range []string{"api", "intake", "dispatch", "delivery", "verify", "report"} {
		for _, arch := range []string{"arm64", "x86_64"} {
			file := filepath.Join("../../build", arch, name, "bootstrap")
			binary, zipped := sizes(t, file)
			took, init := time.Duration(0), "-"
			if arch == here {
				took = starts(t, name, file)
				init = took.Round(100 * time.Microsecond).String()
			}
			fmt.Printf("%-10s %-8s %12d %12d %10s\n", name, arch, binary, zipped, init)
			require.Less(t, zipped, zipBudgets()[arch], "the zip of %s for %s", name, arch)
			require.Less(t, took, initBudget, "the start of %s", name)
		}
	}
}

// sizes are those of a binary in bytes, and of it zipped as "sam package" does.
func sizes(t *testing.T, file string) (binary, zipped int64) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var n counter
	z := zip.NewWriter(&n)
	w, err := z.Create("bootstrap")
	require.NoError(t, err)
	_, err = w.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return int64(len(text)), int64(n)
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// starts starts a function several times and returns the shortest time to its first question.
func starts(t *testing.T, name, file string) time.Duration {
	t.Helper()
	file, err := filepath.Abs(file)
	require.NoError(t, err)
	var env []string
	for variable, value := range fixed() {
		env = append(env, variable+"="+value)
	}
	best := time.Hour
	for range 7 {
		begin := time.Now()
		f := lambdatest.Start(t, file, append(env, "TABLE=t", "DEAD_LETTERS=http://127.0.0.1/q",
			"TICKS=http://127.0.0.1/t.fifo")...)
		require.NoError(t, f.Ready(), name)
		best = min(best, time.Since(begin))
	}
	return best
}
