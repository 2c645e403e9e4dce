package link

import (
	"context"
	"sync/atomic"
)

// A Route is where the calls of one endpoint go. A caller loads it, calls To
// and keeps the route alive until the call has returned:
//
//	r := s.routes[endpointQuote].Load()
//	q, err := r.To.Quote(ctx, sku, qty)
//	runtime.KeepAlive(r)
//
// Such a call isn't counted: that is what makes it cheap. A swap finds it on
// the stack of its goroutine; see stacks.go. Keeping the route alive covers
// stacks that are too deep to be examined: once the garbage collector has freed
// a route, no call uses it.
type Route[S any] struct {
	routeState
	To S
}

// Routes are the routes of a service value, one per endpoint in the order of
// Contract.Endpoints. Generated code embeds an array of them, so that a
// constant index needs no bounds check.
type Routes[S any] []atomic.Pointer[Route[S]]

// An Endpoint is one method of a contract, as the run-time sees it.
type Endpoint struct {
	Name string
	ID   int    // its number on the wire, from unweld.lock; never 0
	Slow bool   // the server runs it on a goroutine of its own from the first call on
	Pin  string // why it cannot cross a process, or empty
	// Carry makes a call with streams; nil for one that has none. Package stream
	// has the function.
	Carry func(context.Context, Peer, Outgoing) (Reply, error)
	// Handles: it takes or returns handles. A copying link leaves such values as
	// they are.
	Handles bool
	// Unrouted: what is done with a handle, a call of one of its methods for one. It
	// is done in the process that has the value, wherever the component is by then.
	// These endpoints come last, and have no Route.
	Unrouted bool
	// Internal: no call of the program's but one of the run-time's own, such as a report
	// of which handles are still in use. Observers aren't told.
	Internal bool
}

// A Contract is what the run-time must know of one component. Generated code
// declares one per component; it must not be changed after the first Open.
type Contract[S any] struct {
	Component string // as in unweld.yaml

	// Fingerprint identifies the schema; Compatible lists the fingerprints of
	// earlier schemas that this one can talk to, as unweld.lock recorded them.
	Fingerprint string
	Compatible  []string

	Endpoints []Endpoint // those with a Route before the others
	Errors    *Errors    // nil: only those that the run-time knows

	// New returns the value that the program holds, and its routes. In a
	// program whose routes can be replaced the value is a Swappable.
	New func() (S, Routes[S])
	// Client returns a value whose methods call the component through a
	// Remote.
	Client func(*Remote) S
	// Serve decodes a request, calls the endpoint (by index) on s and appends
	// the encoded results to reply. It returns the endpoint's own error
	// beside the results; a request it can't decode is Malformed.
	Serve func(ctx context.Context, s S, endpoint int, request string, reply []byte) ([]byte, error)
	// Watched returns s with calls that are observed; nil where calls in one process
	// aren't to be.
	Watched func(s S, c *Calls) S

	// Store is a StoreFunc where the component keeps its state in a store,
	// else nil.
	Store store
}

// A store is a StoreFunc without its type.
type store interface {
	open(ctx context.Context, in *instance, impl any) (any, error) // where the environment says
	close(in *instance, impl any) error
}

// A contract is a Contract without its type, so that what works with it is
// compiled once and not for each component. What is of type S in a Contract is
// an any that holds it.
type contract struct {
	component   string
	routed      int // number of endpoints that have a route; they are the first
	fingerprint string
	compatible  []string
	endpoints   []Endpoint
	errors      *Errors

	service   any
	construct func(context.Context) (any, error)
	store     store
	client    func(*Remote) any
	watches   func(to any, c *Calls) any // Contract.Watched, or nil
	// on returns what serves requests on an implementation, or on the service.
	on func(any) server
	// route replaces an endpoint's route; present returns it.
	route   func(endpoint int, to any) *routeState
	present func(endpoint int) (*routeState, any)
}

// A server executes an encoded request.
type server func(ctx context.Context, endpoint int, request string, reply []byte) ([]byte, error)

// untyped returns the service value of a contract and the contract without its type.
func untyped[S any](c *Contract[S], construct func(context.Context) (S, error)) (S, *contract) {
	service, routes := c.New()
	u := &contract{
		component: c.Component, fingerprint: c.Fingerprint, compatible: c.Compatible, endpoints: c.Endpoints, errors: c.Errors, store: c.Store,
		service:   service,
		construct: func(ctx context.Context) (any, error) { return construct(ctx) },
		client:    func(r *Remote) any { return c.Client(r) },
		on: func(to any) server {
			s, _ := to.(S)
			return func(ctx context.Context, endpoint int, request string, reply []byte) ([]byte, error) {
				return c.Serve(ctx, s, endpoint, request, reply)
			}
		},
		route: func(endpoint int, to any) *routeState {
			r := new(Route[S])
			r.To, _ = to.(S)
			routes[endpoint].Store(r)
			return &r.routeState
		},
		present: func(endpoint int) (*routeState, any) {
			r := routes[endpoint].Load()
			return &r.routeState, r.To
		},
	}
	if c.Watched != nil {
		u.watches = func(to any, calls *Calls) any {
			s, _ := to.(S)
			return c.Watched(s, calls)
		}
	}
	for _, e := range u.endpoints {
		if !e.Unrouted {
			u.routed++
		}
	}
	if u.errors == nil {
		u.errors = NewErrors()
	}
	return service, u
}
