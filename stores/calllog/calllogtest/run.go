package calllogtest

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/stores/calllog/rt"
)

// Run runs the tests that every storage has to pass.
func (h Harness) Run(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"replay": h.replay, "panic": h.panics, "goexit": h.goexit, "cancelled": h.cancelled, "closed": h.closed, "closed in flight": h.closedInFlight,
		"second owner": h.secondOwner, "living process": h.livingProcess, "foreign and damaged": h.damaged,
		"earlier form": h.earlierForm, "failures": h.failures, "missing end": h.missingEnd, "kill": h.kill,
	} {
		t.Run(name, test)
	}
}

func (h Harness) replay(t *testing.T) {
	at := h.New(t)
	var live Counters
	l := h.Log(t, at, &live)
	Load(t, l, &live, 16, 20)
	records := l.Records()
	if records != 321 { // and one that says that failures are noted
		t.Errorf("%d records, want 321", records)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var again Counters
	l = h.Log(t, at, &again)
	if again != live {
		t.Errorf("replayed %v, want %v", again.N, live.N)
	}
	Load(t, l, &again, 2, 1)
	if got := l.Records(); got != 323 {
		t.Errorf("%d records, want 323", got)
	}
}

func (h Harness) panics(t *testing.T) {
	var c Counters
	at := h.New(t)
	l := h.Log(t, at, &c)
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = l.Do(context.Background(), 0, Request(0, 0), func() error { panic("boom") })
		t.Error("Do returned")
	}()
	if l.Records() != 2 {
		t.Errorf("%d records: a call that panicked must be logged", l.Records())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var again Counters
	cfg := h.Config(at, &again)
	cfg.Replay = func(int, []byte) (own, bad error) { panic("boom again") }
	l, err := calllog.Open(context.Background(), cfg)
	if err != nil {
		t.Fatalf("what panicked then panics now: %v", err)
	}
	_ = l.Close()
}

func (h Harness) goexit(t *testing.T) {
	var c Counters
	l := h.Log(t, h.New(t), &c)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Do(context.Background(), 0, Request(0, 0), func() error { runtime.Goexit(); return nil })
	}()
	<-done
	err := l.Do(context.Background(), 0, Request(0, 0), func() error { t.Error("ran"); return nil })
	if err == nil || !strings.Contains(err.Error(), "ended its goroutine") {
		t.Errorf("got %v", err)
	}
}

func (h Harness) cancelled(t *testing.T) {
	var c Counters
	l := h.Log(t, h.New(t), &c)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := l.Do(ctx, 0, Request(0, 0), func() error { t.Error("ran"); return nil })
	if e, ok := errors.AsType[*calllog.Error](err); !ok || e.Outcome != calllog.NotExecuted || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if l.Records() != 0 {
		t.Error("logged")
	}
}

func (h Harness) closed(t *testing.T) {
	var c Counters
	l := h.Log(t, h.New(t), &c)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	err := l.Do(context.Background(), 0, Request(0, 0), func() error { t.Error("ran"); return nil })
	if e, ok := errors.AsType[*calllog.Error](err); !ok || e.Outcome != calllog.NotExecuted || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v", err)
	}
}

