package unix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/unweld/unweld/bindings/link"
)

var past = time.Unix(1, 0)

// read holds the reader's role until the holder's call is done or given up.
func (c *conn) read(ctx context.Context, w *waiter) {
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { c.kick(w) })
		defer stop()
	}
	for {
		err := c.deliverAll()
		c.out.mu.Lock()
		if c.kicked {
			c.kicked = false
			_ = c.nc.SetReadDeadline(time.Time{})
		}
		if err == nil && (!w.listed || ctx.Err() != nil) {
			next := c.handOn()
			c.out.mu.Unlock()
			if next != nil {
				next.signal()
			}
			return
		}
		c.out.mu.Unlock()
		if err == nil {
			err = c.frames.fill(c.nc)
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			c.lost(err)
			return
		}
	}
}

// kick makes a reader that is blocked in the socket look at its call again.
func (c *conn) kick(w *waiter) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.reader == w && !c.kicked && !c.closed {
		c.kicked = true
		_ = c.nc.SetReadDeadline(past)
	}
}

// handOn gives the reader's role to the oldest call; the lock is held. The
// caller of that call is to be signalled.
func (c *conn) handOn() *waiter {
	w := c.reader
	c.reader = nil
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
	w, issued := c.pending[h.call], h.call <= c.last
	if w != nil {
		c.unlist(w)
	}
	c.out.mu.Unlock()
	if w == nil {
		if !issued {
			return fmt.Errorf("%w: a reply to a call that was not made", link.ErrMalformed)
		}
		return nil // it was given up
	}
	reply, err := parseReply(h, payload)
	if err != nil {
		w.finish(reply, link.Failed(link.Unknown, err))
		return err
	}
	w.finish(reply, nil)
	return nil
}

func parseReply(h header, payload []byte) (link.Reply, error) {
	r := link.Reply{Status: link.Status(h.detail)}
	if r.Status > link.StatusFailed {
		return r, fmt.Errorf("%w: a reply of status %d", link.ErrMalformed, h.detail)
	}
	if r.Status != link.StatusOK {
		tree, rest, err := readBytes(payload)
		if err != nil {
			return r, err
		}
		r.Error, payload = string(tree), rest
	}
	r.Body = string(payload)
	return r, nil
}

// abandon gives a call up whose context has ended, unless its reply is being
// delivered just now.
func (c *conn) abandon(ctx context.Context, w *waiter) {
	c.out.mu.Lock()
	if !w.listed {
		c.out.mu.Unlock()
		return
	}
	c.unlist(w)
	w.finish(link.Reply{}, link.Failed(link.Unknown, ctx.Err()))
	var next *waiter
	if c.reader == w {
		next = c.handOn()
	}
	if c.out.err == nil {
		c.out.end(c.out.begin(header{kind: kindCancel, call: w.call}))
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
	c.unusable.Store(true)
	c.fail(func(w *waiter) error {
		if w.call > last {
			return link.Failed(link.NotExecuted, link.ErrMoved)
		}
		return nil
	})
}

// unsent is told when writing failed. What the callee has received it may
// still answer; what it has not received completely it can't execute.
func (c *conn) unsent(err error) {
	c.unusable.Store(true)
	c.fail(func(w *waiter) error {
		if w.end > c.out.written {
			return link.Failed(link.NotExecuted, fmt.Errorf("connection lost: %w", err))
		}
		return nil
	})
}

// lost is called by the reader, whose role ends with it: nothing more will be
// read from the connection.
func (c *conn) lost(err error) {
	c.unusable.Store(true)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the peer has closed the connection or is gone: %w", err)
	} else {
		err = fmt.Errorf("connection lost: %w", err)
	}
	c.fail(func(w *waiter) error {
		if w.end > c.out.written {
			return link.Failed(link.NotExecuted, err)
		}
		return link.Failed(link.Unknown, err)
	})
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.reader = nil
	if c.err == nil {
		c.err = err
	}
	c.closeIdle()
}

// fail ends the pending calls for which why gives a reason.
func (c *conn) fail(why func(*waiter) error) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	for w := c.oldest; w != nil; {
		next := w.next
		if err := why(w); err != nil {
			c.unlist(w)
			w.finish(link.Reply{}, err)
			if c.reader == w && !c.kicked {
				c.kicked = true
				_ = c.nc.SetReadDeadline(past)
			}
		}
		w = next
	}
	c.closeIdle()
}
