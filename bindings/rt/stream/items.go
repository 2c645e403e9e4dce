package stream

import (
	"fmt"
	"runtime"
	"sync"
)

// cost is what a value takes of the credit.
func cost(size int) int64 { return int64(size) + perValue }

// items is the end of an iterator or a channel on the side that has it.
type items struct {
	s      *session
	number int
	result bool
	run    func(*flow) error // makes the values of one iteration
	lanes  int
	used   bool // a result is iterated once
}

func (x *items) wakeAll() {}

func (x *items) data([]byte) (bool, error) { return false, violation("an element for an iterator") }

// control takes what is for a lane without an iteration: the beginning of one, or
// what was said to the last one before its end was known.
func (x *items) control(c control) error {
	switch c.op {
	case opStart:
		return x.lane(c)
	case opCredit, opStop:
		return nil
	}
	return violation("control %d of an iterator", c.op)
}

// lane begins an iteration.
func (x *items) lane(c control) error {
	switch {
	case c.op != opStart || c.n == 0 || c.n > maxCredit || x.lanes == maxLanes:
		return violation("an iteration with credit %d", c.n)
	case x.result && x.used:
		return violation("a second iteration of a result")
	}
	x.used = true
	x.lanes++
	f := &flow{s: x.s, items: x, number: c.stream, credit: int64(c.n), wake: sync.Cond{L: &x.s.mu}, stop: make(chan struct{})}
	x.s.ends[c.stream] = f
	if !x.result {
		x.s.params = append(x.s.params, c.stream)
	}
	x.s.calls.Add(1)
	go f.work()
	return nil
}

// A flow is one iteration on the side that has the iterator.
type flow struct {
	s      *session
	items  *items
	number int

	wake sync.Cond
	stop chan struct{} // closed when no more is wanted

	// Guarded by the session's lock.
	credit  int64
	stopped bool
}

func (f *flow) wakeAll() {
	f.halt()
	f.wake.Broadcast()
}

// halt closes stop; the lock is held.
func (f *flow) halt() {
	if !f.stopped {
		f.stopped = true
		close(f.stop)
	}
}

func (f *flow) data([]byte) (bool, error) { return false, violation("an element for an iteration") }

func (f *flow) control(c control) error {
	switch c.op {
	case opCredit:
		if c.n == 0 || c.n > maxCredit || f.credit+int64(c.n) > maxCredit {
			return violation("credit of %d", c.n)
		}
		f.credit += int64(c.n)
	case opStop:
		f.halt()
	default:
		return violation("control %d of an iteration", c.op)
	}
	f.wake.Broadcast()
	return nil
}

// work runs the iteration.
func (f *flow) work() {
	defer f.s.calls.Done()
	returned := false
	var err error
	end := func() {
		f.s.mu.Lock()
		gone := f.s.ended(f.number) != nil
		if f.items.lanes--; !gone {
			f.s.ends[f.number] = f.items
		}
		f.s.mu.Unlock()
		if !gone {
			f.s.tell(f.number, opEnd, 0, err)
		}
		if f.items.result {
			f.s.mu.Lock()
			f.s.finish(f.items.number)
			f.s.mu.Unlock()
		}
	}
	defer func() {
		if !returned { // runtime.Goexit
			err = fmt.Errorf("the iterator ended its goroutine instead of returning")
			end()
		}
	}()
	err = f.s.guarded(func() error { return f.items.run(f) })
	returned = true
	end()
}

// push sends a value when it may. It returns when the next one is wanted: true, or
// when none is.
func (f *flow) push(message []byte) bool {
	if !f.await() {
		return false
	}
	f.s.mu.Lock()
	f.credit -= cost(len(message))
	f.s.mu.Unlock()
	return f.s.send(numberData+f.number, message) == nil && f.await()
}

// await waits for credit.
func (f *flow) await() bool {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	for !f.stopped && f.credit <= 0 && f.s.ended(f.number) == nil {
		f.wake.Wait()
	}
	return !f.stopped && f.s.ended(f.number) == nil
}

// GiveItems makes an iterator available to the other side: run calls push with each
// value until that returns false.
func GiveItems[E any](c *Call, place int, result bool, encode func([]byte, *E) ([]byte, error), run func(push func(*E) bool)) {
	give(c, place, result, func(f *flow) (err error) {
		run(func(e *E) bool {
			var b []byte
			if b, err = encode(nil, e); err == nil {
				err = tooLarge("a value", b)
			}
			if err != nil {
				return false
			}
			return f.push(b)
		})
		return err
	})
}

// GiveChannel makes a channel available to the other side.
func GiveChannel[T, E any](c *Call, place int, result bool, ch <-chan T, encode func([]byte, *E) ([]byte, error), wrap func(T) E) {
	give(c, place, result, func(f *flow) error {
		for f.await() {
			select {
			case v, ok := <-ch:
				if !ok {
					return nil
				}
				e := wrap(v)
				b, err := encode(nil, &e)
				if err == nil {
					err = tooLarge("a value", b)
				}
				if err != nil {
					return err
				}
				f.push(b)
			case <-f.stop:
				return nil
			}
		}
		return nil
	})
}

func give(c *Call, place int, result bool, run func(*flow) error) {
	x := &items{s: c.session, number: 2 * place, result: result, run: run}
	c.add(x.number, x, result)
}

// An intake is the consumer's end of one iteration.
type intake struct {
	s      *session
	number int
	full   int64 // credit that it keeps up; 1: one value at a time
	wake   sync.Cond

	// Guarded by the session's lock.
	credit int64
	owed   int64 // of the values that were consumed
	queue  []string
	end    bool
	err    error
}

func (x *intake) wakeAll() { x.wake.Broadcast() }

