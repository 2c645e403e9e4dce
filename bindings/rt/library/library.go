// Package library calls components of this program for a program in another language
// that has loaded it: the generated package main beside a component exports its
// functions to C.
package library

import (
	"context"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A Callee is a component as another language calls it. It is safe for concurrent use.
type Callee struct {
	name   string
	target func() (*link.Target, error)

	mu    sync.Mutex
	calls map[uint64]context.CancelFunc // those under way that can be cancelled

	replies sync.Pool
}

// Component returns the component of that name. It need not be open yet.
func Component(name string) *Callee {
	return &Callee{name: name, calls: map[uint64]context.CancelFunc{}, target: sync.OnceValues(func() (*link.Target, error) { return link.Hosted(name) })}
}

// maxKept is the largest reply whose memory is used again.
const maxKept = 64 << 10

// Call calls the endpoint with the given number on the wire, whose parameters are in
// request, and returns its results; where it failed, a failure as link.AppendFailure
// writes it. The reply is the caller's until Done. A call may take as long as limit, if
// that isn't 0. With a token other than 0, which no other call has, it can be cancelled.
//
// The component runs on the thread of the caller. If it calls runtime.Goexit there, the
// process ends, as it does wherever Go is called from C: there is no stack to go back to.
func (c *Callee) Call(endpoint int, request string, limit time.Duration, token uint64) (reply []byte, failed bool) {
	var body []byte
	if kept, ok := c.replies.Get().(*[]byte); ok {
		body = *kept
	}
	target, err := c.target()
	if err != nil {
		return link.AppendFailure(body[:0], link.StatusRefused, link.NewErrors().Append(nil, err), nil), true
	}
	ctx := context.Background()
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	if token != 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		c.mu.Lock()
		c.calls[token] = cancel
		c.mu.Unlock()
		defer func() {
			c.mu.Lock()
			delete(c.calls, token)
			c.mu.Unlock()
			cancel()
		}()
	}
	status, tree, out := target.Serve(ctx, link.Incoming{Endpoint: target.Index(endpoint), Request: request}, body[:0])
	if status == link.StatusOK {
		return out, false
	}
	return link.AppendFailure(nil, status, tree, out), true
}

// Done gives a reply back.
func (c *Callee) Done(reply []byte) {
	if cap(reply) <= maxKept {
		c.replies.Put(&reply)
	}
}

// Cancel ends the context of the call with that token, if it is still under way.
func (c *Callee) Cancel(token uint64) {
	c.mu.Lock()
	cancel := c.calls[token]
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}
