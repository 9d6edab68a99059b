package sim

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain lets garbage lie longer than usual: runs are short, and little outlives them.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(800)
	}
	os.Exit(m.Run())
}

// used is the CPU time of this process so far: unlike the runs a second it is the same on a busy machine.
func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// progress shows how far a long exploration is to whoever asked for it by SIM_PROGRESS: as a bar on a terminal, as
// lines elsewhere. It is called outside the bubbles, whose clocks stand still.
type progress struct {
	count      uint64
	began      time.Time
	mu         sync.Mutex
	said       time.Time
	violations int
}

// show is called after every batch, with how many runs are done and how many of the last ones broke a promise.
func (p *progress) show(done int64, violations int) {
	if os.Getenv("SIM_PROGRESS") == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.violations += violations
	every, begin, end := 10*time.Second, "", "\n"
	if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		every, begin, end = 200*time.Millisecond, "\r", ""
	}
	last := done == int64(p.count) || violations > 0
	if time.Since(p.said) < every && !last {
		return
	}
	p.said = time.Now()
	if last {
		end = "\n"
	}
	const width = 40
	rate := float64(done) / time.Since(p.began).Seconds()
	full := int(uint64(done) * width / p.count)
	left := time.Duration(float64(int64(p.count)-done) / rate * float64(time.Second)).Round(time.Second)
	fmt.Printf("%s[%s%s] %5.1f %%, %d runs, %.0f runs/s, %s left, %d violations %s", begin, strings.Repeat("#", full),
		strings.Repeat(".", width-full),
		100*float64(done)/float64(p.count), done, rate, left, p.violations, end)
}
