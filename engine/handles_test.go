package engine

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/change"
)

// held is a program that holds a value of a component, and makes another one when
// it is told that the component was started again.
const held = `
-- go.mod --
module example.com/m

go 1.26
-- counter/counter.go --
// Package counter counts.
package counter

// A Counter counts.
type Counter struct{ n int }

// New makes one.
func New(n int) *Counter { return &Counter{n} }

// Add adds.
func (c *Counter) Add(n int) int { c.n += n; return c.n }
-- main.go --
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"

	"example.com/m/counter"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	old, lost := counter.New(1), counter.New(2)
	fmt.Println("first:", old.Add(10), lost.Add(20))
	in.Scan()
	other := counter.New(1000)
	fmt.Println("other:", other.Add(1))
	lost = nil
	runtime.GC() // the end of a value of the component that is gone ends none of the new one's
	runtime.GC()
	in.Scan()
	fmt.Println("old:", try(old), "other:", other.Add(1))
}

func try(c *counter.Counter) (said any) {
	defer func() {
		if v := recover(); v != nil {
			said = "refused"
		}
	}()
	return c.Add(100)
}
`

// TestHandlesOutliveTheirProcess kills the process of a component whose values a
// caller holds, and starts it again. A handle of before names none of the new
// process's values; with a command log it names its own.
func TestHandlesOutliveTheirProcess(t *testing.T) {
	for _, tt := range []struct{ store, want string }{
		{"", "first: 11 22\nother: 1001\nold: refused other: 1002\n"},
		{"commandlog", "first: 11 22\nother: 1001\nold: 111 other: 1002\n"},
	} {
		t.Run("store "+tt.store, func(t *testing.T) {
			root := t.TempDir()
			for _, f := range txtar.Parse([]byte(held)).Files {
				writeTestFile(t, filepath.Join(root, filepath.FromSlash(f.Name)), string(f.Data))
			}
			s, err := Open(t.Context(), Options{Dir: root})
			if err != nil {
				t.Fatal(err)
			}
			apply := func(set change.Set, err error) {
				t.Helper()
				if err == nil {
					err = s.Apply(t.Context(), set)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			apply(s.Refactor(t.Context(), "extract", RefactorRequest{Target: "./counter.Counter", Params: map[string]string{"name": "counter", "keep-signatures": "true"}}))
			apply(s.Bind(t.Context(), BindOptions{Component: "counter", To: []string{"unix"}}))
			if tt.store != "" {
				apply(s.State(t.Context(), StateOptions{Component: "counter", To: []string{tt.store}}))
			}
			if got := acrossARestart(t, root); got != tt.want {
				t.Errorf("printed\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// acrossARestart runs the program beside its component, which is killed and started
// again when the program has printed its first line. It returns all that it prints.
func acrossARestart(t *testing.T, root string) string {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", "program", ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir, err := os.MkdirTemp("", "held") // short: a socket's path is
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	start := func(env ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(root, "program"))
		cmd.Env = append(os.Environ(), append(env, "UNWELD_LINK_COUNTER=unix://"+socket, "UNWELD_STATE_COUNTER="+filepath.Join(dir, "log.db"))...)
		cmd.Stderr = os.Stderr
		return cmd
	}
	host := func() *exec.Cmd {
		cmd := start("UNWELD_HOST=counter")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		return cmd
	}
	first := host()
	program := start("UNWELD_HOST=", "UNWELD_ENTRY=1")
	in, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Process.Kill(); _ = program.Wait() })
	lines := bufio.NewReader(out)
	var printed strings.Builder
	line := func() {
		t.Helper()
		s, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %q", err, printed.String())
		}
		printed.WriteString(s)
	}
	line()
	_ = first.Process.Signal(syscall.SIGKILL)
	_ = first.Wait()
	host()
	fmt.Fprintln(in)
	line()
	time.Sleep(100 * time.Millisecond) // for what the garbage collector releases; too little lets a fault pass
	fmt.Fprintln(in)
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	return printed.String() + string(rest)
}
