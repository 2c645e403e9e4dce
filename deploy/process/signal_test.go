//go:build unix

package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/split"
)

// The supervisor passes on every signal that a program can ask for.
func TestForwardedSignals(t *testing.T) {
	got := forwarded()
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
		syscall.SIGALRM, syscall.SIGWINCH, syscall.SIGCONT, syscall.SIGTSTP, syscall.SIGABRT, syscall.SIGIO} {
		if !slices.Contains(got, os.Signal(sig)) {
			t.Errorf("%v isn't passed on", sig)
		}
	}
	for _, sig := range []syscall.Signal{syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPIPE, syscall.SIGKILL, syscall.SIGSEGV} {
		if slices.Contains(got, os.Signal(sig)) {
			t.Errorf("%v is passed on", sig)
		}
	}
}

// superviseSignals is the whole process of a supervisor that is sent signals.
func superviseSignals() {
	opts := programOptions(os.Getenv("TEST_DIR"), os.Getenv("TEST_DIR"))
	opts.Env = append(opts.Env, "UNWELD_TEST_PEER=1")
	opts.Stdout, opts.Stdin = os.Stdout, nil
	p, err := split.New(nil, split.Micro, split.Facts{Schemes: schemes, Bound: []split.Bound{{Name: "pricing", Bindings: []string{"unix"}}}})
	if err == nil {
		err = Run(context.Background(), p, opts)
	}
	fmt.Println("the run ended:", err)
	exit, ok := errors.AsType[*deploy.ExitError](err)
	if ok {
		os.Exit(exit.Code)
	}
	os.Exit(0)
}

// handle lets the peer say which signals it gets, of those it asks for.
func handle(name string) {
	for sig := syscall.Signal(1); sig < 65; sig++ {
		if sig.String() == name {
			c := make(chan os.Signal, 1)
			signal.Notify(c, sig)
			go func() {
				for sig := range c {
					fmt.Println("got", sig)
				}
			}()
		}
	}
}

// What a signal does to the program, it does to the run: it is handled, or it
// ends both with the status that the program alone would have had.
func TestSignalsReachTheEntryUnit(t *testing.T) {
	// A process that was itself started by nohup, or in the background of a
	// script, would hand on which signals it ignores; one that waits for them
	// starts others with their default. What it gets it goes on ignoring.
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	for _, tt := range []struct {
		name    string
		handled string // by the program
		sent    []syscall.Signal
		want    string // in the output
		code    int
		nohup   bool
	}{
		{"not handled", "", []syscall.Signal{syscall.SIGHUP}, "the run ended: unit main: ended by signal hangup", 129, false},
		{"handled", "hangup", []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM}, "got hangup", 0, false},
		{"user", "user defined signal 1", []syscall.Signal{syscall.SIGUSR1, syscall.SIGTERM}, "got user defined signal 1", 0, false},
		{"user, not handled", "", []syscall.Signal{syscall.SIGUSR2, syscall.SIGTERM}, "the run ended: <nil>", 0, false},
		{"window", "window changed", []syscall.Signal{syscall.SIGWINCH, syscall.SIGTERM}, "got window changed", 0, false},
		{"real-time", "signal 40", []syscall.Signal{40, syscall.SIGTERM}, "got signal 40", 0, false},
		{"quit", "quit", []syscall.Signal{syscall.SIGQUIT, syscall.SIGTERM}, "got quit", 0, false},
		{"interrupt", "", []syscall.Signal{syscall.SIGINT}, "the run ended: unit main: ended by signal interrupt", 130, false},
		{"nohup", "", []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM}, "the run ended: <nil>", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0])
			if tt.nohup {
				cmd = exec.Command("sh", "-c", `trap "" HUP; exec "$0"`, os.Args[0])
			}
			cmd.Env = append(os.Environ(), "TEST_SUPERVISOR=signals", "TEST_DIR="+dir, "TEST_HANDLES="+tt.handled)
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, io.Discard
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill() //nolint:errcheck // it has ended, unless the test failed
			eventually(t, "the split runs", func() error {
				st, err := Status(t.Context(), dir)
				if err == nil && !unitIn(t, st, "main").Ready {
					err = fmt.Errorf("%+v", st.Units)
				}
				return err
			})
			for _, sig := range tt.sent {
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				time.Sleep(100 * time.Millisecond) // two signals at once may arrive in any order
			}
			stuck := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
			_ = cmd.Wait()
			stuck.Stop()
			if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(out.String(), tt.want) {
				t.Errorf("exit status %d, want %d, and output with %q:\n%s", code, tt.code, tt.want, &out)
			}
		})
	}
}
