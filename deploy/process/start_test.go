//go:build unix

package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// trouble lets the peer in unit pricing end, or hang, where TEST_TROUBLE says
// so: "WHAT at WHERE".
func trouble(where string) {
	what, at, _ := strings.Cut(os.Getenv("TEST_TROUBLE"), " at ")
	if os.Getenv("UNWELD_UNIT") != "pricing" || at != where {
		return
	}
	fmt.Fprintln(os.Stderr, "in trouble:", what)
	first := false
	if f, err := os.OpenFile(filepath.Join(os.Getenv("TEST_DIR"), "once"), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
		first = true
	}
	if once, isOnce := strings.CutPrefix(what, "once "); isOnce {
		if !first {
			return
		}
		what = once
	}
	switch what {
	case "exits, the first late":
		if first {
			time.Sleep(time.Second)
		}
		os.Exit(4)
	case "exits":
		os.Exit(4)
	case "ends":
		os.Exit(0)
	case "exits late":
		time.Sleep(time.Second)
		os.Exit(4)
	case "is killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "has a child":
		child := exec.Command("sleep", "1000")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err == nil {
			_ = os.WriteFile(filepath.Join(os.Getenv("TEST_DIR"), "child"), fmt.Append(nil, child.Process.Pid), 0o600)
		}
	case "hangs":
		time.Sleep(time.Hour)
	}
}

// A unit that ends before it is ready gets a few attempts; then the start fails
// with what it printed last.
func TestUnitThatNeverGetsReady(t *testing.T) {
	for _, tt := range []struct {
		trouble, want string
		attempts      int
	}{
		{"exits at before hello", "unit pricing: exit status 4 before it was ready, the last of 3 attempts\n\thosting pricing\n\tin trouble: exits", 3},
		{"exits late at before hello", "unit pricing: exit status 4 before it was ready, the last of 3 attempts\n\thosting pricing\n\tin trouble: exits late", 3},
		{"is killed at before hello", "unit pricing: ended by signal killed before it was ready, the last of 3 attempts\n\thosting pricing\n\tin trouble: is killed", 3},
		{"ends at before hello", "the program ended before it opened [pricing]\n\thosting pricing\n\tin trouble: ends", 1},
		{"hangs at before hello", "unit pricing: not ready in time: context deadline exceeded\n\thosting pricing\n\tin trouble: hangs", 1},
	} {
		t.Run(tt.trouble, func(t *testing.T) {
			t.Parallel()
			ev := &events{ch: make(chan deploy.Event, 100)}
			opts, _ := options(t, ev, "UNWELD_TEST_PEER=1", "TEST_TROUBLE="+tt.trouble, "TEST_DIR="+t.TempDir())
			if strings.HasPrefix(tt.trouble, "hangs") {
				opts.StartTimeout = 2 * time.Second
			}
			err := Run(t.Context(), plan(t, split.Micro), opts)
			text := fmt.Sprint(err)
			if u, ok := errors.AsType[*component.UsageError](err); ok {
				text = u.Reason
			}
			if text != tt.want {
				t.Errorf("got %q\nwant %q", text, tt.want)
			}
			if n := ev.count("pricing", "starting"); n != tt.attempts {
				t.Errorf("started %d times, want %d: %+v", n, tt.attempts, ev.all)
			}
		})
	}
}

// begin runs a split of peers until the test ends, and returns its status.
func begin(t *testing.T, trouble string, wait func(*events)) func() *deploy.Status {
	return beginIn(t, t.TempDir(), trouble, wait)
}

func beginIn(t *testing.T, dir, trouble string, wait func(*events)) func() *deploy.Status {
	ev := &events{ch: make(chan deploy.Event, 1000)}
	opts, out := options(t, ev, "UNWELD_TEST_PEER=1", "TEST_TROUBLE="+trouble, "TEST_DIR="+dir)
	signals := make(chan os.Signal, 2)
	opts.Signals = signals
	done := make(chan error, 1)
	go func() { done <- Run(context.Background(), plan(t, split.Micro), opts) }()
	t.Cleanup(func() {
		signals <- syscall.SIGTERM
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("run: %v\n%s", err, out)
			}
		case <-time.After(time.Minute):
			t.Error("the run didn't end on SIGTERM")
		}
	})
	wait(ev)
	eventually(t, "main is ready", func() error {
		st, err := Status(context.Background(), opts.Key)
		if err == nil && !unitIn(t, st, "main").Ready {
			err = fmt.Errorf("%+v", st.Units)
		}
		return err
	})
	return func() *deploy.Status {
		st, err := Status(context.Background(), opts.Key)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
}

