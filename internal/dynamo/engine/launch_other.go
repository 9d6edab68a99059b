//go:build !linux

package engine

import (
	"os/exec"
	"syscall"
)

// launch starts the process and sets Done. A process group of its own keeps a terminal's interrupt from it: whoever
// started it stops it.
func (e *Engine) launch(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // how it ended does not matter, only that it did
	}()
	e.process, e.Done = cmd.Process, done
	return nil
}
