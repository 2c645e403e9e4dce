package nats

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/unweld/unweld/bindings/rt/link"
)

// headerPipe has the subject at which the other side of a call with streams listens.
const headerPipe = "Unweld-Pipe"

// A frame is its kind, a number (8 bytes, little endian) and what else the kind has. Those
// with an order are numbered by how many of them their sender has sent before.
const (
	frameMore  = 'm' // in order: a part of a message, whose number (4 bytes) stands before it; more follows
	frameLast  = 'l' // in order: the last part of a message, or all of it
	frameClose = 'c' // in order: nothing follows
	frameTaken = 't' // the number is that of bytes that were taken: so much more may come
	frameBeat  = 'b' // the sender is there
	frameGone  = 'g' // the sender knows no such call
)

const (
	frameHead = 1 + 8 + 4
	framePart = 256<<10 + 64 // bytes of a message in a frame, where the server takes that: a piece of a stream
	frameCost = 256          // what a frame takes of the window besides its bytes
	window    = 1 << 20      // of frames under way in one direction; the last may go beyond

	beatEvery = 2 * time.Second
	silentFor = 20 * time.Second // then the other side is taken for dead

	// maxStreamed is the size of the largest message of a call with streams. It may be larger
	// than what the NATS server takes.
	maxStreamed = 64 << 20
)

var (
	errOver   = errors.New("the peer has ended the call")
	errGone   = errors.New("the peer is gone, or has forgotten the call")
	errSilent = fmt.Errorf("nothing was heard of the peer for %s", silentFor)
)

// A pipe carries one call with streams. Each side publishes frames to the subject of the
// other.
type pipe struct {
	of   *pipes
	own  string // the subject of this side
	part int    // how many bytes of a message a frame has at most
	left func() // called at the first Close; may be nil

	turn sync.Mutex // held by who sends a message

	mu     sync.Mutex
	wake   sync.Cond
	to     string // the other side's subject; empty: not known yet
	err    error  // why this side has ended the call, or lost it
	closed bool
	over   bool   // the other side has ended it
	sent   uint64 // frames with an order
	seen   uint64
	out    int64       // cost of the frames that were sent, and not taken
	queue  []*nats.Msg // frames of messages
	in     int64       // their cost
	taken  int64       // cost of those that were taken, which the other side wasn't told
	heard  time.Time   // when the last frame came
	spoke  time.Time   // when the last one was published
}

func (p *pipe) begin(to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to, p.heard, p.spoke = to, time.Now(), time.Now()
}

func cost(frame []byte) int64 { return int64(len(frame)) + frameCost }

// arrived takes a frame.
func (p *pipe) arrived(m *nats.Msg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil || p.over {
		return
	}
	p.heard = time.Now()
	if err := p.take(m); err != nil {
		p.fail(err, !errors.Is(err, errGone))
	}
	p.wake.Broadcast()
}

// take is what arrived does with a frame; the lock is held.
func (p *pipe) take(m *nats.Msg) error {
	if nobodyListens(m) {
		return errGone
	}
	kind, n, ok := parseHead(m.Data)
	if !ok {
		return fmt.Errorf("%w: a frame of %d bytes", link.ErrMalformed, len(m.Data))
	}
	switch kind {
	case frameMore, frameLast, frameClose:
		if n != p.seen {
			return fmt.Errorf("a part of the call was lost on its way: frame %d came after %d", n, p.seen)
		}
		p.seen++
		if kind == frameClose {
			p.over = true
			return nil
		}
		if len(m.Data) < frameHead {
			return fmt.Errorf("%w: a part of a message without the number of that", link.ErrMalformed)
		}
		if p.in += cost(m.Data); p.in > window+framePart+frameHead+frameCost {
			return fmt.Errorf("%w: more than there is room for", link.ErrMalformed)
		}
		p.queue = append(p.queue, m)
	case frameTaken:
		if n == 0 || n > uint64(p.out) {
			return fmt.Errorf("%w: %d bytes were taken, of %d", link.ErrMalformed, n, p.out)
		}
		p.out -= int64(n)
	case frameBeat:
	case frameGone:
		return errGone
	default:
		return fmt.Errorf("%w: a frame of kind %d", link.ErrMalformed, kind)
	}
	return nil
}

// nobodyListens reports whether the server has answered a frame: nobody listens at the
// subject of the other side.
func nobodyListens(m *nats.Msg) bool { return len(m.Data) == 0 && m.Header.Get("Status") == "503" }

func head(b []byte, kind byte, n uint64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, kind), n)
}

func parseHead(frame []byte) (kind byte, n uint64, ok bool) {
	if len(frame) < 1+8 {
		return 0, 0, false
	}
	return frame[0], binary.LittleEndian.Uint64(frame[1:]), true
}

// publish sends a frame; the lock is held. The client copies it.
func (p *pipe) publish(frame []byte) error {
	p.spoke = time.Now()
	// That nobody listens is told to who can be replied to.
	return p.of.nc.PublishMsg(&nats.Msg{Subject: p.to, Reply: p.own, Data: frame})
}

// fail ends the call on this side, and on the other one if that is to be told; the lock
// is held.
func (p *pipe) fail(err error, tell bool) {
	if p.err != nil {
		return
	}
	p.err = err
	if tell && !p.over && p.to != "" {
		_ = p.publish(head(nil, frameClose, p.sent)) // who isn't told finds it out
		p.sent++
	}
	p.of.remove(p)
	p.wake.Broadcast()
}

