package linktest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/mtls/mtlstest"
)

// Calls checks what crosses in one call: results, errors and what happens to the call.
func (tr *Transport) Calls(t *testing.T) {
	s := tr.Client(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if sum, err := s.Add(ctx, 40, 2); sum != 42 || err != nil {
		t.Errorf("got %d, %v", sum, err)
	}
	sum, err := s.Add(ctx, 40, 1)
	if sum != 41 || !errors.Is(err, ErrOdd) || err.Error() != "add 40 and 1: linktest: odd" {
		t.Errorf("got %d, %v: results and identity must cross beside an error", sum, err)
	}
	big := strings.Repeat("x", 5<<20)
	if out, err := s.Echo(ctx, big); out != big || err != nil {
		t.Errorf("%d bytes came back: %v", len(out), err)
	}
	if out, err := s.Echo(ctx, "large beside an error"); len(out) != 20<<20 || err != ErrOdd {
		t.Errorf("large beside an error: %d bytes, %v", len(out), err)
	}
	want := "Grüße\x00\n=&\xff"
	if out, err := s.Echo(link.WithMetadata(ctx, MetadataKey, want), "metadata"); out != want || err != nil {
		t.Errorf("metadata: %q, %v", out, err)
	}
	_, err = s.Echo(ctx, "panic")
	if p, ok := errors.AsType[*link.PanicError](err); !ok || p.Value != "boom" || p.Stack == "" {
		t.Errorf("panic: %v", err)
	}
	_, err = s.Echo(ctx, "exit") // the caller is told, and the unit serves on
	if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.Unknown || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("runtime.Goexit: %v", err)
	}
	if out, err := s.Echo(ctx, "up"); out != "up" || err != nil {
		t.Errorf("afterwards: %q, %v", out, err)
	}
	_, err = s.Echo(ctx, strings.Repeat("x", tr.MaxMessage+1))
	if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.NotExecuted || !errors.Is(err, link.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// Ends checks what a caller gets whose call is over before there is a reply.
func (tr *Transport) Ends(t *testing.T) {
	s := tr.Client(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Echo(ctx, "wait"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := s.Echo(ctx, "wait"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancellation: %v", err)
	}
	if out, err := s.Echo(t.Context(), "up"); out != "up" || err != nil {
		t.Errorf("afterwards: %q, %v", out, err)
	}
}

// Refusals checks the errors of a handshake with a unit that isn't the right one.
func (tr *Transport) Refusals(t *testing.T) {
	tr.Client(t)
	a, err := link.ParseAddress(tr.Link(tr.address))
	if err != nil {
		t.Fatal(err)
	}
	_, err = tr.Dial(t.Context(), a, link.Hello{Component: Contract.Component, Fingerprint: "other"})
	if v, ok := errors.AsType[*link.VersionError](err); !ok || v.Callee != Contract.Fingerprint || v.Caller != "other" {
		t.Errorf("another schema: %v", err)
	}
	if _, err = tr.Dial(t.Context(), a, link.Hello{Component: "orders", Fingerprint: "1"}); err == nil {
		t.Error("a component that isn't there was reached")
	}
}

// CloseLeavesCalls checks that who finds a connection of no use to it doesn't end the
// calls of others on it.
func (tr *Transport) CloseLeavesCalls(t *testing.T) {
	if _, err := tr.Client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	c, err := tr.DialTo(t, tr.address)
	if err != nil {
		t.Fatal(err)
	}
	call := func(what string) (link.Reply, error) {
		return c.Call(t.Context(), link.Outgoing{Endpoint: Contract.Endpoints[endpointEcho], Request: []byte(what)})
	}
	ended := make(chan error, 1)
	go func() {
		reply, err := call("later")
		if reply.Body != "later" {
			err = errors.Join(err, fmt.Errorf("replied %q", reply.Body))
		}
		ended <- err
	}()
	time.Sleep(100 * time.Millisecond) // it is on its way
	_ = c.Close()
	if _, err := call("new"); !errors.Is(err, link.ErrClosed) || c.Usable() {
		t.Errorf("a new call: %v, usable %v", err, c.Usable())
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// BrokenConnections breaks the connection at every byte of a call, in both directions,
// by a close and by a reset, and compares what callers are told with what was executed.
func (tr *Transport) BrokenConnections(t *testing.T) {
	p := tr.startRecorder(t)
	var o Outcomes
	first, last := tr.lengths(t, p, &o)
	step := int64(1)
	if testing.Short() {
		step = 7
	}
	for side := range 2 {
		for after := int64(0); after < last[side]+20; after += step {
			cut := Cut{FromCallee: side == 1, After: after, Reset: after%2 == 0}
			if after > first[side]-20 { // while the calls are on their way
				p.Set(cut)
				if conn, err := tr.DialTo(t, p.Addr); err == nil {
					o.Through(conn, 3)
					_ = conn.Close()
				}
			}
			// The calls make a connection of their own, which is broken again.
			p.Set(Never)
			conn, err := tr.DialTo(t, p.Addr)
			if err != nil {
				t.Fatal(err)
			}
			p.Set(cut)
			p.Break()
			o.Through(conn, 3)
			_ = conn.Close()
		}
	}
	o.Compare(t, p.notes(t))
	if o.Count[1] < 20 || o.Count[2] < tr.NotExecuted {
		t.Errorf("too little was broken to tell: %v", o.Count)
	}
}

// lengths returns how many bytes pass in each direction until a connection is of use, and
// until three calls are over.
func (tr *Transport) lengths(t *testing.T, p *recorded, o *Outcomes) (first, last [2]int64) {
	for range 10 {
		conn, err := tr.DialTo(t, p.Addr)
		if err != nil {
			t.Fatal(err)
		}
		first[0], first[1], _ = p.Passed()
		o.Through(conn, 3)
		time.Sleep(20 * time.Millisecond) // what still follows the replies
		last[0], last[1], _ = p.Passed()
		_ = conn.Close()
		if first[0] > 0 && last[0] > first[0] && last[1] > first[1] {
			return first, last
		} // a pool may have made another connection for the calls
	}
	t.Fatalf("from %v to %v bytes", first, last)
	return first, last
}

// StoppedUnit stops and kills the unit under load, and starts it again at the same
// place, while callers use the whole link: what it repeats has surely not been executed.
func (tr *Transport) StoppedUnit(t *testing.T) {
	p := tr.startRecorder(t)
	t.Setenv("UNWELD_LINK_LINKTEST", tr.Link(p.at))
	s, err := Open(t.Context(), func(context.Context) (Service, error) { return implementation{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	var o Outcomes
	var stop atomic.Bool
	var load sync.WaitGroup
	load.Go(func() {
		for !stop.Load() {
			o.Of(s, 16)
		}
	})
	for i := range 12 {
		for up := false; !up; { // however slowly the unit starts
			_, err := s.Echo(t.Context(), "up")
			up = err == nil
		}
		time.Sleep(20 * time.Millisecond)
		how := syscall.SIGTERM
		if i%2 == 1 {
			how = syscall.SIGKILL
		}
		_ = p.cmd.Process.Signal(how)
		_ = p.cmd.Wait()
		if p.cmd, err = tr.startChildAt(p.at, recordVariable+"="+p.path); err != nil {
			t.Fatal(err)
		}
	}
	stop.Store(true)
	load.Wait()
	o.Compare(t, p.notes(t))
	if o.Count[0] == 0 {
		t.Error("no call had a reply")
	}
}

// WithoutAUnit checks that nothing was executed where nobody listens.
func (tr *Transport) WithoutAUnit(t *testing.T) {
	p := tr.startRecorder(t)
	conn, err := tr.DialTo(t, p.at)
	if err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	defer conn.Close()
	var o Outcomes
	for range 5 {
		o.Through(conn, 1)
	}
	o.Compare(t, p.notes(t))
	if o.Count[0] != 0 || o.Count[2] < 4 || conn.Usable() {
		t.Errorf("outcomes %v, usable %v", o.Count, conn.Usable())
	}
}

// PortInUse checks that who listens where somebody does is told.
func (tr *Transport) PortInUse(t *testing.T) {
	if _, err := tr.Client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	a, err := link.ParseAddress(tr.Link(tr.address))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Listen(a, nil); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}

// PlaintextOnLoopback checks that without certificates nobody listens beyond the loopback
// interface.
func (tr *Transport) PlaintextOnLoopback(t *testing.T) {
	for host, want := range map[string]bool{"127.0.0.1:0": true, "localhost:0": true, "10.0.0.1:0": false, ":0": false, "0.0.0.0:0": false, "example.com:0": false} {
		a, err := link.ParseAddress(tr.Link(host))
		if err != nil {
			t.Fatal(err)
		}
		l, err := tr.Listen(a, nil)
		if want && err != nil || !want && (err == nil || !strings.Contains(err.Error(), "needs TLS")) {
			t.Errorf("%s: %v", host, err)
		}
		if err == nil {
			_ = l.Close(t.Context())
		}
	}
}

// CertificateErrors checks that a caller learns whose certificate isn't taken.
func (tr *Transport) CertificateErrors(t *testing.T) {
	ours, others := mtlstest.New(t), mtlstest.New(t)
	ours.Env(t)
	l, err := tr.Listen(link.Address{Scheme: tr.Secure, Host: "127.0.0.1:0"}, func(link.Hello) (*link.Target, error) { return nil, link.ErrMoved })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close(t.Context())
	hello := link.Hello{Component: Contract.Component, Fingerprint: Contract.Fingerprint}
	if _, err := tr.Dial(t.Context(), l.Address(), hello); !errors.Is(err, link.ErrMoved) {
		t.Fatalf("with the right certificates: %v", err)
	}
	for _, ofPeer := range []bool{true, false} {
		others.Env(t)
		if ofPeer { // the server's certificate is of an authority that this side doesn't know
			t.Setenv("UNWELD_TLS_CERT", filepath.Join(ours.Dir, "cert.pem"))
			t.Setenv("UNWELD_TLS_KEY", filepath.Join(ours.Dir, "key.pem"))
		} else {
			t.Setenv("UNWELD_TLS_CA", filepath.Join(ours.Dir, "ca.pem"))
		}
		_, err := tr.Dial(t.Context(), l.Address(), hello)
		if e, ok := errors.AsType[*link.CertificateError](err); !ok || e.OfPeer != ofPeer {
			t.Errorf("of the peer: %t: got %v", ofPeer, err)
		}
	}
}

// All runs every check as a subtest.
func (tr *Transport) All(t *testing.T) {
	for _, c := range []struct {
		name  string
		check func(*testing.T)
	}{
		{"Calls", tr.Calls},
		{"Ends", tr.Ends},
		{"Refusals", tr.Refusals},
		{"CloseLeavesCalls", tr.CloseLeavesCalls},
		{"PortInUse", tr.PortInUse},
		{"PlaintextOnLoopback", tr.PlaintextOnLoopback},
		{"CertificateErrors", tr.CertificateErrors},
		{"BrokenConnections", tr.BrokenConnections},
		{"StoppedUnit", tr.StoppedUnit},
		{"WithoutAUnit", tr.WithoutAUnit},
	} {
		t.Run(c.name, c.check)
	}
}
