package grpc

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
)

// CarryStreams makes calls with streams possible. Generated code calls it where a
// contract has such.
//
// A call with streams is one with a stream of messages in both directions. Each has
// one field, whose number is that of the pipe's message.
func CarryStreams() {
	link.RegisterPiper("grpc", openPipe)
	servePipe = serveStreams
}

// A messages is what both sides of a call with streams have in common.
type messages interface {
	SendMsg(any) error
	RecvMsg(any) error
}

// A pipe carries one call with streams.
type pipe struct {
	messages
	explain func(error) error // of Receive
	close   func()

	mu sync.Mutex // held by who sends
}

// Send implements link.Pipe.
func (p *pipe) Send(number int, parts ...[]byte) error {
	// The connection keeps the memory for as long as it likes.
	b, err := link.PipeMessage(number, MaxMessage, parts...)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	err = p.SendMsg(b)
	if errors.Is(err, io.EOF) { // Receive says why
		err = errors.New("the peer has ended the call")
	}
	return err
}

// Receive implements link.Pipe.
func (p *pipe) Receive(buf []byte) (int, []byte, error) {
	var text string
	if err := p.RecvMsg(&text); err != nil {
		return 0, nil, p.explain(err)
	}
	number, message, err := link.ParsePipeMessage(text)
	return number, append(buf[:0], message...), err
}

// Close implements link.Pipe.
func (p *pipe) Close() error {
	p.close()
	return nil
}

func openPipe(ctx context.Context, to link.Peer, call link.Outgoing) (link.Pipe, error) {
	c, ok := to.Conn.(*conn)
	if !ok || !c.enter() {
		return nil, link.ErrClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	s, err := c.cc.NewStream(c.outgoing(ctx, call.Metadata), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, c.prefix+call.Endpoint.Name)
	if err != nil {
		cancel()
		c.leave()
		return nil, c.explain(err)
	}
	var once sync.Once
	return &pipe{messages: s, explain: func(err error) error { return c.ended(s, err) }, close: func() {
		once.Do(func() {
			cancel()
			c.leave()
		})
	}}, nil
}

// ended is why a call with streams has ended.
func (c *conn) ended(s grpc.ClientStream, err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the peer has ended the call")
	case len(s.Trailer().Get(keyRefused)) > 0:
		return link.Failed(link.NotExecuted, c.explain(err))
	}
	st, _ := status.FromError(err)
	return errors.New(st.Message())
}

// servePipe serves a call with streams; nil where no contract has such.
var servePipe func(s grpc.ServerStream, t *link.Target, in link.Incoming) error

// serveStreams serves a call with streams. What waits for its caller goes on when
// this returns.
func serveStreams(s grpc.ServerStream, t *link.Target, in link.Incoming) error {
	closed, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	p := &pipe{messages: s, explain: func(err error) error { return err }, close: func() { once.Do(func() { close(closed) }) }}
	go func() {
		defer close(done)
		stream.Serve(s.Context(), t, p, in)
	}()
	select {
	case <-done:
	case <-closed:
	}
	return nil
}
