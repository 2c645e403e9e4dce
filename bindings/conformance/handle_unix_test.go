//go:build unix

package conformance

import (
	"syscall"
	"testing"
)

// TestHandlesOfCallers: what a process has is kept for as long as it lives, and then
// for a lease; a process that sleeps for longer is told so.
func TestHandlesOfCallers(t *testing.T) {
	t.Setenv("UNWELD_LEASE", lease.String())
	s, program := program(t, handleFile)
	for _, binding := range shared(s.reached(t)) {
		t.Run(binding, func(t *testing.T) {
			at := address(t, binding)
			s.serve(t, program, at)
			sleeper, dying := s.hold(t, program, at, "outlive"), s.hold(t, program, at, "hold")
			sleeper.expect("open <nil>", "kept <nil>", "waiting")
			dying.expect("held <nil> <nil>", "waiting")
			dying.kill()
			_ = sleeper.cmd.Process.Signal(syscall.SIGSTOP)
			// Both sessions are closed and nothing is left.
			got := s.run(t, program, append(s.elsewhere(at), "CASE=state", "WANT=alive 0 closed 2 cancels 0")...)
			if got != "state alive 0 closed 2 cancels 0\n" {
				t.Errorf("the component says %s", got)
			}
			_ = sleeper.cmd.Process.Signal(syscall.SIGCONT)
			sleeper.goOn()
			sleeper.expect("name false true false true", "fresh <nil>", "commit false true false true",
				"begin false true false true", "works <nil>")
		})
	}
}
