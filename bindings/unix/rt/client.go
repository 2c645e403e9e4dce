package unix

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/link"
)

// A conn is the caller's side of a connection. Its lock is that of its outbox.
//
// While calls are pending, one of their callers is the reader: it delivers the
// replies of all. Nobody reads an idle connection.
type conn struct {
	nc     net.Conn
	out    outbox
	frames *frames // the reader's

	unusable atomic.Bool

	// Guarded by out.mu.
	last          uint64 // number of the last call
	pending       map[uint64]*waiter
	oldest, young *waiter // the pending calls as a list
	reader        *waiter
	kicked        bool // the read deadline is in the past
	err           error
	closed        bool
}

// A waiter is one call on its way.
type waiter struct {
	wake       chan struct{} // look again; may be signalled without need
	call       uint64
	end        int64 // offset of the request's last byte in all that is written
	prev, next *waiter
	listed     bool

	reply link.Reply
	err   error
	done  atomic.Bool // reply and err are set
}

var waiters = sync.Pool{New: func() any { return &waiter{wake: make(chan struct{}, 1)} }}

func (w *waiter) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // it is about to look
	}
}

func (w *waiter) finish(r link.Reply, err error) {
	w.reply, w.err = r, err
	w.done.Store(true)
	w.signal()
}

func dial(ctx context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	nc, err := dialSocket(ctx, a)
	if err != nil {
		return nil, err
	}
	f, err := greet(ctx, nc, h)
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	c := &conn{nc: nc, out: newOutbox(nc), frames: f, pending: make(map[uint64]*waiter)}
	c.out.failed = c.unsent
	return c, nil
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
	w.reply, w.err = link.Reply{}, nil
	waiters.Put(w)
	return reply, err
}

func (c *conn) send(ctx context.Context, w *waiter, call link.Outgoing) error {
	flags := byte(0)
	var remaining time.Duration
	if d, ok := ctx.Deadline(); ok {
		if remaining = time.Until(d); remaining <= 0 {
			return context.DeadlineExceeded
		}
		flags |= flagDeadline
	}
	if ctx.Done() != nil {
		flags |= flagCancel
	}
	var meta []byte
	if len(call.Metadata) > 0 {
		flags |= flagMetadata
		meta = link.AppendMetadata(nil, call.Metadata)
	}
	if n := len(call.Request) + len(meta); n > MaxMessage-64 {
		return fmt.Errorf("%w: a request of %d bytes, the limit is %d", link.ErrTooLarge, n, MaxMessage-64)
	}
	if err := c.lockWithSpace(ctx); err != nil {
		return err
	}
	c.last++
	start := c.out.begin(header{kind: kindRequest, detail: flags, call: c.last})
	b := binary.AppendUvarint(c.out.buf, uint64(call.Endpoint.ID))
	if flags&flagDeadline != 0 {
		b = binary.AppendUvarint(b, uint64(remaining))
	}
	if flags&flagMetadata != 0 {
		b = appendBytes(b, meta)
	}
	c.out.buf = append(b, call.Request...)
	c.out.end(start)
	w.call, w.end = c.last, c.out.appended
	c.list(w)
	c.out.flush(w != c.oldest)
	return nil
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
	ended := ctx.Done()
	for !w.done.Load() {
		c.out.mu.Lock()
		if c.reader == nil && w.listed {
			c.reader = w
		}
		mine := c.reader == w
		c.out.mu.Unlock()
		if mine {
			c.read(ctx, w)
			if !w.done.Load() && ctx.Err() != nil {
				c.abandon(ctx, w)
			}
			continue
		}
		select {
		case <-w.wake:
		case <-ended:
			c.abandon(ctx, w)
			ended = nil
		}
	}
	return w.reply, w.err
}
