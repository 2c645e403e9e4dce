//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkFirstFrame starts the explorer in a terminal as people do, and reports how long
// it takes until it has drawn something: the 95th percentile of so many starts.
func BenchmarkFirstFrame(b *testing.B) {
	bin := filepath.Join(b.TempDir(), "unweld")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var times []time.Duration
	for b.Loop() {
		for range 40 {
			times = append(times, firstFrame(b, bin))
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
}

// firstFrame is how long it takes until the progress screen stands in the terminal.
func firstFrame(b *testing.B, bin string) time.Duration {
	b.Helper()
	screen, terminal := pseudoTerminal(b)
	defer screen.Close()
	cmd := exec.Command(bin, "tui")
	cmd.Dir = "../../testdata/modules/shop"
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	terminal.Close()
	var seen []byte
	var took time.Duration
	for chunk := make([]byte, 4096); took == 0; {
		n, err := screen.Read(chunk)
		if seen = append(seen, chunk[:n]...); err != nil {
			b.Fatalf("it ended with %q: %v", seen, err)
		}
		if bytes.Contains(seen, []byte("q ends it at once")) {
			took = time.Since(start)
		}
	}
	if _, err := screen.WriteString("q"); err != nil {
		b.Fatal(err)
	}
	for chunk := make([]byte, 4096); ; {
		if _, err := screen.Read(chunk); err != nil {
			break // it has ended
		}
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return took
}

// pseudoTerminal makes a terminal of 80 columns and 24 lines.
func pseudoTerminal(b *testing.B) (screen, terminal *os.File) {
	b.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		b.Skip("no pseudo-terminals here: ", err)
	}
	fd := int(screen.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	}
	if err != nil {
		b.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		b.Fatal(err)
	}
	return screen, terminal
}
