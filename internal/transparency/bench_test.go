package transparency

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkAMillionMatters counts a history of 1,000,000 matters, freezes one half and prints it. It reports the
// seconds
// and the peak of the heap; the goal is under 300 s and 1,000 MB on 2 cores, for rows, count and print together.
func BenchmarkAMillionMatters(b *testing.B) {
	for b.Loop() {
		c := NewCount(counting())
		n := 0
		for r := range Sample(1, Half{Year: 2025, Part: 1}, 4, 1_000_000) {
			require.NoError(b, c.Add(r))
			n++
		}
		s, err := Freeze(c, Freezing{Now: half.FreezeAt()})
		require.NoError(b, err)
		files, err := Files(s)
		require.NoError(b, err)
		require.NotEmpty(b, files)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapSys)/1e6, "heap-MB")
		b.ReportMetric(float64(n), "matters")
	}
}
