// Package scratch creates temporary folders that are removed after their
// process has ended. If the process was killed, the next process that creates a
// folder with the same prefix removes them.
//
// A process marks a folder as its own by a lock on a file in it, which the
// operating system releases when the process ends in whatever way. So the
// folder of a running process is never removed, and process numbers, which are
// reused, don't matter.
package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	lockName  = "lock"
	filesName = "files"
)

// abandoned is the age from which a folder without a lock is nobody's.
const abandoned = time.Hour

// Dir creates an empty folder in the system's temporary folder, and removes the
// folders with the same prefix whose processes have ended. The caller must call
// remove; calling it again has no effect.
func Dir(prefix string) (path string, remove func(), err error) {
	return below(os.TempDir(), prefix)
}

// Short is like Dir, for a folder whose path has at most maxLen bytes: it is in
// /tmp if the path of the system's temporary folder is too long.
func Short(prefix string, maxLen int) (path string, remove func(), err error) {
	path, remove, err = Dir(prefix)
	if err != nil || len(path) <= maxLen {
		return path, remove, err
	}
	long := path
	remove()
	if path, remove, err = below("/tmp", prefix); err != nil {
		return "", nil, fmt.Errorf("the path of a temporary folder is too long: %s (%w); set TMPDIR to a short one", long, err)
	}
	return path, remove, nil
}

// below makes the folder in a given one.
func below(parent, prefix string) (path string, remove func(), err error) {
	sweep(parent, prefix)
	fresh, err := os.MkdirTemp(parent, "new-"+prefix+"-")
	if err != nil {
		return "", nil, err
	}
	lock, err := take(fresh)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(fresh))
	}
	// It has its final name only when it is locked: nobody takes it for one that
	// was left.
	dir := filepath.Join(filepath.Dir(fresh), strings.TrimPrefix(filepath.Base(fresh), "new-"))
	if err := os.Rename(fresh, dir); err != nil {
		return "", nil, errors.Join(err, lock.Close(), os.RemoveAll(fresh))
	}
	return filepath.Join(dir, filesName), func() {
		_ = os.RemoveAll(dir) // what can't be removed now, the next one removes
		_ = lock.Close()
	}, nil
}

// take makes what is in a folder and locks it.
func take(dir string) (*os.File, error) {
	if err := os.Mkdir(filepath.Join(dir, filesName), 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(lock); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// sweep removes the folders whose process has ended. Where that can't be told,
// it leaves them.
func sweep(parent, prefix string) {
	dirs, _ := filepath.Glob(filepath.Join(globEscape(parent), prefix+"-*")) // the pattern is well-formed
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
		if err != nil {
			// Not one of these, or another user's; or a program that outlived the
			// process, as a compiler may, made the folder again.
			if errors.Is(err, fs.ErrNotExist) && time.Since(info.ModTime()) > abandoned {
				_ = os.RemoveAll(dir)
			}
			continue
		}
		if tryLock(lock) == nil { // nobody has it
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}

// globEscape takes the meaning from the special characters of a pattern.
func globEscape(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(path)
}
