package unix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// pluginLimit is how long a program may take to end when its input has, and then its output
// when the program has: what it started may have that, too.
const (
	pluginLimit = 15 * time.Second
	outputLimit = time.Second
)

// A plugin is a program that this one has started to serve one component at its standard
// input and output. It ends with its input, and with that the last use of it ends.
type plugin struct {
	cmd    *exec.Cmd
	mux    *mux
	exited chan struct{}
	exit   error // after exited
}

// plugins are those that run, by address and component.
var plugins struct {
	sync.Mutex
	running map[[2]string]*plugin
}

func dialPlugin(ctx context.Context, a link.Address, h link.Hello) (link.Conn, error) {
	c, err := pluginFor(a, h.Component)
	if err != nil {
		return nil, err
	}
	nc, err := c.mux.open()
	if err != nil {
		return nil, err
	}
	f, err := greet(ctx, nc, kindHello, h)
	if late := errors.Is(err, os.ErrDeadlineExceeded); late {
		err = fmt.Errorf("%s hasn't opened component %s yet: %w", c.cmd.Path, h.Component, err)
	} else {
		c.mux.settle() // it has begun, so it won't be waited for again
	}
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return newConn(nc, f, h.Endpoints), nil
}

// pluginFor returns the program of an address that serves the component, and starts it if
// it doesn't run.
func pluginFor(a link.Address, component string) (*plugin, error) {
	key := [2]string{a.String(), component}
	plugins.Lock()
	defer plugins.Unlock()
	if c := plugins.running[key]; c != nil && c.mux.usable() {
		return c, nil
	}
	c, err := startPlugin(a, component)
	if err != nil {
		return nil, err
	}
	if plugins.running == nil {
		plugins.running = make(map[[2]string]*plugin)
	}
	plugins.running[key] = c
	return c, nil
}

// startPlugin starts the program of an address, or this one where it names none.
func startPlugin(a link.Address, component string) (*plugin, error) {
	words, err := commandWords(a.Path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	if len(words) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		words = append([]string{self}, os.Args[1:]...)
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(link.HostEnvironment(component, "stdio:"), envStdio+"=1")
	cmd.Stderr = os.Stderr
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		_, _ = theirIn.Close(), in.Close()
		return nil, err
	}
	cmd.Stdin, cmd.Stdout = theirIn, theirOut
	err = cmd.Start()
	_, _ = theirIn.Close(), theirOut.Close()
	if err != nil {
		_, _ = in.Close(), out.Close()
		return nil, err
	}
	c := &plugin{cmd: cmd, mux: newMux(true), exited: make(chan struct{})}
	c.mux.start(&pluginOutput{out, c}, &pluginInput{in, c})
	go func() {
		c.exit = cmd.Wait()
		close(c.exited)
		time.AfterFunc(outputLimit, func() { _ = out.Close() })
	}()
	go c.end()
	return c, nil
}

// end sees to it that the program ends when there is no use for it any more: its input is
// closed, and after a while it is killed.
func (c *plugin) end() {
	<-c.mux.unused
	select {
	case <-c.exited:
	case <-time.After(pluginLimit):
		_ = c.cmd.Process.Kill()
	}
}

// pluginOutput reads what a program writes. At the end it says what became of the program.
type pluginOutput struct {
	r io.Reader
	c *plugin
}

// Read implements io.Reader.
func (o *pluginOutput) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	if n > 0 || err == nil {
		return n, nil
	}
	o.c.mux.silence()
	return 0, o.c.became("output")
}

// pluginInput writes to a program. Where nobody reads any more it says, as its output does,
// what became of the program: who writes may notice it first.
type pluginInput struct {
	*os.File
	c *plugin
}

// Write implements io.Writer.
func (in *pluginInput) Write(p []byte) (int, error) {
	n, err := in.File.Write(p)
	if err != nil && !errors.Is(err, os.ErrClosed) {
		err = in.c.became("input")
	}
	return n, err
}

// became says how the program ended or, if it goes on, which of its standard files it has
// closed.
func (c *plugin) became(closed string) error {
	select {
	case <-c.exited:
		if c.exit == nil {
			return fmt.Errorf("%s has ended", c.cmd.Path)
		}
		return fmt.Errorf("%s has ended: %w", c.cmd.Path, c.exit)
	case <-time.After(outputLimit):
		return fmt.Errorf("%s has closed its standard %s", c.cmd.Path, closed)
	}
}

// commandWords splits a command at its spaces, but not between quotes.
func commandWords(s string) (words []string, err error) {
	var word strings.Builder
	begun, quote := false, rune(0)
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a %c without its other one", quote)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
