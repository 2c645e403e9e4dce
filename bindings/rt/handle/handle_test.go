package handle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// A thing is a value that is given away.
type thing struct{ closed chan struct{} }

func (t *thing) Close() error {
	close(t.closed)
	return nil
}

func newThing() *thing { return &thing{make(chan struct{})} }

func callerID(n int) string { return fmt.Sprintf("caller %09d", n) }

// give makes a call that gives v under the number first.
func give(t *testing.T, x *Handles, caller int, first uint64, v any) Ref {
	t.Helper()
	u, err := x.Enter(Caller{callerID(caller), first}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Leave()
	return u.Give(0, 1, v)
}

// valueOf looks for the value of a handle.
func valueOf(x *Handles, caller, kind int, ref Ref) (any, error) {
	u, err := x.Enter(Caller{ID: callerID(caller)}, 0)
	if err != nil {
		return nil, err
	}
	defer u.Leave()
	return u.Value(kind, ref)
}

func report1(t *testing.T, x *Handles, caller int, back ...uint64) {
	t.Helper()
	if _, err := x.Keep(string(report{callerID(caller), back}.append(nil)), nil); err != nil {
		t.Fatal(err)
	}
}

// empty reports whether nothing is kept.
func empty(x *Handles) string {
	t := &x.given
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, c := range t.callers {
		n += len(c.held) + len(c.grants) + c.reserved + c.giving
	}
	if n+len(t.values)+len(t.known)+t.total != 0 {
		return fmt.Sprintf("%d of callers, %d values, %d known, %d in all", n, len(t.values), len(t.known), t.total)
	}
	return ""
}

// TestValue asks for handles that there are, and for all kinds that there aren't.
func TestValue(t *testing.T) {
	x := New(0)
	v := newThing()
	early := give(t, x, 1, 1, newThing())
	give(t, x, 2, 1, newThing())
	ref := give(t, x, 1, 2, v)
	shut := give(t, x, 1, 3, newThing())
	u, err := x.Enter(Caller{ID: callerID(1)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	u.End(shut)
	u.Leave()
	if again := give(t, x, 1, 4, v); again != ref {
		t.Errorf("the same value is %v and then %v", ref, again)
	}
	if got, err := valueOf(x, 1, 1, ref); got != v || err != nil {
		t.Errorf("the value is %v, %v", got, err)
	}
	if got, err := valueOf(x, 1, 1, Ref{}); got != nil || err != nil {
		t.Errorf("nil is %v, %v", got, err)
	}
	for _, tt := range []struct {
		name         string
		caller, kind int
		ref          Ref
		want         error
	}{
		{"another table's", 1, 1, Ref{ref.Epoch + 2, ref.Number}, ErrLost},
		{"never given", 1, 1, Ref{ref.Epoch, 99}, ErrForeign},
		{"number 0", 1, 1, Ref{ref.Epoch, 0}, ErrForeign},
		{"another caller's", 2, 1, ref, ErrForeign},
		{"another caller's, from before", 2, 1, early, ErrExpired},
		{"an unknown caller's", 3, 1, ref, ErrExpired},
		{"closed", 1, 1, shut, ErrClosed},
		{"another type's", 1, 2, ref, link.ErrMalformed},
	} {
		if got, err := valueOf(x, tt.caller, tt.kind, tt.ref); got != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
	for _, c := range []Caller{{}, {ID: "short", First: 1}, {ID: callerID(1)}, {ID: callerID(1), First: ^uint64(0)}} {
		if _, err := x.Enter(c, 2); !errors.Is(err, link.ErrMalformed) {
			t.Errorf("a caller %+v is %v", c, err)
		}
	}
	report1(t, x, 1, 1, 2, 3, 4)
	report1(t, x, 2, 1)
	if left := empty(x); left != "" {
		t.Errorf("left are %s", left)
	}
}

// TestGivenBack returns handles in every order in which a caller's messages can
// arrive.
func TestGivenBack(t *testing.T) {
	x := New(0)
	v := newThing()
	ref := give(t, x, 1, 1, v)
	give(t, x, 1, 2, v)
	give(t, x, 2, 1, v)
	report1(t, x, 1, 1)
	if _, err := valueOf(x, 1, 1, ref); err != nil {
		t.Errorf("given twice and back once: %v", err)
	}
	report1(t, x, 1, 2, 77)
	if _, err := valueOf(x, 1, 1, ref); !errors.Is(err, ErrForeign) {
		t.Errorf("given back: %v", err)
	}
	if _, err := valueOf(x, 2, 1, ref); err != nil {
		t.Errorf("another caller's: %v", err)
	}
	report1(t, x, 2, 1)
	if left := empty(x); !strings.HasPrefix(left, "1 of callers, 0 values") { // number 77 may still come
		t.Errorf("left are %s", left)
	}
	old := give(t, x, 1, 3, v)
	give(t, x, 4, 1, v) // a caller that is younger than the value
	if got, err := valueOf(x, 4, 1, old); got != v || err != nil {
		t.Errorf("a value from before its caller was known: %v, %v", got, err)
	}
	u, err := x.Enter(Caller{ID: callerID(1)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	u.End(old)
	u.Leave()
	for _, caller := range []int{1, 4} {
		if _, err := valueOf(x, caller, 1, old); !errors.Is(err, ErrClosed) {
			t.Errorf("closed by caller 1, for caller %d: %v", caller, err)
		}
	}
	report1(t, x, 1, 3)
	report1(t, x, 4, 1)
	give(t, x, 1, 77, newThing()) // given back before it was given
	u, err = x.Enter(Caller{callerID(1), 80}, 2)
	if err != nil {
		t.Fatal(err)
	}
	u.Give(0, 1, newThing())
	report1(t, x, 1, 80, 81) // while it is given
	u.Give(1, 1, newThing())
	u.Leave()
	if left := empty(x); left != "" {
		t.Errorf("left are %s", left)
	}
	select {
	case <-v.closed:
		t.Error("a value that was given back is closed")
	default:
	}
}

// TestUncomparable gives values that aren't equal to themselves, or can't be asked.
func TestUncomparable(t *testing.T) {
	x := New(0)
	type list struct{ of []int }
	type boxed struct{ v any }
	nan := []float64{0}
	for i, v := range []any{list{of: nil}, boxed{list{}}, struct{ f float64 }{nan[0] / nan[0]}} {
		a, b := give(t, x, 1, uint64(2*i+1), v), give(t, x, 1, uint64(2*i+2), v)
		if a == b {
			t.Errorf("%T is the same handle twice", v)
		}
		report1(t, x, 1, uint64(2*i+1), uint64(2*i+2))
	}
	if a, b := give(t, x, 1, 10, boxed{1}), give(t, x, 1, 11, boxed{1}); a != b {
		t.Error("equal values have two handles")
	}
	report1(t, x, 1, 10, 11)
	if left := empty(x); left != "" {
		t.Errorf("left are %s", left)
	}
}

// silent makes a caller one that wasn't heard of for a lease, and sweeps.
func silent(x *Handles, caller int) {
	x.given.mu.Lock()
	if c := x.given.callers[callerID(caller)]; c != nil {
		c.heard = c.heard.Add(-x.lease)
	}
	x.given.mu.Unlock()
	x.sweep()
}

// TestExpired ends the leases of callers: what nobody else has is closed, once no
// call uses it.
func TestExpired(t *testing.T) {
	x := New(0)
	both, one, busy := newThing(), newThing(), newThing()
	ref := give(t, x, 1, 1, both)
	give(t, x, 2, 1, both)
	give(t, x, 1, 2, one)
	used := give(t, x, 1, 3, busy)
	u, err := x.Enter(Caller{ID: callerID(1)}, 0)
	if err == nil {
		_, err = u.Value(1, used)
	}
	if err != nil {
		t.Fatal(err)
	}
	silent(x, 1)
	<-one.closed
	select {
	case <-busy.closed:
		t.Error("closed during a call")
	case <-both.closed:
		t.Error("closed while another caller has it")
	default:
	}
	u.Leave()
	<-busy.closed
	give(t, x, 1, 4, newThing()) // it is back
	if _, err := valueOf(x, 1, 1, ref); !errors.Is(err, ErrExpired) {
		t.Errorf("after the lease: %v", err)
	}
	giving, err := x.Enter(Caller{callerID(3), 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	silent(x, 3) // which is waiting for its first handle
	late := giving.Give(0, 1, newThing())
	giving.Leave()
	if _, err := valueOf(x, 3, 1, late); err != nil {
		t.Errorf("a handle of a call that took longer than a lease: %v", err)
	}
	for i := 1; i <= 3; i++ {
		silent(x, i)
	}
	<-both.closed
	if left := empty(x); left != "" || len(x.given.callers) != 0 {
		t.Errorf("left are %s and %d callers", left, len(x.given.callers))
	}
}

// TestCloses calls what closes values, whatever it does.
func TestCloses(t *testing.T) {
	closeValue(panics{})
	closeValue(3)
	c := make(closesIn, 1)
	closeValue(c)
	if ctx := <-c; ctx.Err() != nil {
		t.Error("closed with a context that has ended")
	}
}

type panics struct{}

func (panics) Close() error { panic("no") }

type closesIn chan context.Context

func (c closesIn) Close(ctx context.Context) error {
	c <- ctx
	return nil
}

// TestLimits takes as many handles as there may be.
func TestLimits(t *testing.T) {
	x := New(0)
	for i := range uint64(maxHeld) {
		give(t, x, 1, i+1, newThing())
	}
	if _, err := x.Enter(Caller{callerID(1), maxHeld + 1}, 1); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	give(t, x, 2, 1, newThing()) // another caller has its own
	report1(t, x, 1, 7)
	give(t, x, 1, maxHeld+1, newThing())
	for i := range 2*maxHeld/maxReport + 10 { // numbers that were never given
		var back []uint64
		for j := range maxReport {
			back = append(back, uint64(1<<40+i*maxReport+j))
		}
		report1(t, x, 2, back...)
	}
	if n := len(x.given.callers[callerID(2)].grants); n > 2*maxHeld {
		t.Errorf("%d numbers are remembered", n)
	}
	silent(x, 1)
	silent(x, 2)
	for i := range maxHeld + 10 {
		u, err := x.Enter(Caller{callerID(i), 1}, 1)
		if i < maxHeld != (err == nil) || err != nil && !errors.Is(err, ErrTooMany) {
			t.Fatalf("caller %d: %v", i, err)
		}
		if err == nil {
			u.Leave()
		}
	}
}

// TestLeaseOfEnvironment reads the time of a lease.
func TestLeaseOfEnvironment(t *testing.T) {
	t.Setenv(envLease, "90s")
	if x := New(0); x.lease != 90*time.Second {
		t.Errorf("the lease is %v", x.lease)
	}
	reply, err := New(0).Keep(string(report{id: callerID(1)}.append(nil)), nil)
	if ms, i := wire.Uvarint(string(reply), 1); err != nil || ms != 90000 || i != len(reply) {
		t.Errorf("the reply is % x, %v", reply, err)
	}
	for _, bad := range []string{"90", "-1s", "0s", "soon"} {
		t.Setenv(envLease, bad)
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), bad) {
					t.Errorf("%s: %v", bad, p)
				}
			}()
			New(0)
		}()
	}
}

// FuzzMessages reads any bytes as what a peer may send.
func FuzzMessages(f *testing.F) {
	f.Add(string(AppendRef(nil, Ref{1, 2})))
	f.Add(string(AppendCaller(nil, Caller{callerID(1), 3})))
	f.Add(string(report{callerID(1), []uint64{1, 300}}.append(nil)))
	f.Fuzz(func(t *testing.T, s string) {
		var r, again Ref
		if ParseRef(s, &r) >= 0 && (ParseRef(string(AppendRef(nil, r)), &again) < 0 || r != again) {
			t.Errorf("%v is read as %v", r, again)
		}
		var c, same Caller
		if ParseCaller(s, &c) >= 0 && (ParseCaller(string(AppendCaller(nil, c)), &same) < 0 || c != same) {
			t.Errorf("%v is read as %v", c, same)
		}
		if p, err := parseReport(s); err == nil && (len(p.id) != nameSize || len(p.back) > maxReport || len(p.back) > len(s)) {
			t.Errorf("a report of %d numbers in %d bytes", len(p.back), len(s))
		}
		if reply, err := New(0).Keep(s, nil); err == nil && len(reply) == 0 {
			t.Error("no lease")
		}
	})
}
