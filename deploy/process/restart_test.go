//go:build unix

package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

func TestCallsCrossAndOutliveTheirServer(t *testing.T) {
	r := start(t, planOf(t, split.Micro, "file"))
	pid, count := r.call(1)
	u := r.unit("plain")
	if pid != u.PID || pid == r.unit("main").PID || count != 1 {
		t.Fatalf("plain runs in process %d and counted %d; unit plain is %+v", pid, count, u)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.ev.await(t, "plain", "died")
	again, count := r.call(2) // waits for the new process
	if again == pid || count != 2 {
		t.Errorf("process %d after %d was killed, count %d", again, pid, count)
	}
	u = r.unit("plain")
	if !u.Ready || u.Restarts != 1 || u.PID != again {
		t.Errorf("unit plain after its restart: %+v, want process %d", u, again)
	}
	var served int64
	for _, s := range r.unit("ledger").Stats {
		served += s.Served
	}
	if served != 2 {
		t.Errorf("ledger served %d calls, want 2", served)
	}
	ledger := filepath.Join(r.key, ".unweld", "state", "ledger.db")
	if _, err := os.Stat(ledger); err != nil {
		t.Errorf("the state of ledger: %v", err)
	}
}

// superviseForTest is the whole process of a supervisor that gets killed.
func superviseForTest(dir string) {
	opts := programOptions(dir, dir)
	stdin, _, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	opts.Stdin = stdin
	opts.Stderr = nil
	p, err := split.New(nil, split.Micro, facts("file"))
	if err == nil {
		err = Run(context.Background(), p, opts)
	}
	fmt.Fprintln(os.Stderr, "the supervisor ended:", err)
	os.Exit(1)
}

func TestKilledSupervisorLeavesNoUnit(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TEST_SUPERVISOR="+dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() //nolint:errcheck // it is killed
	var st *deploy.Status
	eventually(t, "the split runs", func() (err error) {
		st, err = Status(t.Context(), dir)
		if err == nil && slices.ContainsFunc(st.Units, func(u deploy.UnitStatus) bool { return !u.Ready }) {
			err = fmt.Errorf("%+v", st.Units)
		}
		return err
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, u := range st.Units {
		eventually(t, "unit "+u.Name+" is gone", func() error {
			if !alive(u.PID) {
				return nil
			}
			return fmt.Errorf("process %d lives", u.PID)
		})
	}
	eventually(t, "the status says that nothing runs", func() error {
		if _, err := Status(t.Context(), dir); err == nil || component.HintOf(err) == "" {
			return fmt.Errorf("status of a killed supervisor: %v, want an error with a hint", err)
		}
		return nil
	})
}

// alive reports whether a process runs: one that only waits to be reaped, here
// by whoever adopts orphans, doesn't.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	var err error
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatalf("%s: not in time: %v", what, err)
}
