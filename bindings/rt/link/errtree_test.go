package link_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

var errOwn = errors.New("own")

var registry = link.NewErrors(link.Sentinel("example.com/m.errOwn", errOwn))

// cross sends an error through its encoding.
func cross(t *testing.T, err error) error {
	t.Helper()
	out, bad := registry.Parse(string(registry.Append(nil, err)))
	if bad != nil {
		t.Fatalf("%v: %v", err, bad)
	}
	return out
}

// A denied error is known by its method Is alone.
type denied struct{ user string }

func (d denied) Error() string        { return d.user + " may not" }
func (d denied) Is(target error) bool { return target == fs.ErrPermission || target == errOwn }

// A late error says that it is a timeout.
type late struct{}

func (late) Error() string   { return "late" }
func (late) Timeout() bool   { return true }
func (late) Temporary() bool { return false }

// A touchy error panics wherever it can.
type touchy struct{ p *int }

func (touchy) Error() string          { return "touchy" }
func (e touchy) Is(target error) bool { return *e.p == 0 }
func (e touchy) Timeout() bool        { return *e.p == 0 }
func (e touchy) Temporary() bool      { return *e.p == 0 }
func (e touchy) Unwrap() error        { return fmt.Errorf("%d", *e.p) }

// temporary asks what only old code asks.
func temporary(err error) bool { return err.(interface{ Temporary() bool }).Temporary() }

func refused(t *testing.T) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, err = net.Dial("tcp", addr)
	return err
}

// TestErrorsKeepTheirIdentity compares what errors.Is, errors.As and the text
// say on both sides.
func TestErrorsKeepTheirIdentity(t *testing.T) {
	_, missing := os.Open(filepath.Join(t.TempDir(), "missing"))
	linkErr := os.Symlink("x", filepath.Join(t.TempDir(), "a", "b"))
	_, number := strconv.Atoi("x")
	errs := map[string]error{
		"sentinel":          errOwn,
		"missing file":      missing,
		"link":              linkErr,
		"errno":             syscall.ENOSPC,
		"wrapped errno":     fmt.Errorf("writing: %w", syscall.EAGAIN),
		"system call":       os.NewSyscallError("connect", syscall.ECONNREFUSED),
		"refused":           refused(t),
		"unix address":      &net.OpError{Op: "dial", Net: "unix", Addr: &net.UnixAddr{Name: "/run/x", Net: "unix"}, Err: late{}},
		"closed":            &net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed},
		"name":              &net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true},
		"own inside a path": &fs.PathError{Op: "open", Path: "x", Err: errOwn},
		"own in a link":     &link.Error{Component: "c", Endpoint: "e", Outcome: link.NotExecuted, Err: errOwn},
		"joined":            errors.Join(io.EOF, denied{"ann"}, syscall.EPERM),
		"by its method":     denied{"ann"},
		"wrapped method":    fmt.Errorf("get: %w", denied{"ann"}),
		"timeout":           fmt.Errorf("get: %w", late{}),
		"deadline":          fmt.Errorf("get: %w", context.DeadlineExceeded),
		"number":            number,
		"touchy":            touchy{},
		"nil path error":    (*fs.PathError)(nil),
		"parse":             func() error { _, err := time.Parse(time.RFC3339, "x"); return err }(),
	}
	targets := []error{errOwn, io.EOF, fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrClosed, net.ErrClosed, errors.ErrUnsupported,
		context.DeadlineExceeded, os.ErrDeadlineExceeded, strconv.ErrSyntax,
		syscall.ENOENT, syscall.ENOSPC, syscall.EAGAIN, syscall.EPERM, syscall.ECONNREFUSED}
	for name, err := range errs {
		t.Run(name, func(t *testing.T) {
			got := cross(t, err)
			if name != "nil path error" && got.Error() != err.Error() {
				t.Errorf("text %q, want %q", got, err)
			}
			if name == "touchy" || name == "nil path error" {
				return // what they would say here can't be asked
			}
			for _, target := range targets {
				if errors.Is(got, target) != errors.Is(err, target) {
					t.Errorf("errors.Is(%v): %v", target, errors.Is(got, target))
				}
			}
			for _, as := range []any{new(*fs.PathError), new(*os.LinkError), new(*os.SyscallError), new(syscall.Errno), new(*net.OpError),
				new(*net.DNSError), new(*strconv.NumError), new(*time.ParseError), new(*link.Error)} {
				here, there := reflect.New(reflect.TypeOf(as).Elem()), reflect.New(reflect.TypeOf(as).Elem())
				if found := errors.As(err, here.Interface()); found != errors.As(got, there.Interface()) {
					t.Errorf("errors.As(%T): %v", as, !found)
				} else if found && fmt.Sprint(here.Elem()) != fmt.Sprint(there.Elem()) {
					t.Errorf("errors.As(%T) gives %v, want %v", as, there.Elem(), here.Elem())
				}
			}
			var here, there net.Error
			if found := errors.As(err, &here); found != errors.As(got, &there) {
				t.Errorf("errors.As(net.Error): %v", !found)
			} else if found && (here.Timeout() != there.Timeout() || temporary(here) != temporary(there)) {
				t.Errorf("timeout %v, temporary %v; want %v, %v", there.Timeout(), temporary(there), here.Timeout(), temporary(here))
			}
			if os.IsTimeout(err) != os.IsTimeout(got) || os.IsNotExist(err) != os.IsNotExist(got) {
				t.Errorf("os.IsTimeout %v, os.IsNotExist %v", os.IsTimeout(got), os.IsNotExist(got))
			}
		})
	}
	var op *net.OpError
	want := errs["refused"].(*net.OpError).Addr
	if got := cross(t, errs["refused"]); !errors.As(got, &op) || reflect.TypeOf(op.Addr) != reflect.TypeOf(want) || op.Addr.String() != want.String() {
		t.Errorf("the address is %#v, want %#v", op.Addr, want)
	}
}

