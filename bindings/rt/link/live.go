//go:build !unweldplain

package link

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// This file and those that begin alike are what it takes to replace routes while
// the program runs, and to be told to: they are only part of the programs that
// `unweld split run` and `unweld test` build, over files of generated code that
// are as well. plain.go stands for them everywhere else.

// A routeState is what a swap keeps of a route.
type routeState struct {
	// released counts the calls under way that had been parked at a Guard and
	// went on here; on the stack they look like calls that their Guard counts.
	released atomic.Int64
	// instance lives as long as somebody holds the service value.
	instance *instance
}

// A Swappable is a service value whose routes can be replaced.
type Swappable interface {
	// UnweldGuard returns a value of the contract's type whose calls go
	// through the guard.
	UnweldGuard(*Guard) any
	// UnweldCalls returns, for each endpoint, the methods of the service value
	// and of the guarded form as functions: (*service).Quote and
	// guarded.Quote. A swap recognises calls on stacks by their names. Without
	// them it has to wait for the garbage collector.
	UnweldCalls() [][2]any
}

// swapping is what an instance knows of its routes.
type swapping struct {
	op       sync.Mutex // one change at a time
	ends     []end      // guarded by the instance's mu
	mark     *mark
	arrivals []incoming // the marks of the calls that arrive, by endpoint
	timings  []timing   // of the calls to other processes, by endpoint
}

// An end is where the calls of one endpoint go.
type end struct {
	to     any
	remote *Remote // nil: in this process
	guard  *Guard  // nil: nobody counts the calls
	gated  bool
	// uncounted is the route before the guard, while calls may be under way on
	// it that nobody counts.
	uncounted *weak.Pointer[routeState]
	left      chan struct{} // of a remote end: closed when new calls don't go there
}

func (in *instance) prepare() {
	in.mark, in.ends, in.timings = &mark{component: in.component}, make([]end, in.routed), make([]timing, len(in.endpoints))
	for i := range in.endpoints {
		in.arrivals = append(in.arrivals, incoming{in.mark, i})
	}
}

// leave tells the calls that wait for a connection to the end to go where new
// calls go.
func (e *end) leave() {
	if e.left != nil {
		close(e.left)
		e.left = nil
	}
}

// leftFrom is closed once the endpoint's new calls don't go to remote.
func (in *instance) leftFrom(endpoint int, remote *Remote) <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	if e := in.ends[endpoint]; e.remote == remote && e.left != nil {
		return e.left
	}
	return alreadyLeft
}

var alreadyLeft = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// install sends the endpoint's calls to a new place. Calls parked at its gate,
// if it has one, go on there.
func (in *instance) install(endpoint int, to any, remote *Remote) {
	var g *Guard
	target := to
	if s, ok := in.service.(Swappable); ok && in.unit.counting() && remote == nil {
		g = in.newGuard(endpoint, to)
		target = s.UnweldGuard(g)
	}
	next := end{to: to, remote: remote, guard: g}
	if remote != nil {
		next.left = make(chan struct{})
	}
	in.mu.Lock()
	old := in.ends[endpoint]
	in.ends[endpoint] = next
	in.route(endpoint, target).instance = in
	in.mu.Unlock()
	old.leave()
	if old.gated {
		old.guard.forward()
	}
}

// where tells where an endpoint's calls go: to a Remote, to this process
// (both nil), or nowhere until the channel is closed.
func (in *instance) where(endpoint int) (*Remote, <-chan struct{}) {
	in.mu.Lock()
	defer in.mu.Unlock()
	e := in.ends[endpoint]
	if e.gated {
		return nil, e.guard.gate.Load().opened
	}
	return e.remote, nil
}

// endpointsNamed gives the indexes of endpoints; of all when none is named.
func (in *instance) endpointsNamed(names []string) ([]int, error) {
	var out []int
	if len(names) == 0 {
		for i := range in.routed {
			out = append(out, i)
		}
	}
	for _, n := range names {
		i := in.endpoint(n)
		if i < 0 {
			return nil, fmt.Errorf("%s has no endpoint %s", in.component, n)
		}
		out = append(out, i)
	}
	return out, nil
}

// endpoint returns the index of the endpoint with the given name, or -1.
func (in *instance) endpoint(name string) int {
	for i := range in.routed {
		if in.endpoints[i].Name == name {
			return i
		}
	}
	return -1
}

