package unix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/stream/streamtest"
)

// pidEnv is the path of a file to which the unit writes the number of its process.
const pidEnv = "UNWELD_UNIX_TEST_PID"

// atStdio is the address of the test binary in a role. kill ends the unit that was started
// last.
func atStdio(t testing.TB, role string) (at string, kill func()) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pid")
	t.Setenv(pidEnv, file)
	t.Setenv(childEnv, role)
	return "stdio:'" + os.Args[0] + "' '" + t.Name() + "'", func() { // a process of its own for each test
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(string(text))
		if err != nil {
			t.Fatal(err)
		}
		p, err := os.FindProcess(pid)
		if err == nil {
			err = p.Kill()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// stdioService calls a unit that it starts.
func stdioService(t testing.TB) (s linktest.Service, kill func()) {
	t.Helper()
	at, kill := atStdio(t, "stdio-unit")
	t.Setenv("UNWELD_LINK_LINKTEST", at)
	s, err := linktest.Open(context.Background(), func(context.Context) (linktest.Service, error) {
		return nil, errors.New("constructed although another unit hosts it")
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, kill
}

func TestStdioCalls(t *testing.T) {
	s, _ := stdioService(t)
	ctx := within(t, time.Minute)
	if sum, err := s.Add(ctx, 40, 2); sum != 42 || err != nil {
		t.Errorf("got %d, %v", sum, err)
	}
	if out, err := s.Act(ctx, "odd"); out != "beside" || err != linktest.ErrOdd {
		t.Errorf("got %q, %v", out, err)
	}
	for _, size := range []int{0, 1, muxPart, muxWindow - 1, muxWindow, muxWindow + 1, 8<<20 + 1} {
		if out, err := s.Echo(ctx, strings.Repeat("x", size)); len(out) != size || err != nil {
			t.Errorf("of %d bytes %d came back: %v", size, len(out), err)
		}
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := s.Act(short, "block"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the deadline: %v", err)
	}
	other, cancel := context.WithCancel(ctx)
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := s.Act(other, "block"); !errors.Is(err, context.Canceled) {
		t.Errorf("the cancellation: %v", err)
	}
	waitFor(t, s, "2 2") // both have reached the component
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for j := range 50 {
				want := fmt.Sprint(i, " ", j, strings.Repeat(" x", i*j))
				if out, err := s.Echo(ctx, want); out != want || err != nil {
					t.Errorf("got %.20q, %v, want %.20q", out, err, want)
				}
			}
		})
	}
	all.Wait()
}

// TestStdioPrints has the component print in every way: it is seen on standard error, and
// the calls go on.
func TestStdioPrints(t *testing.T) {
	seen, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = seen
	defer func() { os.Stderr = before }()
	s, _ := stdioService(t)
	ctx := within(t, time.Minute)
	for _, how := range []string{"print", "kept", "descriptor", "program", "input"} {
		if out, err := s.Act(ctx, how); out != "printed" || err != nil {
			t.Errorf("%s: %q, %v", how, out, err)
		}
	}
	text, err := os.ReadFile(seen.Name())
	if want := "print\nkept\ndescriptor\nprogram\n"; err != nil || string(text) != want {
		t.Errorf("on standard error is %q, %v, want %q", text, err, want)
	}
}

// prints is what the unit of TestStdioPrints does; kept was there before anything else.
func prints(how string) (string, error) {
	var err error
	switch how {
	case "print":
		fmt.Println(how)
	case "kept":
		_, err = fmt.Fprintln(kept, how)
	case "descriptor":
		_, err = fmt.Fprintln(descriptor, how)
	case "program":
		cmd := exec.Command("echo", how)
		cmd.Stdout = os.Stdout
		err = cmd.Run()
	case "input":
		var n int
		if n, err = os.Stdin.Read(make([]byte, 1)); err == io.EOF && n == 0 {
			err = nil
		}
	}
	return "printed", err
}

var kept, descriptor = os.Stdout, os.NewFile(1, "descriptor")

// TestStdioKilled kills the program during a call, and calls again.
func TestStdioKilled(t *testing.T) {
	s, kill := stdioService(t)
	for range 2 {
		if _, err := s.Echo(within(t, time.Minute), "up"); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			_, err := s.Act(within(t, time.Minute), "block")
			ended <- err
		}()
		waitFor(t, s, "1 0")
		kill()
		err := <-ended
		if e, ok := errors.AsType[*link.Error](err); !ok || e.Outcome != link.Unknown || !strings.Contains(err.Error(), "has ended: signal: killed") {
			t.Errorf("the call ended with %v", err)
		}
	}
	if _, err := s.Echo(within(t, time.Minute), "up"); err != nil { // then idle, and broken
		t.Fatal(err)
	}
	before := pluginRunning(t)
	kill()
	<-before.mux.unused // it is known
	if out, err := s.Echo(within(t, time.Minute), "again"); out != "again" || err != nil {
		t.Errorf("after an idle program was killed: %q, %v", out, err)
	}
}

// pluginRunning is the program that serves at the link of the component.
func pluginRunning(t *testing.T) *plugin {
	t.Helper()
	plugins.Lock()
	defer plugins.Unlock()
	c := plugins.running[[2]string{os.Getenv("UNWELD_LINK_LINKTEST"), "linktest"}]
	if c == nil {
		t.Fatal("no program serves the component")
	}
	return c
}

// TestStdioEnds closes the last connection: the program ends well, and is waited for. What
// uses a connection keeps it.
func TestStdioEnds(t *testing.T) {
	at, _ := atStdio(t, "stdio-unit")
	a, err := link.ParseAddress(at)
	if err != nil {
		t.Fatal(err)
	}
	c, err := startPlugin(a, "linktest")
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.mux.open()
	if err != nil {
		t.Fatal(err)
	}
	c.mux.settle()
	hello := link.Hello{Component: "linktest", Fingerprint: linktest.Contract.Fingerprint}
	if _, err := greet(t.Context(), first, kindHello, hello); err != nil {
		t.Fatal(err)
	}
	second, err := c.mux.open()
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Close()
	if _, err := greet(t.Context(), second, kindHello, hello); err != nil {
		t.Errorf("the program ended with the first of two: %v", err)
	}
	_ = second.Close() // a connection that is lost is made again
	if third, err := c.mux.open(); err != nil {
		t.Errorf("the program ended with the last, and at once: %v", err)
	} else {
		_ = third.Close()
	}
	select {
	case <-c.exited:
		if c.exit != nil {
			t.Errorf("the program ended with %v", c.exit)
		}
	case <-time.After(pluginLimit):
		t.Error("the program goes on")
	}
	if _, err := c.mux.open(); err == nil {
		t.Error("a connection was made to a program that has ended")
	}
}

// TestStdioCallerKilled kills a program that has started a unit: that ends, too.
func TestStdioCallerKilled(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=stdio-caller", "UNWELD_HOST=", "UNWELD_LINK_LINKTEST=stdio:'"+os.Args[0]+"'")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	both, err := cmd.StderrPipe() // the unit has it as well
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil { // with whose end it would end itself
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 3)
	if _, err := io.ReadFull(out, line); string(line) != "up\n" {
		t.Fatalf("printed %q, %v", line, err)
	}
	_ = cmd.Process.Kill()
	ended := make(chan []byte, 1)
	go func() {
		text, _ := io.ReadAll(both)
		ended <- text
	}()
	select {
	case text := <-ended:
		if len(text) > 0 {
			t.Errorf("on standard error is %q", text)
		}
	case <-time.After(30 * time.Second):
		t.Error("the unit goes on without its caller")
	}
	_ = cmd.Wait()
}

// stdioCaller is the program that TestStdioCallerKilled kills.
func stdioCaller() error {
	_ = os.Setenv(childEnv, "stdio-unit")
	s, err := linktest.Open(context.Background(), nil)
	if err != nil {
		return err
	}
	out, err := s.Echo(context.Background(), "up")
	if err != nil {
		return err
	}
	fmt.Println(out)
	select {}
}

func TestStdioStreams(t *testing.T) {
	CarryStreams()
	streamtest.Promises(t, func(t testing.TB) streamtest.Unit {
		at, kill := atStdio(t, "streams")
		return streamtest.Unit{Service: streamtest.Client(t, at), Kill: kill}
	})
}

// TestNoUnitAtStdio starts what isn't one.
func TestNoUnitAtStdio(t *testing.T) {
	t.Setenv(childEnv, "stdio-unit")
	for command, want := range map[string]string{
		"echo hello": `it begins with "hello\n"`,
		"false":      "has ended: exit status 1",
		"true":       "has ended",
		"./none":     "no such file",
		"'half":      "a ' without its other one",
		"sleep 3":    "hasn't opened component linktest yet",
		"'" + os.Args[0] + "' -test.list=nothing-at-all": "", // what follows the program is for it
	} {
		a, err := link.ParseAddress("stdio:" + command)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		c, err := dialPlugin(ctx, a, link.Hello{Component: "linktest", Fingerprint: linktest.Contract.Fingerprint})
		cancel()
		if want == "" && err == nil {
			_ = c.Close()
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", command, err, want)
		}
	}
	for at, want := range map[string]string{"stdio:": "is started by its caller", "stdio:./plugin": "is an address for callers"} {
		a, err := link.ParseAddress(at)
		if err != nil || a.String() != at {
			t.Fatalf("%s is parsed as %s, %v", at, a, err)
		}
		if _, err := listenStdio(a, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("serving at %s: %v, want %q", at, err, want)
		}
	}
}

func TestCommandWords(t *testing.T) {
	for s, want := range map[string]string{
		"":                         "",
		"  ":                       "",
		"./plugin --flag":          "./plugin|--flag",
		" a\tb  c ":                "a|b|c",
		`'a b' "c 'd'" e"f g"h ''`: `a b|c 'd'|ef gh|`,
		`C:\plugin.exe /x`:         `C:\plugin.exe|/x`,
	} {
		if got, err := commandWords(s); strings.Join(got, "|") != want || err != nil {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
}

// TestOutcomeOfBrokenStdio breaks the two streams at every byte of some calls, and compares
// what callers are told with what was executed.
func TestOutcomeOfBrokenStdio(t *testing.T) {
	var mu sync.Mutex
	var executed bytes.Buffer
	target := targets()(&handler{note: func(what string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(&executed, what)
	}})
	var o linktest.Outcomes
	// through makes calls over streams that are cut after so many bytes, and returns how
	// many passed.
	through := func(limits [2]int64) (passed [2]int64) {
		var ends [4]*os.File // what the caller writes, what the callee reads, and the way back
		var pipes [2][2]*os.File
		for i := range pipes {
			r1, w1, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			r2, w2, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			pipes[i] = [2]*os.File{r1, w2}
			ends[2*i], ends[2*i+1] = w1, r2
		}
		var passing sync.WaitGroup
		cut := sync.OnceFunc(func() {
			for _, p := range pipes {
				_, _ = p[0].Close(), p[1].Close()
			}
		})
		for i, p := range pipes {
			passing.Go(func() {
				defer cut()
				passed[i], _ = io.CopyN(p[1], p[0], limits[i])
			})
		}
		caller, callee := newMux(true).start(ends[3], ends[0]), newMux(false).start(ends[1], ends[2])
		l := newListener(callee, link.Address{Scheme: "stdio"}, func(link.Hello) (*link.Target, error) { return target, nil })
		if nc, err := caller.open(); err == nil {
			f, err := greet(within(t, time.Minute), nc, kindHello, link.Hello{Component: inMemory.Component, Fingerprint: inMemory.Fingerprint})
			if err == nil {
				c := newConn(nc, f, inMemory.Endpoints)
				o.Through(c, 3)
				_ = c.Close()
			}
		}
		cut()
		passing.Wait()
		_ = l.Close(within(t, time.Minute))
		_, _ = ends[1].Close(), ends[3].Close()
		return passed
	}
	const all = 1 << 40
	whole := through([2]int64{all, all})
	step := int64(1)
	if testing.Short() {
		step = 7
	}
	for side := range 2 {
		for after := int64(0); after < whole[side]; after += step {
			limits := [2]int64{all, all}
			limits[side] = after
			through(limits)
		}
	}
	o.Compare(t, executed.Bytes())
	if o.Count[0] < 3 || o.Count[1] < 20 {
		t.Errorf("too little was broken to tell: %v", o.Count)
	}
}

// TestSlowToOpen has a caller that doesn't wait for a program that opens its component late:
// the next one finds it, and not another one.
func TestSlowToOpen(t *testing.T) {
	at, _ := atStdio(t, "slow")
	a, err := link.ParseAddress(at)
	if err != nil {
		t.Fatal(err)
	}
	hello := link.Hello{Component: "linktest", Fingerprint: linktest.Contract.Fingerprint, Endpoints: linktest.Contract.Endpoints}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := dialPlugin(ctx, a, hello); err == nil || !strings.Contains(err.Error(), "hasn't opened component linktest yet") {
		t.Errorf("at first: %v", err)
	}
	first, err := pluginFor(a, "linktest")
	if err != nil {
		t.Fatal(err)
	}
	c, err := dialPlugin(within(t, time.Minute), a, hello)
	if err != nil {
		t.Fatal(err)
	}
	if c.(*conn).nc.(*muxConn).m != first.mux {
		t.Error("another program was started")
	}
	_ = c.Close()
}
