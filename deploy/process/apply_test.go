package process

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/link"
	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// facts are those of the test program. Without a store, ledger is like a
// component that keeps its state in memory.
func facts(store string) split.Facts {
	ends := []split.Endpoint{{Name: "Add", TouchesState: true}, {Name: "Echo"}, {Name: "Act"}, {Name: "Wait"}}
	return split.Facts{Bound: []split.Bound{
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
		Stderr: os.Stderr, StartTimeout: 20 * time.Second, StopTimeout: 5 * time.Second,
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
	case <-time.After(15 * time.Second):
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

func TestCallsCrossAndOutliveTheirServer(t *testing.T) {
	r := start(t, planOf(t, split.Micro, "file"))
	pid, count := r.call(1)
	u := r.unit("plain")
	if pid != u.PID || pid == r.unit("main").PID || count != 1 {
		t.Fatalf("plain runs in process %d and counted %d; unit plain is %+v", pid, count, u)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.ev.await(t, "plain", "died")
	again, count := r.call(2) // waits for the new process
	if again == pid || count != 2 {
		t.Errorf("process %d after %d was killed, count %d", again, pid, count)
	}
	u = r.unit("plain")
	if !u.Ready || u.Restarts != 1 || u.PID != again {
		t.Errorf("unit plain after its restart: %+v, want process %d", u, again)
	}
	var served int64
	for _, s := range r.unit("ledger").Stats {
		served += s.Served
	}
	if served != 2 {
		t.Errorf("ledger served %d calls, want 2", served)
	}
	ledger := filepath.Join(r.key, ".unweld", "state", "ledger.db")
	if _, err := os.Stat(ledger); err != nil {
		t.Errorf("the state of ledger: %v", err)
	}
}

// superviseForTest is the whole process of a supervisor that gets killed.
func superviseForTest(dir string) {
	opts := programOptions(dir, dir)
	stdin, _, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	opts.Stdin = stdin
	opts.Stderr = nil
	p, err := split.New(nil, split.Micro, facts("file"))
	if err == nil {
		err = Run(context.Background(), p, opts)
	}
	fmt.Fprintln(os.Stderr, "the supervisor ended:", err)
	os.Exit(1)
}

func TestKilledSupervisorLeavesNoUnit(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TEST_SUPERVISOR="+dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() //nolint:errcheck // it is killed
	var st *deploy.Status
	eventually(t, "the split runs", func() (err error) {
		st, err = Status(t.Context(), dir)
		return err
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, u := range st.Units {
		eventually(t, "unit "+u.Name+" is gone", func() error {
			if !alive(u.PID) {
				return nil
			}
			return fmt.Errorf("process %d lives", u.PID)
		})
	}
	eventually(t, "the status says that nothing runs", func() error {
		if _, err := Status(t.Context(), dir); err == nil || component.HintOf(err) == "" {
			return fmt.Errorf("status of a killed supervisor: %v, want an error with a hint", err)
		}
		return nil
	})
}

// alive reports whether a process runs: one that only waits to be reaped, here
// by whoever adopts orphans, doesn't.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	var err error
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatalf("%s: not in time: %v", what, err)
}

func TestApplyUnderLoad(t *testing.T) { applyUnderLoad(t, 3, 5000) }

// BenchmarkApplyUnderLoad is the same with 20 moves during 100,000 calls.
func BenchmarkApplyUnderLoad(b *testing.B) {
	for b.Loop() {
		applyUnderLoad(b, 20, 100_000)
	}
}

// applyUnderLoad changes between the monolith and processes of their own while
// calls are made, and compares the calls that were made with those executed.
func applyUnderLoad(t testing.TB, applies int, calls int64) {
	r := start(t, planOf(t, split.Monolith, "file"))
	if _, err := io.WriteString(r.in, fmt.Sprintf("load %d\n", calls)); err != nil {
		t.Fatal(err)
	}
	r.out.Scan() // loading
	var took time.Duration
	for i := range applies {
		name := []string{split.Micro, split.Monolith}[i%2]
		begin := time.Now()
		if err := r.apply(planOf(t, name, "file"), deploy.ApplyOptions{}); err != nil {
			t.Fatalf("apply %d, %s: %v", i+1, name, err)
		}
		took += time.Since(begin)
		if units := len(r.status().Units); units != 1+2*((i+1)%2) {
			t.Fatalf("apply %d, %s: %d units run", i+1, name, units)
		}
	}
	var made, failed, wrong int64
	r.say("stop", "loaded %d %d %d", &made, &failed, &wrong)
	if failed != 0 || wrong != 0 || made < calls {
		t.Errorf("of %d calls %d failed and %d had wrong results", made, failed, wrong)
	}
	_, count := r.call(0) // id 0 once more than the load
	r.end()
	executed := r.executed()
	var lost, twice int
	for id := int64(0); id <= made; id++ {
		n := executed["plain"][id] + executed["ledger"][id]
		switch {
		case id == 0 && n == 2, n == 1:
		case n == 0:
			lost++
		default:
			twice++
		}
	}
	if lost != 0 || twice != 0 {
		t.Errorf("of %d calls %d were not executed and %d more than once", made, lost, twice)
	}
	if want := (made+1)/2 + 1; count != want {
		t.Errorf("ledger's state counts %d calls, want %d", count, want)
	}
	t.Logf("%d applies in %v each during %d calls", applies, (took / time.Duration(applies)).Round(time.Millisecond), made)
}

// executed counts the calls by component and id that all processes wrote down.
func (r *running) executed() map[string]map[int64]int {
	all := map[string]map[int64]int{"plain": {}, "ledger": {}}
	files, err := filepath.Glob(filepath.Join(r.dir, "*.calls"))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			r.t.Fatal(err)
		}
		name, _, _ := strings.Cut(filepath.Base(f), ".")
		for ; len(b) >= 8; b = b[8:] {
			all[name][int64(binary.LittleEndian.Uint64(b))]++
		}
	}
	return all
}

func TestApplyRefusesToLoseState(t *testing.T) {
	r := start(t, planOf(t, split.Monolith, ""))
	r.call(1)
	err := r.apply(planOf(t, split.Micro, ""), deploy.ApplyOptions{})
	refusal, ok := errors.AsType[*component.Refusal](err)
	if !ok || len(refusal.Problems) != 1 || refusal.Problems[0].Component != "ledger" {
		t.Fatalf("err = %v, want a refusal to move ledger", err)
	}
	if pid, _ := r.call(2); pid != r.unit("main").PID {
		t.Errorf("plain moved to process %d though the split was refused", pid)
	}
}

func TestFailedMoveLeavesAllAsItWas(t *testing.T) {
	r := start(t, planOf(t, split.Micro, "file"))
	before, _ := r.call(1)
	plan := planOf(t, split.Monolith, "file")
	r.say("lock", "locked") // ledger moves first, and then plain can't
	err := r.apply(plan, deploy.ApplyOptions{Drain: 2 * time.Second})
	if err == nil || !strings.Contains(err.Error(), "no calls wanted here") {
		t.Fatalf("err = %v, want that of the constructor", err)
	}
	if pid, count := r.call(2); pid != before || count != 2 {
		t.Errorf("plain in process %d, was in %d; count %d", pid, before, count)
	}
	if st := r.status(); st.Split != split.Micro || len(st.Units) != 3 {
		t.Errorf("status: %+v", st)
	}
}

// TestUnitTakesInWhatItHasNotOpened gives a unit that stopped at its first Open
// a component of a later one.
func TestUnitTakesInWhatItHasNotOpened(t *testing.T) {
	cfg := &split.Config{Splits: map[string]split.Split{
		"one": {Units: map[string]split.Unit{"main": {Components: []string{"*"}}, "back": {Components: []string{"plain"}}}},
		"two": {Units: map[string]split.Unit{"main": {Components: []string{"*"}}, "back": {Components: []string{"plain", "ledger"}}}},
	}}
	plan := func(name string) *split.Plan {
		p, err := split.New(cfg, name, facts("file"))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	r := start(t, plan("one"))
	first, _ := r.call(1)
	for i, name := range []string{"two", "one", "two"} {
		if err := r.apply(plan(name), deploy.ApplyOptions{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pid, count := r.call(i + 2)
		back := r.unit("back")
		if pid == first || pid != back.PID || count != int64(i+2) {
			t.Errorf("%s: plain in process %d (was %d), count %d; unit back is %+v", name, pid, first, count, back)
		}
	}
	if units := r.status().Units; len(units) != 2 {
		t.Errorf("units: %+v", units)
	}
	// Killed, it comes back with what it hosts by now.
	pid, _ := r.call(5)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.ev.await(t, "back", "restarting")
	if again, count := r.call(6); again == pid || count != 6 {
		t.Errorf("process %d after %d, count %d", again, pid, count)
	}
}

// TestEndpointApart serves one endpoint beside its component's unit, from the
// start and by an apply.
func TestEndpointApart(t *testing.T) {
	cfg := &split.Config{Splits: map[string]split.Split{"apart": {Units: map[string]split.Unit{
		"main": {Components: []string{"*"}}, "side": {Endpoints: []string{"plain.Act"}},
	}}}}
	apart, err := split.New(cfg, "apart", facts("file"))
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, apart)
	side := r.unit("side").PID
	eventually(t, "Act is served apart", func() error {
		if pid, _ := r.call(1); pid != side {
			return fmt.Errorf("in process %d, unit side is %d", pid, side)
		}
		return nil
	})
	if err := r.apply(planOf(t, split.Monolith, "file"), deploy.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if pid, _ := r.call(2); pid != r.unit("main").PID {
		t.Errorf("in process %d after all went into main", pid)
	}
	if err := r.apply(apart, deploy.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if pid, _ := r.call(3); pid != r.unit("side").PID {
		t.Errorf("in process %d, unit side is %d", pid, r.unit("side").PID)
	}
	if files, err := filepath.Glob(filepath.Join(r.dir, fmt.Sprintf("plain.%d.calls", r.unit("side").PID))); err != nil || len(files) != 1 {
		t.Errorf("journals of unit side: %v %v", files, err)
	} else if info, err := os.Stat(files[0]); err != nil || info.Size() != 0 {
		t.Errorf("Add ran in unit side, which serves Act alone: %v %v", info, err)
	}
}

// TestMessageIsTheRunTimes holds the two ends of the control protocol together.
func TestMessageIsTheRunTimes(t *testing.T) {
	var same func(a, b reflect.Type)
	same = func(a, b reflect.Type) {
		if a.Kind() != b.Kind() {
			t.Errorf("%v is a %v, %v a %v", a, a.Kind(), b, b.Kind())
			return
		}
		switch a.Kind() {
		case reflect.Slice:
			same(a.Elem(), b.Elem())
		case reflect.Struct:
			if a.NumField() != b.NumField() {
				t.Errorf("%v has %d fields, %v has %d", a, a.NumField(), b, b.NumField())
				return
			}
			for i := range a.NumField() {
				if fa, fb := a.Field(i), b.Field(i); fa.Name != fb.Name || fa.Tag != fb.Tag {
					t.Errorf("%v.%s %s, %v.%s %s", a, fa.Name, fa.Tag, b, fb.Name, fb.Tag)
				} else {
					same(fa.Type, fb.Type)
				}
			}
		}
	}
	same(reflect.TypeFor[Message](), reflect.TypeFor[link.Message]())
}
