//go:build !linux

package engine

import (
	"os/exec"
	"syscall"
)

// launch starts the process and sets Done. The engine has a process group of its own, so that a terminal's interrupt
// does not reach it: its starter stops it.
func (e *Engine) launch(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // only the end matters, not its cause
	}()
	e.process, e.Done = cmd.Process, done
	return nil
}
