package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// The numbers of messages.
const (
	numberCall    = 1 // the request, or the reply
	numberControl = 2
	numberFailure = 3
	numberData    = 16 // and up, by stream
)

// Streams are numbered by the place of their parameter or result: 2n, and 2n+1 for
// the writing half of what reads and writes. An iterator that is used several
// times at once has a lane for each.
const (
	laneStep = 1 << 8
	maxLanes = 64
)

// Limits, each side's own.
const (
	chunk     = 256 << 10 // the largest piece of bytes
	window    = 1 << 20   // of bytes that nobody has consumed yet
	ahead     = 256 << 10 // the same of the values of a result, by their cost
	perValue  = 4 << 10   // what each of those costs besides its size
	maxCredit = 1 << 30
	maxCalls  = 1024 // of one callback at the same time
	maxValue  = 64<<20 - 1024
)

// What a control message says. Demands go to the side that has the stream, the
// rest is its answers.
const (
	opPull   = 1 + iota // read once, at most n bytes
	opCredit            // n more may come
	opStart             // begin an iteration with credit n
	opStop              // end the iteration
	opClose             // call Close
	opResume            // write again, after an error
	opEnd               // nothing more comes for now, because of the error or without one
	opDone              // n bytes were written; the error is why not more
	opClosed            // what Close returned
)

// A control is the message of number numberControl.
type control struct {
	stream int
	op     uint64
	n      uint64
	err    string // the tree of an error; empty: none
}

func (c control) append(b []byte) []byte {
	b = wire.AppendUvarint(append(b, 1<<3), uint64(c.stream))
	b = wire.AppendUvarint(append(b, 2<<3), c.op)
	if c.n != 0 {
		b = wire.AppendUvarint(append(b, 3<<3), c.n)
	}
	if c.err != "" {
		b = wire.AppendText(append(b, 4<<3|wire.TypeBytes), c.err)
	}
	return b
}

func parseControl(s string) (c control, err error) {
	stream, i := uint64(0), 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		switch tag, i = wire.Uvarint(s, i); tag {
		case 1 << 3:
			stream, i = wire.Uvarint(s, i)
		case 2 << 3:
			c.op, i = wire.Uvarint(s, i)
		case 3 << 3:
			c.n, i = wire.Uvarint(s, i)
		case 4<<3 | wire.TypeBytes:
			c.err, i = wire.Message(s, i)
		default:
			i = wire.Skip(s, i, tag)
		}
	}
	if i < 0 || stream >= laneStep*maxLanes {
		return c, violation("a control message")
	}
	c.stream = int(stream)
	return c, nil
}

// tooLarge returns the error for a message above the limit, or nil.
func tooLarge(what string, b []byte) error {
	if len(b) <= maxValue {
		return nil
	}
	return fmt.Errorf("%w: %s of %d bytes, the limit is %d", link.ErrTooLarge, what, len(b), maxValue)
}

func violation(format string, args ...any) error {
	return fmt.Errorf("%w: %s", link.ErrMalformed, fmt.Sprintf(format, args...))
}

var errEnded = errors.New("the stream was a parameter of a call that has returned")

// A session is one side of a call with streams.
type session struct {
	errors              *link.Errors
	component, endpoint string
	callee              bool
	wrap                func(error) error // makes the caller's error of why the session is over

	mu      sync.Mutex
	pipe    link.Pipe
	ends    map[int]end       // by number; nil: it has ended
	params  []int             // numbers of ends that end with the call
	results int               // ends that live on
	closers map[int]io.Closer // of results that nobody has closed yet
	said    bool              // something was sent or received that isn't the request
	err     error             // why the session is over
	over    chan struct{}
	// returned is closed when the streams of the parameters have ended.
	returned chan struct{}
	idle     func() // called when the last of the results has ended, with the lock held
	cause    error  // why the call was abandoned on the side of the callee

	calls   sync.WaitGroup    // code of the program's that works for the other side
	waiting sync.WaitGroup    // the same, which may wait for longer than the call lasts
	worked  bool              // there was such
	release func() bool       // of the caller: lets go of its context
	broke   func(error) error // of the caller: what the end of the pipe means; nil: what it says

	held    func(error) // tells who observes the call that its streams have ended; nil: nobody waits for that
	replied bool        // of the callee: it has sent its reply, and the caller may close the pipe when it likes
}

// hold has those who observe the call that ctx belongs to wait for its streams.
func (s *session) hold(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil && s.err == nil {
		s.held = link.Hold(ctx)
	}
}

// let ends what hold began; the lock is held.
func (s *session) let(err error) {
	if held := s.held; held != nil {
		s.held = nil
		held(err)
	}
}

// An end is what one side has of a stream. Its methods are called with the
// session's lock held.
type end interface {
	// data takes an element, and reports whether it keeps its memory.
	data(message []byte) (keep bool, err error)
	control(c control) error
	// wakeAll wakes what waits for the session's end.
	wakeAll()
}

func newSession(errs *link.Errors) *session {
	return &session{errors: errs.Homing(), ends: map[int]end{}, over: make(chan struct{}), returned: make(chan struct{})}
}

// add registers an end; result says that it outlives the call.
func (s *session) add(number int, e end, result bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[number] = e
	if result {
		s.results++
	} else {
		s.params = append(s.params, number)
	}
}

