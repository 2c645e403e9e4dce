package linktest

import (
	"math"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// A Cut says where a Proxy breaks a connection: after so many bytes in one
// direction, counted from the connection's first.
type Cut struct {
	FromCallee bool // count what the callee sends, not what the caller sends
	After      int64
	Reset      bool // end both sides with a reset where the network knows one
}

// Never is a Cut that doesn't happen.
var Never = Cut{After: math.MaxInt64}

// A Proxy forwards connections to a listener and breaks them on request. It is
// safe for concurrent use.
type Proxy struct {
	Addr    string
	network string
	to      string
	l       net.Listener

	mu       sync.Mutex
	cut      Cut // of connections to come
	conns    map[net.Conn]struct{}
	accepted int

	passed [2]atomic.Int64 // bytes of the latest connection, by Cut.FromCallee
}

// NewProxy listens at an address of the network until the test ends.
func NewProxy(t testing.TB, network, at, to string) *Proxy {
	t.Helper()
	l, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), network: network, to: to, l: l, cut: Never, conns: make(map[net.Conn]struct{})}
	t.Cleanup(func() { _ = l.Close(); p.Break() })
	go func() {
		for {
			caller, err := l.Accept()
			if err != nil {
				return
			}
			p.carry(caller)
		}
	}()
	return p
}

// Set says where connections that are made from now on break.
func (p *Proxy) Set(c Cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = c
}

// Break ends all connections at once.
func (p *Proxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
	clear(p.conns)
}

// Passed returns how many bytes the caller and the callee of the latest
// connection have sent, and how many connections there were.
func (p *Proxy) Passed() (fromCaller, fromCallee int64, connections int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed[0].Load(), p.passed[1].Load(), p.accepted
}

func (p *Proxy) carry(caller net.Conn) {
	callee, err := net.Dial(p.network, p.to)
	if err != nil {
		_ = caller.Close()
		return
	}
	p.mu.Lock()
	cut := p.cut
	p.conns[caller], p.conns[callee] = struct{}{}, struct{}{}
	p.accepted++
	p.passed[0].Store(0)
	p.passed[1].Store(0)
	p.mu.Unlock()
	end := sync.OnceFunc(func() {
		for _, c := range []net.Conn{caller, callee} {
			if tcp, ok := c.(*net.TCPConn); ok && cut.Reset {
				_ = tcp.SetLinger(0)
			}
			_ = c.Close()
		}
	})
	pass := func(to, from net.Conn, side int, limit int64) {
		defer end()
		b := make([]byte, 32<<10)
		for limit > 0 {
			n, err := from.Read(b[:min(int64(len(b)), limit)])
			limit -= int64(n)
			p.passed[side].Add(int64(n))
			if _, bad := to.Write(b[:n]); bad != nil || err != nil {
				return
			}
		}
	}
	limits := [2]int64{math.MaxInt64, math.MaxInt64}
	if cut.FromCallee {
		limits[1] = cut.After
	} else {
		limits[0] = cut.After
	}
	go pass(callee, caller, 0, limits[0])
	go pass(caller, callee, 1, limits[1])
}
