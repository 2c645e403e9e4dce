package link_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// An actor does what it is told to.
type actor struct{ linktest.Unimplemented }

func (actor) Act(ctx context.Context, what string) (string, error) {
	switch what {
	case "odd":
		return "", fmt.Errorf("wrapped: %w", linktest.ErrOdd)
	case "panic":
		panic("boom")
	case "metadata":
		return link.Metadata(ctx)["from"], nil
	}
	return what, nil
}

// seen are the calls that an observer was told of, as text.
type seen struct {
	mu    sync.Mutex
	lines []string
}

func (s *seen) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

func (s *seen) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines
	s.lines = nil
	return lines
}

// observer tells s of what it is told, under a name. The metadata of calls to other
// processes says where they are from.
func (s *seen) observer(name string) link.Observer {
	return func(ctx context.Context, c link.Observation) (context.Context, func(error)) {
		s.add("%s: %d %s.%s at %q from %q", name, c.Side, c.Component, c.Endpoint, c.Address, link.Metadata(ctx)["from"])
		if c.Side == link.CallerSide {
			ctx = link.WithMetadata(ctx, "from", name)
		}
		return ctx, func(err error) { s.add("%s: %d %s", name, c.Side, c.Errors.NameOf(err)) }
	}
}

// observedPair opens a contract in two units, and returns its value in the first, which
// calls the other one.
func observedPair(t *testing.T, c *link.Contract[linktest.Service], inprocess string) (caller linktest.Service) {
	t.Helper()
	construct := func(context.Context) (linktest.Service, error) { return actor{}, nil }
	env := map[string]string{"UNWELD_LINK_" + c.Component: inprocess}
	if inprocess == "" {
		callee := unit(t, map[string]string{"UNWELD_HOST": c.Component, "UNWELD_LINK_" + c.Component: "mem://" + c.Component})
		t.Cleanup(callee.Stop)
		if _, err := link.OpenIn(callee, c, construct); err != nil {
			t.Fatal(err)
		}
		env = map[string]string{"UNWELD_HOST": "", "UNWELD_ENTRY": "1", "UNWELD_LINK_" + c.Component: "mem://" + c.Component}
	}
	s, err := link.OpenIn(unit(t, env), c, construct)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contractOf is linktest's contract for a component of another name.
func contractOf(component string) *link.Contract[linktest.Service] {
	c := *linktest.Contract
	c.Component = component
	return &c
}

// watchedService is what generated code makes of an implementation whose calls in one
// process are observed.
type watchedService struct {
	linktest.Service
	calls *link.Calls
}

func (w watchedService) Act(ctx context.Context, what string) (out string, err error) {
	ctx, call := w.calls.Begin(ctx, 2)
	defer call.Leave()
	out, err = w.Service.Act(ctx, what)
	call.End(err)
	return out, err
}

// TestObserve has both sides of calls observed: what ends them, and what an observer adds
// to what crosses.
func TestObserve(t *testing.T) {
	var s seen
	link.Observe("SEEN", s.observer("a"))
	link.Observe("SEEN", s.observer("b"))
	caller, other := observedPair(t, contractOf("SEEN"), ""), observedPair(t, contractOf("UNSEEN"), "")
	if _, err := other.Act(t.Context(), "fine"); err != nil || len(s.take()) > 0 {
		t.Errorf("another component was observed, or %v", err)
	}
	for what, want := range map[string]string{
		"fine": "", "odd": "github.com/unweld/unweld/bindings/rt/link/linktest.ErrOdd", "panic": "unweld/link.PanicError", "metadata": "",
	} {
		out, err := caller.Act(t.Context(), what)
		if what == "metadata" && out != "b" || (err != nil) != (want != "") {
			t.Errorf("%s: %q, %v", what, out, err)
		}
		got := s.take()
		lines := []string{
			`a: 0 SEEN.Act at "mem://SEEN" from ""`, `b: 0 SEEN.Act at "mem://SEEN" from "a"`,
			`a: 1 SEEN.Act at "" from "b"`, `b: 1 SEEN.Act at "" from "b"`,
			"b: 1 " + want, "a: 1 " + want, "b: 0 " + want, "a: 0 " + want,
		}
		if !slices.Equal(got, lines) {
			t.Errorf("%s:\n%q\nwant:\n%q", what, got, lines)
		}
	}
}

// TestObserveInOneProcess: calls that stay are observed where the contract asks for it,
// once, and the dispatcher's call for one that came from outside isn't another call.
func TestObserveInOneProcess(t *testing.T) {
	var s seen
	asking := func(component string) *link.Contract[linktest.Service] {
		c := contractOf(component)
		c.Watched = func(to linktest.Service, calls *link.Calls) linktest.Service { return watchedService{to, calls} }
		link.Observe(component, s.observer("o"))
		return c
	}
	silent := contractOf("SILENT")
	link.Observe("SILENT", s.observer("o"))
	act := func(t *testing.T, svc linktest.Service, what string, want ...string) {
		t.Helper()
		func() {
			defer func() { _ = recover() }()
			_, _ = svc.Act(t.Context(), what)
		}()
		if got := s.take(); !slices.Equal(got, want) {
			t.Errorf("%s:\n%q\nwant:\n%q", what, got, want)
		}
	}
	here := observedPair(t, asking("HERE"), "inproc:")
	act(t, here, "odd", `o: 2 HERE.Act at "" from ""`, "o: 2 github.com/unweld/unweld/bindings/rt/link/linktest.ErrOdd")
	act(t, here, "panic", `o: 2 HERE.Act at "" from ""`, "o: 2 unweld/link.NotReturned")
	copied := observedPair(t, asking("COPIED"), "inproc:?copy=1")
	act(t, copied, "fine", `o: 2 COPIED.Act at "inproc:?copy=1" from ""`, "o: 2 ")
	act(t, copied, "panic", `o: 2 COPIED.Act at "inproc:?copy=1" from ""`, "o: 2 unweld/link.PanicError")
	act(t, observedPair(t, silent, "inproc:"), "fine")
	act(t, observedPair(t, silent, "inproc:?copy=1"), "fine")
	act(t, observedPair(t, asking("ACROSS"), ""), "fine", `o: 0 ACROSS.Act at "mem://ACROSS" from ""`, `o: 1 ACROSS.Act at "" from "o"`, "o: 1 ", "o: 0 ")
}

// TestHold: a call has ended when all that holds it has, with the first error; who comes
// later can't hold it any more.
func TestHold(t *testing.T) {
	var s seen
	ctx, end := link.ObservedAs(t.Context(), func(err error) { s.add("%v", err) })
	one, two := link.Hold(ctx), link.Hold(ctx)
	end(nil)
	one(errors.New("first"))
	one(errors.New("again"))
	if lines := s.take(); len(lines) > 0 {
		t.Errorf("ended too early: %q", lines)
	}
	two(errors.New("second"))
	if lines := s.take(); !slices.Equal(lines, []string{"first"}) {
		t.Errorf("ended with %q", lines)
	}
	if link.Hold(ctx) != nil || link.Hold(t.Context()) != nil {
		t.Error("a call that has ended, or none, was held")
	}
}

type looping struct{}

func (l looping) Error() string { return "loops" }
func (l looping) Unwrap() error { return l }

// TestNameOf: the name of an error doesn't depend on what it says.
func TestNameOf(t *testing.T) {
	const odd, outside = "github.com/unweld/unweld/bindings/rt/link/linktest.ErrOdd", "*github.com/unweld/unweld/bindings/rt/link/linktest.RangeError"
	failed := func(err error) error { return &link.Error{Component: "c", Err: err} }
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("x"), ""},
		{linktest.ErrOdd, odd},
		{fmt.Errorf("x: %w", linktest.ErrOdd), odd},
		{errors.Join(errors.New("x"), &linktest.RangeError{Value: 3}), outside},
		{(*linktest.RangeError)(nil), outside},
		{&fs.PathError{Op: "open", Path: "/secret", Err: syscall.ENOENT}, "io/fs.PathError"},
		{syscall.ENOENT, "syscall.Errno"},
		{io.EOF, "io.EOF"},
		{failed(errors.New("x")), "unweld/link.Error"},
		{failed(context.DeadlineExceeded), "context.DeadlineExceeded"},
		{failed(fmt.Errorf("%w: x", link.ErrTooLarge)), "unweld/link.ErrTooLarge"},
		{link.Malformed(errors.New("x")), "unweld/link.ErrMalformed"},
		{&link.PanicError{Value: "secret"}, "unweld/link.PanicError"},
		{looping{}, ""},
	} {
		if got := linktest.Contract.Errors.NameOf(c.err); got != c.want {
			t.Errorf("%v is named %q, want %q", c.err, got, c.want)
		}
	}
}

