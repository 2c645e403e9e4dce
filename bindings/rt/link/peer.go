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
		p = &peer{address: a, hello: h, turn: make(chan struct{}, 1)}
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

	mu     sync.Mutex
	conn   Conn
	closed bool

	// turn has an element while somebody makes the connection. Who put it there
	// owns what follows.
	turn  chan struct{}
	since time.Time // of the first attempt that failed in a row
	pause time.Duration
	next  time.Time // no attempt before
	last  error
}

// call sends one request over the connection, which is made if need be. A call
// that waits for a connection stops waiting, with ErrMoved, once the endpoint's
// calls don't go to the Remote any more, if there is one.
func (p *peer) call(ctx context.Context, endpoint int, request []byte, from *Remote) (Reply, error) {
	out := Outgoing{Endpoint: p.hello.Endpoints[endpoint], Request: request, Metadata: Metadata(ctx)}
	for attempt := 0; ; attempt++ {
		conn, err := p.usable()
		if conn == nil && err == nil {
			var left <-chan struct{}
			if from != nil {
				left = from.in.leftFrom(endpoint, from)
			}
			conn, err = p.connect(ctx, left)
		}
		if err != nil {
			return Reply{}, Failed(NotExecuted, err)
		}
		var reply Reply
		carry := out.Endpoint.Carry
		if carry == nil {
			reply, err = conn.Call(ctx, out)
		} else {
			reply, err = carry(ctx, Peer{conn, p.address, p.hello}, out)
		}
		if err == nil || carry == nil && conn.Usable() {
			return reply, err
		}
		var e *Error
		sent := !errors.As(err, &e) || e.Outcome != NotExecuted
		if carry == nil || !sent && ctx.Err() == nil {
			p.drop(conn)
		}
		// An idle connection may have been lost long ago; nothing was sent, so
		// one attempt on a new one is no repetition.
		if attempt > 0 || ctx.Err() != nil || sent {
			return Reply{}, err
		}
	}
}

// usable returns the connection if there is one, and ErrClosed if there will be
// none.
func (p *peer) usable() (Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, ErrClosed
	case p.conn != nil && p.conn.Usable():
		return p.conn, nil
	}
	return nil, nil
}

// connect waits for a connection, but not after left is closed: then the error
// is ErrMoved.
func (p *peer) connect(ctx context.Context, left <-chan struct{}) (Conn, error) {
	select {
	case p.turn <- struct{}{}:
	case <-left:
		return nil, ErrMoved
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	attempt := make(chan error, 1)
	dialing := false
	defer func() {
		if !dialing {
			<-p.turn
			return
		}
		go func() { <-attempt; <-p.turn }() // the attempt goes on, for the next caller
	}()
	for {
		if conn, err := p.usable(); conn != nil || err != nil {
			return conn, err
		}
		if early := time.Until(p.next); early > 0 {
			if time.Since(p.since) >= connectWait {
				return nil, fmt.Errorf("%w (next attempt in %v)", p.last, early.Round(time.Millisecond))
			}
			select {
			case <-time.After(early):
			case <-left:
				return nil, ErrMoved
			case <-ctx.Done():
				return nil, fmt.Errorf("%w while the peer cannot be reached: %w", ctx.Err(), p.last)
			}
		}
		dialing = true
		go func() { attempt <- p.dial(context.WithoutCancel(ctx)) }()
		select {
		case err := <-attempt:
			if dialing = false; err != nil {
				return nil, err
			}
		case <-left:
			return nil, ErrMoved
		case <-ctx.Done():
			return nil, fmt.Errorf("%w while connecting", ctx.Err())
		}
	}
}

// dial makes one attempt, which isn't for its caller alone: who waits for it may
// stop. It returns an error only if waiting for another attempt is of no use.
func (p *peer) dial(ctx context.Context) error {
	t, err := transportFor(p.address)
	var conn Conn
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, dialLimit)
		conn, err = t.Dial(ctx, p.address, p.hello)
		cancel()
	}
	if err == nil {
		p.since, p.pause, p.last = time.Time{}, 0, nil
		return p.take(conn)
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

// take makes a connection the one that calls use.
func (p *peer) take(conn Conn) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = conn.Close()
		return ErrClosed
	}
	if p.conn != nil { // which became unusable without a call that noticed it
		_ = p.conn.Close()
	}
	p.conn = conn
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
