package link

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
	"weak"
)

// drainLimit bounds how long a swap waits for calls when its context doesn't.
const drainLimit = 10 * time.Second

func (in *instance[S]) newGuard(endpoint int, to S) *Guard[S] {
	return &Guard[S]{
		to: to, mark: in.mark,
		reload: func() *Route[S] { return in.routes[endpoint].Load() },
		onReject: func(ctx context.Context) error {
			// Not those that an incoming call of another endpoint makes: it has
			// begun to be executed, and can't be turned away any more.
			if m, _ := ctx.Value(incomingKey{}).(*incoming); m != nil && m.mark == in.mark && m.endpoint == endpoint {
				return &movedError{}
			}
			return nil
		},
		count: in.localCount(endpoint),
	}
}

// localCount is the counter of an endpoint's in-process calls, in a process
// that counts them.
func (in *instance[S]) localCount(endpoint int) *atomic.Int64 {
	if !in.unit.counting {
		return nil
	}
	return &in.counts[endpoint].local
}

// gateLocked closes the gates of the endpoints and returns when no call of
// theirs is executed here. On failure calls go where they went, but counted.
//
// Calls under way to another process aren't waited for. Their callee lets them
// end before it gives the component up, or turns them away unexecuted, and
// then they wait for the new route (see reroute): a caller that had to wait
// for them would be waited for by them.
func (in *instance[S]) gateLocked(ctx context.Context, es []int) error {
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	local, remote := in.guard(es)
	err := in.settle(ctx, local)
	if err == nil {
		err = in.drain(ctx, local)
	}
	if err != nil {
		in.reopen(local)
		for _, i := range remote {
			in.install(i, in.ends[i].to, in.ends[i].remote)
		}
		return fmt.Errorf("%s: %w; nothing was changed", in.contract.Component, err)
	}
	return nil
}

// guard puts a guard before each of the endpoints that aren't gated yet. It
// closes the gates of those that are executed elsewhere.
func (in *instance[S]) guard(es []int) (local, remote []int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, i := range es {
		e := &in.ends[i]
		switch {
		case e.gated:
			continue
		case e.remote != nil:
			in.guardLocked(i)
			e.guard.close()
			e.gated = true
			e.leave()
			remote = append(remote, i)
			continue
		case e.guard == nil:
			old := in.guardLocked(i)
			before := weak.Make(old)
			e.uncounted = &before
			runtime.KeepAlive(old)
		}
		local = append(local, i)
	}
	return local, remote
}

// guardLocked puts an open guard before the endpoint, and returns the route
// before that. The caller holds in.mu.
func (in *instance[S]) guardLocked(endpoint int) *Route[S] {
	e := &in.ends[endpoint]
	old := in.routes[endpoint].Load()
	e.guard = in.newGuard(endpoint, e.to)
	in.routes[endpoint].Store(&Route[S]{To: in.contract.Guard(e.guard)})
	return old
}

// settle waits until every call of the endpoints is one that a guard counts.
func (in *instance[S]) settle(ctx context.Context, es []int) error {
	names := in.callNames()
	var gc collector
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, 10*time.Millisecond) {
		if !in.uncounted(es) {
			return nil
		}
		seen := stacksWith(names)
		in.forget(es, func(endpoint int, old *Route[S]) bool {
			return old == nil || !seen.deep && !seen.calls[endpoint] && old.released.Load() == 0
		})
		if seen.deep {
			gc.ask()
		}
		if in.uncounted(es) && !sleep(ctx, pause) {
			return errBusy
		}
	}
}

// uncounted reports whether calls may be under way that nobody counts.
func (in *instance[S]) uncounted(es []int) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.ContainsFunc(es, func(i int) bool { return in.ends[i].uncounted != nil })
}

// forget drops the routes of which unused says that no call is on them. A
// route that was collected is nil.
func (in *instance[S]) forget(es []int, unused func(endpoint int, old *Route[S]) bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, i := range es {
		if e := &in.ends[i]; e.uncounted != nil && unused(i, e.uncounted.Value()) {
			e.uncounted = nil
		}
	}
}

// A collector runs the garbage collector now and then: it frees the routes that
// no stack holds, however deep.
type collector struct {
	asked   int
	running chan struct{} // closed when a run has ended
}

// deepStacks is how many looks at the stacks have to fail before the garbage
// collector runs: most deep stacks are gone at the next look.
const deepStacks = 10

func (c *collector) ask() {
	if c.asked++; c.asked < deepStacks {
		return
	}
	if c.running != nil {
		select {
		case <-c.running:
		default:
			return
		}
	}
	c.asked, c.running = 0, make(chan struct{})
	go func(done chan struct{}) {
		defer close(done)
		runtime.GC()
	}(c.running)
}

// drain closes the gates of the endpoints and waits until no call is inside.
func (in *instance[S]) drain(ctx context.Context, es []int) error {
	var guards []*Guard[S]
	in.mu.Lock()
	for _, i := range es {
		e := &in.ends[i]
		e.gated = true
		e.guard.close()
		guards = append(guards, e.guard)
	}
	in.mu.Unlock()
	pause := 5 * time.Microsecond
	for busy(guards) {
		if !sleep(ctx, pause) {
			return errBusy
		}
		pause = min(2*pause, time.Millisecond)
	}
	return nil
}

// reopen lets calls in again where they went before.
func (in *instance[S]) reopen(es []int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, i := range es {
		in.ends[i].gated = false
		in.ends[i].guard.open()
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
