package unix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// maxPath is what every system takes as the path of a socket, less the final
// zero byte: 108 bytes on Linux, 104 elsewhere.
const maxPath = 107

func checkPath(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("the path of the socket has %d bytes, the system allows %d; choose a shorter one: %s", len(path), maxPath, path)
	}
	return nil
}

func dialSocket(ctx context.Context, a link.Address) (net.Conn, error) {
	if err := checkPath(a.Path); err != nil {
		return nil, err
	}
	var d net.Dialer
	nc, err := d.DialContext(ctx, "unix", a.Path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, fmt.Errorf("no unit listens at %s: %w", a.Path, err)
	}
	if err != nil {
		return nil, err
	}
	if err := checkCallee(nc); err != nil {
		_ = nc.Close()
		return nil, fmt.Errorf("%s: %w", a.Path, err)
	}
	return nc, nil
}

// listenSocket listens at a path that only this user may connect to. The file
// that a killed process left behind is replaced.
func listenSocket(path string) (*net.UnixListener, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := removeStale(path); err != nil {
			return nil, err
		}
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	}
	if err != nil {
		return nil, fmt.Errorf("can't listen at %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// removeStale removes a socket that nobody listens on.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("can't listen at %s: there is a file that isn't a socket", path)
	}
	nc, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = nc.Close()
		return fmt.Errorf("can't listen at %s: another process does; stop it or choose another path", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("can't listen at %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
