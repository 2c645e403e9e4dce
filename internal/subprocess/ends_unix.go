//go:build unix

package subprocess

import (
	"os/exec"
	"syscall"
)

// EndsWithAll makes a command end together with the programs that it started: the
// go command leaves a running test behind.
func EndsWithAll(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
