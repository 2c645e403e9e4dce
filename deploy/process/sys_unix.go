//go:build unix

package process

import (
	"io/fs"
	"os"
	"syscall"
)

// supported reports why a split can't run on this system.
func supported() error { return nil }

// killGroup kills a process and everything in its group. It may have ended.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

// tryLock takes the lock of an open file, or fails at once. It ends with the
// process.
func tryLock(f *os.File, exclusive bool) error {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	return syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
}

func ownedByUser(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(owner.Uid) == os.Getuid()
}
