package handle

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// A Handle stands for a value in another process. Generated code makes it a value
// of the interface. The component keeps the value while somebody refers to the
// Handle.
type Handle struct {
	of     *Handles
	ref    Ref
	remote *link.Remote
	closed atomic.Bool
}

// Ref names the value in a request.
func (h *Handle) Ref() Ref { return h.ref }

// Remote is where the value is.
func (h *Handle) Remote() *link.Remote { return h.remote }

// Check returns the error of a call that can't be made because the handle is closed.
func (h *Handle) Check(endpoint int) error {
	if h.closed.Load() {
		return link.Unsendable(h.remote, endpoint, ErrClosed)
	}
	return nil
}

// Close notes that the value's Close method has succeeded.
func (h *Handle) Close() { h.closed.Store(true) }

// Foreign is the error of a call one of whose arguments should be a handle.
func Foreign(r *link.Remote, endpoint int, parameter string, v any) error {
	return link.Unsendable(r, endpoint, fmt.Errorf("%s is a %T: %w", parameter, v, ErrForeign))
}

// holdings are the handles that this process has.
type holdings struct {
	mu      sync.Mutex
	id      string // of this process; empty: not drawn yet
	last    uint64 // number under which something may be given
	held    map[Ref]*holding
	keepers map[*link.Remote]*keeper
	collect int // how many holdings there may be before the garbage collector runs
}

// A holding is a Handle, and the numbers under which it was given.
type holding struct {
	handle  weak.Pointer[Handle]
	numbers []uint64
	keeper  *keeper
}

// collectAt is how many handles there must be for the garbage collector to run
// because of them. They are small here, and may be large at the other end.
const collectAt = 4096

// ready draws the name of this process. The caller holds the lock.
func (h *holdings) ready() {
	if h.id != "" {
		return
	}
	var id [nameSize]byte
	_, _ = rand.Read(id[:]) // never fails
	h.id = string(id[:])
	h.held, h.keepers, h.collect = map[Ref]*holding{}, map[*link.Remote]*keeper{}, collectAt
}

// Caller is what a request says of this process.
func (x *Handles) Caller() Caller {
	h := &x.had
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ready()
	return Caller{ID: h.id}
}

// A Call is one call by which this process may be given handles.
type Call struct {
	of     *Handles
	caller Caller
	gives  int
	by     *link.Remote
	open   bool // something may have been given that nobody took
	failed bool
}

// Start begins a call that gives as many handles at most. Return ends it.
func (x *Handles) Start(gives int) *Call {
	h := &x.had
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ready()
	c := &Call{of: x, caller: Caller{h.id, h.last + 1}, gives: gives}
	h.last += uint64(gives)
	return c
}

// Caller is what the request says of this process.
func (c *Call) Caller() Caller { return c.caller }

// Do makes the call.
func (c *Call) Do(ctx context.Context, r *link.Remote, endpoint int, request *link.Buffer) (string, error) {
	c.open, c.by = true, r
	a := r.Ask(ctx, endpoint, request)
	c.by = a.By
	if a.Failed != nil {
		c.failed, c.open = true, a.Failed.Outcome != link.NotExecuted
		c.by = r
	}
	return a.Body, a.Err
}

// Take returns the handle of a result. If the component was here when the call
// reached it, that is the value itself.
func (c *Call) Take(i int, ref Ref) (*Handle, any) {
	if c.by == nil {
		return nil, c.of.claim(c.caller, i, ref)
	}
	x := c.of
	h := &x.had
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.held[ref]
	var taken *Handle
	if e != nil {
		taken = e.handle.Value()
	}
	if taken == nil {
		taken = &Handle{of: x, ref: ref, remote: c.by}
		if e == nil {
			e = &holding{keeper: x.keeper(c.by)}
			e.keeper.live++
			h.held[ref] = e
		}
		e.handle = weak.Make(taken)
		runtime.AddCleanup(taken, x.unreachable, ref)
	}
	e.numbers = append(e.numbers, c.caller.First+uint64(i))
	if len(h.held) > h.collect {
		h.collect = 2 * len(h.held)
		e.keeper.collects = true
		e.keeper.wakeUp()
	}
	return taken, nil
}

// Taken says that all that the call gave was taken.
func (c *Call) Taken() {
	if !c.failed {
		c.open = false
	}
}

