//go:build unix

package process

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// facts are those of the test program. Without a store, ledger is like a
// component that keeps its state in memory.
func facts(store string) split.Facts {
	ends := []component.Endpoint{{Name: "Add", TouchesState: true}, {Name: "Echo"}, {Name: "Act"}, {Name: "Wait"}}
	files := split.Store{Name: store, StoreTraits: split.StoreTraits{Location: split.Location{Extension: ".db"}}}
	return split.Facts{Schemes: schemes, Stores: []split.Store{files}, Bound: []split.Bound{
		{Name: "plain", Bindings: []string{"unix"}, Endpoints: ends},
		{Name: "ledger", Bindings: []string{"unix"}, Endpoints: ends, Stateful: true, Store: store},
	}}
}

func planOf(t testing.TB, name, store string) *split.Plan {
	t.Helper()
	p, err := split.New(nil, name, facts(store))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A running is a split of the test program that the test talks to.
type running struct {
	t     testing.TB
	key   string
	dir   string // of the journals
	ev    *events
	in    io.WriteCloser
	out   *bufio.Scanner
	stop  chan os.Signal
	ended chan error
}

func programOptions(key, dir string) deploy.RunOptions {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return deploy.RunOptions{
		Binary: exe, Key: key, Dir: key, Raw: true, Env: []string{"TEST_PROGRAM=1", "TEST_DIR=" + dir},
		Schemes: schemes,
		Stderr:  os.Stderr, StartTimeout: time.Minute, StopTimeout: 5 * time.Second,
	}
}

func start(t testing.TB, plan *split.Plan) *running {
	t.Helper()
	r := &running{t: t, key: t.TempDir(), dir: t.TempDir(), ev: &events{ch: make(chan deploy.Event, 10000)}, stop: make(chan os.Signal, 2), ended: make(chan error, 1)}
	opts := programOptions(r.key, r.dir)
	fromTest, toProgram := io.Pipe()
	fromProgram, toTest := io.Pipe()
	opts.Stdin, opts.Stdout, opts.Signals, opts.Notify = fromTest, toTest, r.stop, r.ev.add
	r.in, r.out = toProgram, bufio.NewScanner(fromProgram)
	go func() {
		r.ended <- Run(context.Background(), plan, opts)
		toTest.Close()
	}()
	t.Cleanup(r.end)
	r.ev.await(t, "main", "ready")
	return r
}

// end lets the entry unit end by the end of its input.
func (r *running) end() {
	if r.ended == nil {
		return
	}
	r.in.Close()
	go func() {
		for r.out.Scan() { // what it still prints must not hold it up
		}
	}()
	select {
	case err := <-r.ended:
		if err != nil {
			r.t.Errorf("the run: %v", err)
		}
	case <-time.After(time.Minute):
		r.t.Error("the run didn't end")
	}
	r.ended = nil
}

// say sends a line to the entry unit and parses what it answers.
func (r *running) say(line, format string, to ...any) {
	r.t.Helper()
	if _, err := io.WriteString(r.in, line+"\n"); err != nil {
		r.t.Fatal(err)
	}
	if !r.out.Scan() {
		r.t.Fatalf("%s: the program ended", line)
	}
	if _, err := fmt.Sscanf(r.out.Text(), format, to...); err != nil {
		r.t.Fatalf("%s: answered %q: %v", line, r.out.Text(), err)
	}
}

// call makes one call to each component and returns plain's process and the
// number of ledger's calls so far.
func (r *running) call(n int) (pid int, count int64) {
	r.t.Helper()
	var sum int
	r.say(fmt.Sprint("call ", n), "called %d %d %d <nil> <nil> <nil>", &sum, &pid, &count)
	if sum != n+1 {
		r.t.Errorf("sum = %d, want %d", sum, n+1)
	}
	return pid, count
}

func (r *running) apply(plan *split.Plan, opts deploy.ApplyOptions) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	return Apply(ctx, r.key, plan, opts)
}

func (r *running) status() *deploy.Status {
	r.t.Helper()
	st, err := Status(context.Background(), r.key)
	if err != nil {
		r.t.Fatal(err)
	}
	return st
}

func (r *running) unit(name string) deploy.UnitStatus {
	r.t.Helper()
	st := r.status()
	i := slices.IndexFunc(st.Units, func(u deploy.UnitStatus) bool { return u.Name == name })
	if i < 0 {
		r.t.Fatalf("no unit %s: %+v", name, st.Units)
	}
	return st.Units[i]
}
