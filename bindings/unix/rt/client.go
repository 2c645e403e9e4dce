package unix

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// A conn is the caller's side of a connection. Its lock is that of its outbox.
//
// While calls are pending, one of their callers is the reader: it delivers the
// replies of all. Nobody reads an idle connection.
type conn struct {
	nc     net.Conn
	out    outbox
	frames *frames // the reader's

	transfers chan struct{} // holds one value for each request that goes out in parts
	unusable  atomic.Bool

	// Guarded by out.mu.
	last          uint64 // number of the last call
	lastTransfer  uint64
	trials        []int // by endpoint: how many more quick replies it takes; [0] is for others
	pending       map[uint64]*waiter
	oldest, young *waiter // the pending calls as a list
	reader        *waiter
	interrupted   bool // the read deadline is in the past
	watchdog      *time.Timer
	watching      bool            // the watchdog is set
	seen          uint64          // the last call at the last run of the watchdog
	readerCtx     context.Context // of the reader while it reads
	unwatch       func() bool     // ends the registration by which the reader's context interrupts it
	err           error           // why no more calls are taken; nil: Close
	closed        bool
}

// To wait for the end of a context costs as much as all else that a call does
// outside of the system. Calls that may well last do so from the start: those
// whose deadline is near, and those of an endpoint whose latest ones have not
// all been answered quickly. For the others a watchdog checks every watchAfter;
// one to two times as long after it was made, a call becomes one that lasts.
const (
	watchAfter   = 20 * time.Millisecond
	quick        = time.Millisecond
	firstTrial   = 8    // quick replies in a row until an endpoint counts as quick
	watchedTrial = 1024 // the same, after a call of a quick endpoint has lasted
	maxLearned   = 1024 // endpoints with larger numbers share what is learnt
)

// A waiter is one call on its way.
type waiter struct {
	endpoint   int // its number, or 0: not known
	lasting    bool
	began      time.Time     // if lasting
	wake       chan struct{} // check again whether the call is done or has the role; may be signalled without need
	call       uint64
	end        int64            // offset of the request's end in all that is written
	size       int              // of the request's frame
	parts      *strings.Builder // of the reply that have arrived; the connection's
	prev, next *waiter
	listed     bool

	reply link.Reply
	err   error
	done  atomic.Bool // reply and err are set
}

var waiters = sync.Pool{New: newWaiter}

func newWaiter() any { return &waiter{wake: make(chan struct{}, 1)} }

func (w *waiter) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // it will check
	}
}

// finish ends the call and wakes its caller; unless that is who finishes it.
func (w *waiter) finish(r link.Reply, err error, own bool) {
	w.reply, w.err = r, err
	w.done.Store(true)
	if !own {
		w.signal()
	}
}

func dial(ctx context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	nc, err := dialSocket(ctx, a)
	if err != nil {
		return nil, err
	}
	f, err := greet(ctx, nc, kindHello, h)
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return newConn(nc, f, h.Endpoints), nil
}

func newConn(nc net.Conn, f *frames, endpoints []link.Endpoint) *conn {
	c := &conn{nc: nc, out: newOutbox(nc), frames: f, pending: make(map[uint64]*waiter), transfers: make(chan struct{}, maxTransfers)}
	known := 0
	for _, e := range endpoints {
		known = max(known, min(e.ID, maxLearned))
	}
	c.trials = make([]int, known+1)
	for i := range c.trials {
		c.trials[i] = firstTrial
	}
	c.out.failed = c.writeFailed
	c.watchdog = time.AfterFunc(time.Hour, c.markLasting)
	c.watchdog.Stop()
	return c
}

func (c *conn) Usable() bool { return !c.unusable.Load() }

// Close takes no more calls; the connection is closed when those under way
// have ended.
func (c *conn) Close() error {
	c.unusable.Store(true)
	c.out.mu.Lock()
	c.closeIdle()
	c.out.mu.Unlock()
	return nil
}

// closeIdle closes a connection that nobody will use again; the lock is held.
func (c *conn) closeIdle() {
	if c.unusable.Load() && c.oldest == nil && !c.closed {
		c.closed = true
		_ = c.nc.Close()
	}
}

// Call sends a request and waits for the reply.
func (c *conn) Call(ctx context.Context, call link.Outgoing) (link.Reply, error) {
	if err := ctx.Err(); err != nil {
		return link.Reply{}, link.Failed(link.NotExecuted, err)
	}
	w := waiters.Get().(*waiter)
	w.done.Store(false)
	if err := c.send(ctx, w, call); err != nil {
		waiters.Put(w)
		return link.Reply{}, link.Failed(link.NotExecuted, err)
	}
	reply, err := c.await(ctx, w)
	if !w.began.IsZero() {
		c.learn(w.endpoint, err == nil && time.Since(w.began) < quick)
	}
	w.reply, w.err, w.parts = link.Reply{}, nil, nil
	waiters.Put(w)
	return reply, err
}

// send appends the request and lists its waiter. On an error the callee has
// not got all of it, and never will.
func (c *conn) send(ctx context.Context, w *waiter, call link.Outgoing) error {
	meta := string(link.AppendMetadata(nil, call.Metadata))
	if n := len(call.Request) + len(meta); n > MaxMessage-64 {
		return fmt.Errorf("%w: a request of %d bytes, the limit is %d", link.ErrTooLarge, n, MaxMessage-64)
	}
	if len(call.Request) > maxPart {
		return c.sendParts(ctx, w, call, meta)
	}
	if err := c.lockWithSpace(ctx); err != nil {
		return err
	}
	return c.request(ctx, w, call, meta, 0)
}

