package process

import (
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

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
	done   chan struct{} // closed when it has ended and its group was killed
	status *os.ProcessState
}

// start starts cmd in a process group of its own.
func (s *spawner) start(cmd *exec.Cmd, out, err *lineWriter) (*child, error) {
	cmd.SysProcAttr = sysProcAttr()
	cmd.Stdout, cmd.Stderr = out, err
	cmd.WaitDelay = 2 * time.Second // a grandchild may keep the pipes open
	c := &child{cmd: cmd, out: out, err: err, since: time.Now(), done: make(chan struct{})}
	failed := make(chan error, 1)
	s.requests <- func() { failed <- cmd.Start() }
	if err := <-failed; err != nil {
		return nil, err
	}
	go c.wait()
	return c, nil
}

func (c *child) wait() {
	c.cmd.Wait() //nolint:errcheck // the state says all
	c.killGroup()
	c.status = c.cmd.ProcessState
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

// ended returns the exit status, and the signal that ended the process.
func (c *child) ended() (code int, signal string) {
	ws, ok := c.status.Sys().(syscall.WaitStatus)
	if ok && ws.Signaled() {
		return 128 + int(ws.Signal()), ws.Signal().String()
	}
	return c.status.ExitCode(), ""
}
