//go:build unix

package change

import (
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// lock waits until this process alone holds the lock file. The kernel lets go
// of it when the process dies.
func lock(root *os.Root, name string) (unlock func(), err error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// Writable asks the kernel whether this user may make files in dir. It finds
// read-only mounts, and writes nothing.
func (d rooted) Writable(dir string) error {
	return unix.Access(filepath.Join(d.Name(), filepath.FromSlash(dir)), unix.W_OK|unix.X_OK)
}
