package unix

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A mux divides one stream of bytes in each direction, such as a program's standard input
// and output, into connections that are used as those of a socket are. Each side sends the
// preamble, then frames: a kind, the number of the connection and a count, 4 bytes each but
// the kind, little endian.
const (
	muxPreamble = "unweld stdio 1\n"
	muxHead     = 1 + 4 + 4

	muxOpen   = 'o' // the caller makes a connection; it counts them upwards from 1
	muxData   = 'd' // as many bytes follow
	muxCredit = 't' // as many bytes were read
	muxClose  = 'c' // the sender neither reads nor writes any more

	muxPart   = 32 << 10  // bytes in a frame
	muxBatch  = 64 << 10  // bytes after which a batch of frames takes no other one
	muxQueued = 64 << 10  // bytes of a connection that are yet to be sent
	muxWindow = 512 << 10 // bytes of a connection that the other side has not read yet
	muxConns  = 1 << 16   // at the same time

	muxIdle = time.Second // for how long a caller keeps what has no connection
)

// A mux is one side. Its reader and its writer never wait for a connection's. Connections
// take turns in being sent, a part each, so none waits for all that others have to say.
type mux struct {
	caller bool // this side makes connections

	mu      sync.Mutex
	conns   map[uint32]*muxConn
	last    uint32     // number of the last connection
	opened  []*muxConn // by the other side, and not yet accepted
	closed  bool       // none is accepted any more
	control []byte     // frames other than data; they go first
	ready   []*muxConn // have data that may be sent, in the order of their turns
	kept    bool       // also without connections
	quiet   bool       // nothing comes any more, and err will say why
	err     error      // why nothing comes any more
	ending  bool       // what is left is written, and nothing comes after it
	work    sync.Cond  // for the writer: there is something to write, or an end
	calm    sync.Cond  // for others: all is written, opened has one, or an end
	busy    bool       // the writer writes

	unused chan struct{} // closed when there is no use for it any more
}

// newMux makes a mux. A caller's goes on without connections until settle.
func newMux(caller bool) *mux {
	m := &mux{caller: caller, kept: true, conns: map[uint32]*muxConn{}, control: []byte(muxPreamble), unused: make(chan struct{})}
	m.work.L, m.calm.L = &m.mu, &m.mu
	return m
}

// start begins to read and write. w is closed when nothing is to be written any more.
func (m *mux) start(r io.Reader, w io.WriteCloser) *mux {
	go m.write(w)
	go m.read(bufio.NewReaderSize(r, 2*muxPart))
	return m
}

// open makes a connection.
func (m *mux) open() (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.err != nil:
		return nil, m.err
	case m.ending:
		return nil, link.ErrClosed
	case len(m.conns) >= muxConns:
		return nil, fmt.Errorf("%d connections are open already", muxConns)
	}
	m.last++
	c := m.add(m.last)
	m.frame(muxOpen, c.number, 0)
	return c, nil
}

// add adds a connection; the lock is held.
func (m *mux) add(number uint32) *muxConn {
	c := &muxConn{m: m, number: number, room: muxWindow}
	c.wake.L = &m.mu
	m.conns[number] = c
	return c
}

// frame has a frame without data written; the lock is held.
func (m *mux) frame(kind byte, number uint32, count int) {
	if m.err == nil {
		m.control = appendMuxHead(m.control, kind, number, count)
		m.work.Signal()
	}
}

func appendMuxHead(b []byte, kind byte, number uint32, count int) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, kind), number)
	return binary.LittleEndian.AppendUint32(b, uint32(count))
}

// write is the writer.
func (m *mux) write(w io.WriteCloser) {
	defer w.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	var b []byte
	for {
		for len(m.control)+len(m.ready) == 0 && m.err == nil && !m.ending {
			m.work.Wait()
		}
		if b = m.batch(b[:0]); len(b) == 0 || m.err != nil {
			return
		}
		m.busy = true
		m.mu.Unlock()
		_, err := w.Write(b)
		m.mu.Lock()
		if m.busy = false; err != nil {
			m.fail(fmt.Errorf("connection lost: %w", err))
		}
		m.calm.Broadcast()
	}
}

// batch appends what is to be written next; the lock is held.
func (m *mux) batch(b []byte) []byte {
	b = append(b, m.control...)
	m.control = m.control[:0]
	for len(m.ready) > 0 && len(b) < muxBatch {
		c := m.ready[0]
		m.ready = slices.Delete(m.ready, 0, 1)
		c.queued = false
		n := min(len(c.out), c.room, muxPart)
		b = append(appendMuxHead(b, muxData, c.number, n), c.out[:n]...)
		c.out = c.out[:copy(c.out, c.out[n:])]
		c.room -= n
		c.wake.Broadcast()
		switch {
		case len(c.out) == 0 && c.closed:
			b = appendMuxHead(b, muxClose, c.number, 0)
			m.forget(c)
		default:
			c.enqueue()
		}
	}
	return b
}

