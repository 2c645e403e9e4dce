package stream

import (
	"context"
	"errors"
	"runtime"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// An exchange is the message of a callback: its call, or the answer.
type exchange struct {
	id   uint64
	body string // the arguments, or the results
	err  string // the tree of the error that it returned
}

func (x exchange) append(b []byte) []byte {
	b = wire.AppendUvarint(append(b, 1<<3), x.id)
	if x.body != "" {
		b = wire.AppendText(append(b, 2<<3|wire.TypeBytes), x.body)
	}
	if x.err != "" {
		b = wire.AppendText(append(b, 3<<3|wire.TypeBytes), x.err)
	}
	return b
}

func parseExchange(s string) (x exchange, err error) {
	i := 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		switch tag, i = wire.Uvarint(s, i); tag {
		case 1 << 3:
			x.id, i = wire.Uvarint(s, i)
		case 2<<3 | wire.TypeBytes:
			x.body, i = wire.Message(s, i)
		case 3<<3 | wire.TypeBytes:
			x.err, i = wire.Message(s, i)
		default:
			i = wire.Skip(s, i, tag)
		}
	}
	if i < 0 {
		return x, violation("the message of a callback")
	}
	return x, nil
}

// callback is the end of a callback on the side that has it.
type callback struct {
	s      *session
	number int
	ctx    context.Context
	call   func(ctx context.Context, arguments string, results []byte) ([]byte, error)

	running int // guarded by the session's lock
}

// GiveCallback makes a function available to the other side. call decodes the
// arguments, calls it and appends the results.
func GiveCallback(ctx context.Context, c *Call, place int, call func(ctx context.Context, arguments string, results []byte) ([]byte, error)) {
	c.add(2*place, &callback{s: c.session, number: 2 * place, ctx: ctx, call: call}, false)
}

func (*callback) wakeAll() {}

func (*callback) control(c control) error { return violation("control %d of a callback", c.op) }

func (x *callback) data(message []byte) (bool, error) {
	call, err := parseExchange(string(message))
	if err != nil {
		return false, err
	}
	if x.running++; x.running > maxCalls {
		return false, violation("more than %d calls of a callback at the same time", maxCalls)
	}
	x.s.calls.Add(1)
	go x.run(call)
	return false, nil
}

func (x *callback) run(call exchange) {
	defer x.s.calls.Done()
	answer := exchange{id: call.id}
	err := errors.New("the callback ended its goroutine instead of returning")
	defer func() {
		if err != nil {
			answer.err = string(x.s.errors.Append(nil, err))
		}
		x.s.mu.Lock()
		x.running--
		x.s.mu.Unlock()
		_ = x.s.send(numberData+x.number, answer.append(nil))
	}()
	var body []byte
	err = x.s.guarded(func() (err error) {
		body, err = x.call(x.ctx, call.body, nil)
		return err
	})
	if bad := tooLarge("results", body); bad != nil {
		body, err = nil, bad
	}
	answer.body = string(body)
}

// caller is the end of a callback on the side that calls it.
type caller struct {
	s      *session
	number int

	// Guarded by the session's lock.
	last    uint64
	pending map[uint64]chan exchange
}

// A Callback is a function on the other side.
type Callback struct{ *caller }

// TakeCallback is for a function that the other side gives.
func TakeCallback(c *Call, place int) Callback {
	x := &caller{s: c.session, number: 2 * place, pending: map[uint64]chan exchange{}}
	c.add(x.number, x, false)
	return Callback{x}
}

// wakeAll lets those go on whose answers don't come any more.
func (x *caller) wakeAll() {
	for id, c := range x.pending {
		delete(x.pending, id)
		close(c)
	}
}

func (*caller) control(c control) error { return violation("control %d of a callback", c.op) }

func (x *caller) data(message []byte) (bool, error) {
	answer, err := parseExchange(string(message))
	if err != nil {
		return false, err
	}
	c := x.pending[answer.id]
	if c == nil {
		if answer.id == 0 || answer.id > x.last {
			return false, violation("the answer to a call of a callback that wasn't made")
		}
		return false, nil // it was given up
	}
	delete(x.pending, answer.id)
	c <- answer
	return false, nil
}

// Do calls the function. decode gets what it returned, also beside an error.
func (x Callback) Do(ctx context.Context, arguments []byte, decode func(string) error) error {
	if err := tooLarge("arguments", arguments); err != nil {
		return err
	}
	x.s.mu.Lock()
	if err := x.s.ended(x.number); err != nil {
		x.s.mu.Unlock()
		return err
	}
	x.last++
	id, c := x.last, make(chan exchange, 1)
	x.pending[id] = c
	x.s.mu.Unlock()
	if err := x.s.send(numberData+x.number, exchange{id: id, body: string(arguments)}.append(nil)); err != nil {
		return err
	}
	select {
	case answer, ok := <-c:
		if !ok {
			x.s.mu.Lock()
			defer x.s.mu.Unlock()
			return x.s.ended(x.number)
		}
		if err := decode(answer.body); err != nil {
			return link.Malformed(err)
		}
		if answer.err == "" {
			return nil
		}
		return x.s.errorIn(control{err: answer.err})
	case <-ctx.Done():
		x.s.mu.Lock()
		delete(x.pending, id)
		x.s.mu.Unlock()
		return ctx.Err()
	}
}

// Abandon is for a form of stream that can't say that it failed, where nothing may
// go on as if it hadn't. In the component it ends the goroutine, and with it the
// call; for its caller it panics, unless its own context has ended.
func Abandon(c *Call, err error) {
	if !c.callee {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return
		}
		panic(err)
	}
	c.mu.Lock()
	if c.cause == nil {
		c.cause = err
	}
	c.mu.Unlock()
	runtime.Goexit()
}

// Ended reports whether an error only says that the call has returned to which a
// stream belonged.
func Ended(err error) bool { return err == errEnded }