// closedInFlight: a unit closes its stores while calls in its process may be under way.
// Those that the log has accepted run before Close returns, and are in it; those that
// come later are refused.
func (h Harness) closedInFlight(t *testing.T) {
	at := h.New(t)
	var c Counters
	l := h.Log(t, at, &c)
	entered, hold := make(chan struct{}), make(chan struct{})
	results := make(chan error)
	do := func(caller int, before func()) {
		results <- l.Do(context.Background(), 0, Request(caller, 0), func() error {
			before()
			return c.Add(Request(caller, 0))
		})
	}
	go do(0, func() { close(entered); <-hold })
	<-entered
	closed := make(chan error, 1)
	go func() { closed <- l.Close() }()
	began := 1
	var refused error
	for refused == nil { // until Close has begun, calls wait behind the first
		go do(began, func() {})
		began++
		select {
		case refused = <-results:
		case <-time.After(10 * time.Millisecond):
		}
	}
	if e, ok := errors.AsType[*calllog.Error](refused); !ok || e.Outcome != calllog.NotExecuted {
		t.Errorf("a call after Close: %v", refused)
	}
	select {
	case err := <-closed:
		t.Errorf("Close returned (%v) before the call under way", err)
	default:
	}
	close(hold)
	accepted := 0
	for range began - 1 {
		if err := <-results; err == nil {
			accepted++
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	var again Counters
	l = h.Log(t, at, &again)
	if again != c || c.N[0] != 1 || accepted == 0 {
		t.Errorf("%d calls were accepted, the log holds %v of %v", accepted, again.N, c.N)
	}
}

func (h Harness) secondOwner(t *testing.T) {
	at := h.New(t)
	var c Counters
	l := h.Log(t, at, &c)
	_, err := calllog.Open(context.Background(), h.Config(at, &c))
	if _, ok := errors.AsType[*calllog.LockedError](err); !ok || !strings.Contains(err.Error(), h.Owner(os.Getpid())) {
		t.Errorf("got %v", err)
	}
	Load(t, l, &c, 1, 1) // the first one goes on
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var again Counters
	h.Log(t, at, &again)
}

func (h Harness) livingProcess(t *testing.T) {
	at := h.New(t)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childLocation+"="+at)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	var c Counters
	_, err = calllog.Open(context.Background(), h.Config(at, &c))
	if want := h.Owner(cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func (h Harness) damaged(t *testing.T) {
	for _, tc := range []struct{ name, query, want string }{
		{"flipped byte", "UPDATE batches SET data = " + h.Cut + " WHERE seq = 3", "damaged at record 3: checksum"},
		{"empty row", "UPDATE batches SET data = '' WHERE seq = 3", "damaged at record 3"},
		{"missing row", "DELETE FROM batches WHERE seq = 3", "records 3 to 3 are missing"},
		{"rows swapped", "UPDATE batches SET data = (SELECT data FROM batches WHERE seq = 1) WHERE seq = 3", "damaged at record 3"},
		{"other component", "UPDATE meta SET value = 'orders' WHERE key = 'component'", `belongs to component "orders"`},
		{"other format", "UPDATE meta SET value = '9' WHERE key = 'format'", `has format "9"`},
		{"other request", "UPDATE methods SET schema = 's0'", "holds calls of Add with another request"},
		{"method gone", "UPDATE methods SET name = 'Sub'", "holds calls of Sub"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := h.New(t)
			var c Counters
			l := h.Log(t, at, &c)
			Load(t, l, &c, 1, 4)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			h.Execute(t, at, tc.query)
			var again Counters
			l, err := calllog.Open(context.Background(), h.Config(at, &again))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if err == nil {
				_ = l.Close()
			}
		})
	}
}

// missingEnd takes away the last batch, which was acknowledged.
func (h Harness) missingEnd(t *testing.T) {
	at := h.New(t)
	var c Counters
	l := h.Log(t, at, &c)
	Load(t, l, &c, 1, 4)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	h.Execute(t, at, "DELETE FROM batches WHERE seq = 5")
	var again Counters
	_, err := calllog.Open(context.Background(), h.Config(at, &again))
	if _, ok := errors.AsType[*calllog.CorruptError](err); !ok || !strings.Contains(err.Error(), "5 records were acknowledged") {
		t.Errorf("got %v", err)
	}
}

// earlierForm: a log that was written with an earlier form of a request is read
// by a version that knows it, and goes on with the new form, which the earlier
// version refuses as soon as there is a record of it.
func (h Harness) earlierForm(t *testing.T) {
	at := h.New(t)
	open := func(c *Counters, schemas ...string) (*calllog.Log, error) {
		cfg := h.Config(at, c)
		cfg.Methods[0].Schemas = schemas
		return calllog.Open(context.Background(), cfg)
	}
	var c Counters
	write := func(n int, schemas ...string) {
		t.Helper()
		c = Counters{}
		l, err := open(&c, schemas...)
		if err != nil {
			t.Fatal(err)
		}
		Load(t, l, &c, 1, n)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(3, "s1")
	write(0, "s1", "s2")
	write(2, "s1") // nothing was written with s2: the earlier version may go on
	write(4, "s1", "s2")
	if c.N[0] != 9 {
		t.Errorf("%d calls replayed, want 9", c.N[0])
	}
	for _, schemas := range [][]string{{"s1"}, {"s2"}, {"s3"}} {
		var again Counters
		_, err := open(&again, schemas...)
		if e, ok := errors.AsType[*calllog.SchemaError](err); !ok || !strings.Contains(e.Reason, "another request") {
			t.Errorf("%v: got %v", schemas, err)
		}
	}
	write(0, "s1", "s2", "s3")
	if c.N[0] != 9 {
		t.Errorf("%d calls replayed after the refusals, want 9", c.N[0])
	}
}

// failures: a call that comes out otherwise in the replay is refused where the
// log knows how it came out, and told of where it can't.
func (h Harness) failures(t *testing.T) {
	at := h.New(t)
	odd := errors.New("odd")
	// write logs calls of which those fail that are in fail.
	write := func(calls int, fail ...int) {
		t.Helper()
		var c Counters
		cfg := h.Config(at, &c)
		cfg.Replay = func(int, []byte) (own, bad error) { return nil, nil }
		l, err := calllog.Open(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		for i := range calls {
			_ = l.Do(context.Background(), 0, Request(0, i), func() error {
				if slices.Contains(fail, i) {
					return odd
				}
				return nil
			})
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// open replays; call is called with the number of the call, from 0 on.
	open := func(call func(i int) error) (warned []string, err error) {
		var c Counters
		i := -1
		cfg := h.Config(at, &c)
		cfg.Replay = func(int, []byte) (own, bad error) { i++; return call(i), nil }
		cfg.Warn = func(s string) { warned = append(warned, s) }
		l, err := calllog.Open(context.Background(), cfg)
		if err == nil {
			err = l.Close()
		}
		return warned, err
	}
	write(4, 1, 3)
	as := func(fail ...int) func(int) error {
		return func(i int) error {
			if slices.Contains(fail, i) {
				return odd
			}
			return nil
		}
	}
	if warned, err := open(as(1, 3)); err != nil || len(warned) > 0 {
		t.Errorf("as it was: %v, %q", err, warned)
	}
	for _, tc := range []struct {
		fail []int
		want string
	}{
		{[]int{0, 1, 3}, "call 2, which did not fail when it was made and fails now (Add: odd)"},
		{[]int{1}, "which failed when it was made and does not now"},
	} {
		if _, err := open(as(tc.fail...)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("failing now are %v: %v, want %q", tc.fail, err, tc.want)
		}
	}
	// Of the last batch nothing is known: the process may have been killed.
	at = h.New(t)
	write(2)
	if warned, err := open(as(1)); err != nil || len(warned) != 1 || !strings.Contains(warned[0], "call 3 fails in the replay (Add: odd)") {
		t.Errorf("the last call: %v, %q", err, warned)
	}
}

func (h Harness) kill(t *testing.T) {
	acknowledged, lost := h.Kill(t, h.New(t), 5)
	if acknowledged == 0 {
		t.Error("no call was acknowledged")
	}
	t.Logf("%d calls acknowledged, %d lost", acknowledged, lost)
}
