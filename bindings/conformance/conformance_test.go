package conformance

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestBindings runs every case in one process as it is, as one process whose
// values are copied, and as two processes over each binding. A case with the setting
// counted runs in one process whose calls are counted, too.
func TestBindings(t *testing.T) {
	files, err := filepath.Glob("../../testdata/contracts/conformance/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			s, program := program(t, file)
			row := filepath.Base(strings.TrimSuffix(file, ".txtar"))
			calls[row] = strings.Count(s.want, "\n")
			run := func(name, program string, env ...string) {
				t.Run(name, func(t *testing.T) {
					defer note(t, row, name)
					s.compare(t, program, env...)
				})
			}
			run("inproc", program)
			if s.settings["counted"] != "" { // a second build, for cases that aren't about values alone
				run("counted", s.live("live"), "UNWELD_COUNT=1")
			}
			run("copy", program, s.link()+"=inproc:?copy=1")
			for _, binding := range s.reached(t) {
				t.Run(binding, func(t *testing.T) {
					defer note(t, row, binding)
					at := address(t, binding)
					s.serve(t, program, at)
					s.compare(t, program, s.elsewhere(at)...)
				})
			}
		})
	}
}

// TestVersions starts a peer whose schema is another one: unknown to the
// caller, and then one that the caller's unweld.lock knows.
func TestVersions(t *testing.T) {
	s := bind(t, "../../testdata/contracts/conformance/stock.txtar")
	old := s.build("old")
	open := s.read(s.openFile())
	if !fingerprint.Match(open) {
		t.Fatalf("no fingerprint in:\n%s", open)
	}
	s.write(s.openFile(), fingerprint.ReplaceAll(open, []byte("\tFingerprint: \"other\",")))
	unknown := s.build("unknown")
	s.write(s.openFile(), fingerprint.ReplaceAll(open,
		fmt.Appendf(nil, "\tFingerprint: \"later\",\n\tCompatible: []string{%q},", s.lock.Fingerprints[0])))
	later := s.build("later")

	for _, binding := range remote(t) {
		for _, c := range []struct{ name, caller, callee, want string }{
			{"unknown", old, unknown, "ping: false true\n"},
			{"newer callee", old, later, "ping: true false\n"},
			{"newer caller", later, old, "ping: true false\n"},
		} {
			t.Run(binding+" "+c.name, func(t *testing.T) {
				at := address(t, binding)
				s.serve(t, c.callee, at)
				got := s.run(t, c.caller, append(s.elsewhere(at), "CASE=version")...)
				if got != c.want {
					t.Errorf("printed %q, want %q", got, c.want)
				}
			})
		}
	}
}

// TestPanicsOfStreams has both sides of a stream panic: the call fails, whatever it
// was that panicked, and the unit goes on.
func TestPanicsOfStreams(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stream.txtar")
	const want = "export true\nlist true\nwalk true\nchoose true\nopen true true\nsum true\nstate <nil>\n"
	for _, binding := range s.reached(t) {
		t.Run(binding, func(t *testing.T) {
			at := address(t, binding)
			s.serve(t, program, at)
			if got := s.run(t, program, append(s.elsewhere(at), "CASE=panics")...); got != want {
				t.Errorf("printed %q, want %q", got, want)
			}
		})
	}
}

// TestPinned calls an endpoint that takes a function: where the component is in
// the same process it works, elsewhere the caller is told why it can't.
func TestPinned(t *testing.T) {
	s, program := program(t, "../../testdata/contracts/conformance/stock.txtar")
	check := func(t *testing.T, want string, env ...string) {
		t.Helper()
		if got := s.run(t, program, append(env, "CASE=pinned")...); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	}
	const works, refused = "watch: \"watched\" true false\nping: <nil>\n", "watch: \"\" false true\nping: <nil>\n"
	t.Run("inproc", func(t *testing.T) { check(t, works) })
	t.Run("copy", func(t *testing.T) { check(t, works, s.link()+"=inproc:?copy=1") })
	for _, binding := range remote(t) {
		t.Run(binding, func(t *testing.T) {
			at := address(t, binding)
			s.serve(t, program, at)
			check(t, refused, s.elsewhere(at)...)
		})
	}
}

// TestCommanded starts a program that the go command has built alone as one that
// a supervisor commands, and one that unweld has built.
func TestCommanded(t *testing.T) {
	s := bind(t, "../../testdata/contracts/conformance/stock.txtar")
	program, live := s.build("program"), s.live("live")
	for _, env := range []string{"UNWELD_CONTROL=/nowhere", "UNWELD_STANDBY=" + s.component, "UNWELD_COUNT=1"} {
		name, _, _ := strings.Cut(env, "=")
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = append(os.Environ(), env)
		out, err := cmd.CombinedOutput()
		if want := name + " is set, but this program can't be controlled"; err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v, printed %s", env, err, out)
		}
	}
	cmd := exec.CommandContext(t.Context(), live)
	cmd.Env = append(os.Environ(), "UNWELD_CONTROL=/nowhere")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "UNWELD_CONTROL: dial unix /nowhere") {
		t.Errorf("a program that can be commanded: %v, printed %s", err, out)
	}
}

func (s *scratch) link() string { return "UNWELD_LINK_" + strings.ToUpper(s.component) }

// state says where the component's store is, in cases that have one.
func (s *scratch) state() string {
	return "UNWELD_STATE_" + strings.ToUpper(s.component) + "=/state/" + s.component
}

// elsewhere is the environment of a unit that calls the component at an address.
func (s *scratch) elsewhere(at string) []string {
	return []string{"UNWELD_HOST=", "UNWELD_ENTRY=1", s.link() + "=" + at}
}

func (s *scratch) compare(t *testing.T, program string, env ...string) {
	t.Helper()
	if got := s.run(t, program, env...); got != s.want {
		t.Errorf("printed:\n%s\nwant:\n%s", got, s.want)
	}
}

func (s *scratch) run(t *testing.T, program string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), append(env, s.state())...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, out.Bytes(), errs.Bytes())
	}
	return out.String()
}

// serve starts a unit that hosts the component, or has it at hand for callers that start it
// themselves. It is stopped at the end of the test
// if not before, and must end well.
func (s *scratch) serve(t *testing.T, program, at string) (stop func()) {
	t.Helper()
	if scheme, command, _ := strings.Cut(at, ":"); schemes()[scheme].CallerStarts {
		if err := os.Symlink(program, strings.Trim(command, "'")); err != nil {
			t.Fatal(err)
		}
		return func() {}
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "UNWELD_HOST="+s.component, s.link()+"="+at, s.state())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- cmd.Wait() }()
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-stopped:
			if err != nil || out.Len() > 0 {
				t.Errorf("the unit ended with %v and printed:\n%s", err, out.Bytes())
			}
		case <-time.After(time.Minute):
			_ = cmd.Process.Kill()
			t.Error("the unit didn't end after SIGTERM")
		}
	})
	t.Cleanup(stop)
	waitFor(t, s.component, at, stopped)
	return stop
}

// waitFor returns when somebody listens, and not before SIGTERM means to stop.
func waitFor(t *testing.T, component, at string, stopped <-chan error) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if served(t, component, at) {
			time.Sleep(20 * time.Millisecond) // from listening to signal.Notify
			return
		}
		if len(stopped) > 0 {
			break
		}
	}
	t.Fatalf("nobody listens at %s", at)
}
