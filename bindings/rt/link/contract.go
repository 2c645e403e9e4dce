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
// the stack of its goroutine; see stacks.go. The route is kept alive for the
// stacks that are too deep to be looked through: a route that the garbage
// collector has freed is used by no call.
type Route[S any] struct {
	To S

	// released counts the calls under way that had been parked at a Guard and
	// went on here; on the stack they look like calls that their Guard counts.
	released atomic.Int64
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
}

// A Contract is everything the run-time must know of one component. Generated
// code declares one per component; it isn't changed after the first Open.
type Contract[S any] struct {
	Component string // as in unweld.yaml

	// Fingerprint identifies the schema; Compatible lists the fingerprints of
	// earlier schemas that this one can talk to, as unweld.lock recorded them.
	Fingerprint string
	Compatible  []string

	Endpoints []Endpoint
	Errors    *Errors // nil: only those that the run-time knows

	// New makes the value that the program holds, and gives its routes.
	New func() (S, Routes[S])
	// Guard makes the counted and gated form of an implementation.
	Guard func(*Guard[S]) S
	// Client makes the remote form.
	Client func(*Remote) S
	// Serve decodes a request, calls the endpoint (by index) on s and appends
	// the encoded results to reply. It returns the endpoint's own error
	// beside the results; a request it can't decode is Malformed.
	Serve func(ctx context.Context, s S, endpoint int, request string, reply []byte) ([]byte, error)

	// Calls are, for each endpoint, the methods of the service value and of the
	// guarded form as functions: (*service).Quote and guarded.Quote. By their
	// names a swap recognises calls on stacks. Without them it has to wait for
	// the garbage collector.
	Calls [][2]any

	// Store, where the component keeps its state in a store, wraps what the
	// constructor made. location is the value of UNWELD_STATE_<COMPONENT>, or empty;
	// at memory: state is kept for this value alone, as tests want it.
	// If what it returns has a method Close() error, that is called when the
	// component moves away or the unit stops.
	Store func(ctx context.Context, location string, impl S) (S, error)
}

// endpoint returns the index of the endpoint with the given name, or -1.
func (c *Contract[S]) endpoint(name string) int {
	for i := range c.Endpoints {
		if c.Endpoints[i].Name == name {
			return i
		}
	}
	return -1
}
