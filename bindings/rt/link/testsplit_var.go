//go:build unweldtest

package link

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// A testVar is a package of functions in a test under a split.
type testVar struct {
	component string
	redirect  func() // to where resolve says, from the next call on

	once    sync.Once // in the process of the tests: starting it
	process *testProcess
	address string
	err     error

	serve func() (string, error) // if it is hosted here
}

// openVarInTest is OpenVar in a test binary under a split.
func openVarInTest(in *instance, impl any) error {
	ts, err := currentTests()
	if err != nil {
		return err
	}
	in.withScratch(ts)
	in.impl = impl
	for i := range in.routed {
		in.install(i, impl, nil)
	}
	if err := in.unit.add(in); err != nil {
		return err
	}
	v := &testVar{component: in.component}
	v.redirect = func() {
		r := in.newRemote(Address{})
		r.address = ""
		r.call = func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
			return ts.callVar(ctx, v, in.hello(), endpoint, request)
		}
		to := in.client(r)
		for i := range in.routed {
			in.install(i, to, r)
		}
	}
	v.serve = func() (string, error) {
		if !in.hosted.Load() {
			return "", fmt.Errorf("%s isn't initialized yet", in.component)
		}
		free, err := ts.freeAddress(in.component)
		if err != nil {
			return "", err
		}
		return in.unit.serve(free, in.target())
	}
	ts.mu.Lock()
	ts.vars[in.component] = v
	ts.mu.Unlock()
	if _, apart := ts.split.apart(in.component); apart && ts.host == nil {
		v.redirect()
	}
	return nil
}

// startInTest is Start in a test binary under a split.
func startInTest(u *unit, component string) error {
	ts, err := currentTests()
	if err != nil {
		return err
	}
	u.mu.Lock()
	in := u.findLocked(component)
	u.mu.Unlock()
	if in == nil {
		return nil
	}
	if _, apart := ts.split.apart(component); apart && ts.host == nil {
		return nil // its process is started by the first call
	}
	target := ts.host != nil && ts.host.Target == "" && ts.host.Component == component
	if target {
		if err := ts.reach(); err != nil {
			ts.fail(NewErrors(), err)
		}
	}
	if err := in.start(context.Background()); err != nil {
		if target {
			ts.fail(NewErrors(), err)
		}
		return err
	}
	if target {
		ts.serveUntilOrphaned(in.host(context.Background(), ts.host.Address))
	}
	return nil
}

// callVar sends a call to the one process that hosts the package's functions.
func (ts *tests) callVar(ctx context.Context, v *testVar, hello Hello, endpoint int, request []byte) (Reply, error) {
	if ts.host != nil && inCleanup() {
		return Reply{}, Failed(NotExecuted, errReplayed)
	}
	address, err := ts.resolve(v)
	if err != nil {
		return Reply{}, Failed(NotExecuted, err)
	}
	a, err := ParseAddress(address)
	if err != nil {
		return Reply{}, Failed(NotExecuted, err)
	}
	p := ts.unit.peers.get(a, hello)
	call := func(ctx context.Context, endpoint int, request []byte) (Reply, error) {
		return p.call(ctx, endpoint, request, nil)
	}
	if v.process != nil {
		call = explaining(v.process, call)
	}
	return call(ctx, endpoint, request)
}

var errReplayed = errors.New("released by a process that only repeats a test; the test itself may hold it")

// inCleanup reports whether a finalizer or a cleanup makes the call. In a
// process that has repeated a test, that would release a handle which stands
// for the same object as one that the test still holds.
func inCleanup() bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		switch f.Function {
		case "runtime.runCleanups", "runtime.runFinalizers", "runtime.runfinq":
			return true
		}
		if !more {
			return false
		}
	}
}

// resolve says where a package of functions is reached from other processes.
func (ts *tests) resolve(v *testVar) (string, error) {
	v.once.Do(func() {
		_, apart := ts.split.apart(v.component)
		switch {
		case ts.host != nil && ts.host.Component == v.component && ts.host.Target == "":
			v.address = ts.host.Address
		case ts.host != nil:
			v.address, v.err = ts.ask(v.component)
		case apart:
			v.address, v.process, v.err = ts.spawnVar(v.component)
		default:
			v.address, v.err = v.serve()
		}
	})
	return v.address, v.err
}

func (ts *tests) spawnVar(component string) (string, *testProcess, error) {
	address, err := ts.freeAddress(component)
	if err != nil {
		return "", nil, err
	}
	host := testHost{Component: component, Site: "its init function", Address: address}
	p, address, err := ts.spawn(context.Background(), host, "", NewErrors())
	return address, p, err
}

// ask asks the parent where a package of functions is.
func (ts *tests) ask(component string) (string, error) {
	c := make(chan testMessage, 1)
	ts.mu.Lock()
	ts.asked[component] = append(ts.asked[component], c)
	ts.mu.Unlock()
	ts.say(testMessage{Need: component})
	select {
	case m := <-c:
		if m.Error != "" {
			return "", errors.New(m.Error)
		}
		return m.Address, nil
	case <-ts.orphan:
		return "", ErrClosed
	}
}

// answer is the other side of ask.
func (ts *tests) answer(component string) testMessage {
	ts.mu.Lock()
	v := ts.vars[component]
	ts.mu.Unlock()
	m := testMessage{Component: component}
	if v == nil {
		m.Error = fmt.Sprintf("%s has not been initialized in the process of the tests", component)
		return m
	}
	var err error
	if m.Address, err = ts.resolve(v); err != nil {
		m.Error = err.Error()
	}
	return m
}
