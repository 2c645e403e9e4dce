// Package background lets work that nobody waits for make room for work that
// somebody waits for.
//
// Work that goes on in the background has a context made by With, and calls Yield
// where it can stop for a moment: between packages, between functions. Work with any
// other context is never held up.
package background

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// maxHold is how long the background is held up at a time. A request that takes
// longer goes on beside it.
const maxHold = 100 * time.Millisecond

// Requests are what somebody waits for. The zero value is ready. All methods may be
// called by several goroutines.
type Requests struct {
	mu      sync.Mutex
	running int
	idle    chan struct{} // closed when nothing runs any more; nil while nothing does
	free    time.Time     // until when the background isn't held up again
	times   int           // that it was
}

// Begin says that somebody waits, until end is called. End may be called more than
// once.
func (r *Requests) Begin() (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running++; r.running == 1 {
		r.idle = make(chan struct{})
	}
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.running--; r.running == 0 {
			close(r.idle)
			r.idle = nil
		}
	})
}

// busy returns what is closed when nobody waits any more, or nil where the background
// may go on.
func (r *Requests) busy() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == 0 || time.Now().Before(r.free) {
		return nil
	}
	return r.idle
}

// held says that the background was held up for some time. For as long it isn't again,
// so that it gets half of the time however many requests there are.
func (r *Requests) held(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free = time.Now().Add(d)
	r.times++
}

// Held is how often the background was held up. It exists so that tests can tell.
func (r *Requests) Held() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.times
}

type key struct{}

// With returns a context for work in the background of requests.
func With(ctx context.Context, requests *Requests) context.Context {
	return context.WithValue(ctx, key{}, requests)
}

// Yield waits while ctx is one of the background and somebody else waits, for a
// moment at most. It returns why ctx is done, if it is.
func Yield(ctx context.Context) error {
	r, _ := ctx.Value(key{}).(*Requests)
	if r == nil {
		return context.Cause(ctx)
	}
	idle := r.busy()
	if idle == nil {
		return context.Cause(ctx)
	}
	begin := time.Now()
	limit := time.NewTimer(maxHold)
	defer limit.Stop()
	select {
	case <-idle:
	case <-limit.C:
	case <-ctx.Done():
	}
	r.held(time.Since(begin))
	return context.Cause(ctx)
}

// Workers is how many goroutines may work at a time under ctx: in the background one
// less than can run, so that a request needn't wait for one of them to stop.
func Workers(ctx context.Context) int {
	n := runtime.GOMAXPROCS(0)
	if ctx.Value(key{}) != nil {
		n--
	}
	return max(1, n)
}
