package unix

import (
	"context"
	"sync"
	"time"
)

// A callContext is the context of one call at its callee. It ends with the
// call, at the caller's deadline, when the caller cancels, and with the
// connection.
//
// Most calls never ask whether theirs has ended, so it has no timer, no channel
// and no parent until Done is called. A call that asks is about to wait: that
// is when it gives up the reader's role, so that a cancel frame is read while
// it does.
type callContext struct {
	s        *session
	call     uint64
	deadline time.Time // zero: none
	onReader uint64    // the session's state while the call runs on the reader; 0: it never did

	mu     sync.Mutex
	err    error
	lazy   context.Context // what Done stands on; nil until then
	cancel context.CancelFunc
}

// Deadline implements context.Context.
func (c *callContext) Deadline() (time.Time, bool) { return c.deadline, !c.deadline.IsZero() }

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} {
	c.mu.Lock()
	if c.lazy == nil {
		c.lazy, c.cancel = c.standard()
	}
	c.mu.Unlock()
	if c.onReader != 0 {
		c.s.handOver(c.onReader)
	}
	return c.lazy.Done()
}

// standard makes a context of package context in the present state of c.
func (c *callContext) standard() (context.Context, context.CancelFunc) {
	if c.deadline.IsZero() || c.err == context.Canceled {
		ctx, cancel := context.WithCancel(context.Background())
		if c.err != nil {
			cancel()
		}
		return ctx, cancel
	}
	return context.WithDeadline(context.Background(), c.deadline)
}

// Err implements context.Context.
func (c *callContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.lazy != nil:
		return c.lazy.Err()
	case c.err == nil && !c.deadline.IsZero() && !time.Now().Before(c.deadline):
		c.err = context.DeadlineExceeded
	}
	return c.err
}

// Value implements context.Context. The package context finds its own context
// with it, and so needs no goroutine for the contexts that are derived from c.
func (c *callContext) Value(key any) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lazy == nil {
		return nil
	}
	return c.lazy.Value(key)
}

// end ends the context, unless it has ended.
func (c *callContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.lazy != nil:
		c.cancel()
	case c.err == nil:
		c.err = context.Canceled
	}
}
