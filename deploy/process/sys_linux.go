package process

import "syscall"

// sysProcAttr gives a unit a process group of its own, so that all it starts
// can be killed with it, and lets the kernel kill it when the supervisor dies.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
