// Package splittest runs a module's own tests under splits: the go command
// runs them, the run-time in the generated code spreads each test binary over
// processes, and this package puts the results and the number of calls that
// really crossed side by side.
//
// It runs code of the module, as `go test` does, and changes nothing in it.
package splittest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/scratch"
	"github.com/unweld/unweld/internal/split"
)

// environment is the variable that the run-time reads; its documentation is in
// the run-time's testsplit.go.
const environment = "UNWELD_TEST_SPLIT"

// countsLimit bounds the wait for the counts of processes that are ending.
const countsLimit = 10 * time.Second

// folderLimit bounds the path of the run's folder, in bytes: it holds sockets,
// whose paths may have about a hundred.
const folderLimit = 60

// Options say what to run.
type Options struct {
	Dir   string        // where the go command runs
	Plans []*split.Plan // one run of the tests for each
	Args  []string      // of go test: flags and packages
	// Overlay replaces files while the tests are built, by absolute path; nil
	// content takes a file away. It is laid over what -overlay in Args or
	// GOFLAGS says.
	Overlay map[string][]byte
	Schemes split.Schemes // that links can have
	// Bindings are those that each component has, by name.
	Bindings map[string][]string
	Progress func(string) // may be nil
}

// A Run is the result of the tests under one split.
type Run struct {
	Split    string    `json:"split"`
	OK       bool      `json:"ok"`
	Reason   string    `json:"reason,omitempty"` // why it isn't OK, if no test says so
	Packages []Package `json:"packages"`         // sorted
	Passed   int       `json:"passed"`           // tests, with subtests
	Failed   int       `json:"failed"`
	Skipped  int       `json:"skipped"`
	// Crossings are the calls that reached another process, counted there.
	Crossings []Crossing `json:"crossings"`
	Crossed   int64      `json:"crossed"` // their sum
	Seconds   float64    `json:"seconds"`
	Output    string     `json:"output,omitempty"` // of what failed
}

// A Package is the result of one package's tests.
type Package struct {
	Path   string `json:"path"`
	Result string `json:"result"` // pass, fail, skip (no tests)
}

// A Crossing counts the calls of one endpoint.
type Crossing struct {
	Component string `json:"component"`
	Endpoint  string `json:"endpoint"`
	Calls     int64  `json:"calls"`
}

// Tests runs the tests under each plan, one after the other. Failing tests are
// a result, not an error; an error means that the tests could not be run.
func Tests(ctx context.Context, o Options) ([]Run, error) {
	var runs []Run
	for _, plan := range o.Plans {
		if o.Progress != nil {
			o.Progress("testing under " + plan.Split)
		}
		run, err := one(ctx, o, plan)
		if err != nil {
			return nil, fmt.Errorf("test under %s: %w", plan.Split, err)
		}
		runs = append(runs, run)
	}
	return runs, nil
}

func one(ctx context.Context, o Options, plan *split.Plan) (Run, error) {
	dir, remove, err := scratch.Short("unweld-test", folderLimit)
	if err != nil {
		return Run{}, err
	}
	defer remove()
	addresses, err := OpenAddresses(ctx, plan, o, split.Opening{Dir: dir, Progress: o.Progress})
	if err != nil {
		return Run{}, err
	}
	defer addresses.Close() //nolint:errcheck // the run is over
	stats := filepath.Join(dir, "counts")
	if err := os.Mkdir(stats, 0o700); err != nil {
		return Run{}, err
	}
	temp := filepath.Join(dir, "t")
	if err := os.Mkdir(temp, 0o700); err != nil {
		return Run{}, err
	}
	d := describe(plan, stats, addresses.Socket)
	d.Temp = temp
	value, err := json.Marshal(d)
	if err != nil {
		return Run{}, err
	}
	args, err := Overlay{Dir: o.Dir, Folder: dir, Files: o.Overlay}.Flags(o.Args)
	if err != nil {
		return Run{}, err
	}
	// The go command's cache of test results knows nothing of splits.
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-count=1"}, args...)...)
	cmd.Dir = o.Dir
	cmd.Env = append(os.Environ(), environment+"="+string(value))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = countsLimit
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	started := time.Now()
	runErr := cmd.Run()
	if err := ctx.Err(); err != nil {
		return Run{}, err
	}
	if _, exited := errors.AsType[*exec.ExitError](runErr); runErr != nil && !exited {
		return Run{}, runErr
	}
	run := read(plan.Split, &stdout)
	run.Seconds = time.Since(started).Seconds()
	run.Output += stderr.String()
	if run.Crossings, err = counts(ctx, stats); err != nil {
		return Run{}, err
	}
	for _, c := range run.Crossings {
		run.Crossed += c.Calls
	}
	run.judge(plan, runErr)
	return run, nil
}

