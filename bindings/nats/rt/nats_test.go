package nats

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/stream/streamtest"
)

// Variables of the unit that the test binary becomes when it is run again.
const (
	child  = "NATS_TEST_CHILD"
	record = "NATS_TEST_RECORD" // the path of the notes of a linktest.Recorder
	gives  = "NATS_TEST_GIVES"  // the component gives handles
)

// address is where the child process serves linktest, and url the server.
var address, url string

func TestMain(m *testing.M) {
	if at := os.Getenv(bareVariable); at != "" {
		fmt.Fprintln(os.Stderr, serveBare(at))
		os.Exit(1)
	}
	CarryStreams()
	if streamtest.InUnit() {
		streamtest.Serve()
	}
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
	case "process":
		return fmt.Sprint(os.Getpid()), nil
	case "metadata":
		return link.Metadata(ctx)["Key"], nil
	case "deadline":
		end, ok := ctx.Deadline()
		return fmt.Sprint(ok && time.Until(end) <= time.Minute), nil
	case "exit":
		runtime.Goexit()
	case "wait":
		<-ctx.Done()
		fmt.Println("cancelled")
		select {} // a reply could come before the caller's own clock ends the call
	}
	if size, ok := strings.CutPrefix(s, "size "); ok {
		n, err := strconv.Atoi(size)
		if err != nil {
			return "", err
		}
		return strings.Repeat("x", n), nil
	}
	return s, nil
}

func serveChild() {
	fmt.Println("opening")
	linktest.Contract.Endpoints[0].Handles = os.Getenv(gives) != ""
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

// said are the lines that the child prints.
var said = make(chan string, 100)

func startServer() (*server.Server, error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		return nil, errors.New("the NATS server isn't ready")
	}
	return s, nil
}

// hostPID is the number of the process that hosts the component.
var hostPID int

func withChild(run func() int) (int, error) {
	s, err := startServer()
	if err != nil {
		return 1, err
	}
	defer s.Shutdown()
	url, address = s.ClientURL(), s.ClientURL()+"/test/app"
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), child+"=1", "UNWELD_HOST=linktest", "UNWELD_LINK_LINKTEST="+address)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	hostPID = cmd.Process.Pid
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	<-said
	os.Setenv("UNWELD_HOST", "web")
	os.Setenv("UNWELD_ENTRY", "1")
	os.Setenv("UNWELD_LINK_LINKTEST", address)
	return run(), nil
}

var service linktest.Service

func client(t testing.TB) linktest.Service {
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
	if _, err := s.Echo(t.Context(), "panic"); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
	want := "Grüße\x00\n"
	if out, err := s.Echo(link.WithMetadata(t.Context(), "Key", want), "metadata"); out != want || err != nil {
		t.Errorf("metadata: %q, %v", out, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if out, err := s.Echo(ctx, "deadline"); out != "true" || err != nil {
		t.Errorf("deadline: %q, %v", out, err)
	}
}

// TestSizes asks for replies about as large as the server takes: each arrives, or
// its caller is told that it doesn't.
func TestSizes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const most = 1 << 20 // what servers take unless they are configured otherwise
	told := map[bool]int{}
	for _, size := range []int{most - 4096, most - 200, most - 100, most - 50, most - 20, most - 1, most, most + 1, most + 4096} {
		out, err := client(t).Echo(ctx, fmt.Sprint("size ", size))
		switch {
		case err == nil && len(out) == size:
		case errors.Is(err, link.ErrTooLarge) && outcome(err) == link.Unknown.String():
		default:
			t.Errorf("%d bytes: got %d, %v", size, len(out), err)
		}
		told[err == nil]++
	}
	if _, err := client(t).Echo(ctx, "size "+strings.Repeat("9", 600_000)); err == nil || !strings.Contains(err.Error(), "parsing") {
		t.Errorf("an error whose text is large: %.200v", err)
	}
	if told[true] < 2 || told[false] < 2 {
		t.Errorf("the sizes are all on one side of the limit: %v", told)
	}
}

// TestGoexit: the caller is told, and the unit serves on.
func TestGoexit(t *testing.T) {
	_, err := client(t).Echo(t.Context(), "exit")
	if outcome(err) != link.Unknown.String() || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("got %v", err)
	}
	if out, err := client(t).Echo(t.Context(), "up"); out != "up" || err != nil {
		t.Errorf("afterwards: %q, %v", out, err)
	}
}

