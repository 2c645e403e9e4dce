package http

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// A recorder is a unit with a linktest.Recorder, behind a proxy.
type recorder struct {
	*linktest.Proxy
	at   string // of the unit itself
	path string // of its notes
	cmd  *exec.Cmd
}

func startRecorder(t *testing.T) *recorder {
	t.Helper()
	r := &recorder{path: filepath.Join(t.TempDir(), "notes")}
	var err error
	if r.at, r.cmd, err = startChild(record + "=" + r.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
	r.Proxy = linktest.NewProxy(t, "tcp", "127.0.0.1:0", r.at)
	for try := 0; ; try++ {
		conn, err := dialTo(t, r.at)
		if err == nil {
			_ = conn.Close()
			return r
		}
		if try > 200 {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (r *recorder) notes(t *testing.T) []byte {
	t.Helper()
	notes, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

func dialTo(t *testing.T, host string) (link.Conn, error) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return dial(ctx, link.Address{Scheme: "http", Host: host, Path: "/below"}, link.Hello{Component: "linktest", Fingerprint: "1", Endpoints: linktest.Contract.Endpoints})
}

// TestOutcomeOfBrokenConnections breaks the connection at every byte of a call,
// in both directions, by a close and by a reset.
func TestOutcomeOfBrokenConnections(t *testing.T) {
	p := startRecorder(t)
	conn, err := dialTo(t, p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	var first [2]int64
	first[0], first[1], _ = p.Passed()
	var o linktest.Outcomes
	o.Through(conn, 3)
	time.Sleep(20 * time.Millisecond) // what still follows the replies
	var last [2]int64
	last[0], last[1], _ = p.Passed()
	_ = conn.Close()
	if first[0] == 0 || last[0] <= first[0] || last[1] <= first[1] {
		t.Fatalf("from %v to %v bytes", first, last)
	}
	step := int64(1)
	if testing.Short() {
		step = 7
	}
	for side := range 2 {
		for after := int64(0); after < last[side]+20; after += step {
			cut := linktest.Cut{FromCallee: side == 1, After: after, Reset: after%2 == 0}
			if after > first[side]-20 { // while the calls are on their way
				p.Set(cut)
				if conn, err := dialTo(t, p.Addr); err == nil {
					o.Through(conn, 3)
					_ = conn.Close()
				}
			}
			// The calls make a connection of their own, which is broken again.
			p.Set(linktest.Never)
			conn, err := dialTo(t, p.Addr)
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
	if o.Count[1] < 20 { // hardly any is surely not executed: what is on its way may arrive
		t.Errorf("too little was broken to tell: %v", o.Count)
	}
}

// TestOutcomeOfAStoppedUnit stops and kills the unit under load, and starts it
// again at the same place, while callers use the whole link: what it repeats
// has surely not been executed.
func TestOutcomeOfAStoppedUnit(t *testing.T) {
	p := startRecorder(t)
	t.Setenv("UNWELD_LINK_LINKTEST", "http://"+p.at+"/below")
	s, err := linktest.Open(t.Context(), func(context.Context) (linktest.Service, error) { return impl{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	var o linktest.Outcomes
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
		if p.cmd, err = startChildAt(p.at, record+"="+p.path); err != nil {
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

// TestOutcomeWithoutAUnit: where nobody listens, nothing was executed.
func TestOutcomeWithoutAUnit(t *testing.T) {
	p := startRecorder(t)
	conn, err := dialTo(t, p.at)
	if err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	defer conn.Close()
	var o linktest.Outcomes
	for range 5 {
		o.Through(conn, 1)
	}
	o.Compare(t, p.notes(t))
	if o.Count[0] != 0 || o.Count[2] < 4 || conn.Usable() {
		t.Errorf("outcomes %v, usable %v", o.Count, conn.Usable())
	}
}
