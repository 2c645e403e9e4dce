package link_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// deep calls f at the bottom of a stack of n frames.
//
//go:noinline
func deep(n int, f func()) int {
	if n == 0 {
		f()
		return 0
	}
	return deep(n-1, f) + 1
}

// A blocking implementation stays in Act, n frames deep, until it is released.
type blocking struct {
	linktest.Unimplemented
	frames           int
	entered, release chan struct{}
}

func (b *blocking) Act(_ context.Context, what string) (string, error) {
	if what == "block" {
		deep(b.frames, func() {
			b.entered <- struct{}{}
			<-b.release
		})
	}
	return what, nil
}

// A namelessService doesn't say how its calls look on stacks.
type namelessService struct{ linktest.Service }

func (s namelessService) UnweldGuard(g *link.Guard) any {
	return s.Service.(link.Swappable).UnweldGuard(g)
}

func (namelessService) UnweldCalls() [][2]any { return nil }

// TestSwapWaitsForUncountedCalls swaps while a call is under way that nobody
// counted when it began: one just below the service value, one whose stack is
// too deep to be looked through, and one of a contract that names no calls.
func TestSwapWaitsForUncountedCalls(t *testing.T) {
	nameless := *linktest.Contract
	nameless.New = func() (linktest.Service, link.Routes[linktest.Service]) {
		s, routes := linktest.Contract.New()
		return namelessService{s}, routes
	}
	for _, c := range []struct {
		name     string
		contract *link.Contract[linktest.Service]
		frames   int
	}{{"shallow", linktest.Contract, 1}, {"deep", linktest.Contract, 300}, {"nameless", &nameless, 1}} {
		t.Run(c.name, func(t *testing.T) {
			b := &blocking{frames: c.frames, entered: make(chan struct{}), release: make(chan struct{})}
			u := unit(t, nil)
			s, err := link.OpenIn(u, c.contract, func(context.Context) (linktest.Service, error) { return b, nil })
			if err != nil {
				t.Fatal(err)
			}
			result := make(chan error, 1)
			go func() {
				_, err := s.Act(context.Background(), "block")
				result <- err
			}()
			<-b.entered
			route := link.Message{Type: "route", Component: "linktest", Address: "inproc:?copy=1", TimeoutMS: 100}
			for range 2 { // the second finds the guard that the first one left
				if ack := u.Do(route); !strings.Contains(ack.Error, "calls are still under way") {
					t.Fatalf("the route changed under a call: %+v", ack)
				}
				if out, err := s.Act(context.Background(), "meanwhile"); out != "meanwhile" || err != nil {
					t.Fatalf("a call after a swap that failed: %q, %v", out, err)
				}
			}
			close(b.release)
			if err := <-result; err != nil {
				t.Fatal(err)
			}
			route.TimeoutMS = 10_000
			if ack := u.Do(route); ack.Error != "" {
				t.Errorf("after the call: %s", ack.Error)
			}
		})
	}
}

// TestSwapBesideDeepStacks swaps while stacks that have nothing to do with the
// component can't be looked through.
func TestSwapBesideDeepStacks(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	parked := make(chan struct{})
	go deep(1000, func() {
		close(parked)
		<-release
	})
	<-parked
	u := unit(t, nil)
	s, err := link.OpenIn(u, linktest.Contract, func(context.Context) (linktest.Service, error) { return &blocking{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	do(t, u, link.Message{Type: "route", Address: "inproc:?copy=1"})
	if out, err := s.Act(context.Background(), "x"); out != "x" || err != nil {
		t.Errorf("after the swap: %q, %v", out, err)
	}
}

// TestSwapWaitsForReleasedCalls swaps twice: a call that was parked by the first
// swap, and is under way on the route that it brought, is waited for by the
// second.
func TestSwapWaitsForReleasedCalls(t *testing.T) {
	b := &blocking{entered: make(chan struct{}), release: make(chan struct{})}
	u := unit(t, nil)
	s, err := link.OpenIn(u, linktest.Contract, func(context.Context) (linktest.Service, error) { return b, nil })
	if err != nil {
		t.Fatal(err)
	}
	do(t, u, link.Message{Type: "gate"})
	result := make(chan error, 1)
	go func() {
		_, err := s.Act(context.Background(), "block")
		result <- err
	}()
	time.Sleep(10 * time.Millisecond) // until it is parked; if it isn't, the test shows less
	do(t, u, link.Message{Type: "route", Address: "inproc:"})
	<-b.entered
	if ack := u.Do(link.Message{Type: "gate", Component: "linktest", TimeoutMS: 50}); !strings.Contains(ack.Error, "calls are still under way") {
		t.Fatalf("the gate closed under a call: %+v", ack)
	}
	close(b.release)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	do(t, u, link.Message{Type: "gate"})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Act(ctx, "late"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call at the closed gate: %v", err)
	}
}
