package link

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
)

// A message on a connection is its length (4 bytes, little endian), its number (4
// bytes) and as many bytes.
const (
	pipeHeader = 8
	pipeBuffer = 32 << 10
	pipeFirst  = 256 << 10 // memory for a message before more of it has arrived
)

// A connPipe is a pipe that has a connection for itself.
type connPipe struct {
	conn  io.ReadWriteCloser
	in    *bufio.Reader
	limit int
	head  [pipeHeader]byte // the receiver's

	mu      sync.Mutex // held by who sends
	buffers net.Buffers
	small   []byte
}

// ConnPipe makes a pipe of a connection, which it closes. in reads what comes by it,
// where something may have been read ahead; limit is the size of the largest message.
func ConnPipe(conn io.ReadWriteCloser, in io.Reader, limit int) Pipe {
	return &connPipe{conn: conn, in: bufio.NewReaderSize(in, pipeBuffer), limit: limit}
}

// Send implements Pipe.
func (p *connPipe) Send(number int, parts ...[]byte) error {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	if n > p.limit {
		return fmt.Errorf("%w: a message of %d bytes, the limit is %d", ErrTooLarge, n, p.limit)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.small = binary.LittleEndian.AppendUint32(p.small[:0], uint32(n))
	p.small = binary.LittleEndian.AppendUint32(p.small, uint32(number))
	if n <= 4<<10 { // one copy costs less than a list
		for _, part := range parts {
			p.small = append(p.small, part...)
		}
		_, err := p.conn.Write(p.small)
		return err
	}
	all := append(append(p.buffers[:0], p.small), parts...)
	p.buffers = all
	_, err := all.WriteTo(p.conn)
	clear(p.buffers)
	return err
}

// Receive implements Pipe. It takes memory for what has arrived, whatever a header
// says.
func (p *connPipe) Receive(buf []byte) (int, []byte, error) {
	if _, err := io.ReadFull(p.in, p.head[:]); err != nil {
		return 0, nil, cutOff(err)
	}
	n, number := int(binary.LittleEndian.Uint32(p.head[:])), binary.LittleEndian.Uint32(p.head[4:])
	if n > p.limit || number > 1<<30 {
		return 0, nil, fmt.Errorf("%w: message %d of %d bytes, the limit is %d", ErrTooLarge, number, n, p.limit)
	}
	buf = buf[:0]
	for have := 0; have < n; have = len(buf) {
		if cap(buf) == have {
			buf = append(make([]byte, 0, min(n, max(2*have, pipeFirst))), buf...)
		}
		buf = buf[:min(n, cap(buf))]
		if _, err := io.ReadFull(p.in, buf[have:]); err != nil {
			return 0, nil, cutOff(err)
		}
	}
	return int(number), buf, nil
}

// cutOff is the error of a connection that gives no more. Its end is never that of a
// stream, and io.EOF would say so to whoever looks for it.
func cutOff(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Close implements Pipe.
func (p *connPipe) Close() error { return p.conn.Close() }
