package unix

import (
	"fmt"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// take runs a request or sees that it is run; false: the reader's role has
// been handed over meanwhile.
func (s *session) take(r *request) bool {
	r.in.Endpoint = -1
	if r.id <= 1<<30 {
		r.in.Endpoint = s.target.Index(int(r.id))
	}
	c := &callContext{s: s, call: r.call}
	now := time.Now()
	if r.limited {
		c.deadline = now.Add(r.timeout)
	}
	if r.in.Endpoint < 0 || !s.target.Slow(r.in.Endpoint) {
		return s.inline(c, &r.in, now)
	}
	s.mu.Lock()
	s.addDetached(c)
	s.mu.Unlock()
	in := r.in
	go func() {
		defer s.endDetached(c)
		s.serve(c, &in, time.Now())
	}()
	return true
}

// inline runs a call on the reader, as long as it may keep the role.
func (s *session) inline(c *callContext, in *link.Incoming, start time.Time) (reader bool) {
	s.beginInline(c)
	returned := false
	defer func() {
		if returned {
			return
		}
		if s.endInline(c) { // runtime.Goexit
			go s.read() // which flushes first
		} else {
			s.endDetached(c)
		}
	}()
	took := s.serve(c, in, start)
	returned = true
	if !s.endInline(c) {
		s.endDetached(c)
		return false
	}
	if took > flushAfter {
		s.out.mu.Lock()
		s.out.flush(false)
	}
	return true
}

// endDetached ends a call that doesn't run on the reader: nobody else flushes
// its reply.
func (s *session) endDetached(c *callContext) {
	s.out.mu.Lock()
	s.out.flush(true)
	s.removeDetached(c)
}

// serve runs the call and appends its reply, which isn't flushed yet.
func (s *session) serve(c *callContext, in *link.Incoming, start time.Time) time.Duration {
	returned := false
	defer func() {
		if !returned {
			status, tree := s.target.Exited()
			s.reply(c, status, tree, nil)
		}
		c.end()
	}()
	buffer := link.GetBuffer()
	status, tree, body := s.target.Serve(c, *in, buffer.B)
	took := time.Since(start)
	if in.Endpoint >= 0 {
		s.target.RecordDuration(in.Endpoint, took)
	}
	if n := len(tree) + len(body); n > MaxMessage-64 {
		status, body = link.StatusFailed, nil
		tree = s.target.EncodeError(fmt.Errorf("%w: a reply of %d bytes, the limit is %d", link.ErrTooLarge, n, MaxMessage-64))
	}
	s.reply(c, status, tree, body)
	returned = true
	buffer.B = body[:0]
	buffer.Release()
	return took
}

// reply appends a reply. One that is larger than a part goes out in parts, each
// when there is space for it.
func (s *session) reply(c *callContext, status link.Status, tree, body []byte) {
	if status != link.StatusOK {
		tree = wire.AppendText(nil, string(tree))
	}
	for len(tree)+len(body) > maxPart {
		if len(tree) > 0 {
			tree, body = nil, append(tree, body...)
		}
		s.lockWithSpace(c)
		s.out.append(header{kind: kindPart, call: c.call}, body[:maxPart])
		s.out.flush(false)
		body = body[maxPart:]
	}
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.append(header{kind: kindReply, detail: byte(status), call: c.call}, tree, body)
}

// lockWithSpace takes the outbox's lock when there is space. While it waits,
// somebody else has to read what cancels the call.
func (s *session) lockWithSpace(c *callContext) {
	for {
		s.out.mu.Lock()
		space := s.out.full()
		if space == nil {
			return
		}
		s.out.flush(false)
		if c.onReader != 0 {
			s.handOver(c.onReader)
		}
		<-space
	}
}

// awaitSpace holds the reader up while the caller takes no replies.
func (s *session) awaitSpace() {
	for s.out.crowded.Load() {
		s.out.mu.Lock()
		space := s.out.full()
		s.out.flush(false)
		if space != nil {
			<-space
		}
	}
}
