package nats

import (
	"context"
	"errors"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// A recorder is a unit with a linktest.Recorder at a subject of its own. Its callers
// reach the NATS server through a proxy.
type recorder struct {
	*linktest.Proxy
	subject string
	path    string // of its notes
	cmd     *exec.Cmd
}

func startRecorder(t *testing.T, subject string) *recorder {
	t.Helper()
	server, err := natsHost()
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{subject: subject, path: filepath.Join(t.TempDir(), "notes"), Proxy: linktest.NewProxy(t, "tcp", "127.0.0.1:0", server)}
	r.start(t)
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
	return r
}

func natsHost() (string, error) {
	u, err := neturl.Parse(address)
	if err != nil {
		return "", err
	}
	return u.Host, nil
}

// start starts the unit and waits until it serves.
func (r *recorder) start(t *testing.T) {
	t.Helper()
	server, err := natsHost()
	if err != nil {
		t.Fatal(err)
	}
	r.cmd = exec.Command(os.Args[0])
	r.cmd.Env = append(os.Environ(), child+"=1", record+"="+r.path, "UNWELD_HOST=linktest", "UNWELD_ENTRY=", "UNWELD_LINK_LINKTEST=nats://"+server+"/"+r.subject)
	r.cmd.Stderr = os.Stderr
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for try := 0; ; try++ {
		conn, err := dialTo(t, server, r.subject)
		if err == nil {
			_ = conn.Close()
			return
		}
		if try > 500 {
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

// TestOneOfSeveralUnits has two units serve at one subject a component that gives handles:
// what was dialed once stays with one of them, and ends with it.
func TestOneOfSeveralUnits(t *testing.T) {
	server, err := natsHost()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(gives, "1")
	units := map[string]*recorder{}
	for range 2 {
		u := &recorder{subject: "several"}
		u.start(t)
		t.Cleanup(func() { _ = u.cmd.Process.Kill(); _ = u.cmd.Wait() })
		units[strconv.Itoa(u.cmd.Process.Pid)] = u
	}
	served := func(c link.Conn) (string, error) {
		// What was handed to a unit that is gone isn't answered.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		reply, err := c.Call(ctx, link.Outgoing{Endpoint: linktest.Contract.Endpoints[1], Request: []byte("process")})
		return reply.Body, err
	}
	by := map[string]link.Conn{}
	for range 1000 { // the second one may still be starting
		c, err := dialTo(t, server, "several")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		first, err := served(c)
		if err != nil || units[first] == nil {
			t.Fatalf("served by %q, %v", first, err)
		}
		for range 20 {
			if next, err := served(c); next != first || err != nil {
				t.Fatalf("served by %s, then by %q, %v", first, next, err)
			}
		}
		if by[first] = c; len(by) == 2 {
			break
		}
	}
	if len(by) != 2 {
		t.Fatal("all callers go to one unit")
	}
	for process, c := range by {
		_ = units[process].cmd.Process.Kill()
		_ = units[process].cmd.Wait()
		for err = nil; err == nil || errors.Is(err, context.DeadlineExceeded); { // the server may know it later
			_, err = served(c)
		}
		if c.Usable() || outcome(err) != link.NotExecuted.String() && outcome(err) != link.Unknown.String() {
			t.Errorf("without its unit: %v, usable %v", err, c.Usable())
		}
		break
	}
	again, err := dialTo(t, server, "several")
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if process, err := served(again); by[process] == nil || err != nil {
		t.Errorf("afterwards: served by %q, %v", process, err)
	}
}

func dialTo(t *testing.T, host, subject string) (link.Conn, error) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return dial(ctx, link.Address{Scheme: "nats", Host: host, Path: "/" + subject}, link.Hello{Component: "linktest", Fingerprint: "1", Endpoints: linktest.Contract.Endpoints})
}

// TestOutcomeOfBrokenConnections breaks the connection to the NATS server at the bytes
// of a call, in both directions, by a close and by a reset.
func TestOutcomeOfBrokenConnections(t *testing.T) {
	p := startRecorder(t, "broken")
	o := linktest.Outcomes{Limit: 2 * time.Second}
	conn, err := dialTo(t, p.Addr, p.subject)
	if err != nil {
		t.Fatal(err)
	}
	var first, last [2]int64
	first[0], first[1], _ = p.Passed()
	o.Through(conn, 3)
	time.Sleep(20 * time.Millisecond) // what still follows the replies
	last[0], last[1], _ = p.Passed()
	_ = conn.Close()
	if first[0] == 0 || last[0] <= first[0] || last[1] <= first[1] {
		t.Fatalf("from %v to %v bytes", first, last)
	}
	step := int64(3)
	if testing.Short() {
		step = 17
	}
	for side := range 2 {
		for after := first[side]; after < last[side]+20; after += step {
			p.Set(linktest.Cut{FromCallee: side == 1, After: after, Reset: after%2 == 0})
			conn, err := dialTo(t, p.Addr, p.subject)
			if err != nil {
				continue // names differ in length from one connection to the next
			}
			o.Through(conn, 3)
			o.Through(conn, 1) // on what is left of it
			_ = conn.Close()
		}
	}
	p.Set(linktest.Never)
	o.Compare(t, p.notes(t))
	if o.Count[1] < 20 || o.Count[2] < 20 {
		t.Errorf("too little was broken to tell: %v", o.Count)
	}
}

// TestOutcomeOfAStoppedUnit stops and kills the unit under load and starts it again,
// while callers use the whole link: what it repeats has surely not been executed.
func TestOutcomeOfAStoppedUnit(t *testing.T) {
	p := startRecorder(t, "stopped")
	t.Setenv("UNWELD_LINK_LINKTEST", "nats://"+p.Addr+"/"+p.subject)
	s, err := linktest.Open(t.Context(), func(context.Context) (linktest.Service, error) { return impl{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	o := linktest.Outcomes{Limit: 2 * time.Second}
	var stop atomic.Bool
	var load sync.WaitGroup
	load.Go(func() {
		for !stop.Load() {
			o.Of(s, 16)
		}
	})
	for i := range 8 {
		time.Sleep(50 * time.Millisecond)
		how := syscall.SIGTERM
		if i%2 == 1 {
			how = syscall.SIGKILL
		}
		_ = p.cmd.Process.Signal(how)
		_ = p.cmd.Wait()
		p.start(t)
	}
	stop.Store(true)
	load.Wait()
	o.Compare(t, p.notes(t))
	if o.Count[0] == 0 {
		t.Error("no call had a reply")
	}
}
