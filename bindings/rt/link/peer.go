package link

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Peers are shared by everything in the process that calls the same component
// at the same address.
type peers struct {
	mu sync.Mutex
	m  map[peerKey]*peer
}

type peerKey struct{ address, component string }

func newPeers() *peers { return &peers{m: make(map[peerKey]*peer)} }

func (ps *peers) get(a Address, h Hello) *peer {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	key := peerKey{a.String(), h.Component}
	p, ok := ps.m[key]
	if !ok {
		p = &peer{address: a, hello: h}
		ps.m[key] = p
	}
	return p
}

func (ps *peers) close() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.m {
		p.close()
	}
}

// How long a call waits for a peer that can't be reached, counted from the
// first attempt that failed. After that calls fail at once, and an attempt is
// made at most once per pause.
const (
	connectWait     = 5 * time.Second
	connectPauseMin = 2 * time.Millisecond
	connectPauseMax = 250 * time.Millisecond
	dialLimit       = 5 * time.Second
)

// A peer holds the connection to one component at one address, and makes it
// again when it is lost.
type peer struct {
	address Address
	hello   Hello

	mu      sync.Mutex
	conn    Conn
	dialing chan struct{} // closed when the attempt under way has ended
	since   time.Time     // of the first attempt that failed in a row
	pause   time.Duration
	next    time.Time // no attempt before
	last    error
	closed  bool
}

// callUnless sends one request over the connection, which is made if need be. A
// call that waits for a connection stops waiting, with ErrMoved, once the
// endpoint's channel is closed.
func (p *peer) callUnless(ctx context.Context, endpoint int, request []byte, left func(int) <-chan struct{}) (Reply, error) {
	out := Outgoing{Endpoint: p.hello.Endpoints[endpoint], Request: request, Metadata: Metadata(ctx)}
	for attempt := 0; ; attempt++ {
		conn := p.usable()
		if conn == nil {
			var err error
			if conn, err = p.get(ctx, func() <-chan struct{} { return left(endpoint) }); err != nil {
				return Reply{}, Failed(NotExecuted, err)
			}
		}
		reply, err := conn.Call(ctx, out)
		if err == nil || conn.Usable() {
			return reply, err
		}
		p.drop(conn)
		// An idle connection may have been lost long ago; nothing was sent, so
		// one attempt on a new one is no repetition.
		var e *Error
		if attempt > 0 || ctx.Err() != nil || !errors.As(err, &e) || e.Outcome != NotExecuted {
			return Reply{}, err
		}
	}
}

// usable returns the connection if there is one.
func (p *peer) usable() Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.conn == nil || !p.conn.Usable() {
		return nil
	}
	return p.conn
}

// get returns the connection. It waits for one, but not after the channel that
// left returns is closed: then the error is ErrMoved.
func (p *peer) get(ctx context.Context, left func() <-chan struct{}) (Conn, error) {
	for {
		p.mu.Lock()
		switch {
		case p.closed:
			p.mu.Unlock()
			return nil, ErrClosed
		case p.conn != nil && p.conn.Usable():
			conn := p.conn
			p.mu.Unlock()
			return conn, nil
		case p.dialing != nil:
			wait := p.dialing
			p.mu.Unlock()
			select {
			case <-wait:
			case <-left():
				return nil, ErrMoved
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			continue
		}
		now := time.Now()
		if early := p.next.Sub(now); early > 0 {
			last, patient := p.last, now.Sub(p.since) < connectWait
			p.mu.Unlock()
			if !patient {
				return nil, fmt.Errorf("%w (next attempt in %v)", last, early.Round(time.Millisecond))
			}
			select {
			case <-time.After(early):
			case <-left():
				return nil, ErrMoved
			case <-ctx.Done():
				return nil, fmt.Errorf("%w while the peer cannot be reached: %w", ctx.Err(), last)
			}
			continue
		}
		p.dialing = make(chan struct{})
		p.mu.Unlock()
		if err := p.dial(ctx); err != nil {
			return nil, err
		}
	}
}

// dial makes one attempt. It returns an error only if waiting for another
// attempt is of no use.
func (p *peer) dial(ctx context.Context) error {
	t, err := transportFor(p.address)
	var conn Conn
	if err == nil {
		dialing, cancel := context.WithTimeout(context.WithoutCancel(ctx), dialLimit)
		conn, err = t.Dial(dialing, p.address, p.hello)
		cancel()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.dialing)
	p.dialing = nil
	if err == nil {
		if p.closed {
			_ = conn.Close()
			return ErrClosed
		}
		p.conn, p.since, p.pause, p.last = conn, time.Time{}, 0, nil
		return nil
	}
	now := time.Now()
	if p.since.IsZero() {
		p.since = now
	}
	p.last = err
	p.pause = min(max(2*p.pause, connectPauseMin), connectPauseMax)
	p.next = now.Add(p.pause)
	var version *VersionError
	if errors.As(err, &version) || errors.Is(err, ErrMoved) || now.Sub(p.since) >= connectWait {
		return err
	}
	return nil
}

func (p *peer) drop(conn Conn) {
	p.mu.Lock()
	if p.conn == conn {
		p.conn = nil
	}
	p.mu.Unlock()
	_ = conn.Close()
}

func (p *peer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.conn != nil {
		_ = p.conn.Close()
		p.conn = nil
	}
}
