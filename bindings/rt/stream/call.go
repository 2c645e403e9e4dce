package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A Call is a call with streams, on one of its sides.
type Call struct{ *session }

type callKey struct{}

// Start begins a call at its caller. The streams of the parameters are given to
// the Call, then it is made with the context that Start returns, then those of
// the results are taken; Return ends the part that its caller waits for.
func Start(ctx context.Context, r *link.Remote, endpoint int) (*Call, context.Context) {
	c := &Call{newSession(link.ErrorsOf(r))}
	c.component, c.endpoint = link.NamesOf(r, endpoint)
	c.wrap = func(err error) error { return link.Broken(r, endpoint, err) }
	c.release = context.AfterFunc(ctx, func() { c.fail(ctx.Err()) })
	c.broke = func(err error) error { return deadlineOr(ctx, err) }
	return c, context.WithValue(ctx, callKey{}, c)
}

// Return ends the streams of the parameters, and the pipe if there are no others.
func (c *Call) Return() {
	c.endParams()
	c.mu.Lock()
	end := func() {
		c.release()
		c.let(nil)
		if c.pipe != nil {
			_ = c.pipe.Close()
		}
	}
	if c.idle = end; c.results == 0 {
		end()
	}
	worked := c.worked
	c.mu.Unlock()
	c.calls.Wait()
	if !worked {
		return
	}
	done := make(chan struct{})
	go func() {
		c.waiting.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
	}
}

// Carry makes the call of a Call that Start has begun: it is what the endpoint of a
// contract has.
func Carry(ctx context.Context, to link.Peer, out link.Outgoing) (link.Reply, error) {
	c, _ := ctx.Value(callKey{}).(*Call)
	if c == nil {
		return link.Reply{}, link.Failed(link.NotExecuted, errors.New("a call with streams that nobody has begun"))
	}
	c.hold(ctx)
	if err := tooLarge("a request", out.Request); err != nil {
		return link.Reply{}, link.Failed(link.NotExecuted, err)
	}
	pipe, err := link.OpenPipe(ctx, to, out)
	if err != nil {
		return link.Reply{}, link.Failed(link.NotExecuted, err)
	}
	if err := c.use(pipe); err != nil {
		_ = pipe.Close()
		return link.Reply{}, err
	}
	replies, refused := make(chan link.Reply, 1), make(chan error, 1)
	go func() {
		err := c.broke(c.receive(pipe, func(number int, message []byte) error { return c.reply(number, message, replies) }))
		var e *link.Error
		c.mu.Lock()
		mine := c.pipe == pipe
		if mine && !c.said && errors.As(err, &e) && e.Outcome == link.NotExecuted { // the pipe's end isn't that of the call
			c.pipe, mine = nil, false
			refused <- err
		}
		c.mu.Unlock()
		if mine {
			c.fail(err)
		}
	}()
	if err := pipe.Send(numberCall, out.Request); err != nil {
		c.fail(c.broke(err))
	}
	select {
	case r := <-replies:
		if r.Status == link.StatusRefused {
			_ = pipe.Close()
		}
		return r, nil
	case err := <-refused:
		_ = pipe.Close()
		return link.Reply{}, err
	case <-c.over:
	}
	select { // a reply that came with the end
	case r := <-replies:
		return r, nil
	default:
		return link.Reply{}, link.Failed(link.Unknown, errors.Unwrap(c.err))
	}
}

// clocksApart is how much earlier than its caller a component may end a call whose time
// is over.
const clocksApart = 100 * time.Millisecond

// deadlineOr is the error by which the pipe of a call has ended, or that of its deadline,
// which has come by the other side's clock and comes now by this one's.
func deadlineOr(ctx context.Context, err error) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < clocksApart && !errors.Is(err, link.ErrTooLarge) {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

// use makes a pipe that of the call. A call that was refused is made again by
// another one, unless the program could tell.
func (c *Call) use(pipe link.Pipe) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return link.Failed(link.NotExecuted, errors.Unwrap(c.err))
	case c.said:
		return link.Failed(link.Unknown, errors.New("a call with streams that had begun can't be repeated"))
	}
	c.pipe = pipe
	return nil
}