// sendParts sends a large request. It has no number before its last part: calls
// are numbered in the order in which the callee has got all of them.
func (c *conn) sendParts(ctx context.Context, w *waiter, call link.Outgoing, meta string) error {
	select {
	case c.transfers <- struct{}{}:
		defer func() { <-c.transfers }()
	case <-ctx.Done():
		return ctx.Err()
	}
	transfer := uint64(0)
	for {
		if err := c.lockWithSpace(ctx); err != nil {
			c.drop(transfer)
			return err
		}
		if transfer == 0 {
			c.lastTransfer++
			transfer = c.lastTransfer
		}
		if len(call.Request) <= maxPart {
			return c.request(ctx, w, call, meta, transfer)
		}
		c.out.append(header{kind: kindPart, call: transfer}, call.Request[:maxPart])
		c.out.flush(false)
		call.Request = call.Request[maxPart:]
	}
}

// drop gives up a request of which some parts may have been sent.
func (c *conn) drop(transfer uint64) {
	if transfer == 0 {
		return
	}
	c.out.mu.Lock()
	c.out.append(header{kind: kindPart, detail: partDropped, call: transfer})
	c.out.flush(false)
}

// request appends the frame that makes a request complete, and releases the
// lock.
func (c *conn) request(ctx context.Context, w *waiter, call link.Outgoing, meta string, transfer uint64) error {
	flags := byte(0)
	var remaining time.Duration
	if d, ok := ctx.Deadline(); ok {
		if remaining = time.Until(d); remaining <= 0 {
			c.out.mu.Unlock()
			c.drop(transfer)
			return context.DeadlineExceeded
		}
		flags |= flagDeadline
	}
	if meta != "" {
		flags |= flagMetadata
	}
	if transfer != 0 {
		flags |= flagParts
	}
	c.last++
	start := c.out.begin(header{kind: kindRequest, detail: flags, call: c.last})
	b := wire.AppendUvarint(c.out.buf, uint64(call.Endpoint.ID))
	if flags&flagDeadline != 0 {
		b = wire.AppendUvarint(b, uint64(remaining))
	}
	if flags&flagMetadata != 0 {
		b = wire.AppendText(b, meta)
	}
	if flags&flagParts != 0 {
		b = wire.AppendUvarint(b, transfer)
	}
	c.out.buf = append(b, call.Request...)
	w.size = len(c.out.buf) - start
	c.out.end(start)
	w.call, w.end = c.last, c.out.appended
	w.endpoint, w.began = 0, time.Time{}
	if call.Endpoint.ID < len(c.trials) {
		w.endpoint = call.Endpoint.ID
	}
	if c.trials[w.endpoint] > 0 {
		w.began = time.Now()
	}
	w.lasting = c.trials[w.endpoint] > 0 || flags&flagDeadline != 0 && remaining < 2*watchAfter
	if !w.lasting && (flags&flagDeadline != 0 || ctx.Done() != nil) {
		c.startWatchdog()
	}
	c.list(w)
	c.out.flush(w != c.oldest)
	return nil
}

// learn notes whether a call of an endpoint on trial was quick.
func (c *conn) learn(endpoint int, quick bool) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	t := &c.trials[endpoint]
	if *t = max(0, *t-1); !quick {
		*t = max(*t, firstTrial)
	}
}

// lockWithSpace takes the lock when a request may be appended.
func (c *conn) lockWithSpace(ctx context.Context) error {
	for {
		c.out.mu.Lock()
		if c.unusable.Load() {
			err := c.err
			c.out.mu.Unlock()
			if err == nil {
				err = link.ErrClosed
			}
			return err
		}
		space := c.out.full()
		if space == nil {
			return nil
		}
		c.out.mu.Unlock()
		select {
		case <-space:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *conn) list(w *waiter) {
	c.pending[w.call] = w
	w.listed, w.prev, w.next = true, c.young, nil
	if c.young == nil {
		c.oldest = w
	} else {
		c.young.next = w
	}
	c.young = w
}

func (c *conn) unlist(w *waiter) {
	delete(c.pending, w.call)
	if w.prev == nil {
		c.oldest = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		c.young = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.listed, w.prev, w.next = false, nil, nil
}

// await returns when the call is done or its context has ended, and reads for
// everybody if nobody else does.
func (c *conn) await(ctx context.Context, w *waiter) (link.Reply, error) {
	gaveUp := false
	for !w.done.Load() {
		c.out.mu.Lock()
		if c.reader == nil && w.listed {
			c.reader = w
		}
		mine, lasting := c.reader == w, w.lasting
		c.out.mu.Unlock()
		switch {
		case mine:
			c.read(ctx, w)
			if !w.done.Load() && ctx.Err() != nil {
				c.abandon(ctx, w)
			}
		case !lasting || gaveUp:
			<-w.wake
		default:
			select {
			case <-w.wake:
			case <-ctx.Done():
				c.abandon(ctx, w)
				gaveUp = true
			}
		}
	}
	return w.reply, w.err
}
