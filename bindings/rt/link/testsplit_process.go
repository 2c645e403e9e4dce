//go:build unweldtest

package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// testMark begins the lines of a process's standard output that are for the
// one that started it. All else there is kept for error messages.
const testMark = "\x00unweld "

// A testMessage goes up as a marked line of standard output, and down as a
// line of standard input.
type testMessage struct {
	Ready     string `json:"ready,omitempty"`     // up: the address at which it serves
	Failed    []byte `json:"failed,omitempty"`    // up: the constructor's error, a tree
	Need      string `json:"need,omitempty"`      // up: where is the package of functions?
	Component string `json:"component,omitempty"` // down: the answer to that
	Address   string `json:"address,omitempty"`
	Error     string `json:"error,omitempty"`
}

const (
	startLimit = time.Minute
	// Above softLive instances the garbage collector is asked which of them
	// the tests still hold.
	softLive = 12
	maxLive  = 200
)

// A testProcess hosts one instance for a test.
type testProcess struct {
	component string
	cmd       *exec.Cmd
	first     chan testMessage // ready or failed
	done      chan struct{}    // closed when it has ended
	exit      error            // why; after done

	mu      sync.Mutex
	stdin   io.WriteCloser
	serving bool
	out     []byte // the end of its output
	line    []byte // of standard output, so far
	need    func(component string) testMessage
}

// spawn starts the test binary to run the named test up to what host says, and
// waits until it serves. errs reads the error of a constructor.
func (ts *tests) spawn(ctx context.Context, host testHost, test string, errs *Errors) (*testProcess, string, error) {
	p, err := ts.launch(host, test)
	if err != nil {
		return nil, "", fmt.Errorf("%s: starting its process: %w", host.Component, err)
	}
	limit := startLimit
	if ts.split.StartMS > 0 {
		limit = time.Duration(ts.split.StartMS) * time.Millisecond
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it didn't get there within %v", limit))
	defer cancel()
	select {
	case m := <-p.first:
		return p, m.Ready, p.failure(m, errs)
	case <-p.done:
		select {
		case m := <-p.first:
			return p, m.Ready, p.failure(m, errs)
		default:
		}
		err = fmt.Errorf("the process for it ended (%s) before it came to %s: a test must do the same each time it runs", p.status(), host.Site)
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.done
		err = fmt.Errorf("the process for it did not come to %s: %w", host.Site, context.Cause(ctx))
	}
	return nil, "", fmt.Errorf("%s under the split %s: %w%s", host.Component, ts.split.Split, err, p.tail())
}

func (p *testProcess) failure(m testMessage, errs *Errors) error {
	if m.Failed == nil {
		return nil
	}
	p.release()
	err, bad := errs.Parse(string(m.Failed))
	if bad != nil {
		return fmt.Errorf("%s: its constructor failed, with an error that can't be read: %w", p.component, bad)
	}
	return err
}

func (ts *tests) launch(host testHost, test string) (*testProcess, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := ts.makeRoom(); err != nil {
		return nil, err
	}
	if ts.split.Stats != "" {
		host.Counts = filepath.Join(ts.split.Stats, fmt.Sprintf("%s-%d-%d", host.Component, os.Getpid(), ts.next()))
		if err := os.WriteFile(host.Counts+".live", nil, 0o600); err != nil {
			ts.ended(host)
			return nil, err
		}
	}
	env, err := json.Marshal(host)
	if err != nil {
		ts.ended(host)
		return nil, err
	}
	p := &testProcess{component: host.Component, first: make(chan testMessage, 1), done: make(chan struct{}), need: ts.answer}
	p.cmd = exec.Command(exe, testArgs(ts.start.args, test)...)
	p.cmd.Dir = ts.start.dir
	p.cmd.Env = append(ts.start.env[:len(ts.start.env):len(ts.start.env)], envTestHost+"="+string(env))
	temp, err := ts.makeTemp()
	if err != nil {
		ts.ended(host)
		return nil, err
	}
	if temp != "" {
		p.cmd.Env = append(p.cmd.Env, "TMPDIR="+temp, "TMP="+temp, "TEMP="+temp) // as Unix and Windows have it
	}
	p.cmd.Stdout = marked{p}
	p.cmd.Stderr = unmarked{p}
	p.cmd.WaitDelay = time.Second
	if p.stdin, err = p.cmd.StdinPipe(); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		removeTemp(temp)
		ts.ended(host)
		return nil, err
	}
	go func() {
		p.exit = p.cmd.Wait()
		removeTemp(temp)
		ts.ended(host)
		close(p.done)
	}()
	return p, nil
}

