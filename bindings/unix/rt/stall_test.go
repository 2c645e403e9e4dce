package unix

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// A pipeEnd is one end of a connection in memory, for tests in which time
// passes only when everybody waits. Like a socket it takes limit bytes that
// nobody reads, and then a write waits.
type pipeEnd struct {
	net.Conn
	in, out *pipe
}

type pipe struct {
	mu     sync.Mutex
	change *sync.Cond
	buf    bytes.Buffer
	limit  int
	closed bool
	past   bool // the reader's deadline
}

func newPipe(limit int) (a, b *pipeEnd) {
	one, two := &pipe{limit: limit}, &pipe{limit: limit}
	one.change, two.change = sync.NewCond(&one.mu), sync.NewCond(&two.mu)
	return &pipeEnd{in: one, out: two}, &pipeEnd{in: two, out: one}
}

func (e *pipeEnd) Read(b []byte) (int, error) {
	p := e.in
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.buf.Len() == 0 || p.past {
		switch {
		case p.past:
			return 0, os.ErrDeadlineExceeded
		case p.closed:
			return 0, io.EOF
		}
		p.change.Wait()
	}
	p.change.Broadcast()
	return p.buf.Read(b)
}

// try writes what fits.
func (e *pipeEnd) try(b []byte) (int, error) {
	p := e.out
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return 0, net.ErrClosed
	}
	n := min(len(b), p.limit-p.buf.Len())
	p.change.Broadcast()
	return p.buf.Write(b[:n])
}

func (e *pipeEnd) Write(b []byte) (int, error) {
	for n := 0; ; {
		m, err := e.try(b[n:])
		if n += m; err != nil || n == len(b) {
			return n, err
		}
		e.out.mu.Lock()
		for e.out.buf.Len() == e.out.limit && !e.out.closed {
			e.out.change.Wait()
		}
		e.out.mu.Unlock()
	}
}

func (e *pipeEnd) Close() error {
	for _, p := range []*pipe{e.in, e.out} {
		p.mu.Lock()
		p.closed = true
		p.change.Broadcast()
		p.mu.Unlock()
	}
	return nil
}

func (e *pipeEnd) SetReadDeadline(t time.Time) error {
	e.in.mu.Lock()
	defer e.in.mu.Unlock()
	e.in.past = !t.IsZero()
	e.in.change.Broadcast()
	return nil
}

func (e *pipeEnd) SetDeadline(time.Time) error { return nil }

// inMemory is a component that this process hosts, on connections in memory.
var inMemory = func() *link.Contract[linktest.Service] {
	c := *linktest.Contract
	c.Component = "inmemory"
	return &c
}()

// handler is an implementation of it made of one function, for Act and Wait.
type handler struct {
	linktest.Unimplemented
	act  func(ctx context.Context, what string) (string, error)
	note func(what string) // of Echo; nil: none
}

func (h *handler) Echo(_ context.Context, s string) (string, error) {
	if h.note != nil {
		h.note(s)
	}
	return s, nil
}

func (h *handler) Act(ctx context.Context, what string) (string, error)  { return h.act(ctx, what) }
func (h *handler) Wait(ctx context.Context, what string) (string, error) { return h.act(ctx, what) }

// targets gives the target of the component, whose calls go to h from then on.
var targets = sync.OnceValue(func() func(h *handler) *link.Target {
	current := new(handler)
	var accept link.Accept
	link.Register(link.Transport{Scheme: "memory", Listen: func(a link.Address, to link.Accept) (link.Listener, error) {
		accept = to
		return memoryListener{a}, nil
	}})
	if err := os.Setenv("UNWELD_LINK_INMEMORY", "memory://here"); err != nil {
		panic(err)
	}
	if _, err := link.Open(context.Background(), inMemory, func(context.Context) (linktest.Service, error) { return current, nil }); err != nil {
		panic(err)
	}
	return func(h *handler) *link.Target {
		if h != nil {
			*current = *h
		}
		target, err := accept(link.Hello{Component: inMemory.Component, Fingerprint: inMemory.Fingerprint})
		if err != nil {
			panic(err)
		}
		return target
	}
})

type memoryListener struct{ a link.Address }

func (l memoryListener) Address() link.Address       { return l.a }
func (l memoryListener) Close(context.Context) error { return nil }

