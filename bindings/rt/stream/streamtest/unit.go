package streamtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

const (
	childVariable = "STREAMTEST_CHILD"
	linkVariable  = "UNWELD_LINK_STREAMTEST"
)

// InUnit reports whether this process is the unit of a test.
func InUnit() bool { return os.Getenv(childVariable) != "" }

// Serve serves this component: it is what a unit does.
func Serve() {
	_, err := Open(context.Background(), func(context.Context) (Service, error) { return new(Engine), nil })
	fmt.Fprintln(os.Stderr, "the serving unit went on:", err)
	os.Exit(1)
}

// A Unit serves this component in a process of its own.
type Unit struct {
	Service Service // calls it
	Kill    func()
}

// StartAt runs the test binary again, as a unit at a host with a port.
func StartAt(t testing.TB, host, link string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1", "UNWELD_HOST=streamtest", "UNWELD_ENTRY=", linkVariable+"="+link)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if c, err := net.Dial("tcp", host); err == nil {
			_ = c.Close()
			return kill
		}
		if time.Now().After(limit) {
			t.Fatal("the unit doesn't listen")
		}
	}
}

// FreeHost is a host with a port at which nobody listens.
func FreeHost(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Client calls the unit at the address of a link.
func Client(t testing.TB, link string) Service {
	t.Helper()
	t.Setenv(linkVariable, link)
	s, err := Open(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
