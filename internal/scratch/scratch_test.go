package scratch

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestMain lets the test binary be a process that makes a folder and is killed.
func TestMain(m *testing.M) {
	if os.Getenv("SCRATCH_CHILD") == "" {
		os.Exit(m.Run())
	}
	dir, _, err := Dir("probe")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "large"), make([]byte, 1<<10), 0o600)
	}
	fmt.Println(dir, err)
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func names(t *testing.T) (all []string) {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// What a killed process left is removed by the next one, what a living one has
// is not, and neither is what looks alike.
func TestDirRemovesWhatKilledProcessesLeft(t *testing.T) {
	temp := filepath.Join(t.TempDir(), "odd[1]*")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "SCRATCH_CHILD=1")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the child said nothing")
	}
	foreign := filepath.Join(temp, "probe-of-someone-else")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}

	_, remove, err := Dir("probe")
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t); len(got) != 3 {
		t.Errorf("beside a living process there are %v, want its folder, the own one, and the one that looks alike", got)
	}
	remove()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if got := names(t); len(got) != 2 {
		t.Errorf("after the kill: %v", got)
	}
	dir, remove, err := Dir("probe")
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t); len(got) != 2 || filepath.Dir(filepath.Dir(dir)) != temp {
		t.Errorf("after the next Dir: %v, %s", got, dir)
	}
	remove()
	remove()
	if got := names(t); len(got) != 1 || got[0] != filepath.Base(foreign) {
		t.Errorf("in the end: %v", got)
	}
}

// A folder without a lock, which a program made again that outlived the process,
// goes when it is old; a new one may be somebody's.
func TestDirRemovesOldFoldersWithoutLock(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for name, age := range map[string]time.Duration{"probe-old": 2 * time.Hour, "probe-new": 0, "other-old": 2 * time.Hour} {
		dir := filepath.Join(temp, name)
		if err := os.MkdirAll(filepath.Join(dir, "files"), 0o700); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
	}
	_, remove, err := Dir("probe")
	if err != nil {
		t.Fatal(err)
	}
	remove()
	if got := names(t); !slices.Equal(got, []string{"other-old", "probe-new"}) {
		t.Errorf("left are %q", got)
	}
}
