//go:build !unix

package nats

import "os/exec"

const executable = ".exe"

func tiedToStdin(binary string, args []string) *exec.Cmd { return exec.Command(binary, args...) }

// stop ends the program at once: there is no signal that asks it to.
func stop(cmd *exec.Cmd) { kill(cmd) }

func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
