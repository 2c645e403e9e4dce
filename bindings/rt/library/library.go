// Package library calls components of this program for a program in another language
// that has loaded it: the generated package main beside a component exports its
// functions to C.
package library

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// A Callee is a component as another language calls it. It is safe for concurrent use.
type Callee struct {
	name   string
	target func() (*link.Target, error)

	mu    sync.Mutex
	calls map[uint64]context.CancelFunc // those under way that can be cancelled

	replies sync.Pool
	keep    sync.Once // see report
}

// Component returns the component of that name. What opens it is called before the first
// call; nil: it is open already.
func Component(name string, open func(context.Context) error) *Callee {
	return &Callee{name: name, calls: map[uint64]context.CancelFunc{}, target: sync.OnceValues(func() (*link.Target, error) {
		if open != nil {
			if err := open(context.Background()); err != nil {
				return nil, err
			}
		}
		return link.Hosted(name)
	})}
}

// Unmade is an open function of a component that nothing makes.
func Unmade(why string) func(context.Context) error {
	return func(context.Context) error { return errors.New(why) }
}

// Constructor makes of a function that returns a component, or it and an error, and takes
// nothing or a context, one that Open takes. The component is an S or implements it.
func Constructor[S any](f any) func(context.Context) (S, error) {
	return func(ctx context.Context) (made S, err error) {
		switch f := f.(type) {
		case func() S:
			return f(), nil
		case func() (S, error):
			return f()
		case func(context.Context) S:
			return f(ctx), nil
		case func(context.Context) (S, error):
			return f(ctx)
		}
		v := reflect.ValueOf(f)
		var args []reflect.Value
		switch t := v.Type(); {
		case t.NumIn() == 1 && t.In(0) == reflect.TypeFor[context.Context]() && !t.IsVariadic():
			args = []reflect.Value{reflect.ValueOf(ctx)}
		case t.NumIn() > 0 && !(t.NumIn() == 1 && t.IsVariadic()):
			return made, fmt.Errorf("%s takes more than a context: name a function that gives it the rest", t)
		case t.NumOut() == 0:
			return made, fmt.Errorf("%s returns nothing", t)
		}
		out := v.Call(args)
		if len(out) == 2 {
			err, _ = out[1].Interface().(error)
		}
		made, ok := out[0].Interface().(S)
		if !ok && err == nil {
			err = fmt.Errorf("a %s is no %s", out[0].Type(), reflect.TypeFor[S]())
		}
		return made, err
	}
}

// maxKept is the largest reply whose memory is used again.
const maxKept = 64 << 10

// Call calls the endpoint with the given number on the wire, whose parameters are in
// request, and returns its results; where it failed, a failure as link.AppendFailure
// writes it. The reply is the caller's until Done. A call may take as long as limit, if
// that isn't 0. With a token other than 0, which no other call has, it can be cancelled. As
// from another process, such a call ends for its caller in time, and the component goes on if
// it doesn't look at its context.
//
// Without either the component runs on the thread of the caller. If it calls runtime.Goexit there, the
// process ends, as it does wherever Go is called from C: there is no stack to go back to.
func (c *Callee) Call(endpoint int, request string, limit time.Duration, token uint64) (reply []byte, failed bool) {
	target, err := c.target()
	if err != nil {
		return failure(link.StatusRefused, err), true
	}
	in := link.Incoming{Endpoint: target.Index(endpoint), Request: request}
	if in.Endpoint >= 0 && link.EndpointsOf(target)[in.Endpoint].Internal {
		return c.report(target, in)
	}
	if limit == 0 && token == 0 {
		var body []byte
		if kept, ok := c.replies.Get().(*[]byte); ok {
			body = *kept
		}
		return answer(target.Serve(context.Background(), in, body[:0]))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if limit > 0 {
		var over context.CancelFunc
		ctx, over = context.WithTimeout(ctx, limit)
		defer over()
	}
	if token != 0 {
		defer c.cancellable(token, cancel)()
	}
	type result struct {
		reply  []byte
		failed bool
	}
	done := make(chan result, 1)
	go func() {
		status, tree := target.Exited()
		var out []byte
		defer func() {
			reply, failed := answer(status, tree, out)
			done <- result{reply, failed}
		}()
		status, tree, out = target.Serve(ctx, in, nil)
	}()
	select {
	case r := <-done:
		return r.reply, r.failed
	case <-ctx.Done():
		return failure(link.StatusFailed, &link.Error{Component: c.name, Endpoint: link.EndpointsOf(target)[max(in.Endpoint, 0)].Name, Outcome: link.Unknown, Err: ctx.Err()}), true
	}
}

// whoLength is the length of the field, in a report of the handles that a caller has, that
// says who it is: a tag, a length and 16 bytes.
const whoLength = 2 + 16

// report passes on what a caller says of the handles that it has. It shares the process, so
// from the first report on the component is told in time that it is there: nothing of it
// is let go before it gives it back, however long it is kept from running.
func (c *Callee) report(target *link.Target, in link.Incoming) (reply []byte, failed bool) {
	status, tree, out := target.Serve(context.Background(), in, nil)
	if status == link.StatusOK && len(in.Request) >= whoLength && len(out) > 1 {
		if ms, _ := wire.Uvarint(string(out), 1); ms > 0 {
			c.keep.Do(func() { go stay(target, in.Endpoint, in.Request[:whoLength], time.Duration(ms)*time.Millisecond) })
		}
	}
	return answer(status, tree, out)
}

// stay reports for a caller three times in the time of a lease.
func stay(target *link.Target, endpoint int, who string, lease time.Duration) {
	for range time.Tick(lease / 3) {
		target.Serve(context.Background(), link.Incoming{Endpoint: endpoint, Request: who}, nil)
	}
}

// cancellable lets Cancel end a call, until the function is called that it returns.
func (c *Callee) cancellable(token uint64, cancel context.CancelFunc) (over func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[token] = cancel
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.calls, token)
	}
}

// answer is what a call comes to.
func answer(status link.Status, tree, out []byte) (reply []byte, failed bool) {
	if status == link.StatusOK {
		return out, false
	}
	return link.AppendFailure(nil, status, tree, out), true
}

func failure(status link.Status, err error) []byte {
	return link.AppendFailure(nil, status, link.NewErrors().Append(nil, err), nil)
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
