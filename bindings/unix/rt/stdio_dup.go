//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package unix

import (
	"os"
	"syscall"
)

// redirect moves standard input and output elsewhere. In their places are an empty input,
// and standard error: also for what is no Go code, and for who has kept os.Stdout.
func redirect() (in, out *os.File, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	defer null.Close()
	if in, err = moved(0, int(null.Fd())); err != nil {
		return nil, nil, err
	}
	out, err = moved(1, 2)
	return in, out, err
}

// moved returns what a descriptor refers to, and gives it another meaning.
func moved(fd, instead int) (*os.File, error) {
	syscall.ForkLock.RLock()
	to, err := syscall.Dup(fd)
	if err == nil {
		syscall.CloseOnExec(to)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	if err := duplicate(instead, fd); err != nil {
		return nil, os.NewSyscallError("dup2", err)
	}
	return os.NewFile(uintptr(to), "stdio"), nil
}
