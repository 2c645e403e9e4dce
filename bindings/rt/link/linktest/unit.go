package linktest

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// Variables of the unit that a test binary becomes when it is run again.
const (
	childVariable  = "LINKTEST_CHILD"
	recordVariable = "LINKTEST_RECORD" // the path of the notes of a Recorder
)

// A Transport is one over TCP that is held to what all of them promise.
type Transport struct {
	// Link returns the address of a link to a host with a port.
	Link       func(host string) string
	Dial       func(context.Context, link.Address, link.Hello) (link.Conn, error)
	Listen     func(link.Address, link.Accept) (link.Listener, error)
	Secure     string // the scheme that has TLS where certificates are configured
	MaxMessage int
	// NotExecuted is how many calls on broken connections are at least told not to be
	// executed: a transport that hands requests on early can't say that of many.
	NotExecuted int
	Hosts       string // the components that the process of the tests hosts; empty: none
	Bare        Bare   // what Measure compares with

	address string // of the unit that serves an implementation all the time
	pid     int    // of its process
	service Service
}

// InUnit reports whether this process is the unit of a test.
func InUnit() bool { return os.Getenv(childVariable) != "" }

// Run runs the tests of a package beside a unit that serves this component: it is
// TestMain. It is that unit itself where the test binary runs again.
func (tr *Transport) Run(m *testing.M) {
	if host := os.Getenv(bareVariable); host != "" {
		fmt.Fprintln(os.Stderr, tr.serveBare(host))
		os.Exit(1)
	}
	if InUnit() {
		serveChild()
	}
	code, err := tr.withChild(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// Address is the host and port of the unit.
func (tr *Transport) Address() string { return tr.address }

// MetadataKey is the key of what Echo returns for "metadata".
const MetadataKey = "Key é\n"

type implementation struct{ Unimplemented }

// Add implements Service.
func (implementation) Add(_ context.Context, a, b int64) (int64, error) {
	if (a+b)%2 != 0 {
		return a + b, fmt.Errorf("add %d and %d: %w", a, b, ErrOdd)
	}
	return a + b, nil
}

// Echo implements Service.
func (implementation) Echo(ctx context.Context, s string) (string, error) {
	switch s {
	case "panic":
		panic("boom")
	case "metadata":
		return link.Metadata(ctx)[MetadataKey], nil
	case "wait":
		<-ctx.Done()
		return "", ctx.Err()
	case "exit":
		runtime.Goexit()
	case "later":
		time.Sleep(300 * time.Millisecond)
	case "large beside an error":
		return strings.Repeat("x", 20<<20), ErrOdd
	}
	return s, nil
}

func serveChild() {
	fmt.Println("opening")
	var s Service = implementation{}
	if path := os.Getenv(recordVariable); path != "" {
		notes, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		s = &Recorder{Notes: notes}
	}
	_, err := Open(context.Background(), func(context.Context) (Service, error) { return s, nil })
	fmt.Fprintln(os.Stderr, "the serving unit went on:", err)
	os.Exit(1)
}

func (tr *Transport) withChild(run func() int) (int, error) {
	at, cmd, err := tr.startChild()
	if err != nil {
		return 1, err
	}
	tr.address, tr.pid = at, cmd.Process.Pid
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	os.Setenv("UNWELD_HOST", cmp.Or(tr.Hosts, "web"))
	os.Setenv("UNWELD_ENTRY", "1")
	os.Setenv("UNWELD_LINK_LINKTEST", tr.Link(at))
	return run(), nil
}

// startChild starts a unit that serves this component, and returns where.
func (tr *Transport) startChild(env ...string) (string, *exec.Cmd, error) {
	at, err := freeHost()
	if err != nil {
		return "", nil, err
	}
	cmd, err := tr.startChildAt(at, env...)
	return at, cmd, err
}

// freeHost is a host with a port at which nobody listens.
func freeHost() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (tr *Transport) startChildAt(at string, env ...string) (*exec.Cmd, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1", "UNWELD_HOST=linktest", "UNWELD_ENTRY=", "UNWELD_LINK_LINKTEST="+tr.Link(at))
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	return cmd, err
}

// Client calls the unit.
func (tr *Transport) Client(t testing.TB) Service {
	t.Helper()
	if tr.service == nil {
		s, err := Open(context.Background(), func(context.Context) (Service, error) {
			t.Error("constructed here")
			return implementation{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		tr.service = s
	}
	return tr.service
}

// DialTo connects to a host with a port.
func (tr *Transport) DialTo(t testing.TB, host string) (link.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a, err := link.ParseAddress(tr.Link(host))
	if err != nil {
		t.Fatal(err)
	}
	return tr.Dial(ctx, a, link.Hello{Component: Contract.Component, Fingerprint: Contract.Fingerprint, Endpoints: Contract.Endpoints})
}

// A recorded is a unit with a Recorder, behind a proxy.
type recorded struct {
	*Proxy
	at   string // of the unit itself
	path string // of its notes
	cmd  *exec.Cmd
}

func (tr *Transport) startRecorder(t *testing.T) *recorded {
	t.Helper()
	r := &recorded{path: filepath.Join(t.TempDir(), "notes")}
	var err error
	if r.at, r.cmd, err = tr.startChild(recordVariable + "=" + r.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
	r.Proxy = NewProxy(t, "tcp", "127.0.0.1:0", r.at)
	for try := 0; ; try++ {
		conn, err := tr.DialTo(t, r.at)
		if err == nil {
			_ = conn.Close()
			return r
		}
		if try > 2000 {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (r *recorded) notes(t *testing.T) []byte {
	t.Helper()
	notes, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	return notes
}
