package unix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/link"
)

// stallAfter is how long a call may hold up the reader. When one takes longer
// another reader takes over, and the call goes on beside it.
const stallAfter = 20 * time.Millisecond

// flushAfter is how long a call may take before its reply, and those that wait
// with it, are sent although more requests have arrived already.
const flushAfter = 20 * time.Microsecond

// A session is the callee's side of a connection.
//
// There is always one reader. It runs the calls itself; state says whether it
// is in one, and is how the watchdog takes its role away.
type session struct {
	nc     net.Conn
	out    outbox
	frames *frames // the reader's
	taken  uint64  // number of the last call; the reader's
	target *link.Target
	ctx    context.Context // of the calls; ends with the connection
	cancel context.CancelFunc

	leaving atomic.Bool
	over    chan struct{}  // closed when the last reader has ended
	calls   sync.WaitGroup // those that don't run on the reader

	state    atomic.Uint64 // twice a count of calls, plus one while one runs
	watching atomic.Bool
	seen     uint64 // state at the watchdog's last look
	watchdog *time.Timer

	mu      sync.Mutex
	cancels map[uint64]context.CancelFunc
}

func newSession(nc net.Conn) *session {
	s := &session{nc: nc, out: newOutbox(nc), over: make(chan struct{}), cancels: make(map[uint64]context.CancelFunc)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.watchdog = time.AfterFunc(time.Hour, s.watch)
	s.watchdog.Stop()
	return s
}

// run serves the connection until its end.
func (s *session) run(accept link.Accept) {
	defer s.cut()
	defer s.watchdog.Stop()
	var err error
	if s.frames, s.target, err = receive(s.nc, accept); err != nil {
		return
	}
	if s.leaving.Load() { // receive has undone what leave did
		_ = s.nc.SetReadDeadline(past)
	}
	go s.read()
	<-s.over
	s.calls.Wait()
	s.flushAll()
}

// leave makes the reader say goodbye.
func (s *session) leave() {
	s.leaving.Store(true)
	_ = s.nc.SetReadDeadline(past)
}

// cut ends the connection and cancels its calls.
func (s *session) cut() {
	s.cancel()
	_ = s.nc.Close()
}

// read is the reader. It returns when the connection has ended or its role has
// been taken away.
func (s *session) read() {
	s.out.mu.Lock()
	s.out.flush(false) // what a reader before this one has left
	for {
		if !s.drain() {
			return
		}
		s.out.mu.Lock()
		s.out.flush(false)
		if s.leaving.Load() {
			s.goodbye()
			return
		}
		if err := s.frames.fill(s.nc); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) && s.leaving.Load() {
				continue
			}
			s.cancel()
			close(s.over)
			return
		}
	}
}

// drain takes the frames that have arrived completely; false: the reader's
// role is over.
func (s *session) drain() bool {
	for {
		h, payload, ok, err := s.frames.next()
		if err == nil && !ok {
			return true
		}
		if err == nil {
			switch {
			case h.kind == kindCancel:
				s.cancelCall(h.call)
				continue
			case h.kind != kindRequest || h.call <= s.taken || h.detail&^flagsKnown != 0:
				err = link.ErrMalformed
			}
		}
		var r request
		if err == nil {
			r, err = parseRequest(h, payload)
		}
		if err != nil { // the caller can't be understood: no use to go on
			s.cut()
			close(s.over)
			return false
		}
		s.taken = h.call
		if !s.take(r) {
			return false
		}
		s.awaitSpace()
	}
}

// goodbye is the reader's end when the session leaves.
func (s *session) goodbye() {
	s.out.mu.Lock()
	s.out.end(s.out.begin(header{kind: kindGoaway, call: s.taken}))
	s.out.flush(false)
	close(s.over)
}

// awaitSpace holds the reader up while the caller takes no replies.
func (s *session) awaitSpace() {
	for {
		s.out.mu.Lock()
		space := s.out.full()
		if space == nil {
			s.out.mu.Unlock()
			return
		}
		s.out.flush(false)
		<-space
	}
}

// flushAll returns when all replies are written, or can't be.
func (s *session) flushAll() {
	for {
		s.out.mu.Lock()
		if s.out.err != nil || s.out.written == s.out.appended {
			s.out.mu.Unlock()
			return
		}
		s.out.flush(false)
		time.Sleep(100 * time.Microsecond)
	}
}

func (s *session) cancelCall(call uint64) {
	s.mu.Lock()
	cancel := s.cancels[call]
	s.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// watch looks whether the reader is stuck in a call.
func (s *session) watch() {
	now := s.state.Load()
	if now == s.seen {
		if now&1 == 0 { // nothing came since the last look
			s.watching.Store(false)
			return
		}
		s.mu.Lock()
		if s.state.CompareAndSwap(now, now+3) {
			s.calls.Add(1) // the call goes on beside
			go s.read()
		}
		s.mu.Unlock()
	}
	s.seen = now
	s.watchdog.Reset(stallAfter)
}

// A request is one call that has arrived.
type request struct {
	call     uint64
	flags    byte
	deadline time.Duration
	in       link.Incoming
	id       uint64
}

func parseRequest(h header, payload []byte) (request, error) {
	r := request{call: h.call, flags: h.detail}
	var err error
	if r.id, payload, err = readUvarint(payload); err != nil {
		return r, err
	}
	if r.flags&flagDeadline != 0 {
		var d uint64
		if d, payload, err = readUvarint(payload); err != nil || d > 1<<62 {
			return r, errPayload
		}
		r.deadline = time.Duration(d)
	}
	if r.flags&flagMetadata != 0 {
		var meta []byte
		if meta, payload, err = readBytes(payload); err != nil {
			return r, err
		}
		if r.in.Metadata, err = link.ParseMetadata(string(meta)); err != nil {
			return r, fmt.Errorf("metadata: %w", err)
		}
	}
	r.in.Request = string(payload)
	return r, nil
}