// unqueue takes a connection's turn away; the lock is held.
func (m *mux) unqueue(c *muxConn) {
	c.queued = false
	m.ready = slices.DeleteFunc(m.ready, func(o *muxConn) bool { return o == c })
}

// forget takes a connection out whose end the other side is told; the lock is held.
func (m *mux) forget(c *muxConn) {
	delete(m.conns, c.number)
	c.out = nil
	m.calm.Broadcast()
	m.idle()
}

// flush waits until all is written that connections have to send, as long as ctx lasts.
func (m *mux) flush(ctx context.Context) {
	defer context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.calm.Broadcast()
	})()
	m.mu.Lock()
	defer m.mu.Unlock()
	for (len(m.control)+len(m.conns) > 0 || m.busy) && m.err == nil && ctx.Err() == nil {
		m.calm.Wait()
	}
}

// fail ends everything; the lock is held.
func (m *mux) fail(err error) {
	if m.err != nil {
		return
	}
	m.err = err
	m.unuse()
	for _, c := range m.conns {
		c.wake.Broadcast()
	}
	m.work.Broadcast()
	m.calm.Broadcast()
}

// unuse closes unused; the lock is held.
func (m *mux) unuse() {
	select {
	case <-m.unused:
	default:
		close(m.unused)
	}
}

// usable reports whether a connection can be made.
func (m *mux) usable() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err == nil && !m.ending
}

// silence holds up writes until fail: what is written now surely isn't read.
func (m *mux) silence() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.quiet = true
}

// settle says that a caller's mux isn't kept for its own sake any more.
func (m *mux) settle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = false
	m.idle()
}

// idle ends a caller's mux that has no connection and gets none for a while: one that was
// lost is made again soon. The lock is held.
func (m *mux) idle() {
	if !m.caller || m.kept || len(m.conns) > 0 || m.ending || m.err != nil {
		return
	}
	last := m.last
	time.AfterFunc(muxIdle, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.last == last {
			m.ending = true
			m.unuse()
			m.work.Broadcast()
		}
	})
}

// read is the reader.
func (m *mux) read(r *bufio.Reader) {
	err := readMuxPreamble(r)
	buf := make([]byte, muxPart)
	for err == nil {
		err = m.readFrame(r, buf)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail(err)
}

// readMuxPreamble reads the other side's first bytes. Where they are other ones, the error
// shows these: it may be what a program has printed.
func readMuxPreamble(r *bufio.Reader) error {
	got, err := r.Peek(len(muxPreamble))
	if string(got) == muxPreamble {
		_, err = r.Discard(len(muxPreamble))
		return err
	}
	if len(got) > 0 {
		got, _ = r.Peek(min(r.Buffered(), 80))
		return fmt.Errorf("its standard output isn't that of a unit, it begins with %q", got)
	}
	return err
}

var errMux = fmt.Errorf("%w: a frame of standard input or output", link.ErrMalformed)

func (m *mux) readFrame(r *bufio.Reader, buf []byte) error {
	var head [muxHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	kind, number, count := head[0], binary.LittleEndian.Uint32(head[1:]), binary.LittleEndian.Uint32(head[5:])
	if count > muxWindow {
		return errMux
	}
	var data []byte
	if kind == muxData {
		if count > muxPart {
			return errMux
		}
		data = buf[:count]
		if _, err := io.ReadFull(r, data); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.conns[number]
	switch {
	case kind == muxOpen:
		return m.opens(number)
	case kind != muxData && kind != muxCredit && kind != muxClose, number > m.last:
		return errMux
	case c == nil: // its end was told from here
		return nil
	}
	return c.arrived(kind, int(count), data)
}

// opens takes a connection of the other side's; the lock is held.
func (m *mux) opens(number uint32) error {
	if m.caller || number <= m.last || len(m.conns) >= muxConns {
		return errMux
	}
	if m.last = number; m.closed {
		m.frame(muxClose, number, 0)
		return nil
	}
	m.opened = append(m.opened, m.add(number))
	m.calm.Broadcast()
	return nil
}

// Accept implements net.Listener: it waits for a connection of the other side's.
func (m *mux) Accept() (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.opened) == 0 && m.err == nil && !m.closed {
		m.calm.Wait()
	}
	if len(m.opened) == 0 {
		return nil, net.ErrClosed
	}
	c := m.opened[0]
	m.opened = slices.Delete(m.opened, 0, 1)
	return c, nil
}

// Close implements net.Listener. What was accepted goes on.
func (m *mux) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, c := range m.opened {
		c.close()
	}
	m.opened = nil
	m.calm.Broadcast()
	return nil
}

// Addr implements net.Listener.
func (m *mux) Addr() net.Addr { return muxAddr{} }

type muxAddr struct{}

func (muxAddr) Network() string { return "stdio" }
func (muxAddr) String() string  { return "stdio:" }
