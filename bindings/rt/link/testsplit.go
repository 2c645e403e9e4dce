//go:build unweldtest

package link

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// Tests under a split. UNWELD_TEST_SPLIT in the environment of a test binary
// makes it spread over processes what the split spreads over units, without a
// change to the tests. Its value is JSON:
//
//	{"split": "micro",
//	 "entry": "web",                         the unit in which the tests run
//	 "units": [{"name": "web", "components": ["orders"]},
//	           {"name": "backend", "components": ["pricing"]}],
//	 "links": {"pricing": "unix:"},          a scheme, or an address
//	 "stats": "/tmp/x",                      folder for the counts
//	 "temp": "/tmp/x/t",                     folder for the temporary files of processes
//	 "addresses": "/tmp/x/addresses"}        unix socket that gives addresses
//
// At that socket {"component": NAME} is answered by {"address": A}, one that
// nobody else has and that the component's link can have, or by {"error": WHY}.
//
// None of this is part of a program: `unweld test` adds the files with the
// constraint unweldtest to the package while it builds test binaries, in place
// of notest.go.
//
// The go command doesn't know that results depend on it: run it with -count=1.
//
// A component of no unit, or of the entry unit, stays where the test opens it.
// The others can't be constructed elsewhere from what Open is given, a closure.
// So Open starts the same test binary again, for the same test: that process
// runs the test as a monolith up to the same Open. There it turns every value
// that the test has opened so far towards the instance that the first process
// has, constructs, serves and stays until its standard input ends. Each
// instance has a process of its own, also when two share a unit.
//
// A package of functions (OpenVar) is constructed when the program starts, so
// its process is started by the first call, with no test to run.
//
// Which Open is meant is said by the test's name, the functions and lines on
// the stack, and how many Opens with just that stack came before. That is the
// same in both processes unless subtests that run in parallel reach one line
// in changing order. What the test does outside the process, such as opening a
// port of a fixed number, it does in each process.
//
// A process ends without the cleanup of the test that it has run up to its Open.
// So each has a temporary folder of its own below "temp". It is removed when the
// process has ended, and with "temp" by whoever runs the tests if this process has
// ended before.
//
// A component that keeps its state in a store gets a new one at each Open,
// unless UNWELD_STATE_<COMPONENT> says where.
//
// At its end a process leaves NAME.json in the folder, an array of
// EndpointStats: served are the calls that crossed to what it hosted, called
// those that it made to others. While NAME.live is there the counts are still
// to come; it goes when they are written or the process has died.
const envTestHost = "UNWELD_TEST_HOST" // in the processes that a test starts: a testHost

// A testSplit is the value of UNWELD_TEST_SPLIT.
type testSplit struct {
	Split string            `json:"split"`
	Entry string            `json:"entry"`
	Units []testUnit        `json:"units"`
	Links map[string]string `json:"links"`
	Stats string            `json:"stats"`
	Temp  string            `json:"temp"` // empty: that of this process

	Addresses string `json:"addresses"`
	// StartMS bounds how long a process may take to reach its Open; 0: 60 s.
	StartMS int64 `json:"startMs"`
}

type testUnit struct {
	Name       string   `json:"name"`
	Components []string `json:"components"`
}

// A testHost tells a process that a test started what it is there for.
type testHost struct {
	Component string            `json:"component"`
	Target    string            `json:"target"` // testPlace.path of the Open; empty: OpenVar
	Site      string            `json:"site"`   // the same for people
	Address   string            `json:"address"`
	Links     map[string]string `json:"links"` // path or line of earlier Opens -> address
	Counts    string            `json:"counts"`
}

// apart returns the unit of a component that isn't hosted where the tests run.
func (s *testSplit) apart(component string) (string, bool) {
	for _, u := range s.Units {
		if slices.Contains(u.Components, component) && u.Name != s.Entry {
			return u.Name, !strings.HasPrefix(s.Links[component], "inproc")
		}
	}
	return "", false
}

// A testStart is what the process was started with, before a test could change
// its environment or folder.
type testStart struct {
	split, host string
	env, args   []string
	dir         string
	stdin       *os.File
	stdout      *os.File
}

var startedTest = captureTest()

