package unix

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
)

// An outboxScript runs an outbox with other senders' steps put into its writes:
// what happens while the lock is free happens there.
type outboxScript struct {
	*testing.T
	o      outbox
	steps  [4][]func() // during the nth write; 0: before the first
	half   int         // bits: the nth write is a half one
	writes int
	wire   []byte
	ends   [4]int64 // by frame
	sizes  [4]int
	voided [4]bool
	cancel [4]bool
	late   [4][]int // frames that waited when the frame was cancelled
}

func (s *outboxScript) send(frame int) {
	s.o.mu.Lock()
	before := s.o.appended
	s.o.append(header{kind: kindRequest, call: uint64(frame)}, make([]byte, frame))
	s.ends[frame], s.sizes[frame] = s.o.appended, int(s.o.appended-before)
	s.o.flush(false)
}

// giveUp does what conn.abandon does.
func (s *outboxScript) giveUp(frame int) {
	s.o.mu.Lock()
	defer s.o.flush(false)
	if s.ends[frame] == 0 {
		return // it hasn't been sent yet
	}
	for f, end := range s.ends {
		if f != frame && end > s.o.handedOver() {
			s.late[frame] = append(s.late[frame], f)
		}
	}
	if s.voided[frame] = s.o.withdraw(s.ends[frame], s.sizes[frame]); !s.voided[frame] {
		s.cancel[frame] = true
		s.o.appendUrgent(header{kind: kindCancel, call: uint64(frame)})
	}
}

func (s *outboxScript) write(b []byte) (int, error) {
	s.writes++
	n := len(b)
	if s.writes < 8 && s.half>>s.writes&1 == 1 {
		n /= 2
	}
	if s.writes < len(s.steps) {
		for _, f := range s.steps[s.writes] {
			f()
		}
	}
	s.wire = append(s.wire, b[:n]...)
	if int64(len(s.wire)-headerSize*len(s.cancelled())) > s.o.handedOver() {
		s.Errorf("more was written than reached says")
	}
	return n, nil
}

func (s *outboxScript) cancelled() (out []int) {
	for f, c := range s.cancel {
		if c {
			out = append(out, f)
		}
	}
	return out
}

// scriptedConn is the connection on which rest writes.
type scriptedConn struct {
	net.Conn
	s *outboxScript
}

func (c scriptedConn) Write(b []byte) (int, error) {
	c.s.half = 0 // a blocking write writes all
	return c.s.write(b)
}

// TestOutboxInEveryOrder: one sender sends frame 1 and becomes the writer, the
// others send 2 and 3, and give 1 and 2 up, at every point of its work, with
// writes that the socket takes a half of.
func TestOutboxInEveryOrder(t *testing.T) {
	for n := range 4 * 4 * 4 * 4 * 8 {
		s := &outboxScript{T: t, half: n >> 8 << 1}
		s.o = outbox{nc: scriptedConn{s: s}, try: s.write}
		for i, f := range []func(){func() { s.send(2) }, func() { s.send(3) }, func() { s.giveUp(1) }, func() { s.giveUp(2) }} {
			at := n >> (2 * i) & 3
			s.steps[at] = append(s.steps[at], f)
		}
		s.o.writing = true // nobody writes yet
		s.send(1)
		for _, f := range s.steps[0] {
			f()
		}
		s.o.mu.Lock()
		s.o.writing = false
		s.o.flush(false)
		for idle := false; !idle; {
			s.o.mu.Lock()
			idle = !s.o.writing
			s.o.mu.Unlock()
		}
		s.check(n)
		if t.Failed() {
			return
		}
	}
}

func (s *outboxScript) check(n int) {
	s.Helper()
	if s.o.written != s.o.appended || len(s.o.buf)+len(s.o.urgent) > 0 {
		s.Fatalf("script %d: something was left unwritten", n)
	}
	var seen []string
	var split frames
	r := bytes.NewReader(s.wire)
	for {
		h, payload, err := split.one(r)
		if err != nil {
			break
		}
		seen = append(seen, fmt.Sprint(h.kind, " ", h.call))
		if h.kind != kindCancel && len(payload) != int(h.call) {
			s.Fatalf("script %d: frame %d has %d bytes", n, h.call, len(payload))
		}
	}
	position := func(kind, call int) int { return slices.Index(seen, fmt.Sprint(kind, " ", call)) }
	for call := 1; call <= 3; call++ {
		kind := kindRequest
		if s.voided[call] {
			kind = kindVoid
		}
		at, cancel := position(kind, call), position(kindCancel, call)
		if s.ends[call] == 0 && call != 1 { // its step came after the last write
			if at >= 0 || cancel >= 0 {
				s.Fatalf("script %d: frame %d in %s", n, call, seen)
			}
			continue
		}
		if at < 0 || (cancel >= 0) != s.cancel[call] || cancel >= 0 && cancel < at {
			s.Fatalf("script %d: frame %d (void %t, cancelled %t) in %s", n, call, s.voided[call], s.cancel[call], strings.Join(seen, ", "))
		}
		for _, late := range s.late[call] {
			if cancel >= 0 && cancel > max(position(kindRequest, late), position(kindVoid, late)) {
				s.Fatalf("script %d: the cancel of %d waited behind %d: %s", n, call, late, seen)
			}
		}
	}
}
