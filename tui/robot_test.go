package tui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/vt"

	"github.com/unweld/unweld/engine"
)

// A robot uses the explorer as a person does: it presses keys, and looks at the
// screen of a terminal.
type robot struct {
	*testing.T
	keys     io.Writer
	terminal *vt.SafeEmulator
	program  *tea.Program
	taken    atomic.Int64 // keys that the program has got
	done     chan error
}

// A queue is what is typed and not yet read. Writing never waits, as with a terminal.
type queue struct {
	mu     sync.Mutex
	more   *sync.Cond
	typed  bytes.Buffer
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.more = sync.NewCond(&q.mu)
	return q
}

func (q *queue) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.more.Broadcast()
	return q.typed.Write(p)
}

func (q *queue) Read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.typed.Len() == 0 && !q.closed {
		q.more.Wait()
	}
	return q.typed.Read(p)
}

func (q *queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.more.Broadcast()
}

// slow is how long a robot waits for what it expects, on a busy machine.
const slow = 20 * time.Second

func start(t *testing.T, width, height int, open Opener) *robot {
	t.Helper()
	keys := newQueue()
	r := &robot{T: t, keys: keys, terminal: vt.NewSafeEmulator(width, height), done: make(chan error, 1)}
	go io.Copy(keys, r.terminal) // answers to what the program asks its terminal
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	go func() {
		r.done <- run(ctx, open, Options{}, func(p *tea.Program) {
			r.program = p
			close(started)
		}, tea.WithInput(keys), tea.WithOutput(lineFeeds{r.terminal}), tea.WithWindowSize(width, height), tea.WithFilter(r.count),
			tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	}()
	<-started
	t.Cleanup(func() {
		cancel()
		keys.Close()
		r.terminal.Close()
	})
	return r
}

// count is told of each message before the program acts on it.
func (r *robot) count(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.KeyPressMsg); ok {
		r.taken.Add(1)
	}
	return msg
}

// took waits until the program has got n keys: what is sent to it from then on comes
// after them.
func (r *robot) took(n int64) *robot {
	r.Helper()
	return r.until(func(string) bool { return r.taken.Load() >= n }, "waits for its keys to be taken")
}

// lineFeeds does what a terminal's driver does where the program hasn't set it to
// raw mode: after a line feed, the cursor is at the start of the line.
type lineFeeds struct{ w io.Writer }

func (l lineFeeds) Write(p []byte) (int, error) {
	_, err := l.w.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")))
	return len(p), err
}

var keyBytes = map[string]string{
	"enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "backspace": "\x7f", "esc": "\x1b", "space": " ",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
	"pgup": "\x1b[5~", "pgdown": "\x1b[6~", "ctrl+c": "\x03", "ctrl+d": "\x04", "ctrl+u": "\x15",
}

// press presses keys by name. A name that isn't known is typed as it stands.
func (r *robot) press(keys ...string) *robot {
	for _, k := range keys {
		if b, ok := keyBytes[k]; ok {
			k = b
		}
		if _, err := io.WriteString(r.keys, k); err != nil {
			r.Fatal(err)
		}
		if k == "\x1b" {
			time.Sleep(60 * time.Millisecond) // what follows at once would be part of the same key
		}
	}
	return r
}

// screen is what stands on the terminal, without spaces at the ends of lines.
func (r *robot) screen() string {
	lines := strings.Split(r.terminal.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return strings.Join(lines, "\n") + "\n"
}

// sees waits until all of what stands on the screen.
func (r *robot) sees(what ...string) *robot {
	r.Helper()
	return r.until(func(screen string) bool {
		for _, w := range what {
			if !strings.Contains(screen, w) {
				return false
			}
		}
		return true
	}, "sees no "+strings.Join(what, ", "))
}

// misses waits until what is gone from the screen.
func (r *robot) misses(what string) *robot {
	r.Helper()
	return r.until(func(screen string) bool { return !strings.Contains(screen, what) }, "still sees "+what)
}

func (r *robot) until(ok func(screen string) bool, complaint string) *robot {
	r.Helper()
	for deadline := time.Now().Add(slow); !ok(r.screen()); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.Fatalf("the robot %s:\n%s", complaint, r.screen())
		}
	}
	return r
}

// resize changes the size of the terminal.
func (r *robot) resize(width, height int) *robot {
	r.terminal.Resize(width, height)
	r.program.Send(tea.WindowSizeMsg{Width: width, Height: height})
	return r
}

// leaves waits for the end of the program and returns its error.
func (r *robot) leaves() error {
	r.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(slow):
		r.Fatalf("the program doesn't end:\n%s", r.screen())
		return nil
	}
}

// opened is an Opener for a session that is there already.
func opened(s *engine.Session) Opener {
	return func(context.Context, func(string)) (*engine.Session, error) { return s, nil }
}
