package calllogtest

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/stores/calllog/rt"
)

// killChild runs a child, kills it after a while and returns, for each caller,
// how many calls were acknowledged in all.
func killChild(t testing.TB, location string, acked *[64]uint64, after time.Duration) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childLocation+"="+location)
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

// Kill kills a child under load n times and returns how many calls were
// acknowledged, and how many of them were lost.
func (h Harness) Kill(t testing.TB, location string, n int) (acknowledged, lost uint64) {
	t.Helper()
	var acked [64]uint64
	for range n {
		killChild(t, location, &acked, time.Duration(20+rand.IntN(80))*time.Millisecond)
		var c Counters
		l, err := calllog.Open(context.Background(), h.Config(location, &c))
		if err != nil {
			t.Fatal(err)
		}
		for caller, want := range acked {
			switch got := c.N[caller]; {
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
