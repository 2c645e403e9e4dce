package unix

import (
	"net"
	"runtime"
	"sync"
)

// maxQueued is how much may wait to be written before senders wait for space.
const maxQueued = 1 << 20

// An outbox writes frames by group commit: whoever finds no writer at work
// becomes the writer, and writes until nothing is left of what others appended
// meanwhile. A writer never blocks on a full socket: a goroutine takes over.
type outbox struct {
	nc  net.Conn
	try func([]byte) (int, error) // writes as much as goes without waiting

	mu       sync.Mutex // the client's connection guards its calls with it too
	buf      []byte     // appended, not yet being written
	spare    []byte
	writing  bool
	appended int64 // bytes, ever
	written  int64 // of those, the ones that the kernel has taken
	err      error
	space    chan struct{} // closed when buf is taken; nil: nobody waits
	failed   func(error)   // told about err, without the lock
}

func newOutbox(nc net.Conn) outbox {
	return outbox{nc: nc, try: tryWriter(nc)}
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
}

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
	if o.writing || len(o.buf) == 0 || o.err != nil {
		o.mu.Unlock()
		return
	}
	o.writing = true
	if yield {
		o.mu.Unlock()
		runtime.Gosched()
		o.mu.Lock()
	}
	for len(o.buf) > 0 && o.err == nil {
		b := o.take()
		n, err := o.try(b)
		if err == nil && n < len(b) {
			go o.rest(b, n)
			return
		}
		o.wrote(b, n, err)
	}
	o.rested()
}

// take hands over the buffer, and releases the lock.
func (o *outbox) take() []byte {
	b := o.buf
	o.buf, o.spare = o.spare[:0], nil
	if o.space != nil {
		close(o.space)
		o.space = nil
	}
	o.mu.Unlock()
	return b
}

// wrote notes what became of a buffer, and takes the lock.
func (o *outbox) wrote(b []byte, n int, err error) {
	o.mu.Lock()
	o.written += int64(n)
	if cap(b) <= maxQueued {
		o.spare = b
	}
	if err != nil {
		o.err = err
	}
}

// rested ends the writer's work, and releases the lock.
func (o *outbox) rested() {
	o.writing = false
	err := o.err
	if err != nil && o.space != nil {
		close(o.space)
		o.space = nil
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
		o.wrote(b, n+m, err)
		if len(o.buf) == 0 || o.err != nil {
			o.rested()
			return
		}
		b, n = o.take(), 0
	}
}