func unitIn(t *testing.T, st *deploy.Status, name string) deploy.UnitStatus {
	for _, u := range st.Units {
		if u.Name == name {
			return u
		}
	}
	t.Fatalf("no unit %s: %+v", name, st.Units)
	return deploy.UnitStatus{}
}

// One accident while the split starts is no reason to give up, whether the unit
// was ready by then or not.
func TestUnitThatEndsOnceWhileTheSplitStarts(t *testing.T) {
	for _, trouble := range []string{"once exits at before hello", "once is killed at before hello", "once exits at ready", "once is killed at ready"} {
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			status := begin(t, trouble, func(ev *events) {
				ev.await(t, "pricing", "died")
				ev.await(t, "pricing", "restarting")
			})
			eventually(t, "pricing is ready again", func() error {
				if u := unitIn(t, status(), "pricing"); !u.Ready || u.Restarts != 1 || u.Problem != "" || !alive(u.PID) {
					return fmt.Errorf("%+v", u)
				}
				return nil
			})
		})
	}
}

// The status tells of each unit of the plan once, also at the moment at which it
// begins to exist.
func TestStatusWhileUnitsBegin(t *testing.T) {
	t.Parallel()
	s := &supervisor{plan: planOf(t, split.Micro, "file")}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			s.mu.Lock()
			if s.units = nil; n%2 == 0 {
				s.units = []*unit{newUnit(s.plan.Entry, true)}
			}
			s.mu.Unlock()
		}
	}()
	for range 20000 {
		st := s.status(t.Context())
		if len(st.Units) != len(s.plan.Units) {
			t.Fatalf("the plan has %d units, the status %+v", len(s.plan.Units), st.Units)
		}
	}
}

// A unit that ends again and again is started again and again, each time later,
// and the status never calls it ready.
func TestStatusOfUnitThatKeepsEnding(t *testing.T) {
	t.Parallel()
	// The first process lives long enough to be seen ready.
	status := begin(t, "exits, the first late at ready", func(ev *events) {
		ev.await(t, "main", "ready")
		for range 3 {
			ev.await(t, "pricing", "restarting")
		}
	})
	seen := map[int]bool{}
	eventually(t, "pricing waits for its next start", func() error {
		u := unitIn(t, status(), "pricing")
		seen[u.Restarts] = true
		if u.Ready {
			t.Fatalf("ready: %+v", u)
		}
		if u.PID != 0 || !strings.HasPrefix(u.Problem, "exit status 4; starts again in ") {
			return fmt.Errorf("%+v", u)
		}
		return nil
	})
}

// A unit that is stopped has a process, but isn't ready: nothing answers.
func TestStatusOfUnitThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	r := start(t, planOf(t, split.Micro, "file"))
	pid := r.unit("plain").PID
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the status says that plain doesn't answer", func() error {
		if u := r.unit("plain"); u.Ready || u.PID != pid || u.Problem != "it doesn't answer" {
			return fmt.Errorf("%+v", u)
		}
		return nil
	})
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "plain answers again", func() error {
		if u := r.unit("plain"); !u.Ready || u.Restarts != 0 {
			return fmt.Errorf("%+v", u)
		}
		return nil
	})
}

// What a killed unit started and left with its output doesn't hide its death: it
// is killed, too.
func TestUnitIsDeadAlthoughItsChildHoldsItsOutput(t *testing.T) {
	t.Parallel()
	var first deploy.Event
	dir := t.TempDir()
	status := beginIn(t, dir, "once has a child at ready", func(ev *events) {
		first = ev.await(t, "pricing", "ready")
		ev.await(t, "main", "ready")
	})
	var text []byte
	eventually(t, "pricing has a child", func() (err error) {
		text, err = os.ReadFile(filepath.Join(dir, "child"))
		return err
	})
	child, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pricing is ready again, and the child gone", func() error {
		if u := unitIn(t, status(), "pricing"); !u.Ready || u.PID == first.PID || alive(child) {
			return fmt.Errorf("%+v; child %d lives: %t", u, child, alive(child))
		}
		return nil
	})
}
