package unix

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/stream"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// CarryStreams makes calls with streams possible. Generated code calls it where a
// contract has such.
func CarryStreams() {
	link.RegisterPiper("unix", openPipe)
	servePipe = (*session).servePipe
}

// A message on a pipe is its length (4 bytes, little endian), its number (4 bytes)
// and as many bytes. The caller's first one has the number pipeCall.
const (
	pipeHeader = 8
	pipeCall   = 0 // the endpoint, the remaining time in nanoseconds plus one or zero, and metadata
	pipeBuffer = 32 << 10
	pipeFirst  = 256 << 10 // memory for a message before more of it has arrived
)

// A callPipe carries one call with streams.
type callPipe struct {
	nc   net.Conn
	in   *bufio.Reader
	head [pipeHeader]byte // the receiver's

	mu      sync.Mutex // held by who sends
	buffers net.Buffers
	small   []byte
}

func openPipe(ctx context.Context, to link.Peer, call link.Outgoing) (link.Pipe, error) {
	nc, err := dialSocket(ctx, to.Address)
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

// newCallPipe makes a pipe of a connection after its handshake.
func newCallPipe(nc net.Conn, f *frames) *callPipe {
	return &callPipe{nc: nc, in: bufio.NewReaderSize(io.MultiReader(bytesLeft(f), nc), pipeBuffer)}
}

// servePipe serves one call.
func (s *session) servePipe(target *link.Target, f *frames) {
	p := newCallPipe(s.nc, f)
	_ = s.nc.SetReadDeadline(time.Now().Add(handshakeLimit))
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

// Send implements link.Pipe.
func (p *callPipe) Send(number int, parts ...[]byte) error {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	if n > MaxMessage {
		return fmt.Errorf("%w: a message of %d bytes, the limit is %d", link.ErrTooLarge, n, MaxMessage)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.small = binary.LittleEndian.AppendUint32(p.small[:0], uint32(n))
	p.small = binary.LittleEndian.AppendUint32(p.small, uint32(number))
	if n <= 4<<10 { // one copy costs less than a list
		for _, part := range parts {
			p.small = append(p.small, part...)
		}
		_, err := p.nc.Write(p.small)
		return err
	}
	all := append(append(p.buffers[:0], p.small), parts...)
	p.buffers = all
	_, err := all.WriteTo(p.nc)
	clear(p.buffers)
	return err
}

// Receive implements link.Pipe. It takes memory for what has arrived, whatever a
// header says.
func (p *callPipe) Receive(buf []byte) (int, []byte, error) {
	if _, err := io.ReadFull(p.in, p.head[:]); err != nil {
		return 0, nil, err
	}
	n, number := int(binary.LittleEndian.Uint32(p.head[:])), binary.LittleEndian.Uint32(p.head[4:])
	if n > MaxMessage || number > 1<<30 {
		return 0, nil, fmt.Errorf("%w: message %d of %d bytes, the limit is %d", link.ErrTooLarge, number, n, MaxMessage)
	}
	buf = buf[:0]
	for have := 0; have < n; have = len(buf) {
		if cap(buf) == have {
			buf = append(make([]byte, 0, min(n, max(2*have, pipeFirst))), buf...)
		}
		buf = buf[:min(n, cap(buf))]
		if _, err := io.ReadFull(p.in, buf[have:]); err != nil {
			return 0, nil, err
		}
	}
	return int(number), buf, nil
}

// Close implements link.Pipe.
func (p *callPipe) Close() error { return p.nc.Close() }

// bytesLeft reads what came with the handshake's last frame.
func bytesLeft(f *frames) io.Reader {
	return bytes.NewReader(f.buf[f.start:f.end])
}
