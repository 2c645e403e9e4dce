package commandlog

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// With this variable set, the test binary is a process that logs until it is
// killed, and prints each call that was acknowledged.
const childPath = "COMMANDLOG_TEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		child(path)
	}
	os.Exit(m.Run())
}

func exit() { runtime.Goexit() }

func child(path string) {
	var c counters
	l, err := Open(context.Background(), configFor(path, &c))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for caller := range 16 {
		wg.Go(func() {
			for {
				i := int(c.n[caller])
				r := request(caller, i)
				var err error
				if logErr := l.Do(context.Background(), 0, r, func() { err = c.add(r) }); logErr != nil || err != nil {
					fmt.Fprintln(os.Stderr, logErr, err)
					os.Exit(1)
				}
				// One write of less than PIPE_BUF: lines don't mix.
				fmt.Fprintf(os.Stdout, "%d %d\n", caller, i)
			}
		})
	}
	wg.Wait()
}

// killChild runs a child, kills it after a while and returns, for each caller,
// how many calls were acknowledged in all.
func killChild(t testing.TB, path string, acked *[64]uint64, after time.Duration) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childPath+"="+path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	count := 0
	var timer *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if timer == nil { // the child is under load
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			defer timer.Stop()
		}
		caller, i, ok := strings.Cut(strings.TrimSpace(line), " ")
		c, err1 := strconv.Atoi(caller)
		n, err2 := strconv.ParseUint(i, 10, 64)
		if !ok || err1 != nil || err2 != nil {
			t.Fatalf("child printed %q", line)
		}
		acked[c] = n + 1
		count++
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("the child was not killed: %v\n%s", err, stderr.String())
	}
	return count
}

// kill kills a child under load n times and returns how many calls were
// acknowledged, and how many of them were lost.
func kill(t testing.TB, path string, n int) (acknowledged, lost uint64) {
	t.Helper()
	var acked [64]uint64
	for range n {
		killChild(t, path, &acked, time.Duration(20+rand.IntN(80))*time.Millisecond)
		var c counters
		l, err := Open(context.Background(), configFor(path, &c))
		if err != nil {
			t.Fatal(err)
		}
		for caller, want := range acked {
			switch got := c.n[caller]; {
			case got < want:
				lost += want - got
				t.Errorf("caller %d: %d calls acknowledged, %d replayed", caller, want, got)
			case got > want+uint64(n):
				t.Errorf("caller %d: %d calls acknowledged, %d replayed", caller, want, got)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range acked {
		acknowledged += a
	}
	return acknowledged, lost
}

func TestKill(t *testing.T) {
	acknowledged, lost := kill(t, filepath.Join(t.TempDir(), "c.db"), 5)
	if acknowledged == 0 {
		t.Error("no call was acknowledged")
	}
	t.Logf("%d calls acknowledged, %d lost", acknowledged, lost)
}

func BenchmarkKill50(b *testing.B) {
	for b.Loop() {
		acknowledged, lost := kill(b, filepath.Join(b.TempDir(), "c.db"), 50)
		b.ReportMetric(float64(acknowledged), "acknowledged")
		b.ReportMetric(float64(lost), "lost")
	}
}

func TestLogOfALivingProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childPath+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	var c counters
	_, err = Open(context.Background(), configFor(path, &c))
	if want := fmt.Sprintf("in use by process %d", cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
