package process

import "syscall"

// lastSignal is the last of the real-time signals.
const lastSignal = syscall.Signal(64)

// sysProcAttr gives a unit a process group of its own, so that all it starts
// can be killed with it, and lets the kernel kill it when the supervisor dies.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
