package stream

import (
	"io"
	"sync"
)

// A writer is the producer's end of a Writer on the other side.
type writer struct {
	s      *session
	number int
	result bool

	turn sync.Mutex // held by who writes
	wake sync.Cond

	// Guarded by the session's lock.
	sent, handled int64
	failed        bool // err is to be reported
	err           error
	closed        *error
	final         error
}

func newWriter(c *Call, number int, result bool) *writer {
	w := &writer{s: c.session, number: number, result: result, wake: sync.Cond{L: &c.session.mu}}
	c.add(number, w, result)
	return w
}

func (w *writer) wakeAll() { w.wake.Broadcast() }

func (w *writer) data([]byte) (bool, error) { return false, violation("an element for a writer") }

func (w *writer) control(c control) error {
	err := w.s.errorIn(c)
	switch c.op {
	case opDone:
		if w.handled += int64(c.n); c.n > maxCredit || w.handled > w.sent {
			return violation("more was written to stream %d than was sent", w.number)
		}
		if err != nil {
			w.failed, w.err = true, err
		}
	case opClosed:
		w.closed = &err
	default:
		return violation("control %d of a writer", c.op)
	}
	w.wake.Broadcast()
	return nil
}

// room waits until another piece may be sent.
func (w *writer) room() error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	for {
		if err := w.halted(); err != nil {
			return err
		}
		if w.sent-w.handled < window {
			return nil
		}
		w.wake.Wait()
	}
}

// halted is why nothing can be written; the lock is held.
func (w *writer) halted() error {
	if w.failed {
		return w.err
	}
	if w.final != nil {
		return w.final
	}
	return w.s.ended(w.number)
}

// piece sends what fits into one message.
func (w *writer) piece(p []byte) error {
	w.s.mu.Lock()
	w.sent += int64(len(p))
	w.s.mu.Unlock()
	return w.s.send(numberData+w.number, p)
}

// settle waits until all that was sent is written. It returns how much has been
// since the count was start, and starts again after an error.
func (w *writer) settle(start int64) (int64, error) {
	w.s.mu.Lock()
	for w.halted() == nil && w.handled < w.sent {
		w.wake.Wait()
	}
	n, err := w.handled-start, w.halted()
	if w.handled == w.sent && !w.failed {
		err = nil
	}
	resume := w.failed
	if resume {
		w.failed, w.err, w.sent, w.handled = false, nil, 0, 0
	}
	w.s.mu.Unlock()
	if resume {
		w.s.tell(w.number, opResume, 0, nil)
	}
	return n, err
}

// Write implements io.Writer: it returns what Write has returned on the other
// side.
func (w *writer) Write(p []byte) (int, error) {
	w.turn.Lock()
	defer w.turn.Unlock()
	w.s.mu.Lock()
	start, err := w.handled, w.halted()
	w.s.mu.Unlock()
	if err != nil {
		return 0, err
	}
	for len(p) > 0 && w.room() == nil {
		n := min(len(p), chunk)
		if w.piece(p[:n]) != nil {
			break
		}
		p = p[n:]
	}
	n, err := w.settle(start)
	if err == nil && len(p) > 0 {
		err = io.ErrShortWrite
	}
	return int(n), err
}

// ReadFrom implements io.ReaderFrom: pieces are sent while earlier ones are
// written.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	w.turn.Lock()
	defer w.turn.Unlock()
	pooled := chunks.Get().(*[]byte)
	defer chunks.Put(pooled)
	w.s.mu.Lock()
	start := w.handled
	w.s.mu.Unlock()
	var bad error
	for bad == nil && w.room() == nil {
		var n int
		if n, bad = r.Read(*pooled); n > 0 && w.piece((*pooled)[:n]) != nil {
			break
		}
	}
	n, err := w.settle(start)
	if err == nil && bad != io.EOF {
		err = bad
	}
	if err == nil && bad == nil {
		w.s.mu.Lock()
		err = w.halted()
		w.s.mu.Unlock()
	}
	return n, err
}

// Close calls Close on the other side.
func (w *writer) Close() error {
	return closeThere(w.s, w.number, nil, w.result, &w.wake, &w.closed, &w.final)
}

// A sink is the end of a Writer on the side that has it.
type sink struct {
	s      *session
	number int
	result bool
	w      io.Writer
	closer io.Closer

	wake sync.Cond

	// Guarded by the session's lock.
	queue   [][]byte
	queued  int64 // including what is being written
	failed  bool  // what comes is void until the writer resumes
	running bool
}

func newSink(c *Call, number int, result bool, w io.Writer, closer io.Closer) *sink {
	x := &sink{s: c.session, number: number, result: result, w: w, closer: closer, wake: sync.Cond{L: &c.session.mu}}
	c.add(number, x, result)
	if result {
		c.closeAtEnd(number, closer)
	}
	return x
}

func (x *sink) wakeAll() { x.wake.Broadcast() }

func (x *sink) data(message []byte) (keep bool, err error) {
	if x.failed {
		return false, nil
	}
	if x.queued >= window {
		return false, violation("more bytes for stream %d than a window", x.number)
	}
	message, keep = keepable(message)
	x.queue, x.queued = append(x.queue, message), x.queued+int64(len(message))
	if !x.running {
		x.running = true
		x.s.work()
		go x.run()
	}
	x.wake.Broadcast()
	return keep, nil
}

func (x *sink) control(c control) error {
	switch c.op {
	case opResume:
		x.failed = false
	case opClose:
		if x.closer == nil {
			return violation("Close of a stream without it")
		}
		x.s.closeHere([]int{x.number}, x.result, x.closer, nil)
	default:
		return violation("control %d of a sink", c.op)
	}
	return nil
}

// run writes what comes.
func (x *sink) run() {
	defer x.s.waiting.Done()
	writing := false
	defer func() {
		x.s.mu.Lock()
		x.running, x.failed = false, x.failed || writing
		x.s.mu.Unlock()
		if writing { // runtime.Goexit
			x.s.tell(x.number, opDone, 0, errExited)
		}
	}()
	for {
		piece, ok := x.next()
		if !ok {
			return
		}
		n := 0
		writing = true
		err := x.s.guarded(func() (err error) {
			n, err = x.w.Write(piece)
			return err
		})
		writing = false
		if n = max(0, min(n, len(piece))); err == nil && n < len(piece) {
			err = io.ErrShortWrite
		}
		x.s.mu.Lock()
		if x.queued -= int64(len(piece)); err != nil {
			x.failed, x.queue, x.queued = true, nil, 0
		}
		x.s.mu.Unlock()
		recycle(piece)
		x.s.tell(x.number, opDone, int64(n), err)
	}
}

func (x *sink) next() ([]byte, bool) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	for x.s.ended(x.number) == nil {
		if len(x.queue) > 0 {
			piece := x.queue[0]
			x.queue = x.queue[1:]
			return piece, true
		}
		x.wake.Wait()
	}
	return nil, false
}
