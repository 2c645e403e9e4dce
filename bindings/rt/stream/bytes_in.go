package stream

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// firstAhead is what is read ahead at first of a reader that was given away; each
// time it is used up, it doubles.
const firstAhead = 64 << 10

// A reader is the consumer's end of a Reader on the other side.
type reader struct {
	s      *session
	number int
	half   []int // what is closed with it
	result bool
	closes bool

	turn sync.Mutex // held by who reads
	wake sync.Cond

	// Guarded by the session's lock.
	queue  [][]byte
	queued int64
	pulled int64 // bytes that the Read under way may have; 0: there is none
	credit int64 // bytes that may come besides
	ahead  int64 // what the credit is topped up to
	stop   bool  // there is an end to report
	paused bool  // the other side has said so, and reads when it is told to resume
	err    error // of that; nil: none, which is for a Read without bytes
	closed *error
	final  error // what all later calls return
}

func newReader(c *Call, number int, result, closes bool, half ...int) *reader {
	r := &reader{s: c.session, number: number, half: half, result: result, closes: closes, wake: sync.Cond{L: &c.session.mu}}
	c.add(number, r, result)
	return r
}

func (r *reader) wakeAll() { r.wake.Broadcast() }

func (r *reader) data(message []byte) (keep bool, err error) {
	n := int64(len(message))
	switch {
	case r.pulled > 0 && n <= r.pulled:
		if n == 0 {
			r.stop, r.err = true, nil
		}
		r.pulled = 0
	case r.pulled == 0 && n <= r.credit:
		r.credit -= n
	default:
		return false, violation("%d bytes of stream %d that nobody asked for", n, r.number)
	}
	if n > 0 {
		message, keep = keepable(message)
		r.queue, r.queued = append(r.queue, message), r.queued+n
	}
	r.wake.Broadcast()
	return keep, nil
}

func (r *reader) control(c control) error {
	err := r.s.errorIn(c)
	switch c.op {
	case opEnd:
		if err == nil {
			err = io.EOF
		}
		r.pulled, r.credit, r.stop, r.paused, r.err = 0, 0, true, true, err
		if r.result && !r.closes {
			r.final = err
			r.s.finish(r.number)
		}
	case opClosed:
		r.closed = &err
	default:
		return violation("control %d of a reader", c.op)
	}
	r.wake.Broadcast()
	return nil
}

// demand asks for more unless that was done; the lock is held, and released
// meanwhile. It reports whether it did.
func (r *reader) demand(op uint64, n int64) bool {
	if r.pulled > 0 || op == opPull && r.credit > 0 || n <= 0 {
		return false
	}
	if op == opPull {
		r.pulled = n
	} else {
		r.credit += n
	}
	paused := r.paused
	r.paused = false
	r.s.mu.Unlock()
	if paused {
		r.s.tell(r.number, opResume, 0, nil)
	}
	r.s.tell(r.number, op, n, nil)
	r.s.mu.Lock()
	return true
}

// halted is why there is nothing to wait for, with the lock held. The end of what
// is read may be temporary.
func (r *reader) halted() (err error, yes bool) {
	if r.stop {
		r.stop, err = false, r.err
		return err, true
	}
	if r.final != nil {
		return r.final, true
	}
	err = r.s.ended(r.number)
	return err, err != nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	n := min(len(p), chunk)
	for len(r.queue) == 0 {
		if err, yes := r.halted(); yes {
			return 0, err
		}
		if r.result && r.topUp() || !r.result && r.demand(opPull, int64(n)) {
			continue
		}
		r.wake.Wait()
	}
	head := r.queue[0]
	n = copy(p, head)
	r.queued -= int64(n)
	if r.queue[0] = head[n:]; n == len(head) {
		r.dequeue()
		recycle(head)
	}
	if r.result {
		r.topUp()
	}
	return n, nil
}

// topUp asks for more than was read, if half of that has been used. The lock is
// held.
func (r *reader) topUp() bool {
	n := r.ahead - r.credit - r.queued
	if r.stop || r.final != nil || r.s.ended(r.number) != nil || n < r.ahead/2 {
		return false
	}
	before := r.ahead
	r.ahead = min(max(2*r.ahead, firstAhead), window)
	return r.demand(opCredit, n+r.ahead-before)
}

func (r *reader) dequeue() {
	r.queue[0] = nil
	if r.queue = r.queue[1:]; len(r.queue) == 0 {
		r.queue = nil
	}
}

// WriteTo implements io.WriterTo: who calls it wants all that there is.
func (r *reader) WriteTo(w io.Writer) (total int64, err error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	for {
		head, err := r.next()
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return total, err
		}
		n, err := w.Write(head)
		total += int64(n)
		if err == nil && n < len(head) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return total, err
		}
		recycle(head)
	}
}

// next takes what has come, with as much under way behind it as a window allows.
func (r *reader) next() ([]byte, error) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	r.ahead = max(r.ahead, window/2)
	for {
		if r.topUp() {
			continue
		}
		if len(r.queue) > 0 {
			head := r.queue[0]
			r.queued -= int64(len(head))
			r.dequeue()
			return head, nil
		}
		if err, yes := r.halted(); yes {
			if err != nil {
				return nil, err
			}
			continue // a Read without bytes
		}
		r.wake.Wait()
	}
}

// Close calls Close on the other side.
func (r *reader) Close() error {
	return closeThere(r.s, r.number, r.half, r.result, &r.wake, &r.closed, &r.final)
}

