package engine

import (
	"os/exec"
	"runtime"
	"syscall"
)

// launch starts the process and sets Done. The kernel ends the engine when the thread that started it ends, so that
// thread is kept until then. The engine has a process group of its own, so that a terminal's interrupt does not reach
// it: its starter stops it.
func (e *Engine) launch(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started, done := make(chan error), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // only the end matters, not its cause
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	e.process, e.Done = cmd.Process, done
	return nil
}
