package http

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

func TestCalls(t *testing.T) {
	s := client(t)
	if sum, err := s.Add(t.Context(), 40, 2); sum != 42 || err != nil {
		t.Errorf("got %d, %v", sum, err)
	}
	sum, err := s.Add(t.Context(), 40, 1)
	if sum != 41 || !errors.Is(err, linktest.ErrOdd) || err.Error() != "add 40 and 1: linktest: odd" {
		t.Errorf("got %d, %v: results and identity must cross beside an error", sum, err)
	}
	big := strings.Repeat("x", 5<<20)
	if out, err := s.Echo(t.Context(), big); out != big || err != nil {
		t.Errorf("%d bytes came back: %v", len(out), err)
	}
}

func TestPanic(t *testing.T) {
	_, err := client(t).Echo(t.Context(), "panic")
	if p, ok := errors.AsType[*link.PanicError](err); !ok || p.Value != "boom" || p.Stack == "" {
		t.Errorf("got %v", err)
	}
}

// TestGoexit: the caller is told, as it is over the other bindings, and the unit
// serves on.
func TestGoexit(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := client(t).Echo(ctx, "exit")
	if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.Unknown || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("got %v", err)
	}
	if out, err := client(t).Echo(ctx, "up"); out != "up" || err != nil {
		t.Errorf("afterwards: %q, %v", out, err)
	}
}

// TestCloseLeavesOthersTheirCalls: who finds a connection of no use to it doesn't
// end the calls of others on it.
func TestCloseLeavesOthersTheirCalls(t *testing.T) {
	if _, err := client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	c, err := dialTo(t, address)
	if err != nil {
		t.Fatal(err)
	}
	call := func(what string) (link.Reply, error) {
		return c.Call(t.Context(), link.Outgoing{Endpoint: linktest.Contract.Endpoints[1], Request: []byte(what)})
	}
	ended := make(chan error, 1)
	go func() {
		reply, err := call("later")
		if reply.Body != "later" {
			err = errors.Join(err, fmt.Errorf("replied %q", reply.Body))
		}
		ended <- err
	}()
	time.Sleep(50 * time.Millisecond)
	_ = c.Close()
	if _, err := call("new"); !errors.Is(err, link.ErrClosed) || c.Usable() {
		t.Errorf("a new call: %v, usable %v", err, c.Usable())
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestLargeResultBesideAnError: results don't depend on what fits into headers.
func TestLargeResultBesideAnError(t *testing.T) {
	out, err := client(t).Echo(t.Context(), "large beside an error")
	if len(out) != 20<<20 || err != linktest.ErrOdd {
		t.Errorf("got %d bytes, %v", len(out), err)
	}
}

func TestMetadata(t *testing.T) {
	want := "Grüße\x00\n=&\xff"
	if out, err := client(t).Echo(link.WithMetadata(t.Context(), "Key é\n", want), "metadata"); out != want || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client(t).Echo(ctx, "wait"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := client(t).Echo(ctx, "wait"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTooLarge(t *testing.T) {
	_, err := client(t).Echo(t.Context(), strings.Repeat("x", MaxMessage+1))
	if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.NotExecuted || !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestVersion(t *testing.T) {
	client(t)
	a := link.Address{Scheme: "http", Host: address, Path: "/below"}
	_, err := dial(t.Context(), a, link.Hello{Component: "linktest", Fingerprint: "other"})
	if v, ok := errors.AsType[*link.VersionError](err); !ok || v.Callee != "1" || v.Caller != "other" {
		t.Errorf("got %v", err)
	}
	Describe(&Component{Name: "nobody"})
	if _, err = dial(t.Context(), a, link.Hello{Component: "nobody", Fingerprint: "1"}); err == nil {
		t.Error("a component that isn't there was reached")
	}
}

func TestPlaintextOnLoopbackOnly(t *testing.T) {
	for at, want := range map[string]bool{"http://127.0.0.1:1": true, "http://[::1]:1": true, "http://localhost:1/x": true, "https://127.0.0.1:1": false,
		"http://10.0.0.1:1": false, "http://:1": false, "http://0.0.0.0:1": false, "http://example.com:1": false} {
		a, err := link.ParseAddress(at)
		if err != nil {
			t.Fatal(err)
		}
		security, err := transportSecurity(a, true)
		if (err == nil) != want || security != nil {
			t.Errorf("%s: %v %v", at, security, err)
		}
	}
}

func TestPortInUse(t *testing.T) {
	if _, err := client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	if _, err := listen(link.Address{Scheme: "http", Host: address}, nil); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}
