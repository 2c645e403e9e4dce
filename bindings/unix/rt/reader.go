package unix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

var past = time.Unix(1, 0)

// read holds the reader's role until the holder's call is done or given up.
func (c *conn) read(ctx context.Context, w *waiter) {
	for {
		err := c.deliverAll()
		c.out.mu.Lock()
		if c.interrupted {
			c.interrupted = false
			_ = c.nc.SetReadDeadline(time.Time{})
		}
		if err == nil && (!w.listed || ctx.Err() != nil) {
			next := c.passRole()
			c.out.mu.Unlock()
			if next != nil {
				next.signal()
			}
			return
		}
		c.interruptible(ctx, w)
		c.out.mu.Unlock()
		if err == nil {
			err = c.frames.fill(c.nc)
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			c.readFailed(err)
			return
		}
	}
}

// interruptible sees to it that the end of its context interrupts a reader
// whose call lasts; the lock is held.
func (c *conn) interruptible(ctx context.Context, w *waiter) {
	c.readerCtx = ctx
	if w.lasting && c.unwatch == nil {
		call := w.call
		c.unwatch = context.AfterFunc(ctx, func() { c.interrupt(w, call) })
	}
}

// startWatchdog sets the watchdog unless it is set; the lock is held.
func (c *conn) startWatchdog() {
	if !c.watching {
		c.watching = true
		c.watchdog.Reset(watchAfter)
	}
}

// markLasting is what the watchdog runs: calls that were pending at its last run
// already are lasting.
func (c *conn) markLasting() {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	w := c.oldest
	for ; w != nil && w.call <= c.seen; w = w.next {
		if w.lasting {
			continue
		}
		w.lasting = true
		c.trials[w.endpoint] = watchedTrial
		if c.reader == w && c.readerCtx != nil {
			c.interruptible(c.readerCtx, w)
		} else {
			w.signal()
		}
	}
	c.seen, c.watching = c.last, false
	if w != nil {
		c.startWatchdog()
	}
}

// interrupt makes the reader return from the socket to check its own call.
func (c *conn) interrupt(w *waiter, call uint64) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.reader == w && w.call == call && !c.interrupted && !c.closed {
		c.interrupted = true
		_ = c.nc.SetReadDeadline(past)
	}
}

// releaseRole ends a reader's role; the lock is held.
func (c *conn) releaseRole() {
	c.reader, c.readerCtx = nil, nil
	if c.unwatch != nil {
		c.unwatch()
		c.unwatch = nil
	}
}

// passRole gives the reader's role to the oldest call; the lock is held. The
// caller of that call is to be signalled.
func (c *conn) passRole() *waiter {
	w := c.reader
	c.releaseRole()
	for next := c.oldest; next != nil; next = next.next {
		if next != w {
			c.reader = next
			return next
		}
	}
	c.closeIdle()
	return nil
}

// deliverAll hands out the frames that have arrived completely.
func (c *conn) deliverAll() error {
	for {
		h, payload, ok, err := c.frames.next()
		if !ok || err != nil {
			return err
		}
		switch h.kind {
		case kindReply:
			err = c.deliver(h, payload)
		case kindPart:
			err = c.part(h, payload)
		case kindGoaway:
			c.goaway(h.call)
		default:
			err = fmt.Errorf("%w: a frame of kind %d from the callee", link.ErrMalformed, h.kind)
		}
		if err != nil {
			return err
		}
	}
}

func (c *conn) deliver(h header, payload []byte) error {
	c.out.mu.Lock()
	w, issued, own := c.pending[h.call], h.call <= c.last, false
	if w != nil {
		own = c.reader == w
		c.unlist(w)
	}
	c.out.mu.Unlock()
	switch {
	case !issued:
		return errNeverMade
	case w == nil:
		return nil // it was given up
	}
	var reply link.Reply
	var err error
	if w.parts == nil {
		reply, err = parseReply(h, string(payload))
	} else if err = addPart(w.parts, payload); err == nil {
		reply, err = parseReply(h, w.parts.String())
	}
	if err != nil {
		w.finish(reply, link.Failed(link.Unknown, err), own)
		return err
	}
	w.finish(reply, nil, own)
	return nil
}