// reply takes the messages of the call itself.
func (c *Call) reply(number int, message []byte, replies chan<- link.Reply) error {
	r := link.Reply{Body: string(message)}
	if number == numberFailure {
		var err error
		if r, err = link.ParseFailure(string(message)); err != nil {
			return err
		}
	} else if number != numberCall {
		return violation("a message of number %d", number)
	}
	if r.Status == link.StatusRefused { // the pipe's end isn't that of the call
		c.mu.Lock()
		c.pipe = nil
		c.mu.Unlock()
	}
	select {
	case replies <- r:
		return nil
	default:
		return violation("a second reply")
	}
}

// Of returns the call that a request belongs to, on the side of the component; nil
// if it came without streams.
func Of(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	if c != nil {
		c.hold(ctx)
	}
	return c
}

// ErrNone is the error of a request that came without the streams it needs.
var ErrNone = errors.New("the request came by a way without streams")

// Serve executes the call of a pipe and returns when its streams have ended. The
// pipe is closed. ctx is that of the call, without its end.
func Serve(ctx context.Context, t *link.Target, pipe link.Pipe, in link.Incoming) {
	defer func() { _ = pipe.Close() }()
	number, request, err := pipe.Receive(nil)
	if err != nil || number != numberCall {
		return
	}
	in.Request = string(request)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &Call{newSession(link.ErrorsOfTarget(t))}
	c.pipe, c.callee = pipe, true
	if c.component = t.Component(); in.Endpoint >= 0 {
		c.endpoint = link.EndpointsOf(t)[in.Endpoint].Name
	}
	settled := make(chan struct{})
	c.wrap = func(err error) error { return link.Failed(link.Unknown, err) }
	unwatch := context.AfterFunc(ctx, func() { c.fail(context.Cause(ctx)) })
	defer unwatch()
	go func() {
		err := c.receive(pipe, func(int, []byte) error { return violation("a second request") })
		cancel()
		c.fail(fmt.Errorf("%w: the caller is gone or has given the call up: %w", context.Canceled, err))
	}()
	st, tree, body := c.run(context.WithValue(ctx, callKey{}, c), t, in)
	c.mu.Lock()
	end := func() {
		c.let(nil)
		close(settled)
	}
	if c.replied, c.idle = true, end; c.results == 0 {
		end()
		c.idle = nil
	}
	c.mu.Unlock()
	c.endParams()
	if bad := tooLarge("a reply", body); bad != nil {
		st, tree, body = link.StatusFailed, t.EncodeError(bad), nil
	}
	if st == link.StatusOK {
		err = pipe.Send(numberCall, body)
	} else {
		err = pipe.Send(numberFailure, link.AppendFailure(nil, st, tree, body))
	}
	if err != nil {
		c.fail(err)
	}
	select {
	case <-settled:
	case <-c.over:
	}
	c.closeAll()
	select { // the caller closes the pipe when it has everything
	case <-c.over:
	case <-time.After(lingering):
	}
}

// lingering is how long a caller may take to close the pipe after the call.
const lingering = 10 * time.Second

// run executes the call on a goroutine of its own, which may be ended by
// runtime.Goexit.
func (c *Call) run(ctx context.Context, t *link.Target, in link.Incoming) (st link.Status, tree, body []byte) {
	done := make(chan struct{})
	returned := false
	go func() {
		defer close(done)
		st, tree, body = t.Serve(ctx, in, nil)
		returned = true
	}()
	<-done
	c.mu.Lock()
	cause := c.cause
	c.mu.Unlock()
	switch {
	case !returned && cause != nil:
		return link.StatusError, t.EncodeError(cause), nil
	case !returned:
		st, tree = t.Exited()
	}
	return st, tree, body
}
