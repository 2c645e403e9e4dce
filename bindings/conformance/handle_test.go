package conformance

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const handleFile = "../../testdata/contracts/conformance/handle.txtar"

// lease is that of the tests in this file: long enough for a machine that is busy.
const lease = 2 * time.Second

// A holder is a process that calls the component and holds its handles.
type holder struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// hold starts the program as a caller.
func (s *scratch) hold(t *testing.T, program, at, what string) *holder {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), append(s.elsewhere(at), "CASE="+what)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	h := &holder{t, cmd, in, bufio.NewScanner(out)}
	t.Cleanup(h.kill)
	return h
}

func (h *holder) kill() {
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

// expect reads lines up to the last of those that are wanted.
func (h *holder) expect(want ...string) {
	h.t.Helper()
	for _, w := range want {
		if !h.lines.Scan() || h.lines.Text() != w {
			h.t.Fatalf("printed %q, want %q", h.lines.Text(), w)
		}
	}
}

// goOn ends the caller's wait.
func (h *holder) goOn() {
	h.t.Helper()
	if _, err := io.WriteString(h.in, "on\n"); err != nil {
		h.t.Fatal(err)
	}
}

// TestHandlesEnd: ten thousand handles that nobody holds leave nothing on either
// side; one that is closed says so.
func TestHandlesEnd(t *testing.T) {
	s, program := program(t, handleFile)
	for _, binding := range s.reached(t) {
		for name, want := range map[string]string{
			"churn": "state alive 0 closed 0 cancels 0\ngoroutines true\n",
			"closed": "close <nil>\nsecond true false false true\nbegin true false false true\n" +
				"argument true false false true\nnested c.t <nil>\n",
		} {
			t.Run(binding+" "+name, func(t *testing.T) {
				at := address(t, binding)
				s.serve(t, program, at)
				if got := s.run(t, program, append(s.elsewhere(at), "CASE="+name)...); got != want {
					t.Errorf("printed %q, want %q", got, want)
				}
			})
		}
	}
}

// TestHandlesOfRestarted: a component that was started again has other handles, and
// those of before say that theirs are gone.
func TestHandlesOfRestarted(t *testing.T) {
	t.Setenv("UNWELD_LEASE", lease.String())
	s, program := program(t, handleFile)
	for _, binding := range shared(s.reached(t)) {
		t.Run(binding, func(t *testing.T) {
			at := address(t, binding)
			var caller *holder
			t.Run("before", func(inner *testing.T) {
				s.serve(inner, program, at)
				caller = s.hold(t, program, at, "outlive")
				caller.expect("open <nil>", "kept <nil>", "waiting")
			})
			if strings.HasPrefix(at, "unix:") {
				_ = os.Remove(strings.TrimPrefix(at, "unix://"))
			}
			t.Run("after", func(inner *testing.T) {
				s.serve(inner, program, at)
				caller.goOn()
				caller.expect("name false false true true", "fresh <nil>", "commit false false true true",
					"begin false false true true", "works <nil>")
			})
		})
	}
}
