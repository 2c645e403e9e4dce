package unix

import "time"

// stallAfter is how often the watchdog looks at the reader: a call that holds
// it up for one to two times as long loses the reader's role.
const stallAfter = 20 * time.Millisecond

// The reader's role. There is always one reader. While it runs a call itself,
// state is odd; the call's number in state changes with every call. Whoever
// moves state on from there decides who reads next:
//
//	the reader, when its call returns:    it reads on
//	handOver, while the call still runs:  a new reader reads, the call goes on
//	                                      beside it as one of those in calls
//
// handOver is called by the watchdog when it sees the same call twice, by a
// call that asks for the end of its context, and by one that waits for space.

// begin notes that the reader runs a call.
func (s *session) begin(c *callContext) {
	running := s.state.Load() + 1
	c.onReader = running
	s.running.Store(c)
	s.state.Store(running)
	if s.ended.Load() { // cut may have looked for the call before
		c.end()
	}
	s.watchFrom()
}

// finish reports whether the reader whose call has returned still is one.
func (s *session) finish(c *callContext) bool {
	return s.state.CompareAndSwap(c.onReader, c.onReader+1)
}

// watchFrom starts the watchdog unless it is at work.
func (s *session) watchFrom() {
	if !s.watching.Load() && s.watching.CompareAndSwap(false, true) {
		s.watchdog.Reset(stallAfter)
	}
}

// watch is the watchdog: it looks whether the reader is still in the call in
// which it saw it last.
func (s *session) watch() {
	now := s.state.Load()
	switch {
	case now != s.seen:
	case now&1 == 1:
		s.handOver(now)
	default: // nothing came since the last time
		s.watching.Store(false)
		// A call that began before that has not started the watchdog.
		if s.state.Load() == now || !s.watching.CompareAndSwap(false, true) {
			return
		}
	}
	s.seen = now
	s.watchdog.Reset(stallAfter)
}

// handOver starts a new reader if the call with that state still runs on the
// present one.
func (s *session) handOver(running uint64) {
	if s.state.Load() != running {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.running.Load()
	if !s.state.CompareAndSwap(running, running+3) {
		return
	}
	s.beside(c)
	go s.read()
}

// beside counts a call in that doesn't run on the reader, so that it can be
// cancelled; s.mu is held.
func (s *session) beside(c *callContext) {
	s.calls.Add(1)
	s.byNumber[c.call] = c
	if s.ended.Load() {
		c.end()
	}
}

// left ends what beside began.
func (s *session) left(c *callContext) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byNumber, c.call)
	s.calls.Done()
}
