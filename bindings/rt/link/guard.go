//go:build !unweldplain

package link

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
)

const stripes = 8 // a power of two

// A stripe counts the calls that entered and left, on a cache line of its own.
// Both only grow, which is what makes their sum exact; see busy.
type stripe struct {
	entered atomic.Int64
	left    atomic.Int64
	_       [48]byte
}

// A Guard counts the calls of one endpoint and can hold them back. It is the
// endpoint's route while the real one is being replaced, and always in a
// process that counts its local calls. Generated wrappers embed it. It is safe
// for concurrent use.
type Guard struct {
	to       any
	gate     atomic.Pointer[gate]      // nil: open
	reload   func() (*routeState, any) // the present route, and where it leads
	mark     *mark                     // says of which component's calls it is the guard
	stripes  [stripes]stripe
	onReject func(context.Context) error // asked before parking; nil error: park
	count    *atomic.Int64               // of in-process calls, or nil
}

// A gate is what calls wait at until it is opened.
type gate struct{ opened chan struct{} }

// close lets no new call in. Closing a closed gate changes nothing.
func (g *Guard) close() {
	g.gate.CompareAndSwap(nil, &gate{opened: make(chan struct{})})
}

// open lets calls in again, those that wait first.
func (g *Guard) open() {
	if closed := g.gate.Swap(nil); closed != nil {
		close(closed.opened)
	}
}

// forward sends the calls that wait, and those still to come, to the endpoint's
// present route. The gate stays closed: who enters late must not pass.
func (g *Guard) forward() { close(g.gate.Load().opened) }

// A Turn is one call that passed a Guard: call To with Context, then Leave,
// from the same goroutine.
type Turn struct {
	To      any // of the contract's type
	Context context.Context

	stripe *stripe
	token  *token
	route  *routeState
}

// Enter counts a call. While the gate is closed it waits until the endpoint has
// a new route, which the Turn then uses. It fails when ctx ends first.
func (g *Guard) Enter(ctx context.Context) (Turn, error) {
	s := &g.stripes[rand.Uint32()%stripes]
	s.entered.Add(1)
	closed := g.gate.Load()
	if closed == nil || g.mark.inside(ctx) {
		// A call made by a handler that is itself being waited for must pass,
		// or both would wait forever.
		if m, _ := ctx.Value(incomingKey{}).(*incoming); g.count != nil && (m == nil || m.mark != g.mark || g.mark.inside(ctx)) {
			g.count.Add(1)
		}
		t := &token{mark: g.mark}
		t.active.Store(true)
		return Turn{To: g.to, Context: withToken(ctx, t), stripe: s, token: t}, nil
	}
	s.left.Add(1)
	if g.onReject != nil {
		if err := g.onReject(ctx); err != nil {
			return Turn{}, err
		}
	}
	select {
	case <-closed.opened:
		route, to := g.release()
		return Turn{To: to, Context: ctx, route: route}, nil
	case <-ctx.Done():
		return Turn{}, ctx.Err()
	}
}

// release counts a call that was parked in at the endpoint's present route. A
// route that is still the present one after that hasn't been looked at yet by
// the swap that replaces it.
func (g *Guard) release() (*routeState, any) {
	for {
		r, to := g.reload()
		r.released.Add(1)
		if now, _ := g.reload(); r == now {
			return r, to
		}
		r.released.Add(-1)
	}
}

// Leave ends the call that Enter counted.
func (t *Turn) Leave() {
	if t.token != nil {
		t.token.active.Store(false)
		t.stripe.left.Add(1)
	}
	if t.route != nil {
		t.route.released.Add(-1)
	}
}

// busy reports whether a call may be inside one of the guards. False is exact:
// every leave is read before every enter, and both only grow, so equal sums
// mean that at the moment between no call was inside; with closed gates only
// a call inside can let another one in.
func busy(guards []*Guard) bool {
	var left, entered int64
	for _, g := range guards {
		for i := range g.stripes {
			left += g.stripes[i].left.Load()
		}
	}
	for _, g := range guards {
		for i := range g.stripes {
			entered += g.stripes[i].entered.Load()
		}
	}
	return left != entered
}

// A mark stands for one opened component in contexts.
type mark struct {
	component string
}

// A token is one counted call in flight, carried by its context. Once the call
// has returned, goroutines it left behind have no right of way any more.
type token struct {
	mark   *mark
	active atomic.Bool
	outer  *token
}

type tokenKey struct{}

func withToken(ctx context.Context, t *token) context.Context {
	t.outer, _ = ctx.Value(tokenKey{}).(*token)
	return context.WithValue(ctx, tokenKey{}, t)
}

// inside reports whether ctx belongs to a call of the marked component that is
// still in flight.
func (m *mark) inside(ctx context.Context) bool {
	t, _ := ctx.Value(tokenKey{}).(*token)
	for ; t != nil; t = t.outer {
		if t.mark == m && t.active.Load() {
			return true
		}
	}
	return false
}
