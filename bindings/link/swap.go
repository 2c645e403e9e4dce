package link

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
	"weak"
)

// drainLimit bounds how long a swap waits for calls when its context doesn't.
const drainLimit = 10 * time.Second

func (in *instance[S]) newGuard(endpoint int, to S) *Guard[S] {
	return &Guard[S]{
		to: to, opened: make(chan struct{}), mark: in.mark,
		reload: func() *Route[S] { return in.routes[endpoint].Load() },
		onReject: func(ctx context.Context) error {
			if m, _ := ctx.Value(incomingKey{}).(*mark); m == in.mark {
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
// theirs is executed here. On failure the routes are as they were.
//
// Calls under way to another process aren't waited for. Their callee lets them
// end before it gives the component up, or turns them away unexecuted, and
// then they wait for the new route (see reroute): a caller that had to wait
// for them would be waited for by them.
func (in *instance[S]) gateLocked(ctx context.Context, es []int) error {
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	var guards []*Guard[S]
	var uncounted []weak.Pointer[Route[S]]
	var closing []int
	in.mu.Lock()
	for _, i := range es {
		e := &in.ends[i]
		if e.gated {
			continue
		}
		if e.remote != nil {
			e.guard, e.gated = in.newGuard(i, e.to), true
			e.guard.closed.Store(true)
			in.routes[i].Store(&Route[S]{To: in.contract.Guard(e.guard)})
			e.leave()
			closing = append(closing, i)
			continue
		}
		if e.guard == nil {
			old := in.routes[i].Load()
			e.guard = in.newGuard(i, e.to)
			in.routes[i].Store(&Route[S]{To: in.contract.Guard(e.guard)})
			uncounted = append(uncounted, weak.Make(old))
			runtime.KeepAlive(old)
		}
		guards = append(guards, e.guard)
		closing = append(closing, i)
	}
	in.mu.Unlock()

	err := collect(ctx, uncounted)
	if err == nil {
		in.mu.Lock()
		for _, i := range closing {
			in.ends[i].gated = true
		}
		for _, g := range guards {
			g.closed.Store(true)
		}
		in.mu.Unlock()
		err = drain(ctx, guards)
	}
	if err != nil {
		for _, i := range closing {
			in.install(i, in.ends[i].to, in.ends[i].remote)
		}
		return fmt.Errorf("%s: %w; nothing was changed", in.contract.Component, err)
	}
	return nil
}

// collect runs the garbage collector until nobody holds one of the routes.
func collect[S any](ctx context.Context, routes []weak.Pointer[Route[S]]) error {
	pause := 100 * time.Microsecond
	for _, r := range routes {
		for r.Value() != nil {
			runtime.GC()
			if r.Value() == nil {
				break
			}
			if !sleep(ctx, pause) {
				return errBusy
			}
			pause = min(2*pause, 100*time.Millisecond)
		}
	}
	return nil
}

// drain waits until no call is inside the guards.
func drain[S any](ctx context.Context, guards []*Guard[S]) error {
	pause := 5 * time.Microsecond
	for busy(guards) {
		if !sleep(ctx, pause) {
			return errBusy
		}
		pause = min(2*pause, time.Millisecond)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