// serveInMemory serves h and returns the caller's end, after the handshake.
func serveInMemory(t *testing.T, h *handler, limit int) (*pipeEnd, *frames) {
	t.Helper()
	near, far := newPipe(limit)
	callee := newSession(far)
	callee.out.try = far.try
	target := targets()(h)
	go callee.run(func(link.Hello) (*link.Target, error) { return target, nil })
	t.Cleanup(func() { _ = near.Close() })
	f, err := greet(context.Background(), near, kindHello, link.Hello{Component: inMemory.Component, Fingerprint: inMemory.Fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	return near, f
}

// connectInMemory is serveInMemory for a caller.
func connectInMemory(t *testing.T, h *handler) *conn {
	t.Helper()
	near, f := serveInMemory(t, h, 64<<10)
	c := newConn(near, f, inMemory.Endpoints)
	c.out.try = near.try
	return c
}

var (
	echo = linktest.Contract.Endpoints[1]
	act  = linktest.Contract.Endpoints[2]
)

func callOn(ctx context.Context, c *conn, e link.Endpoint, request string) error {
	_, err := c.Call(ctx, link.Outgoing{Endpoint: e, Request: []byte(request)})
	return err
}

// prove makes the endpoints of the component quick or not, as calls of this
// duration would, for its callee and for the caller.
func prove(c *conn, took time.Duration) {
	target := targets()(nil)
	for e := range inMemory.Endpoints {
		for range 20_000 {
			target.RecordDuration(e, took)
		}
	}
	for i := range c.trials {
		c.trials[i] = 0
		if took > 0 {
			c.trials[i] = firstTrial
		}
	}
}

// inBubble runs a test in which time stands still while anybody can go on. What
// targets needs is made outside.
func inBubble(t *testing.T, test func(t *testing.T)) {
	targets()
	renew := func() { waiters = sync.Pool{New: newWaiter} } // channels belong to a bubble
	renew()
	defer renew()
	synctest.Test(t, test)
}

// TestWaitingCallGivesWay: a call on the reader that waits for its context gives
// the role up at once, so others and its own cancel get through while no time
// passes.
func TestWaitingCallGivesWay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var ended time.Time
		c := connectInMemory(t, &handler{act: func(ctx context.Context, what string) (string, error) {
			if what == "wait" {
				ctx, cancel := context.WithTimeout(ctx, time.Hour) // as a handler does for calls of its own
				defer cancel()
				<-ctx.Done()
				ended = time.Now()
			}
			return "", nil
		}})
		prove(c, 0)
		began := time.Now()
		ctx, cancel := context.WithCancel(context.Background())
		var waiting sync.WaitGroup
		waiting.Go(func() { _ = callOn(ctx, c, act, "wait") })
		synctest.Wait()
		for range 3 {
			if err := callOn(context.Background(), c, echo, "x"); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("others waited for %v", took)
		}
		time.Sleep(time.Second)
		cancelled := time.Now()
		cancel()
		waiting.Wait()
		synctest.Wait()
		if held := ended.Sub(cancelled); ended.IsZero() || held > 0 {
			t.Errorf("the cancel was held back by %v", held)
		}
		_ = c.Close()
	})
}

// TestStalledCallGivesWay: a call on the reader that looks at nothing holds
// others up for two rounds of the watchdog at most, whenever it comes. The next
// one of its endpoint doesn't at all, and neither does one of an endpoint that
// has not proved quick.
func TestStalledCallGivesWay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := connectInMemory(t, &handler{act: func(_ context.Context, what string) (string, error) {
			if what == "stall" {
				time.Sleep(time.Second)
			}
			return "", nil
		}})
		stall := func() (held time.Duration) {
			var stalled sync.WaitGroup
			stalled.Go(func() { _ = callOn(context.Background(), c, act, "stall") })
			synctest.Wait()
			began := time.Now()
			if err := callOn(context.Background(), c, echo, "x"); err != nil {
				t.Error(err)
			}
			held = time.Since(began)
			stalled.Wait()
			return held
		}
		prove(c, time.Second)
		if held := stall(); held > 0 {
			t.Errorf("a call of a new endpoint held up others for %v", held)
		}
		for offset := time.Duration(0); offset < 3*stallAfter; offset += time.Millisecond / 2 {
			prove(c, 0)
			if err := callOn(context.Background(), c, act, "quick"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(offset)
			if held := stall(); held == 0 || held > 2*stallAfter {
				t.Errorf("%v after the last call: a stalled call held up others for %v", offset, held)
			}
			if held := stall(); held > 0 {
				t.Errorf("the next one of the endpoint held up others for %v", held)
			}
		}
		_ = c.Close()
	})
}