func (x *intake) data(message []byte) (bool, error) {
	if x.credit <= 0 || x.end {
		return false, violation("a value of stream %d that nobody asked for", x.number)
	}
	x.credit -= cost(len(message))
	x.queue = append(x.queue, string(message))
	x.wake.Broadcast()
	return false, nil
}

func (x *intake) control(c control) error {
	if c.op != opEnd || x.end {
		return violation("control %d of an iteration", c.op)
	}
	x.end, x.err = true, x.s.errorIn(c)
	x.wake.Broadcast()
	return nil
}

// next returns the next value; false: there is none.
func (x *intake) next() (string, bool, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	for {
		if x.owed > x.full/4 && !x.end && x.s.ended(x.number) == nil {
			n := x.owed
			x.credit, x.owed = x.credit+n, 0
			x.s.mu.Unlock()
			x.s.tell(x.number, opCredit, n, nil)
			x.s.mu.Lock()
			continue
		}
		switch err := x.s.ended(x.number); {
		case len(x.queue) > 0:
			v := x.queue[0]
			x.queue = x.queue[1:]
			x.owed += cost(len(v))
			return v, true, nil
		case x.end:
			return "", false, x.err
		case err != nil:
			return "", false, err
		}
		x.wake.Wait()
	}
}

// cancel says that no more is wanted, and waits until the other side has stopped;
// unless it may be on its way to a value that nobody has asked for yet.
func (x *intake) cancel() error {
	x.s.mu.Lock()
	live := !x.end && x.s.ended(x.number) == nil
	x.s.mu.Unlock()
	if live {
		x.s.tell(x.number, opStop, 0, nil)
	}
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	for {
		x.queue = nil
		switch {
		case x.end:
			return x.err
		case x.full > 1 || x.s.ended(x.number) != nil:
			return nil
		}
		x.wake.Wait()
	}
}

// A Taker makes iterations of an iterator on the other side.
type Taker struct{ t *taker }

type taker struct {
	c      *Call
	number int
	result bool
	used   bool
}

// An unused is the end of an iterator on the other side while it isn't used.
type unused struct{}

func (unused) wakeAll() {}

func (unused) data([]byte) (bool, error) { return false, violation("a value that nobody asked for") }

func (unused) control(control) error { return violation("control of what nobody uses") }

// Take is for an iterator or channel that the other side gives.
func Take(c *Call, place int, result bool) *Taker {
	c.add(2*place, unused{}, result)
	t := &Taker{&taker{c: c, number: 2 * place, result: result}}
	if result {
		runtime.AddCleanup(t, (*taker).drop, t.t)
	}
	return t
}

// drop ends the stream of a result that nobody can reach any more.
func (t *taker) drop() {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	if !t.used {
		t.c.finish(t.number)
	}
}

// begin starts an iteration.
func (t *taker) begin() (*intake, error) {
	s := t.c.session
	x := &intake{s: s, full: 1, wake: sync.Cond{L: &s.mu}}
	if t.result {
		x.full = ahead
	}
	s.mu.Lock()
	if err := s.ended(t.number); err != nil && !(t.result && t.used) {
		s.mu.Unlock()
		return nil, err
	}
	if t.result && t.used {
		s.mu.Unlock()
		return nil, errUsed
	}
	x.number = t.number
	for {
		if _, free := s.ends[x.number].(unused); free || s.ends[x.number] == nil {
			break
		}
		if x.number += laneStep; x.number >= laneStep*maxLanes {
			s.mu.Unlock()
			return nil, fmt.Errorf("more than %d iterations of one iterator at the same time", maxLanes)
		}
	}
	if _, known := s.ends[x.number]; !known {
		s.params = append(s.params, x.number)
	}
	t.used = true
	x.credit = x.full
	s.ends[x.number] = x
	s.mu.Unlock()
	s.tell(x.number, opStart, x.full, nil)
	return x, nil
}

// finished ends an iteration.
func (t *taker) finished(x *intake) {
	s := t.c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case t.result:
		s.finish(t.number)
	case s.ends[x.number] == nil: // with the call
	default:
		s.ends[x.number] = unused{}
	}
}

var errUsed = fmt.Errorf("an iterator that was a result of a call from another process can be used once; collect its values to use them again")

// Each calls each with the values of one iteration until that returns false. The
// error says why there may be more values than it was called with: then each hasn't
// returned false.
func Each[E any](t *Taker, decode func(string, *E) error, each func(*E) bool) (err error) {
	x, err := t.t.begin()
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(t)
	defer t.t.finished(x)
	done := false
	defer func() {
		if !done { // a panic of who uses the values, or the end of its goroutine
			_ = x.cancel()
		}
	}()
	for {
		v, more, err := x.next()
		if !more {
			done = true
			return err
		}
		var e E
		if err := decode(v, &e); err != nil {
			done = true
			_ = x.cancel()
			return violation("a value of a stream: %v", err)
		}
		if !each(&e) {
			done = true
			if err := x.cancel(); err != nil { // a panic, at the end of the iterator
				Abandon(t.t.c, err)
			}
			return nil
		}
	}
}

// Channel returns a channel with the values of one on the other side. It is closed
// where that is, and where the session ends.
func Channel[T, E any](c *Call, place int, result bool, decode func(string, *E) error, value func(*E) T) <-chan T {
	t, ch := Take(c, place, result), make(chan T)
	returned := c.returned
	if result {
		returned = nil
	}
	go func() {
		defer close(ch)
		_ = Each(t, decode, func(e *E) bool {
			select {
			case ch <- value(e):
				return true
			case <-c.over:
			case <-returned:
			}
			return false
		})
	}()
	return ch
}
