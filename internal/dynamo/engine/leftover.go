package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func pidFile(dir string) string { return filepath.Join(dir, "engine.pid") }

// endLeftover ends the engine that the folder's pid file names. It does so only if the process's command line names the
// folder. So a pid that another program has taken since is left alone.
func endLeftover(ctx context.Context, dir string) error {
	b, err := os.ReadFile(pidFile(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid <= 1 {
		return nil // the write of the pid was cut short, before the engine answered anybody
	}
	for wait := time.Duration(0); ours(ctx, pid, dir); wait += poll {
		signal := syscall.SIGTERM
		if wait > stopTime {
			signal = syscall.SIGKILL
		}
		if wait > 2*stopTime {
			return fmt.Errorf("the engine of an earlier run, process %d, does not end", pid)
		}
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("end the engine of an earlier run, process %d: %w", pid, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(poll):
		}
	}
	return nil
}

// ours reports whether the process runs and its command line names a file in the folder.
func ours(ctx context.Context, pid int, dir string) bool {
	for _, arg := range commandLine(ctx, pid) {
		if filepath.Dir(arg) == dir {
			return true
		}
	}
	return false
}

// commandLine returns the arguments of a process. There are none if it does not run, or has ended and waits for its
// parent.
func commandLine(ctx context.Context, pid int) []string {
	if runtime.GOOS == "linux" {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return strings.Split(string(b), "\x00")
	}
	b, _ := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	// ps separates arguments by spaces, and the folder may hold spaces too. So the path is everything after the option.
	_, path, _ := bytes.Cut(bytes.TrimSpace(b), []byte("--db-path "))
	return []string{string(path)}
}
