package unix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// The test binary is run again as the unit that hosts the component.
const childEnv = "UNWELD_UNIX_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childEnv); role != "" {
		if stdio.in == nil { // else the run-time sees to it
			go func() { // ends with its parent
				_, _ = io.Copy(io.Discard, os.Stdin)
				os.Exit(0)
			}()
		}
		if err := child(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	// This process is a unit that hosts nothing but what inMemory serves. The
	// run-time reads that once.
	_ = os.Setenv("UNWELD_HOST", inMemory.Component)
	_ = os.Setenv("UNWELD_ENTRY", "1")
	os.Exit(m.Run())
}

func child(role string) error {
	if ran, err := benchRole(role); ran {
		return err
	}
	if file := os.Getenv(pidEnv); file != "" && stdio.in != nil {
		if err := os.WriteFile(file, []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
			return err
		}
	}
	switch role {
	case "streams":
		return hostStreams()
	case "stdio-caller":
		return stdioCaller()
	case "slow":
		time.Sleep(time.Second)
	}
	if role == "schema" {
		linktest.Contract.Fingerprint = "2"
	}
	var s linktest.Service = new(actor)
	if path := os.Getenv(record); path != "" {
		notes, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		s = &linktest.Recorder{Notes: notes}
	}
	_, err := linktest.Open(context.Background(), func(context.Context) (linktest.Service, error) { return s, nil })
	return err
}

// actor is the hosted implementation.
type actor struct {
	linktest.Unimplemented
	acts, cancelled atomic.Int64
}

func (*actor) Add(_ context.Context, a, b int64) (int64, error) { return a + b, nil }

func (*actor) Echo(_ context.Context, s string) (string, error) { return s, nil }

func (a *actor) Wait(ctx context.Context, what string) (string, error) { return a.Act(ctx, what) }

func (a *actor) Act(ctx context.Context, what string) (string, error) {
	verb, arg, _ := strings.Cut(what, " ")
	switch verb {
	case "odd":
		return "beside", linktest.ErrOdd
	case "wrapped":
		return "", fmt.Errorf("looking at %s: %w", arg, linktest.ErrOdd)
	case "echo":
		return arg, nil
	case "range":
		return "", fmt.Errorf("far: %w", &linktest.RangeError{Value: 7})
	case "panic":
		panic(arg)
	case "goexit":
		runtime.Goexit()
	case "metadata":
		return link.Metadata(ctx)[arg], nil
	case "remaining":
		d, ok := ctx.Deadline()
		return fmt.Sprint(ok, " ", time.Until(d).Round(time.Second)), nil
	case "block":
		a.acts.Add(1)
		<-ctx.Done()
		a.cancelled.Add(1)
		return "", ctx.Err()
	case "sleep":
		a.acts.Add(1)
		d, err := time.ParseDuration(arg)
		time.Sleep(d)
		return "slept", err
	case "acts":
		return fmt.Sprint(a.acts.Load(), " ", a.cancelled.Load()), nil
	case "print", "kept", "descriptor", "program", "input":
		return prints(verb)
	case "large":
		return strings.Repeat("x", MaxMessage), nil
	}
	return "", fmt.Errorf("can't %q", what)
}

// A process is a unit started by a test.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	socket string
}

// start runs the test binary again in a role, and returns when it listens.
func start(t testing.TB, role string, env ...string) *process {
	t.Helper()
	return startAt(t, role, filepath.Join(t.TempDir(), "s"), env...)
}

func startAt(t testing.TB, role, socket string, env ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0]), socket: socket}
	p.cmd.Env = append(os.Environ(), childEnv+"="+role, "UNWELD_HOST=linktest", "UNWELD_ENTRY=", "UNWELD_UNIT=child", "UNWELD_LINK_LINKTEST=unix://"+socket)
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stderr = os.Stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if nc, err := net.Dial("unix", socket); err == nil {
			_ = nc.Close()
			return p
		}
		if time.Now().After(limit) {
			t.Fatal("the unit does not listen")
		}
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// remote opens the component as a unit does that reaches it at a socket.
func remote(t testing.TB, socket string) linktest.Service {
	t.Helper()
	t.Setenv("UNWELD_LINK_LINKTEST", "unix://"+socket)
	s, err := linktest.Open(context.Background(), func(context.Context) (linktest.Service, error) {
		return nil, errors.New("constructed although another unit hosts it")
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