// makeTemp makes the temporary folder of a process, if it is to have one of its own. Its name is
// short: sockets are made in such folders, whose paths must be.
func (ts *tests) makeTemp() (string, error) {
	if ts.split.Temp == "" {
		return "", nil
	}
	dir := filepath.Join(ts.split.Temp, strconv.FormatInt(int64(os.Getpid()), 36)+"-"+strconv.Itoa(ts.next()))
	return dir, os.MkdirAll(dir, 0o700)
}

func removeTemp(dir string) {
	if dir != "" {
		_ = os.RemoveAll(dir) // what can't be removed goes with the folder that it is in
	}
}

// makeRoom counts a process in, if need be after others have been released.
func (ts *tests) makeRoom() error {
	for try := 0; ; try++ {
		ts.mu.Lock()
		live := ts.live
		if live < softLive || try > 0 && live < maxLive {
			ts.live++
			ts.mu.Unlock()
			return nil
		}
		ts.mu.Unlock()
		if try == 3 {
			return fmt.Errorf("the tests hold %d instances that run in processes of their own; close some or run fewer tests at once", live)
		}
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
}

func (ts *tests) ended(host testHost) {
	ts.mu.Lock()
	ts.live--
	ts.mu.Unlock()
	if host.Counts != "" {
		_ = os.Remove(host.Counts + ".live")
	}
}

// release lets the process end: nobody in this one can call it any more.
func (p *testProcess) release() {
	p.mu.Lock()
	_ = p.stdin.Close()
	p.mu.Unlock()
	go func() {
		select {
		case <-p.done:
		case <-time.After(10 * time.Second):
			_ = p.cmd.Process.Kill()
		}
	}()
}

func (p *testProcess) status() string {
	if p.exit == nil {
		return "exit status 0"
	}
	return p.exit.Error()
}

func (p *testProcess) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := strings.TrimSpace(string(append(p.out, p.line...)))
	if text == "" {
		return "; it printed nothing"
	}
	return "; the end of its output:\n\t" + strings.ReplaceAll(text, "\n", "\n\t")
}

// died says why calls can't reach the process, if it has ended.
func (p *testProcess) died() error {
	select {
	case <-p.done:
		return fmt.Errorf("the process that hosted %s for this test has ended (%s)%s", p.component, p.status(), p.tail())
	default:
		return nil
	}
}

const maxOutput = 8 << 10

func (p *testProcess) keep(b []byte) {
	p.out = append(p.out, b...)
	if extra := len(p.out) - maxOutput; extra > 0 {
		p.out = append(p.out[:0], p.out[extra:]...)
	}
}

// unmarked is the standard error. What the component writes there is seen, as
// in a monolith; what the test wrote on the way to it isn't seen twice.
type unmarked struct{ p *testProcess }

func (w unmarked) Write(b []byte) (int, error) {
	w.p.mu.Lock()
	w.p.keep(b)
	serving := w.p.serving
	w.p.mu.Unlock()
	if serving {
		_, _ = os.Stderr.Write(b)
	}
	return len(b), nil
}

type marked struct{ p *testProcess }

func (w marked) Write(b []byte) (int, error) {
	p := w.p
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line = append(p.line, b...)
	for {
		line, rest, ok := bytes.Cut(p.line, []byte("\n"))
		if !ok {
			break
		}
		if message, ok := bytes.CutPrefix(line, []byte(testMark)); ok {
			p.hear(message)
		} else {
			p.keep(append(line[:len(line):len(line)], '\n'))
		}
		p.line = rest
	}
	if len(p.line) > 1<<20 && !bytes.HasPrefix(p.line, []byte(testMark)) {
		p.keep(p.line)
		p.line = nil
	}
	return len(b), nil
}

func (p *testProcess) hear(line []byte) {
	var m testMessage
	if err := json.Unmarshal(line, &m); err != nil {
		p.keep(line)
		return
	}
	if m.Need == "" {
		p.serving = m.Ready != ""
		select {
		case p.first <- m:
		default:
		}
		return
	}
	go func() {
		answer, err := json.Marshal(p.need(m.Need))
		if err != nil {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		_, _ = p.stdin.Write(append(answer, '\n'))
	}()
}

func (ts *tests) next() int {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.serial++
	return ts.serial
}

// freeAddress asks whoever runs the tests for an address of a component.
func (ts *tests) freeAddress(component string) (string, error) {
	c, err := net.Dial("unix", ts.split.Addresses)
	if err != nil {
		return "", fmt.Errorf("asking for an address: %w; run the tests with unweld test", err)
	}
	defer func() { _ = c.Close() }()
	var reply testMessage
	if err = json.NewEncoder(c).Encode(testMessage{Component: component}); err == nil {
		err = json.NewDecoder(c).Decode(&reply)
	}
	if err == nil && reply.Error != "" {
		err = errors.New(reply.Error)
	}
	return reply.Address, err
}
