package calllog

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A Method is a method of the component that changes its state.
type Method struct {
	Name string
	// Schemas are the fingerprints of the wire forms of its request: the last is
	// written, all can be replayed.
	Schemas []string
}

// Config says which log to open, and how to replay it.
type Config struct {
	Component string
	// Storage opens the place of the log, for this process alone.
	Storage func(ctx context.Context, component, location string) (Storage, error)
	// Location is what UNWELD_STATE_<COMPONENT> says; empty: the storage knows, and
	// in tests the log is in memory, as it is at memory: anywhere.
	Location string
	Methods  []Method // Do and Replay name them by index
	// Replay runs one logged call. own is what the method itself returned; bad
	// means that the request could not be decoded.
	Replay func(method int, request []byte) (own, bad error)
	// Warn hears of what is odd and can't be decided. Nil: standard error.
	Warn func(string)
	// Progress, if set, hears of the replay now and then, and at its end.
	Progress func(done int64)
}

// A Log is an open command log. Its methods are safe for concurrent use.
type Log struct {
	component string
	methods   []Method
	book      *book

	mu      sync.Mutex
	queue   []*entry
	spare   []*entry // the batch before, for its memory
	leading bool     // a caller is writing and will look at the queue again
	closed  bool
	failed  error         // set once: no call is accepted any more
	idle    chan struct{} // closed when the last leader leaves after Close

	// What follows is owned by the leader.
	seq    int64 // of the next record
	batch  []byte
	noting bool    // the log has a record of failures
	fails  []int64 // calls that failed since the last write
}

// An entry is one call on its way through the log.
type entry struct {
	method  int
	request []byte
	apply   func() error

	seq    int64
	failed bool // the method returned an error, or panicked

	wake     chan bool // true: take the lead; false: finished
	err      error
	panicked bool
	value    any
}

var entries = sync.Pool{New: func() any { return &entry{wake: make(chan bool, 1)} }}

// Open opens or makes the log and replays it.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	storage, err := cfg.storage(ctx)
	if err != nil {
		return nil, err
	}
	l := &Log{component: cfg.Component, methods: cfg.Methods, book: &book{storage: storage}}
	err = l.book.prepare(ctx, cfg)
	if err == nil {
		l.seq, l.noting, err = l.book.replay(ctx, cfg)
	}
	if err == nil {
		err = storage.Own(l.seq - 1)
	}
	if err != nil {
		return nil, errors.Join(err, storage.Release())
	}
	return l, nil
}

var (
	errClosed = errors.New("the log is closed")
	errExited = errors.New("a method ended its goroutine, the state is unknown; restart the process")
)

// Do logs one call and runs it: apply returns what the method itself returned.
// When Do returns nil, the record is on the disk and apply has run; request
// must not change until then. An error is an *Error and means that apply has
// not run. A panic of apply goes on in the caller.
func (l *Log) Do(ctx context.Context, method int, request []byte, apply func() error) error {
	if err := ctx.Err(); err != nil {
		return l.error(method, NotExecuted, context.Cause(ctx))
	}
	e := entries.Get().(*entry)
	e.method, e.request, e.apply = method, request, apply
	l.mu.Lock()
	if err := l.refuses(); err != nil {
		l.mu.Unlock()
		return l.error(method, NotExecuted, err)
	}
	l.queue = append(l.queue, e)
	lead := !l.leading
	l.leading = true
	l.mu.Unlock()
	if lead || <-e.wake {
		l.lead()
	}
	err, panicked, value := e.err, e.panicked, e.value
	*e = entry{wake: e.wake}
	entries.Put(e)
	if panicked {
		panic(value)
	}
	return err
}

func (l *Log) refuses() error {
	if l.failed != nil {
		return fmt.Errorf("the log has failed before, restart the process: %w", l.failed)
	}
	if l.closed {
		return errClosed
	}
	return nil
}

func (l *Log) error(method int, o Outcome, err error) error {
	return &Error{Component: l.component, Method: l.methods[method].Name, Outcome: o, Err: err}
}

// lead writes and runs one batch, the caller's own entry in it, and hands the
// lead to the first of those that came meanwhile.
func (l *Log) lead() {
	l.mu.Lock()
	batch := l.queue
	l.queue = l.spare[:0]
	failed := l.failed
	l.mu.Unlock()
	next := 0
	defer func() {
		if next < len(batch) { // apply called runtime.Goexit
			l.abort(batch[next:])
		}
		l.follow(batch)
	}()
	outcome, err := NotExecuted, failed
	if failed == nil {
		outcome, err = l.write(batch)
	}
	for ; next < len(batch); next++ {
		e := batch[next]
		if err != nil {
			e.err = l.error(e.method, outcome, err)
			continue
		}
		e.run()
		if e.failed {
			l.fails = append(l.fails, e.seq)
		}
	}
}

// run runs the call and keeps its panic for its own caller.
func (e *entry) run() {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			e.panicked, e.value, e.failed = true, v, true
		}
	}()
	e.failed = e.apply() != nil
	returned = true
}

// abort ends the log after a call that left neither by return nor by panic.
func (l *Log) abort(rest []*entry) {
	l.mu.Lock()
	l.failed = errExited
	l.mu.Unlock()
	for _, e := range rest {
		e.err = l.error(e.method, Unknown, errExited)
	}
}

// follow wakes the callers of a finished batch and gives the lead away. The
// first entry of a batch always is its leader's own.
func (l *Log) follow(batch []*entry) {
	for _, e := range batch[1:] {
		e.wake <- false
	}
	clear(batch)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare = batch[:0]
	if len(l.queue) > 0 {
		l.queue[0].wake <- true
		return
	}
	l.leading = false
	if l.idle != nil {
		close(l.idle)
		l.idle = nil
	}
}

// write puts a batch on the disk, before it a record of the calls that failed
// since the last one.
func (l *Log) write(batch []*entry) (Outcome, error) {
	count := int64(len(batch))
	note := !l.noting || len(l.fails) > 0
	if note {
		count++
	}
	l.batch = beginBatch(l.batch, int(count))
	seq := l.seq
	if note {
		l.batch = appendRecord(l.batch, record{method: failures, request: encodeFailures(l.fails)})
		seq++
	}
	for _, e := range batch {
		l.batch = appendRecord(l.batch, record{method: l.book.ids[e.method], request: e.request})
		e.seq = seq
		seq++
	}
	outcome, err := l.book.storage.Append(l.seq, count, endBatch(l.batch, l.seq))
	if err == nil {
		l.seq, l.noting, l.fails = seq, true, l.fails[:0]
		return outcome, nil
	}
	if outcome != NotExecuted {
		l.mu.Lock()
		l.failed = err
		l.mu.Unlock()
	}
	return outcome, err
}

// Records returns how many records are in the log. It is meant for a log that no
// call is on its way through.
func (l *Log) Records() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seq - 1
}

// Close waits for the calls that were accepted and closes the log. Calls that
// come later are refused.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	var idle chan struct{}
	if l.leading {
		idle = make(chan struct{})
		l.idle = idle
	}
	l.mu.Unlock()
	if idle != nil {
		<-idle
	}
	var err error
	if l.failed == nil && len(l.fails) > 0 {
		_, err = l.write(nil)
	}
	return errors.Join(err, l.book.storage.Close(l.seq-1))
}
