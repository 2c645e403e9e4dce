package unix

import (
	"bytes"
	"context"
	"io"
	"net"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// CarryStreams makes calls with streams possible. Generated code calls it where a
// contract has such.
func CarryStreams() {
	link.RegisterPiper("unix", openPipe)
	link.RegisterPiper("stdio", openPipe)
	servePipe = (*session).servePipe
}

// pipeCall is the number of the caller's first message: the endpoint, the remaining
// time in nanoseconds plus one or zero, and metadata.
const pipeCall = 0

// A callPipe carries one call with streams.
type callPipe struct {
	link.Pipe
	nc net.Conn
}

func openPipe(ctx context.Context, to link.Peer, call link.Outgoing) (link.Pipe, error) {
	nc, err := another(ctx, to)
	if err != nil {
		return nil, err
	}
	f, err := greet(ctx, nc, kindStreams, to.Hello)
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	b := wire.AppendUvarint(nil, uint64(call.Endpoint.ID))
	remaining := uint64(0)
	if d, ok := ctx.Deadline(); ok {
		remaining = uint64(max(0, time.Until(d))) + 1
	}
	b = wire.AppendBytes(wire.AppendUvarint(b, remaining), link.AppendMetadata(nil, call.Metadata))
	p := newCallPipe(nc, f)
	if err := p.Send(pipeCall, b); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return p, nil
}

// another makes a connection beside the one that calls share.
func another(ctx context.Context, to link.Peer) (net.Conn, error) {
	if c, ok := to.Conn.(*conn); ok {
		if shared, ok := c.nc.(*muxConn); ok {
			return shared.m.open()
		}
	}
	return dialSocket(ctx, to.Address)
}

// newCallPipe makes a pipe of a connection after its handshake, with whose last frame
// more may have come.
func newCallPipe(nc net.Conn, f *frames) *callPipe {
	left := bytes.NewReader(f.buf[f.start:f.end])
	return &callPipe{link.ConnPipe(nc, io.MultiReader(left, nc), MaxMessage), nc}
}

// servePipe serves one call.
func (s *session) servePipe(target *link.Target, f *frames) {
	p := newCallPipe(s.nc, f)
	_ = s.nc.SetReadDeadline(time.Now().Add(handshakeTime(s.nc)))
	number, message, err := p.Receive(nil)
	_ = s.nc.SetReadDeadline(time.Time{})
	if err != nil || number != pipeCall {
		return
	}
	src := string(message)
	id, i := wire.Uvarint(src, 0)
	remaining, i := wire.Uvarint(src, i)
	meta, i := wire.Message(src, i)
	if i < 0 || remaining > 1<<62 || id > 1<<30 {
		return
	}
	in := link.Incoming{Endpoint: target.Index(int(id))}
	if in.Metadata, err = link.ParseMetadata(meta); err != nil {
		return
	}
	ctx := context.Background()
	if remaining > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(remaining-1))
		defer cancel()
		ctx = limited
	}
	stream.Serve(ctx, target, p, in)
}
