package unix

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// record is the variable with the path of the notes of a linktest.Recorder,
// which the child process is if it is set.
const record = "UNWELD_UNIX_TEST_RECORD"

func notes(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func dialUnit(t *testing.T, socket string) (link.Conn, error) {
	return dial(within(t, time.Minute), link.Address{Scheme: "unix", Path: socket},
		link.Hello{Component: "linktest", Fingerprint: "1", Endpoints: linktest.Contract.Endpoints})
}

// TestOutcomeOfBrokenConnections breaks the connection at every byte of some
// calls, in both directions.
func TestOutcomeOfBrokenConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes")
	p := start(t, "host", record+"="+path)
	proxy := linktest.NewProxy(t, "unix", filepath.Join(t.TempDir(), "p"), p.socket)
	conn, err := dialUnit(t, proxy.Addr)
	if err != nil {
		t.Fatal(err)
	}
	var first, last [2]int64
	first[0], first[1], _ = proxy.Passed()
	var o linktest.Outcomes
	o.Through(conn, 4)
	last[0], last[1], _ = proxy.Passed()
	_ = conn.Close()
	if first[0] == 0 || last[0] <= first[0] || last[1] <= first[1] {
		t.Fatalf("from %v to %v bytes", first, last)
	}
	for range 8 { // which calls share a write differs
		for side := range 2 {
			for after := first[side]; after < last[side]+8; after++ {
				proxy.Set(linktest.Cut{FromCallee: side == 1, After: after})
				conn, err := dialUnit(t, proxy.Addr)
				if err != nil {
					continue // nothing was called
				}
				o.Through(conn, 4)
				o.Through(conn, 1) // on what is left of the connection
				_ = conn.Close()
			}
		}
	}
	o.Compare(t, notes(t, path))
	if o.Count[1] < 100 || o.Count[2] < 100 {
		t.Errorf("too little was broken to tell: %v", o.Count)
	}
}

// TestOutcomeOfLargeCalls breaks the connection among the parts of requests and
// replies that are larger than a part.
func TestOutcomeOfLargeCalls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes")
	p := start(t, "host", record+"="+path)
	proxy := linktest.NewProxy(t, "unix", filepath.Join(t.TempDir(), "p"), p.socket)
	o := linktest.Outcomes{Suffix: strings.Repeat(".", 3*maxPart)}
	for after := int64(100); after < 4*(3*maxPart+100); after += maxPart/3 + 1 {
		for _, fromCallee := range []bool{false, true} {
			proxy.Set(linktest.Cut{FromCallee: fromCallee, After: after})
			conn, err := dialUnit(t, proxy.Addr)
			if err != nil {
				t.Fatal(err)
			}
			o.Through(conn, 4)
			_ = conn.Close()
		}
	}
	o.Compare(t, notes(t, path))
	if o.Count[0] < 20 || o.Count[1] < 20 || o.Count[2] < 20 {
		t.Errorf("too little was broken to tell: %v", o.Count)
	}
}

// TestOutcomeOfAStoppedUnit stops and kills the unit under load, and starts it
// again at the same place, while callers use the whole link: what it repeats
// has surely not been executed. Some of the calls are given up early.
func TestOutcomeOfAStoppedUnit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes")
	p := start(t, "host", record+"="+path)
	s := remote(t, p.socket)
	var o linktest.Outcomes
	hasty := linktest.Outcomes{Prefix: "hasty ", Limit: 200 * time.Microsecond}
	var stop atomic.Bool
	var load sync.WaitGroup
	for _, o := range []*linktest.Outcomes{&o, &hasty} {
		load.Go(func() {
			for !stop.Load() {
				o.Of(s, 16)
			}
		})
	}
	for i := range 20 {
		time.Sleep(20 * time.Millisecond)
		how := syscall.SIGTERM
		if i%2 == 1 {
			how = syscall.SIGKILL
		}
		_ = p.cmd.Process.Signal(how)
		_ = p.cmd.Wait()
		p = startAt(t, "host", p.socket, record+"="+path)
	}
	stop.Store(true)
	load.Wait()
	o.Compare(t, notes(t, path))
	hasty.Compare(t, notes(t, path))
	if o.Count[0] == 0 || hasty.Count[0] == 0 || hasty.Count[1] == 0 {
		t.Errorf("too little happened to tell: %v, %v", o.Count, hasty.Count)
	}
}

// TestTakenBack gives calls up while their requests wait behind one that the
// peer doesn't read: they are surely not executed.
func TestTakenBack(t *testing.T) {
	hold := make(chan struct{})
	received := make(chan []header, 1)
	conn := connect(t, serveRaw(t, func(nc net.Conn, f *frames) {
		<-hold
		var all []header
		for {
			h, _, err := f.one(nc)
			if err != nil || h.kind == kindCancel {
				received <- append(all, h)
				return
			}
			all = append(all, h)
		}
	}))
	call := func(limit time.Duration, size int) error {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		_, err := conn.Call(ctx, link.Outgoing{Endpoint: link.Endpoint{ID: 1}, Request: make([]byte, size)})
		return err
	}
	var blocked sync.WaitGroup
	blocked.Go(func() { // fills the socket, and what is in flight
		for range 8 {
			_ = call(20*time.Millisecond, maxPart)
		}
	})
	blocked.Wait()
	for range 3 {
		var e *link.Error
		if err := call(5*time.Millisecond, 10); !errors.As(err, &e) || e.Outcome != link.NotExecuted {
			t.Errorf("a call that waited to be written: %v", err)
		}
	}
	close(hold)
	executable := 0
	for _, h := range <-received {
		if h.kind == kindRequest {
			executable++
		}
	}
	if executable == 0 || executable > 8 {
		t.Errorf("%d requests have arrived", executable)
	}
}