// closeThere calls Close on the other side, and then, of a result, ends the stream.
func closeThere(s *session, number int, half []int, result bool, wake *sync.Cond, closed **error, final *error) error {
	s.mu.Lock()
	if err := s.ended(number); err != nil {
		defer s.mu.Unlock()
		if *final != nil {
			return nil // it was closed before
		}
		return err
	}
	*closed = nil
	s.mu.Unlock()
	s.tell(number, opClose, 0, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	for *closed == nil {
		if err := s.ended(number); err != nil {
			return err
		}
		wake.Wait()
	}
	if result {
		*final = errClosed
		s.finish(append(half, number)...)
		wake.Broadcast()
	}
	return **closed
}

var errClosed = fmt.Errorf("the stream was closed: %w", io.ErrClosedPipe)

// patience is how long Close waits for a Read under way that nobody has asked for,
// and a call that was given up for a Read or Write of its caller's own.
const patience = time.Second

// A source is the end of a Reader on the side that has it.
type source struct {
	s      *session
	number int
	half   []int // what is closed with it
	result bool
	r      io.Reader
	closer io.Closer // nil: it can't be closed from the other side

	wake sync.Cond

	// Guarded by the session's lock.
	pull    int64
	credit  int64
	paused  bool // an end was sent: what was asked for before that was seen is void
	running bool
	closing bool
	reading chan struct{} // of a result: closed when the Read under way has returned; nil: there is none
}

func newSource(c *Call, number int, result bool, r io.Reader, closer io.Closer, half ...int) *source {
	x := &source{s: c.session, number: number, half: half, result: result, r: r, closer: closer, wake: sync.Cond{L: &c.session.mu}}
	c.add(number, x, result)
	if result {
		c.closeAtEnd(number, closer)
	}
	return x
}

func (x *source) wakeAll() { x.wake.Broadcast() }

func (x *source) data([]byte) (bool, error) { return false, violation("an element for a reader") }

func (x *source) control(c control) error {
	switch c.op {
	case opResume:
		x.paused = false
		return nil
	case opPull:
		if x.paused {
			return nil
		}
		if x.pull > 0 || x.credit > 0 || c.n == 0 || c.n > chunk {
			return violation("a demand for %d bytes", c.n)
		}
		x.pull = int64(c.n)
	case opCredit:
		if x.paused {
			return nil
		}
		if c.n == 0 || c.n > maxCredit || x.pull > 0 || x.credit+int64(c.n) > maxCredit {
			return violation("credit of %d bytes", c.n)
		}
		x.credit += int64(c.n)
	case opClose:
		if x.closer == nil {
			return violation("Close of a stream without it")
		}
		var reading chan struct{}
		if x.result {
			x.credit, x.closing, reading = 0, true, x.reading
		}
		x.s.closeHere(append(x.half, x.number), x.result, x.closer, reading)
		return nil
	default:
		return violation("control %d of a source", c.op)
	}
	if !x.running {
		x.running = true
		x.s.work()
		go x.run()
	}
	x.wake.Broadcast()
	return nil
}

// closeHere calls Close for the other side; the lock is held.
func (s *session) closeHere(numbers []int, result bool, closer io.Closer, reading <-chan struct{}) {
	number := numbers[len(numbers)-1]
	delete(s.closers, number) // the caller may end the session as soon as it is told
	s.calls.Add(1)
	go func() {
		defer s.calls.Done()
		if reading != nil { // ahead of who closes it: most readers aren't made for both at once
			select {
			case <-reading:
			case <-time.After(patience):
			}
		}
		err := s.guarded(closer.Close)
		s.tell(number, opClosed, 0, err)
		if result {
			s.mu.Lock()
			s.finish(numbers...)
			s.mu.Unlock()
		}
	}()
}

// run reads while there is a demand.
func (x *source) run() {
	defer x.s.waiting.Done()
	pooled := chunks.Get().(*[]byte)
	defer chunks.Put(pooled)
	reading := false
	defer func() {
		if reading { // runtime.Goexit
			x.answer(nil, true, errExited)
		}
		x.s.mu.Lock()
		x.running = false
		x.s.mu.Unlock()
	}()
	for {
		n, once := x.awaitDemand()
		if n == 0 {
			return
		}
		got := 0
		reading = true
		err := x.s.guarded(func() (err error) {
			got, err = x.r.Read((*pooled)[:n])
			return err
		})
		reading = false
		if got < 0 || got > n {
			got, err = 0, errors.New("a Read returned an impossible count")
		}
		x.answer((*pooled)[:got], once, err)
		if err != nil && x.result && x.closer == nil {
			x.s.mu.Lock()
			x.s.finish(x.number)
			x.s.mu.Unlock()
			return
		}
	}
}

var errExited = errors.New("the goroutine of a stream was ended (runtime.Goexit)")

// answer sends what a Read has returned. Before anything can be answered to that,
// the demand is over.
func (x *source) answer(b []byte, once bool, err error) {
	x.s.mu.Lock()
	if once {
		x.pull = 0
	} else {
		x.credit -= int64(len(b))
	}
	if x.reading != nil {
		close(x.reading)
		x.reading = nil
	}
	if err != nil {
		x.credit, x.paused = 0, true
	}
	x.s.mu.Unlock()
	if len(b) > 0 || once && err == nil {
		if x.s.send(numberData+x.number, b) != nil {
			return
		}
	}
	switch {
	case err == io.EOF:
		x.s.tell(x.number, opEnd, 0, nil)
	case err != nil:
		x.s.tell(x.number, opEnd, 0, err)
	}
}

// awaitDemand returns how many bytes may be read; 0: the stream has ended.
func (x *source) awaitDemand() (n int, once bool) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	for {
		switch {
		case x.s.ended(x.number) != nil:
			return 0, false
		case x.closing && x.result:
		case x.pull > 0:
			return int(x.pull), true
		case x.credit > 0:
			x.reading = make(chan struct{})
			return int(min(x.credit, chunk)), false
		}
		x.wake.Wait()
	}
}
