package unix

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/unweld/unweld/bindings/link"
)

var errExited = errors.New("the endpoint ended its goroutine (runtime.Goexit) instead of returning")

// take runs a request or sees that it is run; false: the reader's role has
// been taken away meanwhile.
func (s *session) take(r request) bool {
	r.in.Endpoint = -1
	if r.id <= 1<<30 {
		r.in.Endpoint = s.target.Index(int(r.id))
	}
	ctx, cancel := s.context(&r)
	if r.in.Endpoint >= 0 && s.target.Slow(r.in.Endpoint) {
		s.calls.Add(1)
		go func() {
			defer s.calls.Done()
			defer func() {
				s.out.mu.Lock()
				s.out.flush(true)
			}()
			s.serve(ctx, cancel, &r)
		}()
		return true
	}
	return s.inline(ctx, cancel, &r)
}

// inline runs a call on the reader, as long as the watchdog lets it.
func (s *session) inline(ctx context.Context, cancel context.CancelFunc, r *request) (reader bool) {
	running := s.state.Load() + 1
	s.state.Store(running)
	if !s.watching.Load() && s.watching.CompareAndSwap(false, true) {
		s.watchdog.Reset(stallAfter)
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		if s.state.CompareAndSwap(running, running+1) {
			go s.read() // which flushes first
		} else {
			s.finishBeside()
		}
	}()
	took := s.serve(ctx, cancel, r)
	returned = true
	if !s.state.CompareAndSwap(running, running+1) {
		s.finishBeside()
		return false
	}
	if took > flushAfter {
		s.out.mu.Lock()
		s.out.flush(false)
	}
	return true
}

// finishBeside ends a call that has lost the reader's role.
func (s *session) finishBeside() {
	s.out.mu.Lock()
	s.out.flush(true)
	s.mu.Lock() // the watchdog has counted the call in
	defer s.mu.Unlock()
	s.calls.Done()
}

// context makes the context of a call: with the caller's deadline, and
// cancelled when the caller cancels or is gone.
func (s *session) context(r *request) (context.Context, context.CancelFunc) {
	var ctx context.Context
	var cancel context.CancelFunc
	switch {
	case r.flags&flagDeadline != 0:
		ctx, cancel = context.WithTimeout(s.ctx, r.deadline)
	case r.flags&flagCancel != 0:
		ctx, cancel = context.WithCancel(s.ctx)
	default:
		return s.ctx, nil
	}
	s.mu.Lock()
	s.cancels[r.call] = cancel
	s.mu.Unlock()
	return ctx, cancel
}

// serve runs the call and appends its reply, which isn't flushed yet.
func (s *session) serve(ctx context.Context, cancel context.CancelFunc, r *request) time.Duration {
	returned := false
	if cancel != nil {
		defer func() {
			s.mu.Lock()
			delete(s.cancels, r.call)
			s.mu.Unlock()
			cancel()
		}()
	}
	defer func() {
		if !returned {
			s.reply(r.call, link.StatusFailed, s.target.EncodeError(errExited), nil)
		}
	}()
	buffer := link.GetBuffer()
	start := time.Now()
	status, tree, body := s.target.Serve(ctx, r.in, buffer.B)
	took := time.Since(start)
	if r.in.Endpoint >= 0 {
		s.target.Took(r.in.Endpoint, took)
	}
	if n := len(tree) + len(body); n > MaxMessage-64 {
		status, body = link.StatusFailed, nil
		tree = s.target.EncodeError(fmt.Errorf("%w: a reply of %d bytes, the limit is %d", link.ErrTooLarge, n, MaxMessage-64))
	}
	s.reply(r.call, status, tree, body)
	returned = true
	buffer.B = body[:0]
	buffer.Release()
	return took
}

func (s *session) reply(call uint64, status link.Status, tree, body []byte) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.out.err != nil {
		return
	}
	start := s.out.begin(header{kind: kindReply, detail: byte(status), call: call})
	if status != link.StatusOK {
		s.out.buf = appendBytes(s.out.buf, tree)
	}
	s.out.buf = append(s.out.buf, body...)
	s.out.end(start)
}
