package grpc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// Variables of the unit that the test binary becomes when it is run again.
const (
	child  = "GRPC_TEST_CHILD"
	record = "GRPC_TEST_RECORD" // the path of the notes of a linktest.Recorder
)

// address is where the child process serves linktest.
var address string

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		serveChild()
	}
	code, err := withChild(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

type impl struct{ linktest.Unimplemented }

func (impl) Add(_ context.Context, a, b int64) (int64, error) {
	if (a+b)%2 != 0 {
		return a + b, fmt.Errorf("add %d and %d: %w", a, b, linktest.ErrOdd)
	}
	return a + b, nil
}

func (impl) Echo(ctx context.Context, s string) (string, error) {
	switch s {
	case "panic":
		panic("boom")
	case "metadata":
		return link.Metadata(ctx)["Key"], nil
	case "wait":
		<-ctx.Done()
		return "", ctx.Err()
	case "exit":
		runtime.Goexit()
	case "later":
		time.Sleep(300 * time.Millisecond)
	case "large beside an error":
		return strings.Repeat("x", 20<<20), linktest.ErrOdd
	}
	return s, nil
}

func serveChild() {
	fmt.Println("opening")
	var s linktest.Service = impl{}
	if path := os.Getenv(record); path != "" {
		notes, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		s = &linktest.Recorder{Notes: notes}
	}
	_, err := linktest.Open(context.Background(), func(context.Context) (linktest.Service, error) { return s, nil })
	fmt.Fprintln(os.Stderr, "the serving unit went on:", err)
	os.Exit(1)
}

func withChild(run func() int) (int, error) {
	at, cmd, err := startChild()
	if err != nil {
		return 1, err
	}
	address = at
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	os.Setenv("UNWELD_HOST", "web")
	os.Setenv("UNWELD_ENTRY", "1")
	os.Setenv("UNWELD_LINK_LINKTEST", "grpc://"+address)
	return run(), nil
}

// startChild starts a unit that serves linktest, and returns where.
func startChild(env ...string) (string, *exec.Cmd, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	at := l.Addr().String()
	_ = l.Close()
	cmd, err := startChildAt(at, env...)
	return at, cmd, err
}

func startChildAt(at string, env ...string) (*exec.Cmd, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), child+"=1", "UNWELD_HOST=linktest", "UNWELD_ENTRY=", "UNWELD_LINK_LINKTEST=grpc://"+at)
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

var service linktest.Service

func client(t *testing.T) linktest.Service {
	t.Helper()
	if service == nil {
		s, err := linktest.Open(context.Background(), func(context.Context) (linktest.Service, error) {
			t.Error("constructed here")
			return impl{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		service = s
	}
	return service
}

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
	if p, ok := errors.AsType[*link.PanicError](err); !ok || p.Value != "boom" {
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
	l, err := dialTo(t, address)
	if err != nil {
		t.Fatal(err)
	}
	c := l.(*conn)
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
	for in := 0; in == 0; time.Sleep(time.Millisecond) {
		c.mu.Lock()
		in = c.calls
		c.mu.Unlock()
	}
	_ = c.Close()
	if _, err := call("new"); !errors.Is(err, link.ErrClosed) || c.Usable() {
		t.Errorf("a new call: %v, usable %v", err, c.Usable())
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := c.cc.GetState(); got != connectivity.Shutdown {
		t.Errorf("after its last call the connection is %v", got)
	}
}

// TestLargeResultBesideAnError: results don't depend on what fits into trailers.
func TestLargeResultBesideAnError(t *testing.T) {
	out, err := client(t).Echo(t.Context(), "large beside an error")
	if len(out) != 20<<20 || err != linktest.ErrOdd {
		t.Errorf("got %d bytes, %v", len(out), err)
	}
}

func TestMetadata(t *testing.T) {
	want := "Grüße\x00\n"
	if out, err := client(t).Echo(link.WithMetadata(t.Context(), "Key", want), "metadata"); out != want || err != nil {
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

// A stock client knows neither schemas nor trees.
func TestStockClient(t *testing.T) {
	client(t) // the child is up
	cc, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer cc.Close()
	var out string
	call := func(method, in string) error {
		return cc.Invoke(t.Context(), method, []byte(in), &out, grpc.ForceCodecV2(rawCodec{}), grpc.WaitForReady(true))
	}
	if err := call("/linktest.Service/Echo", "hello"); err != nil || out != "hello" {
		t.Errorf("got %q, %v", out, err)
	}
	if err := call("/linktest.Service/Echo", "panic"); status.Code(err) != codes.Unknown || !strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
	if err := call("/linktest.Service/Nothing", ""); status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}
}

func TestVersion(t *testing.T) {
	client(t)
	a, err := link.ParseAddress("grpc://" + address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = dial(t.Context(), a, link.Hello{Component: "linktest", Fingerprint: "other"})
	if v, ok := errors.AsType[*link.VersionError](err); !ok || v.Callee != "1" || v.Caller != "other" {
		t.Errorf("got %v", err)
	}
	if _, err = dial(t.Context(), a, link.Hello{Component: "orders", Fingerprint: "1"}); err == nil {
		t.Error("a component that isn't there was reached")
	}
}

func TestPlaintextOnLoopbackOnly(t *testing.T) {
	for host, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "localhost:1": true, "10.0.0.1:1": false, ":1": false, "0.0.0.0:1": false, "example.com:1": false} {
		_, err := transportSecurity(link.Address{Scheme: "grpc", Host: host}, true)
		if (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestPortInUse(t *testing.T) {
	client(t)
	if _, err := client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	a, err := link.ParseAddress("grpc://" + address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listen(a, nil); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}
