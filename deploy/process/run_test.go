//go:build unix

package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// TestMain lets the test binary be the units of a split: either a program with
// the run-time in it, or a peer that speaks the control protocol by hand.
func TestMain(m *testing.M) {
	switch unit := os.Getenv("UNWELD_UNIT") != ""; {
	case unit && os.Getenv("UNWELD_TEST_PEER") == "1":
		peer()
		return
	case unit && os.Getenv("TEST_PROGRAM") == "1":
		runProgram()
		return
	case os.Getenv("TEST_SUPERVISOR") == "signals":
		superviseSignals()
		return
	case os.Getenv("TEST_SUPERVISOR") != "":
		superviseForTest(os.Getenv("TEST_SUPERVISOR"))
		return
	}
	os.Exit(m.Run())
}

func peer() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	handle(os.Getenv("TEST_HANDLES"))
	fmt.Fprintln(os.Stderr, "hosting", os.Getenv("UNWELD_HOST"))
	c, err := net.Dial("unix", os.Getenv("UNWELD_CONTROL"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	out := json.NewEncoder(c)
	trouble("before hello")
	_ = out.Encode(Message{Type: "hello", Unit: os.Getenv("UNWELD_UNIT"), PID: os.Getpid(), Version: controlVersion})
	for h := range strings.SplitSeq(os.Getenv("UNWELD_HOST"), ",") {
		_ = out.Encode(Message{Type: "ready", Component: h, Address: os.Getenv("UNWELD_LINK_" + envName(h))})
	}
	go func() { // answers what it is asked, once it has said that it is ready
		in := json.NewDecoder(c)
		for m := (Message{}); in.Decode(&m) == nil; m = (Message{}) {
			_ = out.Encode(Message{Type: "ack", ID: m.ID})
		}
		os.Exit(1)
	}()
	trouble("ready")
	if os.Getenv("UNWELD_ENTRY") == "1" && os.Getenv("PEER_EXIT") != "" {
		fmt.Println("the entry unit works")
		os.Exit(7)
	}
	<-stop
	os.Exit(0)
}

type events struct {
	mu  sync.Mutex
	all []deploy.Event
	ch  chan deploy.Event
}

func (e *events) add(ev deploy.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
	e.ch <- ev
}

func (e *events) count(unit, state string) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.all {
		if ev.Unit == unit && ev.State == state {
			n++
		}
	}
	return n
}

func (e *events) await(t testing.TB, unit, state string) deploy.Event {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case ev := <-e.ch:
			if ev.Unit == unit && ev.State == state {
				return ev
			}
		case <-limit:
			t.Fatalf("no event %s of %s; there were: %+v", state, unit, e.all)
		}
	}
}

func plan(t *testing.T, name string) *split.Plan {
	t.Helper()
	p, err := split.New(nil, name, split.Facts{Schemes: schemes, Bound: []split.Bound{{Name: "pricing", Bindings: []string{"unix"}, Endpoints: []component.Endpoint{{Name: "Quote"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An output is what a run prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// await returns when something has been printed.
func (o *output) await(t *testing.T, want string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(o.String(), want); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("output lacks %q:\n%s", want, o)
		}
	}
}

func options(t *testing.T, ev *events, env ...string) (deploy.RunOptions, *output) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out output
	return deploy.RunOptions{
		Binary: exe, Key: t.TempDir(), Schemes: schemes, Env: append(env, "PEER=1"), Stdout: &out, Stderr: &out,
		Notify: ev.add, StartTimeout: time.Minute, StopTimeout: 5 * time.Second,
	}, &out
}

func TestRunStartsUnitsAndReturnsTheEntrysStatus(t *testing.T) {
	ev := &events{ch: make(chan deploy.Event, 100)}
	opts, out := options(t, ev, "UNWELD_TEST_PEER=1", "PEER_EXIT=1")
	err := Run(t.Context(), plan(t, split.Micro), opts)
	exit, ok := errors.AsType[*deploy.ExitError](err)
	if !ok || exit.Code != 7 || exit.Unit != "main" {
		t.Fatalf("err = %v, want exit status 7 of main; output:\n%s", err, out)
	}
	for _, want := range []string{"pricing | hosting pricing\n", "main    | the entry unit works\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
}

func TestKilledUnitIsRestarted(t *testing.T) {
	ev := &events{ch: make(chan deploy.Event, 100)}
	opts, out := options(t, ev, "UNWELD_TEST_PEER=1")
	signals := make(chan os.Signal, 2)
	opts.Signals = signals
	done := make(chan error, 1)
	go func() { done <- Run(t.Context(), plan(t, split.Micro), opts) }()
	first := ev.await(t, "pricing", "starting")
	ev.await(t, "main", "ready")
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ev.await(t, "pricing", "died")
	if again := ev.await(t, "pricing", "restarting"); again.PID == first.PID {
		t.Errorf("pid %d again", again.PID)
	}
	out.await(t, "main    | hosting") // and takes signals
	signals <- syscall.SIGTERM
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("run: %v\n%s", err, out)
		}
	case <-time.After(time.Minute):
		t.Fatal("the run didn't end on SIGTERM")
	}
}
