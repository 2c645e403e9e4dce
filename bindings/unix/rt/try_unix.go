//go:build unix

package unix

import (
	"net"
	"os"
	"syscall"
)

// tryWriter returns a function that writes what the socket takes at once. It
// is used by one writer at a time.
func tryWriter(nc net.Conn) func([]byte) (int, error) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nc.Write
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nc.Write
	}
	var (
		b    []byte
		n    int
		fail error
	)
	write := func(fd uintptr) bool {
		for n < len(b) {
			m, err := syscall.Write(int(fd), b[n:])
			switch {
			case err == syscall.EINTR:
				continue
			case err == syscall.EAGAIN:
				return true
			case err != nil:
				fail = os.NewSyscallError("write", err)
				return true
			}
			n += m
		}
		return true
	}
	return func(p []byte) (int, error) {
		b, n, fail = p, 0, nil
		err := raw.Write(write)
		b = nil
		if fail != nil {
			err = fail
		}
		return n, err
	}
}
