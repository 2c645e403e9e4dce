//go:build unix

package process

import (
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// supported reports why a split can't run on this system.
func supported() error { return nil }

// stopSignal is what Ctrl-Z sends.
const stopSignal = syscall.SIGTSTP

// stopSelf stops this process until it gets SIGCONT.
var stopSelf = func() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) }

// kept are the signals that are not passed on: SIGKILL and SIGSTOP can't be
// received, SIGCHLD and SIGPIPE are about this process's own children and pipes,
// SIGURG and SIGPROF are the Go run-time's own, the terminal's SIGTTIN and
// SIGTTOU about this process's group, and the others say that this process
// itself did something wrong.
var kept = []syscall.Signal{
	syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGCHLD, syscall.SIGPIPE, syscall.SIGURG, syscall.SIGPROF, syscall.SIGTTIN, syscall.SIGTTOU,
	syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP,
}

// forwarded lists the signals that are passed on to the program.
func forwarded() (list []os.Signal) {
	for sig := syscall.Signal(1); sig <= lastSignal; sig++ {
		if !slices.Contains(kept, sig) {
			list = append(list, sig)
		}
	}
	return list
}

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
