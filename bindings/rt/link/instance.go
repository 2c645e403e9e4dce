package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"weak"
)

// An instance is one opened component: the value that the program holds, where
// each of its endpoints goes now, and the implementation if it is hosted here.
type instance[S any] struct {
	contract  *Contract[S]
	unit      *unit
	service   S
	routes    Routes[S]
	errors    *Errors
	counts    []endpointCount
	mark      *mark
	construct func(context.Context) (S, error)

	op     sync.Mutex // one change at a time
	hosted atomic.Bool

	mu   sync.Mutex // guards what follows; held briefly
	ends []end[S]
	impl S
}

// An end is where the calls of one endpoint go.
type end[S any] struct {
	to     S
	remote *Remote   // nil: in this process
	guard  *Guard[S] // nil: nobody counts the calls
	gated  bool
	// uncounted is the route before the guard, while calls may be under way on
	// it that nobody counts.
	uncounted *weak.Pointer[Route[S]]
	left      chan struct{} // of a remote end: closed when new calls don't go there
}

// leave tells the calls that wait for a connection to the end to go where new
// calls go.
func (e *end[S]) leave() {
	if e.left != nil {
		close(e.left)
		e.left = nil
	}
}

// leftFrom is closed once the endpoint's new calls don't go to remote.
func (in *instance[S]) leftFrom(endpoint int, remote *Remote) <-chan struct{} {
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

func newInstance[S any](u *unit, c *Contract[S], construct func(context.Context) (S, error)) *instance[S] {
	in := &instance[S]{
		contract: c, unit: u, construct: construct, errors: c.Errors,
		counts: make([]endpointCount, len(c.Endpoints)),
		mark:   &mark{component: c.Component},
		ends:   make([]end[S], len(c.Endpoints)),
	}
	if in.errors == nil {
		in.errors = innerErrors()
	}
	in.service, in.routes = c.New()
	return in
}

// install sends the endpoint's calls to a new place. Calls parked at its gate,
// if it has one, go on there.
func (in *instance[S]) install(endpoint int, to S, remote *Remote) {
	var g *Guard[S]
	target := to
	if in.unit.counting && remote == nil {
		g = in.newGuard(endpoint, to)
		target = in.contract.Guard(g)
	}
	next := end[S]{to: to, remote: remote, guard: g}
	if remote != nil {
		next.left = make(chan struct{})
	}
	in.mu.Lock()
	old := in.ends[endpoint]
	in.ends[endpoint] = next
	in.routes[endpoint].Store(&Route[S]{To: target})
	in.mu.Unlock()
	old.leave()
	if old.gated {
		old.guard.forward()
	}
}

// present tells where an endpoint's calls go: to a Remote, to this process
// (both nil), or nowhere until the channel is closed.
func (in *instance[S]) present(endpoint int) (*Remote, <-chan struct{}) {
	in.mu.Lock()
	defer in.mu.Unlock()
	e := in.ends[endpoint]
	if e.gated {
		return nil, e.guard.gate.Load().opened
	}
	return e.remote, nil
}

// make runs the constructor and puts the store around what it made.
func (in *instance[S]) make(ctx context.Context) (S, error) {
	impl, err := in.construct(ctx)
	if err != nil || in.contract.Store == nil {
		return impl, err
	}
	var kept S
	location, err := in.unit.state(in.contract.Component)
	if err == nil {
		kept, err = in.contract.Store(ctx, location, impl)
	}
	if err != nil {
		var zero S
		return zero, fmt.Errorf("%s: its state: %w", in.contract.Component, err)
	}
	return kept, nil
}

// destination makes what an address stands for.
func (in *instance[S]) destination(address string) (S, *Remote, error) {
	var zero S
	a, err := ParseAddress(address)
	if err != nil {
		return zero, nil, err
	}
	if !a.InProcess() {
		if _, err := transportFor(a); err != nil {
			return zero, nil, err
		}
		r := in.newRemote(a)
		return in.contract.Client(r), r, nil
	}
	in.mu.Lock()
	impl := in.impl
	in.mu.Unlock()
	if !in.hosted.Load() {
		return zero, nil, fmt.Errorf("%s is not hosted in this unit: its route cannot be inproc", in.contract.Component)
	}
	if a.Copy {
		return in.contract.Client(in.newCopying(impl)), nil, nil
	}
	return impl, nil, nil
}

// place is where an endpoint's calls go, given where the component's do: what
// can't be encoded isn't copied in the process either.
func (in *instance[S]) place(endpoint int, to S, remote *Remote) S {
	if remote != nil || in.contract.Endpoints[endpoint].Pin == "" {
		return to
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.impl
}

// endpointsNamed gives the indexes of endpoints; of all when none is named.
func (in *instance[S]) endpointsNamed(names []string) ([]int, error) {
	var out []int
	if len(names) == 0 {
		for i := range in.contract.Endpoints {
			out = append(out, i)
		}
	}
	for _, n := range names {
		i := in.contract.endpoint(n)
		if i < 0 {
			return nil, fmt.Errorf("%s has no endpoint %s", in.contract.Component, n)
		}
		out = append(out, i)
	}
	return out, nil
}

// gate parks new calls of the endpoints and waits for those executed here.
func (in *instance[S]) gate(ctx context.Context, names []string) error {
	in.op.Lock()
	defer in.op.Unlock()
	es, err := in.endpointsNamed(names)
	if err != nil {
		return err
	}
	return in.gateLocked(ctx, es)
}

// route sends the endpoints to another address, without losing a call: it
// gates them first unless that has been done.
func (in *instance[S]) route(ctx context.Context, names []string, address string) error {
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
func (in *instance[S]) host(ctx context.Context, address string) (string, error) {
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

// discard lets go of the implementation, whose calls have ended.
func (in *instance[S]) discard() error {
	in.hosted.Store(false)
	var zero S
	in.mu.Lock()
	impl := in.impl
	in.impl = zero
	in.mu.Unlock()
	if c, ok := any(impl).(io.Closer); ok && in.contract.Store != nil {
		if err := c.Close(); err != nil {
			return fmt.Errorf("%s: closing its state: %w", in.contract.Component, err)
		}
	}
	return nil
}

// unhost stops serving the component, waits for its calls and closes it. The
// unit's own callers stay at the gate until they are routed.
func (in *instance[S]) unhost(ctx context.Context) error {
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

func (in *instance[S]) target() *Target {
	c := in.contract
	arriving := make([]incoming, len(c.Endpoints))
	for i := range arriving {
		arriving[i] = incoming{in.mark, i}
	}
	return &Target{
		component: c.Component, fingerprint: c.Fingerprint, compatible: c.Compatible,
		endpoints: c.Endpoints, errors: in.errors, incoming: arriving, counts: in.counts,
		cost:   make([]atomic.Int64, len(c.Endpoints)),
		hosted: in.hosted.Load,
		serve: func(ctx context.Context, endpoint int, request string, reply []byte) ([]byte, error) {
			return c.Serve(ctx, in.service, endpoint, request, reply)
		},
	}
}

// start does for a hosted component what OpenVar leaves to package init: the
// store and the listener.
func (in *instance[S]) start(ctx context.Context, keep bool) error {
	name := in.contract.Component
	if !in.unit.hosts(name) {
		address := in.unit.link(name)
		if address == "" {
			return fmt.Errorf("%s runs in another unit, but %s does not say where", name, linkVar(name))
		}
		return in.routeAll(address)
	}
	if in.contract.Store != nil || !keep {
		impl, err := in.make(ctx)
		if err != nil {
			return err
		}
		in.impl = impl
	}
	in.hosted.Store(true)
	address := in.unit.link(name)
	local := "inproc:"
	if a, err := ParseAddress(address); address != "" && err != nil {
		return err
	} else if a.InProcess() {
		local = address
	}
	if err := in.routeAll(local); err != nil {
		return err
	}
	if address == "" || local == address {
		return nil
	}
	at, err := in.unit.serve(address, in.target())
	if err == nil {
		in.unit.tell(Message{Type: "ready", Component: name, Address: at})
	}
	return err
}

func (in *instance[S]) routeAll(address string) error {
	to, remote, err := in.destination(address)
	if err != nil {
		return err
	}
	for i := range in.ends {
		in.install(i, in.place(i, to, remote), remote)
	}
	return nil
}

func (in *instance[S]) name() string { return in.contract.Component }

func (in *instance[S]) stats() []EndpointStats {
	var out []EndpointStats
	for i, e := range in.contract.Endpoints {
		c := &in.counts[i]
		out = append(out, EndpointStats{in.contract.Component, e.Name, c.local.Load(), c.called.Load(), c.served.Load()})
	}
	return out
}

var errBusy = errors.New("calls are still under way")
