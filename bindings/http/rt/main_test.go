package http

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// Variables of the unit that the test binary becomes when it is run again.
const (
	child  = "HTTP_TEST_CHILD"
	record = "HTTP_TEST_RECORD" // the path of the notes of a linktest.Recorder
)

// address is where the child process serves linktest.
var address string

// describeLinktest describes linktest, whose messages are no protobuf: the two sides name
// fields differently, so that they use the binary form.
func describeLinktest(names string) {
	c := &Component{Name: "linktest", Names: names, Types: []Type{{Kind: Struct, Name: "nothing"}}, Document: fstest.MapFS{}}
	for _, e := range linktest.Contract.Endpoints {
		c.Endpoints = append(c.Endpoints, Endpoint{Name: e.Name, Routes: []Route{{"POST", "/linktest/" + strings.ToLower(e.Name)}}})
	}
	Describe(c)
}

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		describeLinktest("child")
		serveChild()
	}
	describeLinktest("parent")
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
		return link.Metadata(ctx)["Key é\n"], nil
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
	os.Setenv("UNWELD_HOST", "shop,cart,other")
	os.Setenv("UNWELD_ENTRY", "1")
	os.Setenv("UNWELD_LINK_LINKTEST", "http://"+address+"/below")
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
	cmd.Env = append(os.Environ(), child+"=1", "UNWELD_HOST=linktest", "UNWELD_ENTRY=", "UNWELD_LINK_LINKTEST=http://"+at+"/below")
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
