package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// outputDelay is how long the output of a process that has ended is waited for.
const outputDelay = 500 * time.Millisecond

// A spawner starts processes from one operating-system thread that lives as
// long as it does: the kernel sends the parent-death signal when the thread
// that started the child ends, not the process.
type spawner struct {
	requests chan func()
	once     sync.Once
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan func())}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for f := range s.requests {
			f()
		}
	}()
	return s
}

func (s *spawner) close() { s.once.Do(func() { close(s.requests) }) }

// A child is one running process of a unit.
type child struct {
	cmd    *exec.Cmd
	out    *lineWriter
	err    *lineWriter
	since  time.Time
	done   chan struct{}    // closed when it has ended and its group was killed
	status *os.ProcessState // set then
}

// start starts cmd in a process group of its own. Its output is read here, and
// not by cmd: cmd.Wait returns when the output has ended, and something that the
// process started may hold that open after its end.
func (s *spawner) start(cmd *exec.Cmd, out, err *lineWriter) (*child, error) {
	cmd.SysProcAttr = sysProcAttr()
	c := &child{cmd: cmd, out: out, err: err, since: time.Now(), done: make(chan struct{})}
	copied, failure := c.copyOutput()
	if failure != nil {
		return nil, failure
	}
	failed := make(chan error, 1)
	s.requests <- func() { failed <- cmd.Start() }
	failure = <-failed
	closeFile(cmd.Stdout)
	closeFile(cmd.Stderr)
	if failure != nil {
		return nil, failure
	}
	go c.wait(copied)
	return c, nil
}

// copyOutput gives cmd two pipes and copies what comes out of them until both
// have ended; then the channel is closed.
func (c *child) copyOutput() (copied chan struct{}, err error) {
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, outRead.Close(), outWrite.Close())
	}
	c.cmd.Stdout, c.cmd.Stderr = outWrite, errWrite
	copied = make(chan struct{})
	var both sync.WaitGroup
	copyTo := func(w io.Writer, r *os.File) {
		_, _ = io.Copy(w, r)
		_ = r.Close()
	}
	both.Go(func() { copyTo(c.out, outRead) })
	both.Go(func() { copyTo(c.err, errRead) })
	go func() {
		both.Wait()
		close(copied)
	}()
	return copied, nil
}

func closeFile(w io.Writer) { _ = w.(*os.File).Close() }

// wait waits for the end of the process, kills what it left running in its
// group, and gives its last output a moment to arrive.
func (c *child) wait(copied <-chan struct{}) {
	c.status, _ = c.cmd.Process.Wait()
	c.killGroup()
	select {
	case <-copied:
	case <-time.After(outputDelay): // held open by something that has left the group
	}
	c.out.Close()
	c.err.Close()
	close(c.done)
}

// runs reports whether the process has not ended.
func (c *child) runs() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

func (c *child) pid() int { return c.cmd.Process.Pid }

func (c *child) signal(sig os.Signal) { c.cmd.Process.Signal(sig) } //nolint:errcheck // it may have ended

// killGroup kills the process and everything it started.
func (c *child) killGroup() { killGroup(c.cmd.Process) }

// An ending is how a process ended.
type ending struct {
	code   int            // its exit status; 128 and the signal where one ended it
	signal syscall.Signal // that ended it, or 0
}

func (e ending) String() string {
	if e.signal != 0 {
		return "ended by signal " + e.signal.String()
	}
	return fmt.Sprintf("exit status %d", e.code)
}

// ended tells how the process ended. It may be called when done is closed.
func (c *child) ended() ending {
	if c.status == nil {
		return ending{code: -1}
	}
	if ws, ok := c.status.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ending{code: 128 + int(ws.Signal()), signal: ws.Signal()}
	}
	return ending{code: c.status.ExitCode()}
}
