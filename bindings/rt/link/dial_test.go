package link_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// A heldTransport reaches units as "mem" does, once it is let go.
type heldTransport struct {
	letGo  chan struct{}
	dials  atomic.Int64
	closed atomic.Int64
	broken atomic.Bool // the connections there are can't be used any more
}

type heldConn struct {
	link.Conn
	of *heldTransport
	nr int64
}

func (c heldConn) Usable() bool { return !c.of.broken.Load() || c.nr == c.of.dials.Load() }
func (c heldConn) Close() error { c.of.closed.Add(1); return nil }

func held(t *testing.T, scheme string) (*heldTransport, linktest.Service) {
	t.Helper()
	h := &heldTransport{letGo: make(chan struct{})}
	link.Register(link.Transport{Scheme: scheme, Listen: listenMemory, Dial: func(ctx context.Context, a link.Address, hello link.Hello) (link.Conn, error) {
		nr := h.dials.Add(1)
		select {
		case <-h.letGo:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		c, err := dialMemory(ctx, a, hello)
		return heldConn{c, h, nr}, err
	}})
	at := scheme + "://" + t.Name()
	callee := unit(t, map[string]string{"UNWELD_HOST": "linktest", "UNWELD_LINK_LINKTEST": at})
	construct := func(context.Context) (linktest.Service, error) { return echo{}, nil }
	if _, err := link.OpenIn(callee, linktest.Contract, construct); err != nil {
		t.Fatal(err)
	}
	caller := unit(t, map[string]string{"UNWELD_HOST": "", "UNWELD_ENTRY": "1", "UNWELD_LINK_LINKTEST": at})
	s, err := link.OpenIn(caller, linktest.Contract, construct)
	if err != nil {
		t.Fatal(err)
	}
	return h, s
}

type echo struct{ linktest.Unimplemented }

func (echo) Echo(_ context.Context, s string) (string, error) { return s, nil }

// TestCallerDoesNotOutwaitItsContext: connecting takes as long as it takes, but no
// call waits for it longer than its context lasts, and nothing is executed. The
// attempt itself goes on, and serves the next call.
func TestCallerDoesNotOutwaitItsContext(t *testing.T) {
	h, s := held(t, "held")
	for _, want := range []error{context.DeadlineExceeded, context.Canceled} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if want == context.Canceled {
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
		}
		_, err := s.Echo(ctx, "x") // with the attempt not let go, it ends by its context or never
		cancel()
		if e, ok := errors.AsType[*link.Error](err); !errors.Is(err, want) || !ok || e.Outcome != link.NotExecuted {
			t.Errorf("got %v, want %v, not executed", err, want)
		}
	}
	close(h.letGo)
	if out, err := s.Echo(t.Context(), "y"); out != "y" || err != nil || h.dials.Load() != 1 {
		t.Errorf("got %q, %v after %d attempts to connect, want one", out, err, h.dials.Load())
	}
}

// TestLostConnectionIsClosed: one that became useless between two calls is closed
// when another takes its place.
func TestLostConnectionIsClosed(t *testing.T) {
	h, s := held(t, "lost")
	close(h.letGo)
	for range 3 {
		if _, err := s.Echo(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		h.broken.Store(true)
		h.dials.Add(1) // the one there is isn't the latest any more
	}
	if dials := h.dials.Load() - 3; dials != 3 || h.closed.Load() != 2 {
		t.Errorf("of %d connections %d were closed, want 2 of 3", dials, h.closed.Load())
	}
}