// BenchmarkUnobserved compares calls that nobody observes with the same calls by code
// that has no look for observers.
func BenchmarkUnobserved(b *testing.B) {
	c := contractOf("UNOBSERVED")
	var remote *link.Remote
	c.Client = func(r *link.Remote) linktest.Service {
		remote = r
		return linktest.Contract.Client(r)
	}
	observedBench(b, c)
	ctx := context.Background()
	loop := func(call func(context.Context, int, *link.Buffer) (string, error)) func(int) {
		return func(n int) {
			for range n {
				req := link.GetBuffer()
				req.B = append(req.B, "x"...)
				if _, err := call(ctx, 2, req); err != nil {
					panic(err)
				}
			}
		}
	}
	compare(b, loop(func(ctx context.Context, e int, req *link.Buffer) (string, error) {
		return link.AskUnobserved(ctx, remote, e, req)
	}), loop(remote.Call))
	runtime.KeepAlive(remote)
}

func observedBench(b *testing.B, c *link.Contract[linktest.Service]) {
	construct := func(context.Context) (linktest.Service, error) { return actor{}, nil }
	if _, err := link.OpenIn(unit(b, map[string]string{"UNWELD_LINK_" + c.Component: "inproc:?copy=1"}), c, construct); err != nil {
		b.Fatal(err)
	}
}
