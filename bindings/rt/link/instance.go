package link

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// An instance is one opened component: the value that the program holds, where
// each of its endpoints goes now, and the implementation if it is hosted here.
type instance struct {
	*contract
	unit   *unit
	counts []endpointCount
	hosted atomic.Bool

	mu   sync.Mutex // guards what follows; held briefly
	impl any
	swapping
}

func newInstance(u *unit, c *contract) *instance {
	in := &instance{contract: c, unit: u, counts: make([]endpointCount, len(c.endpoints))}
	in.prepare()
	return in
}

// make runs the constructor and puts the store around what it made.
func (in *instance) make(ctx context.Context) (any, error) {
	impl, err := in.construct(ctx)
	if err != nil || in.store == nil {
		return impl, err
	}
	return in.store.open(ctx, in, impl)
}

// destination makes what an address stands for.
func (in *instance) destination(address string) (any, *Remote, error) {
	a, err := ParseAddress(address)
	if err != nil {
		return nil, nil, err
	}
	if !a.InProcess() {
		if _, err := transportFor(a); err != nil {
			return nil, nil, err
		}
		r := in.newRemote(a)
		return in.client(r), r, nil
	}
	if !in.hosted.Load() {
		return nil, nil, fmt.Errorf("%s is not hosted in this unit: its route cannot be inproc", in.component)
	}
	if a.Copy {
		return in.client(in.newCopying(in.implementation())), nil, nil
	}
	return in.callee(), nil, nil
}

// callee is what calls in this process call: the implementation, or what has them
// observed.
func (in *instance) callee() any {
	impl := in.implementation()
	if in.watches == nil {
		return impl
	}
	return in.watches(impl, &Calls{in})
}

func (in *instance) implementation() any {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.impl
}

// place is where an endpoint's calls go, given where the component's do: what
// can't be encoded isn't copied in the process either, nor are streams and handles.
func (in *instance) place(endpoint int, to any, remote *Remote) any {
	if e := &in.endpoints[endpoint]; remote != nil || e.Pin == "" && e.Carry == nil && !e.Handles {
		return to
	}
	return in.callee()
}

// discard lets go of the implementation, whose calls have ended.
func (in *instance) discard() error {
	in.hosted.Store(false)
	in.mu.Lock()
	impl := in.impl
	in.impl = nil
	in.mu.Unlock()
	if in.store == nil {
		return nil
	}
	return in.store.close(in, impl)
}

func (in *instance) target() *Target {
	return &Target{in: in, serve: in.on(in.service), counts: in.counts, cost: make([]atomic.Int64, len(in.endpoints))}
}

// hello is what the instance says of itself as a caller.
func (in *instance) hello() Hello {
	return Hello{Component: in.component, Fingerprint: in.fingerprint, Compatible: in.compatible, Endpoints: in.endpoints}
}

// start begins to host the component, or sends its calls to where it is.
func (in *instance) start(ctx context.Context) error {
	address := in.unit.link(in.component)
	if !in.unit.hosts(in.component) {
		if address == "" {
			return fmt.Errorf("%s runs in another unit, but %s does not say where", in.component, linkVar(in.component))
		}
		return in.routeAll(address)
	}
	impl, err := in.make(ctx)
	if err != nil {
		return err
	}
	in.impl = impl
	in.hosted.Store(true)
	local := "inproc:"
	if address != "" {
		a, err := ParseAddress(address)
		if err != nil {
			return err
		}
		if a.InProcess() {
			local, address = address, ""
		}
	}
	if err := in.routeAll(local); err != nil || address == "" {
		return err
	}
	at, err := in.unit.serve(address, in.target())
	if err == nil {
		in.unit.ready(in.component, at)
	}
	return err
}

func (in *instance) routeAll(address string) error {
	to, remote, err := in.destination(address)
	if err != nil {
		return err
	}
	for i := range in.routed {
		in.install(i, in.place(i, to, remote), remote)
	}
	return nil
}
