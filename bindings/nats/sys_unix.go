//go:build unix

package nats

import (
	"os/exec"
	"syscall"
)

const executable = ""

// untilStdinEnds is a script that runs a program, ends it when its own standard input ends, and ends with
// the program's status. The pipe is closed when this process ends, however that
// happens, and no system call is needed for it that not all systems have.
const untilStdinEnds = `exec 3<&0
"$@" 3<&- </dev/null & program=$!
{ read -r _ <&3; kill "$program"; } 2>/dev/null & watch=$!
wait "$program"; status=$?
kill "$watch" 2>/dev/null
exit "$status"`

// tiedToStdin is a command that runs a program in a process group of its own: the
// signals of a terminal are for the units.
func tiedToStdin(binary string, args []string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", append([]string{"-c", untilStdinEnds, "sh", binary}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// stop has nothing to do: the parent pipe ends the program.
func stop(*exec.Cmd) {}

func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
