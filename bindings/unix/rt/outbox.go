package unix

import (
	"net"
	"runtime"
	"sync"
	"sync/atomic"
)

// maxQueued is how many bytes may wait to be written before senders wait for
// space. Twice as much, and one part, is the most that a cancel frame ever
// waits for.
const maxQueued = 256 << 10

// An outbox writes frames by group commit: whoever finds no writer at work
// becomes the writer, and writes until nothing is left of what others appended
// meanwhile. A writer never blocks on a full socket: a goroutine takes over.
//
// Frames in urgent overtake those in buf. Offsets count the bytes of buf alone:
// they say how far the peer can have read.
type outbox struct {
	nc  net.Conn
	try func([]byte) (int, error) // writes as much as goes without waiting

	mu       sync.Mutex // the client's connection guards its calls with it too
	buf      []byte     // appended, not yet being written
	urgent   []byte     // the same, to be written first
	spare    []byte
	writing  bool
	appended int64 // bytes, ever
	written  int64 // of those, the ones that the kernel has surely taken
	flight   int   // those that the writer is handing to the kernel now
	err      error
	space    chan struct{} // closed when buf is taken; nil: nobody waits
	failed   func(error)   // told about err, without the lock

	crowded atomic.Bool // full isn't nil: may be asked without the lock
}

func newOutbox(nc net.Conn) outbox {
	if c, ok := nc.(*muxConn); ok {
		return outbox{nc: nc, try: c.tryWrite}
	}
	return outbox{nc: nc, try: tryWriter(nc)}
}

// append appends a frame; the lock is held.
func (o *outbox) append(h header, payload ...[]byte) {
	start := o.begin(h)
	for _, p := range payload {
		o.buf = append(o.buf, p...)
	}
	o.end(start)
}

// begin appends a frame's header; the lock is held.
func (o *outbox) begin(h header) (start int) {
	start = len(o.buf)
	o.buf = beginFrame(o.buf, h)
	return start
}

// end completes the frame; the lock is held.
func (o *outbox) end(start int) {
	o.buf = endFrame(o.buf, start)
	o.appended += int64(len(o.buf) - start)
	switch {
	case o.err != nil: // nobody will write it
		o.buf = o.buf[:0]
	case len(o.buf) >= maxQueued:
		o.crowded.Store(true)
	}
}

// appendUrgent appends a frame without payload that goes out before all that wait;
// the lock is held.
func (o *outbox) appendUrgent(h header) {
	if o.err == nil {
		o.urgent = beginFrame(o.urgent, h)
	}
}

// withdraw takes back the frame that ends at an offset and has size bytes, if no
// byte of it has been handed to the kernel; the lock is held. In its place the
// peer gets a frame without meaning.
func (o *outbox) withdraw(end int64, size int) bool {
	start := int(end) - int(o.appended) + len(o.buf) - size
	if o.err != nil || start < 0 {
		return false
	}
	o.buf[start+kindOffset] = kindVoid
	return true
}

// handedOver is the offset that the peer can't have read beyond; the lock is held.
func (o *outbox) handedOver() int64 { return o.written + int64(o.flight) }

// full returns what to wait for before appending, or nil; the lock is held.
func (o *outbox) full() <-chan struct{} {
	if len(o.buf) < maxQueued || o.err != nil {
		return nil
	}
	if o.space == nil {
		o.space = make(chan struct{})
	}
	return o.space
}

// flush is called with the lock held, and releases it. With yield the writer
// first lets others append.
func (o *outbox) flush(yield bool) {
	if o.writing || !o.pending() {
		o.mu.Unlock()
		return
	}
	o.writing = true
	if yield {
		o.mu.Unlock()
		runtime.Gosched()
		o.mu.Lock()
	}
	for o.pending() {
		b := o.takeBatch()
		n, err := o.try(b)
		if err == nil && n < len(b) {
			go o.rest(b, n)
			return
		}
		o.endWrite(b, n, err)
	}
	o.endWriter()
}

// pending reports whether there is something to write; the lock is held.
func (o *outbox) pending() bool { return len(o.urgent)+len(o.buf) > 0 && o.err == nil }

// takeBatch hands over what is to be written next, and releases the lock.
func (o *outbox) takeBatch() []byte {
	defer o.mu.Unlock()
	if b := o.urgent; len(b) > 0 {
		o.urgent = nil
		return b
	}
	b := o.buf
	o.buf, o.spare, o.flight = o.spare[:0], nil, len(b)
	o.releaseSenders()
	return b
}

// releaseSenders lets those go on that wait for space; the lock is held.
func (o *outbox) releaseSenders() {
	o.crowded.Store(false)
	if o.space != nil {
		close(o.space)
		o.space = nil
	}
}

// endWrite notes that n bytes of what takeBatch returned have been written, all of
// them or up to an error, and takes the lock.
func (o *outbox) endWrite(b []byte, n int, err error) {
	o.mu.Lock()
	if o.flight > 0 {
		o.flight = 0
		o.written += int64(n)
		if cap(b) <= 2*maxQueued {
			o.spare = b
		}
	}
	o.err = err
}

// endWriter ends the writer's work, and releases the lock.
func (o *outbox) endWriter() {
	o.writing = false
	err := o.err
	if err != nil {
		o.releaseSenders()
	}
	o.mu.Unlock()
	if err != nil && o.failed != nil {
		o.failed(err)
	}
}

// rest writes on where the socket was full.
func (o *outbox) rest(b []byte, n int) {
	for {
		m, err := o.nc.Write(b[n:])
		o.endWrite(b, n+m, err)
		if !o.pending() {
			o.endWriter()
			return
		}
		b, n = o.takeBatch(), 0
	}
}