// judge decides whether a run is a pass.
func (r *Run) judge(plan *split.Plan, runErr error) {
	switch {
	case r.Failed > 0:
	case runErr != nil:
		r.Reason = "the go command failed: " + runErr.Error()
	case r.Passed == 0:
		r.Reason = "no test was run"
	case r.Crossed == 0 && len(apart(plan)) > 0:
		r.Reason = "no call crossed a process, so the split was not tested; do these tests go through the composition root?"
	default:
		r.OK = true
	}
}

// description is the run-time's format.
type description struct {
	Split string            `json:"split"`
	Entry string            `json:"entry"`
	Units []unit            `json:"units"`
	Links map[string]string `json:"links"`
	Stats string            `json:"stats"`
	Temp  string            `json:"temp,omitempty"`

	Addresses string `json:"addresses"`
}

type unit struct {
	Name       string   `json:"name"`
	Components []string `json:"components"`
}

func describe(plan *split.Plan, stats, addresses string) description {
	d := description{Split: plan.Split, Entry: plan.Entry, Units: []unit{}, Links: map[string]string{}, Stats: stats, Addresses: addresses}
	for _, u := range plan.Units {
		d.Units = append(d.Units, unit{u.Name, u.Components})
	}
	for _, l := range plan.Links {
		if l.Endpoint == "" {
			d.Links[l.Component] = l.Address
		}
	}
	return d
}

// apart lists the components outside the entry unit.
func apart(plan *split.Plan) []string {
	var names []string
	for _, u := range plan.Units {
		if u.Name != plan.Entry {
			names = append(names, u.Components...)
		}
	}
	return names
}

// An event is a line of go test -json; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// read collects the events. What isn't an event (the go command's own
// messages) is kept as output.
func read(name string, stdout *bytes.Buffer) Run {
	run := Run{Split: name, Packages: []Package{}}
	output := map[string][]string{} // by package and test
	unfinished := running{}
	var failed []string
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				run.Output += line
			} else if key := run.add(e, output); key != "" {
				failed = append(failed, key)
				failed = append(failed, unfinished.of(e)...)
			} else {
				unfinished.note(e)
			}
		}
		if err != nil {
			break
		}
	}
	for _, key := range failed {
		run.Output += strings.Join(output[key], "")
	}
	slices.SortFunc(run.Packages, func(a, b Package) int { return cmp.Compare(a.Path, b.Path) })
	return run
}

// running are the tests that have begun and not ended, by package. When a test binary dies
// or is out of time, what it said last is theirs.
type running map[string][]string

func (r running) note(e event) {
	switch e.Action {
	case "run":
		r[e.Package] = append(r[e.Package], e.Test)
	case "pass", "skip":
		r.end(e)
	}
}

func (r running) end(e event) {
	r[e.Package] = slices.DeleteFunc(r[e.Package], func(name string) bool { return name == e.Test })
}

// of returns the keys of the output of what had not ended when a package failed.
func (r running) of(e event) (keys []string) {
	r.end(e)
	if e.Test != "" || e.ImportPath != "" {
		return nil
	}
	for _, name := range r[e.Package] {
		keys = append(keys, e.Package+" "+name)
	}
	delete(r, e.Package)
	return keys
}

// add takes one event, and returns the key of the output of what failed.
func (r *Run) add(e event, output map[string][]string) (failed string) {
	key := e.Package + " " + e.Test
	if e.ImportPath != "" {
		key = "build " + e.ImportPath
	}
	switch e.Action {
	case "output", "build-output":
		output[key] = append(output[key], e.Output)
	case "build-fail":
		return key
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.Packages = append(r.Packages, Package{e.Package, e.Action})
		} else {
			r.count(e.Action)
		}
		if e.Action == "fail" {
			if e.Test == "" {
				r.Failed = max(r.Failed, 1) // a package may fail without a failing test
			}
			return key
		}
	}
	return ""
}

func (r *Run) count(action string) {
	switch action {
	case "pass":
		r.Passed++
	case "fail":
		r.Failed++
	case "skip":
		r.Skipped++
	}
}

// counts adds up what the processes of the tests left in dir, once those that
// are still ending have written theirs.
func counts(ctx context.Context, dir string) ([]Crossing, error) {
	deadline := time.Now().Add(countsLimit)
	for {
		live, err := filepath.Glob(filepath.Join(dir, "*.live"))
		if err != nil || len(live) == 0 || time.Now().After(deadline) {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	sums := map[[2]string]int64{}
	for _, file := range files {
		var stats []struct {
			Component, Endpoint string
			Served              int64
		}
		content, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(content, &stats); err != nil {
			return nil, fmt.Errorf("counts of a test process: %w", err)
		}
		for _, s := range stats {
			sums[[2]string{s.Component, s.Endpoint}] += s.Served
		}
	}
	crossings := []Crossing{}
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	}) {
		if sums[k] > 0 {
			crossings = append(crossings, Crossing{k[0], k[1], sums[k]})
		}
	}
	return crossings, nil
}