var errNeverMade = fmt.Errorf("%w: a reply to a call that was not made", link.ErrMalformed)

// part takes in a part of a large reply.
func (c *conn) part(h header, payload []byte) error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	w := c.pending[h.call]
	switch {
	case h.call > c.last:
		return errNeverMade
	case w == nil:
		return nil // the call was given up
	case w.parts == nil:
		w.parts = new(strings.Builder)
	}
	return addPart(w.parts, payload)
}

// parseReply reads a reply.
func parseReply(h header, src string) (link.Reply, error) {
	r := link.Reply{Status: link.Status(h.detail)}
	i := 0
	switch {
	case r.Status > link.StatusFailed:
		return r, fmt.Errorf("%w: a reply of status %d", link.ErrMalformed, h.detail)
	case r.Status != link.StatusOK:
		if r.Error, i = wire.Message(src, 0); i < 0 {
			return r, errPayload
		}
	}
	r.Body = src[i:]
	return r, nil
}

// abandon gives a call up whose context has ended, unless its reply is being
// delivered just now. A request that waits to be written yet is taken back.
func (c *conn) abandon(ctx context.Context, w *waiter) {
	c.out.mu.Lock()
	if !w.listed {
		c.out.mu.Unlock()
		return
	}
	c.unlist(w)
	outcome := link.Unknown
	if c.out.withdraw(w.end, w.size) {
		outcome = link.NotExecuted
	} else {
		c.out.appendUrgent(header{kind: kindCancel, call: w.call})
	}
	w.finish(link.Reply{}, link.Failed(outcome, ctx.Err()), true)
	var next *waiter
	if c.reader == w {
		next = c.passRole()
	}
	c.closeIdle()
	c.out.flush(false)
	if next != nil {
		next.signal()
	}
}

// goaway ends the connection for new calls: those after the given one were not
// taken by the callee.
func (c *conn) goaway(last uint64) {
	c.fail(link.ErrMoved, func(w *waiter) error {
		if w.call > last {
			return link.Failed(link.NotExecuted, link.ErrMoved)
		}
		return nil
	})
}

// writeFailed is called when writing failed. What the callee has received it may
// still answer; what it has not received completely it can't execute.
func (c *conn) writeFailed(err error) {
	err = fmt.Errorf("connection lost: %w", err)
	c.fail(err, func(w *waiter) error {
		if w.end > c.out.handedOver() {
			return link.Failed(link.NotExecuted, err)
		}
		return nil
	})
}

// readFailed is called by the reader, whose role ends with it: nothing more will be
// read from the connection. The kernel may have taken what is in flight: its
// writer hasn't told yet.
func (c *conn) readFailed(err error) {
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the peer has closed the connection or is gone: %w", err)
	} else {
		err = fmt.Errorf("connection lost: %w", err)
	}
	c.fail(err, func(w *waiter) error {
		if w.end > c.out.handedOver() {
			return link.Failed(link.NotExecuted, err)
		}
		return link.Failed(link.Unknown, err)
	})
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.releaseRole()
	c.closeIdle()
}

// fail ends the pending calls for which why gives a reason; those that come
// later fail with err. The connection takes no more.
func (c *conn) fail(err error, why func(*waiter) error) {
	c.unusable.Store(true)
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	for w := c.oldest; w != nil; {
		next := w.next
		if err := why(w); err != nil {
			c.unlist(w)
			w.finish(link.Reply{}, err, false)
			if c.reader == w && !c.interrupted {
				c.interrupted = true
				_ = c.nc.SetReadDeadline(past)
			}
		}
		w = next
	}
	c.closeIdle()
}
