//go:build unix

package scratch

import (
	"os"
	"syscall"
)

// tryLock locks an open file until it is closed or the process ends. It fails
// at once where another process has it.
func tryLock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