// gate parks new calls of the endpoints and waits for those executed here.
func (in *instance) gate(ctx context.Context, names []string) error {
	in.op.Lock()
	defer in.op.Unlock()
	es, err := in.endpointsNamed(names)
	if err != nil {
		return err
	}
	return in.gateLocked(ctx, es)
}

// redirect sends the endpoints to another address, without losing a call: it
// gates them first unless that has been done.
func (in *instance) redirect(ctx context.Context, names []string, address string) error {
	in.op.Lock()
	defer in.op.Unlock()
	es, err := in.endpointsNamed(names)
	if err != nil {
		return err
	}
	to, remote, err := in.destination(address)
	if err != nil {
		return err
	}
	if err := in.gateLocked(ctx, es); err != nil {
		return err
	}
	for _, e := range es {
		in.install(e, in.place(e, to, remote), remote)
	}
	return nil
}

// host constructs the component here and serves it at address. Its own callers
// in this unit go on as they were until they are routed.
func (in *instance) host(ctx context.Context, address string) (string, error) {
	in.op.Lock()
	defer in.op.Unlock()
	if in.hosted.Load() {
		return in.unit.serve(address, in.target())
	}
	impl, err := in.make(ctx)
	if err != nil {
		return "", err
	}
	in.mu.Lock()
	in.impl = impl
	in.mu.Unlock()
	in.hosted.Store(true)
	at, err := in.unit.serve(address, in.target())
	if err != nil {
		return "", errors.Join(err, in.discard())
	}
	return at, nil
}

// unhost stops serving the component, waits for its calls and closes it. The
// unit's own callers stay at the gate until they are routed.
func (in *instance) unhost(ctx context.Context) error {
	in.op.Lock()
	defer in.op.Unlock()
	if !in.hosted.Load() {
		return nil
	}
	var here []int
	in.mu.Lock()
	for i, e := range in.ends {
		if e.remote == nil {
			here = append(here, i)
		}
	}
	in.mu.Unlock()
	if err := in.gateLocked(ctx, here); err != nil {
		return err
	}
	return in.discard()
}

var errBusy = errors.New("calls are still under way")

// incomingKey is the context key of an *incoming: which call from outside the
// context belongs to.
type incomingKey struct{}

type incoming struct {
	mark     *mark
	endpoint int
}

// arrival says in a context which call from outside it belongs to.
func (in *instance) arrival(ctx context.Context, endpoint int) context.Context {
	return context.WithValue(ctx, incomingKey{}, &in.arrivals[endpoint])
}

// reroute repeats a call that came too late at its old place: it asks the
// endpoint's present route, again and again until that has changed.
func (in *instance) reroute(ctx context.Context, late Answer, endpoint int, request []byte) Answer {
	limit := time.Now().Add(rerouteLimit)
	for pause := reroutePauseMin; time.Now().Before(limit); pause = min(2*pause, reroutePauseMax) {
		to, wait := in.where(endpoint)
		switch {
		case wait != nil:
			select {
			case <-wait:
				continue
			case <-ctx.Done():
				return late
			case <-time.After(time.Until(limit)):
				return late
			}
		case to == nil:
			return in.serveHere(ctx, endpoint, request)
		}
		again := to.once(ctx, endpoint, request)
		if again.Failed == nil || !to.late(endpoint, again.Failed) {
			return again
		}
		late = again
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return late
		}
	}
	return late
}

// serveHere executes an encoded request on the implementation in this process,
// through the routes, so that a swap sees the call.
func (in *instance) serveHere(ctx context.Context, endpoint int, request []byte) Answer {
	body, err := in.on(in.service)(ctx, endpoint, string(request), nil)
	// If a handler has made this call, its own wasn't malformed; see Target.
	var bad error
	switch e := err.(type) {
	case *malformedError:
		bad = e
	case *refusedError:
		bad = e.err
	default:
		return Answer{Body: string(body), Err: err}
	}
	failed := &Error{Component: in.component, Endpoint: in.endpoints[endpoint].Name, Outcome: NotExecuted, Err: bad}
	return Answer{Failed: failed, Err: failed}
}

// counting reports whether this process counts in-process calls too.
func (u *unit) counting() bool { return u.getenv(envCount) == "1" }

// attach connects the unit to what commands it.
func (u *unit) attach() error { return u.dialControl() }

// opened tells the supervisor that a component is open in this unit.
func (u *unit) opened(component string, hosted bool) {
	u.tell(Message{Type: "open", Component: component, Hosted: hosted})
}

// ready tells the supervisor where a component is reached.
func (u *unit) ready(component, address string) {
	u.tell(Message{Type: "ready", Component: component, Address: address})
}
