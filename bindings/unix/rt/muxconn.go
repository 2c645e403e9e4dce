package unix

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A muxConn is one connection of a mux. All of it is guarded by the lock of that.
type muxConn struct {
	m      *mux
	number uint32
	wake   sync.Cond

	in     []byte // what has arrived; of that
	read   int    // these bytes were read
	taken  int    // bytes that were read, which the other side wasn't told
	out    []byte // what was written, and not yet sent
	room   int    // bytes that may be sent
	queued bool   // it waits for its turn to send
	over   bool   // the other side has closed it
	closed bool
	until  [2]muxDeadline // of reads, of writes
}

// A muxDeadline is the end of the time of reads or writes.
type muxDeadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *muxDeadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// arrived takes a frame; the lock is held.
func (c *muxConn) arrived(kind byte, count int, data []byte) error {
	switch {
	case kind == muxData && (len(c.in)-c.read+c.taken+len(data) > muxWindow || c.over):
		return errMux
	case kind == muxData && c.closed: // nobody reads it, and the sender goes on to its end
		c.credit(len(data))
	case kind == muxData:
		c.keep(data)
	case kind == muxCredit:
		if c.room += count; c.room > muxWindow {
			return errMux
		}
		c.enqueue()
	case kind == muxClose:
		if c.over = true; c.closed {
			c.say()
		}
	}
	c.wake.Broadcast()
	return nil
}

// keep appends what has arrived for who reads it; the lock is held.
func (c *muxConn) keep(data []byte) {
	if len(c.in)+len(data) > cap(c.in) && c.read >= len(c.in)/2 {
		c.in = c.in[:copy(c.in, c.in[c.read:])]
		c.read = 0
	}
	c.in = append(c.in, data...)
}

// credit says when there is much room again; the lock is held.
func (c *muxConn) credit(n int) {
	if c.taken += n; c.taken >= muxWindow/4 && !c.over {
		c.m.frame(muxCredit, c.number, c.taken)
		c.taken = 0
	}
}

// enqueue has it take turns, if there is something that may be sent; the lock is held.
func (c *muxConn) enqueue() {
	if !c.queued && len(c.out) > 0 && c.room > 0 && c.m.err == nil {
		c.queued = true
		c.m.ready = append(c.m.ready, c)
		c.m.work.Signal()
	}
}

// Read implements net.Conn.
func (c *muxConn) Read(p []byte) (int, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case c.until[0].passed():
			return 0, os.ErrDeadlineExceeded
		case len(c.in) > c.read || len(p) == 0:
			return c.take(p), nil
		case c.over:
			return 0, io.EOF
		case c.m.err != nil:
			return 0, c.m.err
		}
		c.wake.Wait()
	}
}

// take reads what has arrived; the lock is held.
func (c *muxConn) take(p []byte) int {
	n := copy(p, c.in[c.read:])
	if c.read += n; c.read == len(c.in) {
		if c.read = 0; cap(c.in) > muxPart {
			c.in = nil
		}
		c.in = c.in[:0]
	}
	c.credit(n)
	return n
}

// Write implements net.Conn.
func (c *muxConn) Write(p []byte) (int, error) { return c.write(p, true) }

// tryWrite writes what there is room for.
func (c *muxConn) tryWrite(p []byte) (int, error) { return c.write(p, false) }

func (c *muxConn) write(p []byte, wait bool) (n int, err error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	for n < len(p) {
		switch {
		case c.closed:
			return n, net.ErrClosed
		case c.until[1].passed():
			return n, os.ErrDeadlineExceeded
		case c.over:
			return n, fmt.Errorf("the other side has closed the connection: %w", io.ErrClosedPipe)
		case c.m.err != nil:
			return n, c.m.err
		case (len(c.out) >= muxQueued || c.m.quiet) && !wait:
			return n, nil
		case len(c.out) >= muxQueued || c.m.quiet:
			c.wake.Wait()
			continue
		}
		part := p[n:min(len(p), n+muxQueued-len(c.out))]
		c.out = append(c.out, part...)
		n += len(part)
		c.enqueue()
	}
	return n, nil
}

// Close implements net.Conn. What was written is sent yet.
func (c *muxConn) Close() error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.close()
	return nil
}

// close is Close with the lock held.
func (c *muxConn) close() {
	unread := len(c.in) - c.read
	c.closed, c.in, c.read = true, nil, 0
	for i := range c.until {
		if t := c.until[i].timer; t != nil {
			t.Stop()
		}
	}
	c.wake.Broadcast()
	if c.over || len(c.out) == 0 {
		c.say()
	} else {
		c.credit(unread)
	}
}

// say tells the other side of the end. What is left of what was written is for nobody. The
// lock is held.
func (c *muxConn) say() {
	c.m.frame(muxClose, c.number, 0)
	if c.queued {
		c.m.unqueue(c)
	}
	c.m.forget(c)
}

// SetDeadline implements net.Conn.
func (c *muxConn) SetDeadline(t time.Time) error { return c.limit(t, 0, 1) }

// SetReadDeadline implements net.Conn.
func (c *muxConn) SetReadDeadline(t time.Time) error { return c.limit(t, 0) }

// SetWriteDeadline implements net.Conn.
func (c *muxConn) SetWriteDeadline(t time.Time) error { return c.limit(t, 1) }

func (c *muxConn) limit(t time.Time, which ...int) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	for _, i := range which {
		d := &c.until[i]
		if d.timer != nil {
			d.timer.Stop()
			d.timer = nil
		}
		if d.at = t; !t.IsZero() && !d.passed() {
			d.timer = time.AfterFunc(time.Until(t), func() {
				c.m.mu.Lock()
				defer c.m.mu.Unlock()
				c.wake.Broadcast()
			})
		}
	}
	c.wake.Broadcast()
	return nil
}

// LocalAddr implements net.Conn.
func (c *muxConn) LocalAddr() net.Addr { return muxAddr{} }

// RemoteAddr implements net.Conn.
func (c *muxConn) RemoteAddr() net.Addr { return muxAddr{} }

var _ net.Conn = (*muxConn)(nil)
