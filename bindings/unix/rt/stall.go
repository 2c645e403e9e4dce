package unix

import "time"

// stallAfter is how often the watchdog checks the reader: a call that holds
// it up for one to two times as long loses the reader's role.
const stallAfter = 20 * time.Millisecond

// The reader's role. There is always one reader. While it runs a call itself,
// state is odd; the call's number in state changes with every call. Whoever
// moves state on from there decides who reads next:
//
//	the reader, when its call returns:    it reads on
//	handOver, while the call still runs:  a new reader reads, the call goes on
//	                                      on its own as a detached one
//
// handOver is called by the watchdog when it sees the same call twice, by a
// call that asks for the end of its context, and by one that waits for space.

// beginInline notes that the reader runs a call.
func (s *session) beginInline(c *callContext) {
	running := s.state.Load() + 1
	c.onReader = running
	s.running.Store(c)
	s.state.Store(running)
	if s.ended.Load() { // abort may have missed the call
		c.end()
	}
	s.startWatchdog()
}

// endInline reports whether the reader whose call has returned still is one.
func (s *session) endInline(c *callContext) bool {
	return s.state.CompareAndSwap(c.onReader, c.onReader+1)
}

// startWatchdog starts the watchdog unless it is at work.
func (s *session) startWatchdog() {
	if !s.watching.Load() && s.watching.CompareAndSwap(false, true) {
		s.watchdog.Reset(stallAfter)
	}
}

// checkStall is what the watchdog runs: it checks whether the reader is still in
// the call in which it saw it last.
func (s *session) checkStall() {
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
	s.addDetached(c)
	go s.read()
}

// addDetached registers a call that doesn't run on the reader, so that it can be
// cancelled and is waited for; s.mu is held.
func (s *session) addDetached(c *callContext) {
	s.calls.Add(1)
	s.byNumber[c.call] = c
	if s.ended.Load() {
		c.end()
	}
}

// removeDetached undoes addDetached.
func (s *session) removeDetached(c *callContext) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byNumber, c.call)
	s.calls.Done()
}
