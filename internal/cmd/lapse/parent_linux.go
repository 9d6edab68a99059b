package main

import "syscall"

// prSetPdeathsig is PR_SET_PDEATHSIG of prctl(2).
const prSetPdeathsig = 1

// endWithParent asks the kernel to end this process when its parent ends, however that ends. make does not pass a kill
// -9 on.
func endWithParent() error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetPdeathsig, uintptr(syscall.SIGTERM), 0); errno != 0 {
		return errno
	}
	return nil
}