// captureTest returns nil in any process but a test binary under a split.
func captureTest() *testStart {
	split := os.Getenv(envTestSplit)
	if split == "" || !isTestBinary() {
		return nil
	}
	s := &testStart{split: split, host: os.Getenv(envTestHost), args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout}
	_ = os.Unsetenv(envTestHost) // what the test itself starts isn't part of this
	s.env = os.Environ()
	s.dir, _ = os.Getwd()
	if s.host == "" {
		return s
	}
	if null, err := os.Open(os.DevNull); err == nil {
		os.Stdin = null // as under go test; the real one says how long to live
	}
	return s
}

// tests is this process as one of those that run a test under a split.
type tests struct {
	start *testStart
	split testSplit
	host  *testHost // nil in the process that go test started
	unit  *unit

	mu      sync.Mutex
	reached bool           // the host's Open
	seen    map[string]int // Opens per place
	opens   []testOpen
	vars    map[string]*testVar
	serial  int
	live    int // processes started here that haven't ended

	asked  map[string][]chan testMessage // of the parent, by component
	orphan chan struct{}                 // closed when the parent is gone
}

// A testOpen is a component that a test has opened in this process.
type testOpen struct {
	at       testPlace
	address  func() (string, error) // where other processes reach it; empty: not any more
	redirect func(address string) error
}

var currentTests = sync.OnceValues(func() (*tests, error) {
	u, err := thisUnit()
	if err != nil {
		return nil, err
	}
	ts := &tests{start: startedTest, unit: u, seen: make(map[string]int), vars: make(map[string]*testVar),
		asked: make(map[string][]chan testMessage), orphan: make(chan struct{})}
	if err := json.Unmarshal([]byte(ts.start.split), &ts.split); err != nil {
		return nil, fmt.Errorf("%s: %w; run the tests with unweld test", envTestSplit, err)
	}
	if ts.start.host == "" {
		return ts, nil
	}
	ts.host = new(testHost)
	if err := json.Unmarshal([]byte(ts.start.host), ts.host); err != nil {
		return nil, fmt.Errorf("%s: %w", envTestHost, err)
	}
	go ts.listen()
	return ts, nil
})

// replaying reports whether this process is on its way to the Open that it is
// there for: until then it is a monolith.
func (ts *tests) replaying() bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.host != nil && !ts.reached
}

// ownUnit is the unit that this process stands for.
func (ts *tests) ownUnit() string {
	if ts.host == nil {
		return ts.split.Entry
	}
	unit, _ := ts.split.apart(ts.host.Component)
	return unit
}

// openInTest is Open in a test binary under a split.
func openInTest(ctx context.Context, in *instance) error {
	ts, err := currentTests()
	if err != nil {
		return err
	}
	in.withScratch(ts)
	unit, apart := ts.split.apart(in.component)
	at, lost := ts.locate(in.component)
	switch {
	case ts.replaying():
		if lost == nil && at.path == ts.host.Target {
			hostInTest(ctx, ts, in)
		}
	case apart && lost != nil:
		return fmt.Errorf("%s runs in another process under the split %s: %w", in.component, ts.split.Split, lost)
	case apart && unit != ts.ownUnit():
		return openApart(ctx, ts, in, at)
	}
	if err := in.start(ctx); err != nil {
		return err
	}
	if to := ts.split.Links[in.component]; strings.HasPrefix(to, "inproc:") && ts.host == nil {
		if err := in.routeAll(to); err != nil {
			return err
		}
	}
	if lost == nil {
		rememberLocal(ts, in, at)
	}
	return nil
}

// withScratch gives every instance a store of its own: those of one test must
// not find what another left, nor a process the store of the one it repeats.
func (in *instance) withScratch(ts *tests) {
	if in.store != nil {
		in.store = scratch{in.store, ts}
	}
}

// A scratch is a store for an instance in a test.
type scratch struct {
	store
	ts *tests
}

func (s scratch) open(ctx context.Context, in *instance, impl any) (any, error) {
	location, err := in.unit.state(in.component)
	if err != nil {
		return nil, err
	}
	if location == "" || s.ts.replaying() {
		location = "memory:"
	}
	return s.store.(interface {
		openAt(ctx context.Context, location string, impl any) (any, error)
	}).openAt(ctx, location, impl)
}

// remember notes an Open, so that processes started later can reach it.
func (ts *tests) remember(o testOpen) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.opens = append(ts.opens, o)
}
