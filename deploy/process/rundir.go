package process

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/unweld/unweld/internal/component"
)

// maxSocketPath is the longest path of a unix socket: sun_path without its
// final zero is 107 bytes on Linux and 103 on macOS.
const maxSocketPath = 103

// A runDir is the private folder of one running split: its sockets, its lock,
// and the state file by which other commands find it.
type runDir struct {
	path string
	lock *os.File
}

// state is what the state file says of a running supervisor.
type state struct {
	PID     int       `json:"pid"`
	Key     string    `json:"key"`
	Split   string    `json:"split"`
	Admin   string    `json:"admin"` // unix socket
	Started time.Time `json:"started"`
}

// baseDir is the folder of all run folders of this user. It is short, because
// the path of a unix socket may not be long, and nobody else may enter it.
func baseDir() (string, error) {
	base := os.Getenv("XDG_RUNTIME_DIR")
	if base == "" || len(base) > 40 {
		base = filepath.Join("/tmp", "unweld-"+strconv.Itoa(os.Getuid()))
	} else {
		base = filepath.Join(base, "unweld")
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", err
	}
	info, err := os.Lstat(base)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || !ownedByUser(info) {
		return "", &component.UsageError{
			Object: base, Reason: "the folder for running splits belongs to someone else",
			Hint: "set XDG_RUNTIME_DIR to a private folder with a short path",
		}
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(base, 0o700); err != nil {
			return "", err
		}
	}
	return base, nil
}

func dirFor(key string) (string, error) {
	if err := supported(); err != nil {
		return "", err
	}
	base, err := baseDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(base, hex.EncodeToString(sum[:5])), nil
}

// openRunDir takes the run folder of key for this process. It fails while
// another supervisor holds it.
func openRunDir(key, split string) (*runDir, error) {
	path, err := dirFor(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(lock, true); err != nil {
		lock.Close()
		what := "a split"
		if st, err := readState(path); err == nil {
			what = fmt.Sprintf("split %s (process %d)", st.Split, st.PID)
		}
		return nil, &component.UsageError{
			Object: "split " + split, Reason: what + " of this module is running already",
			Hint: fmt.Sprintf("change it with: unweld split apply %s", split),
		}
	}
	d := &runDir{path: path, lock: lock}
	d.clear()
	return d, nil
}

// clear removes what an earlier supervisor left: sockets and the state file.
func (d *runDir) clear() {
	entries, _ := os.ReadDir(d.path)
	for _, e := range entries {
		if e.Name() != "lock" {
			os.Remove(filepath.Join(d.path, e.Name()))
		}
	}
}

// close removes the folder and lets go of it. The lock goes last, and only
// while it is held, so that a newcomer's folder is never removed.
func (d *runDir) close() {
	d.clear()
	os.Remove(filepath.Join(d.path, "lock"))
	os.Remove(d.path)
	d.lock.Close()
}

// socket returns the path of a socket in the folder.
func (d *runDir) socket(name string) (string, error) {
	p := filepath.Join(d.path, name)
	if len(p) > maxSocketPath {
		return "", tooLong(p)
	}
	return p, nil
}

func tooLong(path string) error {
	return &component.UsageError{
		Object: path, Reason: fmt.Sprintf("a unix socket's path may have %d bytes, this one has %d", maxSocketPath, len(path)),
		Hint: "use a shorter name, or set XDG_RUNTIME_DIR to a folder with a short path",
	}
}

// write replaces the state file.
func (d *runDir) write(st state) error {
	b, err := json.Marshal(st)
	if err != nil {
		return err
	}
	tmp := filepath.Join(d.path, "run.json.new")
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(d.path, "run.json"))
}

func readState(dir string) (state, error) {
	var st state
	b, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(b, &st)
}

// findRunning returns the state of the supervisor that runs key's split.
func findRunning(key string) (state, error) {
	notRunning := &component.UsageError{
		Object: key, Reason: "no split of this module is running", Hint: "start one: unweld split run NAME",
	}
	dir, err := dirFor(key)
	if err != nil {
		return state{}, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, notRunning
	} else if err != nil {
		return state{}, err
	}
	defer lock.Close()
	if tryLock(lock, false) == nil {
		return state{}, notRunning // nobody holds it: a supervisor that was killed left it
	}
	st, err := readState(dir)
	if err != nil {
		return state{}, fmt.Errorf("the running split isn't ready yet: %w", err)
	}
	return st, nil
}
