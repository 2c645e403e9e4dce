package link

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
)

// A Side is where a call is observed.
type Side uint8

const (
	// CallerSide: the call is made here and executed by another process.
	CallerSide Side = iota
	// CalleeSide: the call is executed here for another process.
	CalleeSide
	// BothSides: the call is made and executed in this process.
	BothSides
)

// An Observation says which call is observed, and nothing of what crosses with it.
type Observation struct {
	Component, Endpoint string
	Side                Side
	Address             string  // at the caller: where the call is sent first
	Errors              *Errors // by which the error of the call can be named
}

// An Observer is told of a call when it begins, on the goroutine that makes or executes
// it, before anything is sent or executed. The call goes on with the context that it
// returns: at the caller that one's metadata crosses, at the callee Metadata returns
// what came. ended may be nil; otherwise it is called once when the call has ended, with
// the error that it ended with or nil. A call with streams has ended when the last of
// them has, and ended may be called by another goroutine then.
//
// A request that is turned away before it reaches the component, and a result that the
// caller can't decode, show on the other side alone.
type Observer func(ctx context.Context, call Observation) (_ context.Context, ended func(error))

// observers are by component, those of "" for every one that has none of its own. What
// it points to isn't changed any more.
var observers struct {
	sync.Mutex
	by atomic.Pointer[map[string][]Observer]
}

// Observe has an Observer told of the later calls of a component, or with "" of all. It
// is safe for concurrent use. Calls in one process are only told of where the generated
// code was asked to.
func Observe(component string, o Observer) {
	observers.Lock()
	defer observers.Unlock()
	by := map[string][]Observer{}
	if now := observers.by.Load(); now != nil {
		for name, all := range *now {
			by[name] = all
		}
	}
	if _, own := by[component]; !own {
		by[component] = by[""]
	}
	for name, all := range by {
		if component == "" || name == component {
			by[name] = append(all[:len(all):len(all)], o)
		}
	}
	observers.by.Store(&by)
}

// observed reports whether anybody observes any calls.
func observed() bool { return observers.by.Load() != nil }

// foreignHeaders are what a call of somebody who isn't a unit may say of the trace that it
// belongs to: W3C's trace context and baggage.
var foreignHeaders = [...]string{"traceparent", "tracestate", "baggage"}