// TestEndOfAContextIsNoticed: how long a caller goes on waiting after its
// context has ended, for endpoints that are known to be quick and others, by
// cancel and by deadline, as the reader and beside one.
func TestEndOfAContextIsNoticed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		c := connectInMemory(t, &handler{act: func(_ context.Context, what string) (string, error) {
			if what == "hang" {
				<-release
			}
			return "", nil
		}})
		check := func(name string, ctx context.Context, end time.Time, most time.Duration) {
			err := callOn(ctx, c, act, "hang")
			if late := time.Since(end); !errors.Is(err, ctx.Err()) || late < 0 || late > most {
				t.Errorf("%s: %v, %v after the end", name, err, late)
			}
		}
		round := func(name string, most time.Duration) {
			for _, after := range []time.Duration{time.Millisecond, 30 * time.Millisecond, time.Second} {
				end := time.Now().Add(after)
				ctx, cancel := context.WithDeadline(context.Background(), end)
				check(name+" deadline "+after.String(), ctx, end, 0)
				cancel()
				end = time.Now().Add(after)
				ctx, cancel = context.WithCancel(context.Background())
				time.AfterFunc(after, cancel)
				check(name+" cancel "+after.String(), ctx, end, most)
			}
		}
		prove(c, time.Second)
		round("new endpoint", 0)
		prove(c, 0)
		round("quick endpoint", 2*watchAfter)
		var reader sync.WaitGroup
		reader.Go(func() { _ = callOn(context.Background(), c, act, "hang") })
		synctest.Wait()
		prove(c, 0)
		round("quick endpoint, beside a reader", 2*watchAfter)
		close(release)
		reader.Wait()
		_ = c.Close()
	})
}

// TestGiantFramesHoldNothingBack: between a cancel and its arrival there is no
// more than what its sender had begun to write, however large the calls beside
// it are.
func TestGiantFramesHoldNothingBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		near, far := newPipe(64 << 10)
		c := newConn(near, new(frames), nil)
		c.out.try = near.try
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() { _ = callOn(ctx, c, echo, "small") })
		synctest.Wait()
		for range 3 {
			all.Go(func() { _ = callOn(context.Background(), c, echo, strings.Repeat("x", MaxMessage/2)) })
		}
		f := new(frames)
		bytes, before := 0, 0
		for {
			h, payload, err := f.one(far)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case len(payload) > maxPart+100:
				t.Fatalf("a frame of %d bytes", len(payload))
			case h.kind == kindCancel && h.call != 1:
				t.Errorf("call %d was cancelled", h.call)
			}
			if h.kind == kindCancel && h.call == 1 {
				break
			}
			if bytes += len(payload); before == 0 && bytes > MaxMessage/2 {
				before = bytes
				cancel()
				synctest.Wait()
			}
		}
		if most := 2*maxQueued + 2*maxPart + 64<<10; before == 0 || bytes-before > most {
			t.Errorf("%d bytes came before the cancel, at most %d should", bytes-before, most)
		}
		_ = near.Close()
		all.Wait()
	})
}

// TestGiantRepliesHoldNothingBack: a call that can't get rid of its reply gives
// the reader's role up, so others that were taken can be cancelled.
func TestGiantRepliesHoldNothingBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		cancelled := make(chan struct{})
		near, f := serveInMemory(t, &handler{act: func(ctx context.Context, what string) (string, error) {
			switch what {
			case "wait":
				<-ctx.Done()
				close(cancelled)
			case "giant":
				return strings.Repeat("x", MaxMessage/2), nil
			}
			return "", nil
		}}, 64<<10)
		request := func(call uint64, what string) {
			_, _ = near.Write(frame(header{kind: kindRequest, call: call}, append([]byte{byte(act.ID)}, what...)...))
		}
		prove(new(conn), 0)
		const call = 0
		request(call+1, "wait")
		request(call+2, "giant")
		_, _ = near.Write(frame(header{kind: kindCancel, call: call + 1}))
		<-cancelled // although nobody reads the giant reply
		size := 0
		for last := 0; last < 2; {
			h, payload, err := f.one(near)
			if err != nil {
				t.Fatal(err)
			}
			if size += len(payload); len(payload) > maxPart {
				t.Fatalf("a frame of %d bytes", len(payload))
			}
			if h.kind == kindReply {
				last++
			}
		}
		if size < MaxMessage/2 {
			t.Errorf("the replies have %d bytes", size)
		}
		_ = near.Close()
	})
}