func outcome(err error) string {
	e, ok := errors.AsType[*link.Error](err)
	if !ok {
		return fmt.Sprintf("%v", err)
	}
	return e.Outcome.String()
}

// TestCancel ends calls by a deadline and by hand: what they did is unknown, and the
// component learns of it.
func TestCancel(t *testing.T) {
	s := client(t)
	for _, want := range []error{context.DeadlineExceeded, context.Canceled} {
		ctx, cancel := context.WithCancel(t.Context())
		if want == context.DeadlineExceeded {
			ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		} else {
			time.AfterFunc(50*time.Millisecond, cancel)
		}
		_, err := s.Echo(ctx, "wait")
		cancel()
		if !errors.Is(err, want) || outcome(err) != link.Unknown.String() {
			t.Errorf("got %v, want %v with an unknown outcome", err, want)
		}
		select {
		case line := <-said:
			if line != "cancelled" {
				t.Errorf("the component printed %q", line)
			}
		case <-time.After(time.Minute):
			t.Fatalf("the component wasn't told of %v", want)
		}
	}
}

// TestOutcomes are calls that surely weren't executed, and one that may have been.
func TestOutcomes(t *testing.T) {
	if _, err := client(t).Echo(t.Context(), strings.Repeat("x", 2<<20)); !errors.Is(err, link.ErrTooLarge) || outcome(err) != link.NotExecuted.String() {
		t.Errorf("more than the server takes: %v", err)
	}
	broker, err := startServer()
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Shutdown()
	nc, err := nats.Connect(broker.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	hello, err := nc.Subscribe("s.linktest."+tokenHello, func(m *nats.Msg) { _ = m.Respond(nil) })
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	a, err := link.ParseAddress(broker.ClientURL() + "/s")
	if err != nil {
		t.Fatal(err)
	}
	c, err := dial(t.Context(), a, link.Hello{Component: "linktest", Fingerprint: "1"})
	if err != nil {
		t.Fatal(err)
	}
	call := link.Outgoing{Endpoint: link.Endpoint{Name: "Echo", ID: 2}}
	if _, err := c.Call(t.Context(), call); outcome(err) != link.NotExecuted.String() || c.Usable() {
		t.Errorf("nobody serves: %v, usable %v", err, c.Usable())
	}
	arrived := make(chan struct{}, 1)
	if _, err := nc.Subscribe("s.linktest.Echo", func(*nats.Msg) { arrived <- struct{}{} }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	go func() { <-arrived; broker.Shutdown() }()
	if _, err := c.Call(t.Context(), call); outcome(err) != link.Unknown.String() || c.Usable() {
		t.Errorf("the server ended after it took the request: %v", err)
	}
	if _, err := c.Call(t.Context(), call); outcome(err) != link.NotExecuted.String() {
		t.Errorf("without a connection: %v", err)
	}
	_ = hello.Unsubscribe()
}

func TestRefusals(t *testing.T) {
	if _, err := client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	a, err := link.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = dial(t.Context(), a, link.Hello{Component: "linktest", Fingerprint: "other"})
	if v, ok := errors.AsType[*link.VersionError](err); !ok || v.Callee != "1" || v.Caller != "other" {
		t.Errorf("got %v", err)
	}
	if _, err = dial(t.Context(), a, link.Hello{Component: "orders", Fingerprint: "1"}); err == nil || !strings.Contains(err.Error(), "nobody serves test.app.orders") {
		t.Errorf("got %v", err)
	}
	for at, want := range map[string]string{"nats://127.0.0.1:1/s": "NATS server at", "nats://10.0.0.1:4222/s": "needs TLS", url: "a subject is", url + "/a.*": "a subject is", "nats:///s": "names no server"} {
		a, err := link.ParseAddress(at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dial(t.Context(), a, link.Hello{Component: "x"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", at, err, want)
		}
	}
}

// TestService asks with NATS's own means what is served.
func TestService(t *testing.T) {
	if _, err := client(t).Echo(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	m, err := nc.Request("$SRV.INFO.linktest", nil, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"subject":"test.app.linktest.Echo","queue_group":"test.app.linktest.Echo"`; !strings.Contains(string(m.Data), want) {
		t.Errorf("got %s, want %s in it", m.Data, want)
	}
}
