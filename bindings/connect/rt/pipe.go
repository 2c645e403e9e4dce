package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"connectrpc.com/connect"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
)

// CarryStreams makes calls with streams possible. Generated code calls it where a
// contract has such.
//
// A call with streams is one with a stream of messages in both directions. Each has
// one field, whose number is that of the pipe's message.
func CarryStreams() {
	link.RegisterPiper("connect", openPipe)
	link.RegisterPiper("connects", openPipe)
	servePipe = serveStreams
}

var errOver = errors.New("the peer has ended the call")

// A pipe carries one call with streams.
type pipe struct {
	send    func(*message) error
	receive func() (*message, error)
	close   func()

	mu     sync.Mutex // held by who sends
	closed bool
}

// Send implements link.Pipe.
func (p *pipe) Send(number int, parts ...[]byte) error {
	b, err := link.PipeMessage(number, MaxMessage, parts...)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errOver
	}
	err = p.send(&message{bytes: b})
	if errors.Is(err, io.EOF) { // Receive says why
		err = errOver
	}
	return err
}

// Receive implements link.Pipe.
func (p *pipe) Receive(buf []byte) (int, []byte, error) {
	m, err := p.receive()
	if err != nil {
		return 0, nil, err
	}
	if m.json {
		return 0, nil, fmt.Errorf("%w: a message of a stream in JSON", link.ErrMalformed)
	}
	number, body, err := link.ParsePipeMessage(m.bytes)
	return number, append(buf[:0], body...), err
}

// Close implements link.Pipe.
func (p *pipe) Close() error {
	p.close()
	return nil
}

func openPipe(ctx context.Context, to link.Peer, call link.Outgoing) (link.Pipe, error) {
	c, ok := to.Conn.(*conn)
	if !ok || !c.Usable() {
		return nil, link.ErrClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	s := c.client(c.procedure(call.Endpoint.Name), c.streams).CallBidiStream(ctx)
	c.headers(s.RequestHeader(), call.Metadata)
	over := sync.OnceFunc(func() {
		cancel()
		_ = s.CloseRequest() // net/http looks at the context when it isn't waiting for more of the request
	})
	return &pipe{send: s.Send, close: over, receive: func() (*message, error) {
		m, err := s.Receive()
		if err != nil {
			return nil, ended(err)
		}
		return m, nil
	}}, nil
}

// ended is why a call with streams has ended.
func ended(err error) error {
	var e *connect.Error
	switch {
	case errors.Is(err, io.EOF):
		return errOver
	case !errors.As(err, &e):
		return err
	case e.Meta().Get(headerRefused) == "":
		return errors.New(e.Message())
	}
	if reply, ok := failed(e); ok {
		if refused, bad := link.NewErrors().Parse(reply.Error); bad == nil {
			return link.Failed(link.NotExecuted, refused)
		}
	}
	return link.Failed(link.NotExecuted, errors.New(e.Message()))
}

// servePipe serves a call with streams; nil where no contract has such.
var servePipe func(context.Context, *connect.BidiStream[message, message]) error

// serveStreams serves a call with streams. What waits for its caller goes on when this
// returns, but sends nothing any more: the connection takes nothing from a handler that
// has returned.
func serveStreams(ctx context.Context, s *connect.BidiStream[message, message]) error {
	f := ctx.Value(foundKey{}).(*found)
	in := link.Incoming{Endpoint: f.endpoint}
	var err error
	if in.Metadata, err = link.ParseMetadataHeaders(s.RequestHeader()[headerMetadata]); err != nil {
		return refusal(err, f.unit)
	}
	in.Metadata = link.WithForeign(in.Metadata, s.RequestHeader().Get)
	closed, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	p := &pipe{send: s.Send, receive: s.Receive, close: func() { once.Do(func() { close(closed) }) }}
	go func() {
		defer close(done)
		stream.Serve(ctx, f.target, p, in)
	}()
	select {
	case <-done:
	case <-closed:
	}
	if !p.mu.TryLock() { // somebody sends, and the caller may never take it
		_ = http.NewResponseController(f.w).SetWriteDeadline(time.Now())
		p.mu.Lock()
	}
	p.closed = true
	p.mu.Unlock()
	return nil
}