// broken ends the call because of an error beyond it.
func (p *pipe) broken(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail(err, true)
}

// look says that this side is there, and finds out whether the other one is.
func (p *pipe) look(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.err != nil || p.over || p.to == "":
	case now.Sub(p.heard) > silentFor:
		p.fail(errSilent, true)
	case now.Sub(p.spoke) >= beatEvery/2:
		if err := p.publish(head(nil, frameBeat, 0)); err != nil {
			p.fail(err, false)
		}
	}
}

var frames = sync.Pool{New: func() any { b := make([]byte, 0, frameHead+framePart); return &b }}

// Send implements link.Pipe.
func (p *pipe) Send(number int, parts ...[]byte) error {
	left := 0
	for _, part := range parts {
		left += len(part)
	}
	if left > maxStreamed {
		return fmt.Errorf("%w: a message of %d bytes, the limit is %d", link.ErrTooLarge, left, maxStreamed)
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	frame := frames.Get().(*[]byte)
	defer frames.Put(frame)
	for i, at := 0, 0; ; {
		n, kind := min(left, p.part), byte(frameMore)
		if left -= n; left == 0 {
			kind = frameLast
		}
		b := binary.LittleEndian.AppendUint32(head((*frame)[:0], kind, p.sent), uint32(number))
		for n > 0 {
			piece := parts[i][at:]
			if len(piece) <= n {
				i, at = i+1, 0
			} else {
				piece = piece[:n]
				at += n
			}
			n -= len(piece)
			b = append(b, piece...)
		}
		if err := p.sendFrame(b); err != nil || left == 0 {
			return err
		}
	}
}

// sendFrame sends a part of a message when there is room for it.
func (p *pipe) sendFrame(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil && !p.over && p.out >= window {
		p.wake.Wait()
	}
	switch {
	case p.err != nil:
		return p.err
	case p.over:
		return errOver
	}
	p.out += cost(b)
	p.sent++
	err := p.publish(b)
	if err != nil {
		p.fail(err, false)
	}
	return err
}

// Receive implements link.Pipe.
func (p *pipe) Receive(buf []byte) (int, []byte, error) {
	buf = buf[:0]
	for number, first := uint32(0), true; ; first = false {
		frame, err := p.next()
		if err != nil {
			return 0, nil, err
		}
		n, part := binary.LittleEndian.Uint32(frame[1+8:]), frame[frameHead:]
		switch {
		case first && n <= 1<<30:
			number = n
		case n != number:
			return 0, nil, fmt.Errorf("%w: message %d, a part of which is of %d", link.ErrMalformed, number, n)
		}
		if len(buf)+len(part) > maxStreamed {
			return 0, nil, fmt.Errorf("%w: a message of more than %d bytes", link.ErrTooLarge, maxStreamed)
		}
		if buf = append(buf, part...); frame[0] == frameLast {
			return int(number), buf, nil
		}
	}
}

// next takes a frame out of the queue, and says when there is much room again. What has
// come before the end is there after it.
func (p *pipe) next() ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) == 0 && p.err == nil && !p.over {
		p.wake.Wait()
	}
	if len(p.queue) == 0 {
		return nil, cmp.Or(p.err, errOver)
	}
	frame := p.queue[0].Data
	p.queue[0] = nil
	p.queue = p.queue[1:]
	p.in -= cost(frame)
	if p.taken += cost(frame); p.taken >= window/4 && p.err == nil && !p.over {
		n := uint64(p.taken)
		p.taken = 0
		if err := p.publish(head(nil, frameTaken, n)); err != nil {
			p.fail(err, false)
		}
	}
	return frame, nil
}

// Close implements link.Pipe.
func (p *pipe) Close() error {
	p.mu.Lock()
	closed := p.closed
	p.closed, p.queue = true, nil
	p.fail(link.ErrClosed, true)
	p.mu.Unlock()
	if !closed && p.left != nil {
		p.left()
	}
	return nil
}

// openPipe is the link.Piper.
func openPipe(ctx context.Context, to link.Peer, call link.Outgoing) (link.Pipe, error) {
	c, ok := to.Conn.(*conn)
	if !ok {
		return nil, link.ErrClosed
	}
	ps, ok := c.streams.(*pipes)
	if !ok || !c.nc.IsConnected() {
		return nil, nats.ErrConnectionClosed
	}
	number, ok := c.enter()
	if !ok {
		return nil, link.ErrClosed
	}
	p := ps.add(c.leave)
	m := c.message(ctx, number, link.Outgoing{Endpoint: call.Endpoint, Metadata: call.Metadata})
	m.Header.Set(headerPipe, p.own)
	limited, cancel := context.WithTimeout(ctx, silentFor)
	defer cancel()
	reply, err := c.nc.RequestMsgWithContext(limited, m)
	switch {
	case err == nil:
		if err = c.refusal(reply); err == nil && reply.Header.Get(headerPipe) == "" {
			err = errors.New("the peer didn't say where it listens to the call")
		}
	case ctx.Err() == nil && limited.Err() != nil:
		c.cancel(number)
		err = fmt.Errorf("nobody has taken the call for %s", silentFor)
	default:
		err = c.failed(ctx, number, 0, err).Err
	}
	if err != nil {
		_ = p.Close()
		return nil, err
	}
	p.begin(reply.Header.Get(headerPipe))
	return p, nil
}