// WithForeign returns the metadata of a request with those headers in it that callers
// write who aren't units, where calls are observed. What it has already goes before. m may
// be changed.
func WithForeign(m map[string]string, header func(name string) string) map[string]string {
	if !observed() {
		return m
	}
	for _, name := range foreignHeaders {
		value := header(name)
		if _, own := m[name]; own || value == "" {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		m[name] = value
	}
	return m
}

// A Watch is a call that observers were told of. Its methods do nothing on nil, which
// stands for a call that nobody observes.
type Watch struct {
	ended []func(error)

	mu    sync.Mutex
	holds int // what has to end before the call has: the call itself, and its streams
	err   error
}

type watchKey struct{}

// watch tells the observers of a call. The call itself is what ends first.
func (in *instance) watch(ctx context.Context, endpoint int, side Side, address string) (context.Context, *Watch) {
	by := observers.by.Load()
	if by == nil {
		return ctx, nil
	}
	told, own := (*by)[in.component]
	if !own {
		told = (*by)[""]
	}
	e := &in.endpoints[endpoint]
	var w *Watch
	if len(told) > 0 && !e.Internal {
		w = &Watch{holds: 1}
		call := Observation{Component: in.component, Endpoint: e.Name, Side: side, Address: address, Errors: in.errors}
		for _, o := range told {
			var ended func(error)
			if ctx, ended = o(ctx, call); ended != nil {
				w.ended = append(w.ended, ended)
			}
		}
	}
	if e.Carry != nil { // also where nobody observes this call: ctx may be that of another one
		ctx = context.WithValue(ctx, watchKey{}, w)
	}
	return ctx, w
}

// Hold keeps the call with streams that ctx belongs to from having ended before release
// is called, with the error of its streams or nil. It returns nil if nobody observes the
// call.
func Hold(ctx context.Context) (release func(error)) {
	w, _ := ctx.Value(watchKey{}).(*Watch)
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holds == 0 {
		return nil
	}
	w.holds++
	var once sync.Once
	return func(err error) { once.Do(func() { w.End(err) }) }
}

// End says that the call itself has ended, with an error or nil.
func (w *Watch) End(err error) {
	if w == nil {
		return
	}
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	w.holds--
	over := w.holds == 0
	w.mu.Unlock()
	if !over {
		return
	}
	for i := len(w.ended) - 1; i >= 0; i-- {
		w.ended[i](w.err)
	}
}

// errGone is how an observed call in one process ends that doesn't return.
var errGone = errors.New("the endpoint panicked, or ended its goroutine")

// Calls are the calls of a component in this process, for generated code that has them
// observed.
type Calls struct{ in *instance }

// arrivedKey is the context key of an *arrived.
type arrivedKey struct{}

// An arrived call came from another process and is observed as such. The call that the
// dispatcher makes for it is the same one.
type arrived struct {
	in       *instance
	endpoint int
	made     atomic.Bool
}

// Begin begins a call. What returns it ends the Watch; what may not return defers its
// Leave.
func (c *Calls) Begin(ctx context.Context, endpoint int) (context.Context, *Watch) {
	if !observed() {
		return ctx, nil
	}
	if a, _ := ctx.Value(arrivedKey{}).(*arrived); a != nil && a.in == c.in && a.endpoint == endpoint && !a.made.Swap(true) {
		return ctx, nil
	}
	return c.in.watch(ctx, endpoint, BothSides, "")
}

// Leave ends a call that hasn't returned.
func (w *Watch) Leave() {
	if w == nil {
		return
	}
	w.mu.Lock()
	returned := w.holds == 0
	w.mu.Unlock()
	if !returned {
		w.End(errGone)
	}
}

// watched is Ask where calls are observed.
func (r *Remote) watched(ctx context.Context, endpoint int, request *Buffer) Answer {
	side := CallerSide
	if r.here {
		side = BothSides
	}
	ctx, w := r.in.watch(ctx, endpoint, side, r.address)
	end := errExited
	defer func() { w.End(end) }()
	a := r.ask(ctx, endpoint, request)
	end = a.Err
	return a
}

// watched is Serve, of a request that isn't turned away, where calls are observed.
func (t *Target) watched(ctx context.Context, in Incoming, body []byte) (status Status, errs, out []byte) {
	ctx, w := t.in.watch(ctx, in.Endpoint, CalleeSide, "")
	if t.in.watches != nil && w != nil {
		ctx = context.WithValue(ctx, arrivedKey{}, &arrived{in: t.in, endpoint: in.Endpoint})
	}
	end := errExited
	defer func() { w.End(end) }()
	status, errs, out, end = t.run(ctx, in, body)
	return status, errs, out
}

// NameOf returns the name of the outermost error in err's tree that keeps its identity
// across a link, such as "example.com/shop/pricing.ErrUnknownSKU" or "context.Canceled",
// and "" if there is none. What failed in a link is named by its cause, if that has a name.
// The names are the same on both sides, and part of the program: they say nothing of the
// values that it works with.
func (e *Errors) NameOf(err error) string {
	nodes := 0
	return e.nameOf(err, 0, &nodes)
}

func (e *Errors) nameOf(err error, depth int, nodes *int) string {
	switch *nodes++; {
	case err == nil || depth > maxErrorDepth || *nodes > maxErrorNodes:
		return ""
	case err == errExited || err == errGone:
		return "unweld/link.NotReturned"
	}
	for _, id := range e.ids {
		if id.value != nil && same(err, id.value) || id.encode != nil && reflect.TypeOf(id.zero) == reflect.TypeOf(err) {
			return id.name
		}
	}
	own, _ := fieldsOf(err)
	if _, failed := err.(*Error); own != "" && !failed {
		return own
	}
	children, _ := unwrap(err)
	for _, child := range children {
		if name := e.nameOf(child, depth+1, nodes); name != "" {
			return name
		}
	}
	return own
}