// TestErrnoOfAnotherSystem: numbers of another system don't become numbers of
// this one.
func TestErrnoOfAnotherSystem(t *testing.T) {
	tree := string(registry.Append(nil, syscall.ENOENT))
	self := link.System
	foreign := strings.Repeat("x", len(self))
	got, bad := registry.Parse(strings.ReplaceAll(tree, self, foreign))
	if bad != nil {
		t.Fatal(bad)
	}
	var errno syscall.Errno
	if errors.As(got, &errno) || !errors.Is(got, fs.ErrNotExist) || errors.Is(got, fs.ErrExist) || got.Error() != syscall.ENOENT.Error() {
		t.Errorf("got %#v", got)
	}
}

func TestErrorTreesAreBounded(t *testing.T) {
	loop := &fs.PathError{Op: "open", Path: "x"}
	loop.Err = &selfWrapped{loop}
	tree := registry.Append(nil, loop)
	got, bad := registry.Parse(string(tree))
	if bad != nil || got == nil {
		t.Fatalf("%v, %v", got, bad)
	}
	_ = got.Error()
}

// A selfWrapped error leads back to what wraps it.
type selfWrapped struct{ outer error }

func (*selfWrapped) Error() string   { return "again" }
func (e *selfWrapped) Unwrap() error { return e.outer }

func FuzzErrorTree(f *testing.F) {
	for _, err := range []error{errOwn, denied{"ann"}, &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, errors.Join(io.EOF, late{}),
		&net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Err: syscall.ECONNREFUSED}} {
		f.Add(string(registry.Append(nil, err)))
	}
	f.Fuzz(func(t *testing.T, src string) {
		if err, bad := registry.Parse(src); bad == nil {
			_ = message(err)
			if _, bad := registry.Parse(string(registry.Append(nil, err))); bad != nil {
				t.Errorf("what was read can't be read again: %v", bad)
			}
		}
	})
}

// message is the text of an error whose fields anybody may have made.
func message(err error) (s string) {
	defer func() { _ = recover() }()
	return err.Error()
}

// TestTooDeepCrosses: who reads a value that nests too deep says so as who writes it does,
// and the other side can tell.
func TestTooDeepCrosses(t *testing.T) {
	read := link.Malformed(wire.Fault(wire.TooDeep))
	for name, err := range map[string]error{"written": wire.Within(nil, 0), "read": read, "read there": cross(t, read), "written there": cross(t, wire.Within(nil, 0))} {
		if !errors.Is(err, link.ErrTooDeep) || errors.Is(err, link.ErrMalformed) != strings.HasPrefix(name, "read") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := wire.Fault(wire.TooMany); errors.Is(err, link.ErrTooDeep) || !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("too many: %v", err)
	}
}

// TestErrorsComeHome: an error that was sent by a registry that expects it back is the
// same value when it comes back, by itself and inside of others, until many others were sent.
// One from elsewhere, and what no such registry sent, is not.
func TestErrorsComeHome(t *testing.T) {
	homing := registry.Homing()
	there := func(err error) error { // as another process has it: a number of which it knows nothing
		b := homing.Append(nil, err)
		out, bad := registry.Parse(string(otherProcess(b)))
		if bad != nil {
			t.Fatal(bad)
		}
		return out
	}
	back := func(err error) error {
		out, bad := registry.Parse(string(otherProcess(registry.Append(nil, err))))
		if bad != nil {
			t.Fatal(bad)
		}
		return out
	}
	for _, mine := range []error{errors.New("mine"), fmt.Errorf("wrapped: %w", io.ErrClosedPipe), errors.Join(errors.New("a"), errors.New("b")), late{}, &touchy{}} {
		away := there(mine)
		if away == mine || away.Error() != mine.Error() {
			t.Errorf("%v arrives as %#v", mine, away)
		}
		if got := back(away); got != mine {
			t.Errorf("%v comes back as %#v", mine, got)
		}
		if got := back(fmt.Errorf("after all: %w", away)); !errors.Is(got, mine) && reflect.TypeOf(mine).Comparable() {
			t.Errorf("%v comes back within another as %#v", mine, got)
		}
	}
	if got := back(there(io.EOF)); got != io.EOF {
		t.Errorf("EOF comes back as %#v", got)
	}
	plain := errors.New("plain")
	if got := back(cross(t, plain)); got == plain {
		t.Error("what nobody expects back is kept")
	}
	old, again := errors.New("old"), errors.New("again")
	away := there(old)
	for range 1000 {
		_ = there(again) // one place for all
	}
	if got := back(away); got != old {
		t.Errorf("one error, sent often, takes the places of others: %#v", got)
	}
	for i := range 1000 {
		_ = there(fmt.Errorf("%d", i))
	}
	if got := back(away); got == old || got.Error() != "old" {
		t.Errorf("an old one comes back as %#v", got)
	}
	for _, home := range []string{"", "short", strings.Repeat("\xff", 16), strings.Repeat("\x00", 16)} {
		src := wire.AppendText(append(wire.AppendText([]byte{1<<3 | 2}, "text"), 11<<3|2), home)
		if got, bad := registry.Parse(string(src)); bad != nil || got.Error() != "text" {
			t.Errorf("%q: %v, %v", home, got, bad)
		}
	}
}

// otherProcess changes whose errors a tree is about, to what no process is, or back.
func otherProcess(tree []byte) []byte {
	field := []byte{11<<3 | 2, 16}
	for rest := tree; ; {
		i := bytes.Index(rest, field)
		if i < 0 {
			return tree
		}
		rest = rest[i+len(field):]
		rest[0] ^= 0xff
	}
}
