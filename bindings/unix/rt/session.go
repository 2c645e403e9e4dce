package unix

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// flushAfter is how long a call may take before its reply, and those that wait
// with it, are sent although more requests have arrived already.
const flushAfter = 20 * time.Microsecond

// A session is the callee's side of a connection. Its reader runs calls itself
// where they are known to be quick; see stall.go for how the role passes on.
type session struct {
	nc     net.Conn
	out    outbox
	target *link.Target

	// The reader's.
	frames *frames
	taken  uint64 // number of the last call
	parts  parts

	leaving atomic.Bool
	piped   atomic.Bool    // it is the pipe of one call, which ends with that
	over    chan struct{}  // closed when the last reader has ended
	calls   sync.WaitGroup // those in byNumber

	state    atomic.Uint64
	running  atomic.Pointer[callContext] // the call that state is about while it is odd
	watching atomic.Bool
	seen     uint64 // state at the last run of the watchdog
	watchdog *time.Timer
	ended    atomic.Bool // the connection has ended, and with it all calls

	mu       sync.Mutex
	byNumber map[uint64]*callContext // calls that don't run on the reader
}

func newSession(nc net.Conn) *session {
	s := &session{nc: nc, out: newOutbox(nc), over: make(chan struct{}), byNumber: make(map[uint64]*callContext)}
	s.watchdog = time.AfterFunc(time.Hour, s.checkStall)
	s.watchdog.Stop()
	return s
}

// run serves the connection until its end.
func (s *session) run(accept link.Accept) {
	defer s.abort()
	defer s.watchdog.Stop()
	kind, frames, target, err := receive(s.nc, accept)
	if err != nil {
		return
	}
	if kind == kindStreams {
		s.piped.Store(true)
		servePipe(s, target, frames)
		return
	}
	s.frames, s.target = frames, target
	if s.leaving.Load() { // receive has reset the deadline that shutDown set
		_ = s.nc.SetReadDeadline(past)
	}
	go s.read()
	<-s.over
	s.calls.Wait()
	s.flushAll()
}

// shutDown makes the reader send a goaway frame and end.
func (s *session) shutDown() {
	s.leaving.Store(true)
	if !s.piped.Load() {
		_ = s.nc.SetReadDeadline(past)
	}
}

// abort ends the connection and cancels its calls.
func (s *session) abort() {
	s.cancelAll()
	_ = s.nc.Close()
}

func (s *session) cancelAll() {
	s.ended.Store(true)
	if c := s.running.Load(); c != nil {
		c.end()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.byNumber {
		c.end()
	}
}

func (s *session) cancelCall(call uint64) {
	s.mu.Lock()
	c := s.byNumber[call]
	s.mu.Unlock()
	if c != nil {
		c.end()
	}
}

// read is the reader. It returns when the connection has ended or its role has
// been handed over.
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
			s.sendGoaway()
			return
		}
		if err := s.frames.fill(s.nc); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) && s.leaving.Load() {
				continue
			}
			s.cancelAll()
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
		var r request
		if err == nil {
			r, err = s.accept(h, payload)
		}
		if err != nil { // the caller can't be understood: no use to go on
			s.abort()
			close(s.over)
			return false
		}
		if r.call == 0 {
			continue // the frame was no request
		}
		s.awaitSpace()
		s.taken = r.call
		if !s.take(&r) {
			return false
		}
	}
}

// accept takes one frame in. Unless it is a request, the request's number is 0.
func (s *session) accept(h header, payload []byte) (request, error) {
	switch h.kind {
	case kindCancel:
		s.cancelCall(h.call)
		return request{}, nil
	case kindVoid:
		return request{}, nil
	case kindPart:
		return request{}, s.parts.add(h, payload)
	case kindRequest:
		if h.call <= s.taken || h.detail&^flagsKnown != 0 {
			return request{}, link.ErrMalformed
		}
		return parseRequest(h, payload, &s.parts)
	}
	return request{}, link.ErrMalformed
}

// sendGoaway is the reader's last act when the session shuts down.
func (s *session) sendGoaway() {
	s.out.mu.Lock()
	s.out.append(header{kind: kindGoaway, call: s.taken})
	s.out.flush(false)
	close(s.over)
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

// A request is one call that has arrived.
type request struct {
	call    uint64 // from 1
	id      uint64 // of the endpoint
	timeout time.Duration
	limited bool // there is a timeout
	in      link.Incoming
}

// parseRequest reads a request, the beginning of whose arguments may be among
// the parts.
func parseRequest(h header, payload []byte, begun *parts) (request, error) {
	r := request{call: h.call, limited: h.detail&flagDeadline != 0}
	var timeout, transfer uint64
	var meta string
	src := string(payload)
	id, i := wire.Uvarint(src, 0)
	r.id = id
	if r.limited {
		timeout, i = wire.Uvarint(src, i)
	}
	if h.detail&flagMetadata != 0 {
		meta, i = wire.Message(src, i)
	}
	if h.detail&flagParts != 0 {
		transfer, i = wire.Uvarint(src, i)
	}
	if i < 0 || timeout > 1<<62 {
		return r, errPayload
	}
	r.timeout = time.Duration(timeout)
	var err error
	if r.in.Metadata, err = link.ParseMetadata(meta); err != nil {
		return r, fmt.Errorf("metadata: %w", err)
	}
	if h.detail&flagParts == 0 {
		r.in.Request = src[i:]
		return r, nil
	}
	r.in.Request, err = begun.complete(transfer, payload[i:])
	return r, err
}