// closeAtEnd has the stream of a result closed at the end of the session unless it
// ends before; closer may be nil.
func (s *session) closeAtEnd(number int, closer io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if closer == nil {
		return
	}
	if s.closers == nil {
		s.closers = map[int]io.Closer{}
	}
	s.closers[number] = closer
}

// closeAll closes what nobody has closed.
func (s *session) closeAll() {
	s.mu.Lock()
	var open []io.Closer
	for number, closer := range s.closers {
		if s.ends[number] != nil {
			open = append(open, closer)
		}
	}
	s.mu.Unlock()
	for _, closer := range open {
		_ = s.guarded(closer.Close)
	}
}

// finish ends the streams of results; the lock is held.
func (s *session) finish(numbers ...int) {
	for _, n := range numbers {
		e := s.ends[n]
		if e == nil {
			continue
		}
		s.ends[n] = nil
		e.wakeAll()
		if s.results--; s.results == 0 && s.idle != nil {
			s.idle()
		}
	}
}

// endParams ends the streams of the parameters.
func (s *session) endParams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.params {
		if e := s.ends[n]; e != nil {
			s.ends[n] = nil
			e.wakeAll()
		}
	}
	s.params = nil
	select {
	case <-s.returned:
	default:
		close(s.returned)
	}
}

// ended is why the stream of a number can't go on, or nil; the lock is held.
func (s *session) ended(number int) error {
	switch {
	case s.err != nil:
		return s.err
	case s.ends[number] == nil:
		return errEnded
	}
	return nil
}

// fail ends the session.
func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	if s.err = err; s.wrap != nil {
		s.err = s.wrap(err)
	}
	if s.replied {
		s.let(nil)
	} else {
		s.let(s.err)
	}
	close(s.over)
	for _, e := range s.ends {
		if e != nil {
			e.wakeAll()
		}
	}
	if s.release != nil {
		s.release()
	}
	if s.pipe != nil {
		_ = s.pipe.Close()
	}
}

// work counts code of the program's in that Return waits for, but not for ever; the
// lock is held.
func (s *session) work() {
	s.worked = true
	s.waiting.Add(1)
}

// send sends a message, without the lock.
func (s *session) send(number int, parts ...[]byte) error {
	s.mu.Lock()
	pipe, err := s.pipe, s.err
	s.said = true
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := pipe.Send(number, parts...); err != nil {
		if s.broke != nil {
			err = s.broke(err)
		}
		s.fail(err)
		return err
	}
	return nil
}

func (s *session) tell(stream int, op uint64, n int64, err error) {
	c := control{stream: stream, op: op, n: uint64(n)}
	if err != nil {
		c.err = string(s.errors.Append(nil, err))
	}
	_ = s.send(numberControl, c.append(nil)) // who waits for an answer learns it
}

// errorIn is the error in a control message.
func (s *session) errorIn(c control) error {
	if c.err == "" {
		return nil
	}
	err, bad := s.errors.Parse(c.err)
	if bad != nil {
		return bad
	}
	return err
}

var chunks = sync.Pool{New: func() any { b := make([]byte, chunk); return &b }}

// keepable returns a message in memory that can be kept: buf's own where little
// of it would be wasted.
func keepable(message []byte) (kept []byte, own bool) {
	if len(message) < chunk/4 {
		return append([]byte(nil), message...), false
	}
	return message, true
}

func recycle(b []byte) {
	if cap(b) == chunk {
		b = b[:chunk]
		chunks.Put(&b)
	}
}

// receive hands out what comes, until the pipe ends. other takes the messages of
// the call itself.
func (s *session) receive(pipe link.Pipe, other func(number int, message []byte) error) error {
	buf := *chunks.Get().(*[]byte)
	defer func() { recycle(buf) }()
	for {
		number, message, err := pipe.Receive(buf[:0])
		if err != nil {
			return err
		}
		keep := false
		switch {
		case number >= numberData:
			keep, err = s.element(number-numberData, message)
		case number == numberControl:
			err = s.controlled(message)
		default:
			err = other(number, message)
		}
		if err != nil {
			return err
		}
		if keep {
			buf = *chunks.Get().(*[]byte)
		}
	}
}

func (s *session) element(number int, message []byte) (keep bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, known := s.ends[number]
	switch {
	case !known:
		return false, violation("an element of a stream that there isn't: %d", number)
	case e == nil:
		return false, nil
	}
	s.said = true
	return e.data(message)
}

func (s *session) controlled(message []byte) error {
	c, err := parseControl(string(message))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = true
	e, known := s.ends[c.stream]
	if !known && c.op == opStart {
		switch base := s.ends[c.stream%laneStep].(type) {
		case *items:
			return base.lane(c)
		case *flow:
			return base.items.lane(c)
		case nil:
			_, known = s.ends[c.stream%laneStep]
		}
	}
	switch {
	case !known:
		return violation("control of a stream that there isn't: %d", c.stream)
	case e == nil:
		return nil
	}
	return e.control(c)
}

// guarded runs the program's own code, and returns its panic as an error.
func (s *session) guarded(run func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			err = &link.PanicError{Component: s.component, Endpoint: s.endpoint, Value: fmt.Sprint(v), Stack: string(debug.Stack())}
		}
	}()
	err = run()
	returned = true
	return err
}
