//go:build unix && !linux

package process

import "syscall"

const lastSignal = syscall.Signal(31)

// sysProcAttr gives a unit a process group of its own. Where the kernel can't
// tell it of the supervisor's death, the lost control connection does.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