// Return gives back what nobody took.
func (c *Call) Return() {
	if !c.open {
		return
	}
	h := &c.of.had
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.by == nil {
		return
	}
	k := c.of.keeper(c.by)
	for i := range c.gives {
		k.back = append(k.back, c.caller.First+uint64(i))
	}
	k.wakeUp()
}

// claim takes a value from the table in this process.
func (x *Handles) claim(c Caller, i int, ref Ref) any {
	t := &x.given
	t.mu.Lock()
	defer t.mu.Unlock()
	v, by := t.values[ref.Number], t.callers[c.ID]
	if v == nil || by == nil || ref.Epoch != t.epoch {
		return nil
	}
	t.drop(by, c.First+uint64(i))
	return v.value
}

// unreachable gives back the value of a Handle that nobody refers to any more.
func (x *Handles) unreachable(ref Ref) {
	h := &x.had
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.held[ref]
	if e == nil || e.handle.Value() != nil {
		return // it was given again
	}
	delete(h.held, ref)
	e.keeper.live--
	e.keeper.back = append(e.keeper.back, e.numbers...)
	e.keeper.wakeUp()
}

// A keeper tells the component at one address what this process has of it, while it
// has something.
type keeper struct {
	of     *Handles
	remote *link.Remote
	wake   chan struct{}

	// Guarded by the lock of the holdings.
	live     int // handles
	back     []uint64
	collects bool // the garbage collector is to run first
}

// keeper returns the one of an address, which runs. The caller holds the lock.
func (x *Handles) keeper(r *link.Remote) *keeper {
	k := x.had.keepers[r]
	if k == nil {
		k = &keeper{of: x, remote: r, wake: make(chan struct{}, 1)}
		x.had.keepers[r] = k
		go k.run()
	}
	return k
}

func (k *keeper) wakeUp() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// reportPause is how long a report waits for more to say.
const reportPause = 20 * time.Millisecond

// run sends reports: soon after there is something to say, and three times in the
// time of a lease.
func (k *keeper) run() {
	lease, heard := defaultLease, time.Now()
	timer := time.NewTimer(reportPause)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-k.wake:
			time.Sleep(reportPause)
		}
		r, more := k.next()
		d, err := k.send(r, lease)
		pause := lease / 3
		if err == nil {
			lease, heard = d, time.Now()
			pause = lease / 3
		} else {
			pause = min(pause, time.Second)
		}
		if k.ended(r, err != nil, time.Since(heard) > lease) {
			return
		}
		if more && err == nil {
			pause = 0
		}
		timer.Reset(pause)
	}
}

// next is the next report. more: it couldn't say all.
func (k *keeper) next() (r report, more bool) {
	h := &k.of.had
	h.mu.Lock()
	collects := k.collects
	k.collects = false
	h.mu.Unlock()
	if collects {
		runtime.GC()
		time.Sleep(reportPause) // for the cleanups, which run by themselves
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if collects {
		h.collect = max(collectAt, 2*len(h.held))
	}
	n := min(len(k.back), maxReport)
	r = report{id: h.id, back: k.back[:n:n]}
	k.back = k.back[n:]
	return r, len(k.back) > 0
}

// send sends a report, and returns the time of a lease.
func (k *keeper) send(r report, lease time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), max(lease/3, time.Second))
	defer cancel()
	request := link.GetBuffer()
	request.B = r.append(request.B)
	reply, err := k.remote.Call(ctx, k.of.keep, request)
	if err != nil {
		return 0, err
	}
	ms, i := uint64(0), 0
	for uint(i) < uint(len(reply)) {
		var tag uint64
		if tag, i = wire.Uvarint(reply, i); tag == 1<<3 {
			ms, i = wire.Uvarint(reply, i)
		} else {
			i = wire.Skip(reply, i, tag)
		}
	}
	if i < 0 || ms == 0 || ms > math.MaxInt64/uint64(time.Millisecond) {
		return 0, errors.New("malformed reply to a report of handles")
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// ended reports whether there is nothing left to say. What a report that failed gave
// back is said again, until the component has released it by itself.
func (k *keeper) ended(r report, failed, late bool) bool {
	h := &k.of.had
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case failed && late:
		k.back = nil
	case failed:
		k.back = append(r.back, k.back...)
	}
	if k.live == 0 && len(k.back) == 0 {
		delete(h.keepers, k.remote)
		return true
	}
	return false
}
