package unix

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

// asUser runs f on a thread that belongs to another user, and is not used again.
func asUser(t *testing.T, uid int, f func()) {
	t.Helper()
	done := make(chan syscall.Errno)
	go func() {
		runtime.LockOSThread()
		_, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0))
		if errno == 0 {
			f()
		}
		done <- errno
	}()
	if errno := <-done; errno != 0 {
		t.Fatal(errno)
	}
}

// openFolder is one that every user may look into.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "peer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestOtherUsers: their processes are refused where the socket's mode doesn't do it.
func TestOtherUsers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user as well")
	}
	const somebody, another = 65534, 65533
	path := filepath.Join(openFolder(t), "s")
	startAt(t, "host", path)
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	hello := link.Hello{Component: linktest.Contract.Component, Fingerprint: linktest.Contract.Fingerprint, Endpoints: linktest.Contract.Endpoints}
	asUser(t, somebody, func() {
		if _, err := dial(t.Context(), link.Address{Path: path}, hello); err == nil || !strings.Contains(err.Error(), "user 65534's") {
			t.Errorf("somebody calls root's unit: %v", err)
		}
	})
	c, err := dial(t.Context(), link.Address{Path: path}, hello)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()

	other := filepath.Join(filepath.Dir(path), "other")
	var l net.Listener
	asUser(t, somebody, func() { l, err = net.Listen("unix", other) })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Chmod(other, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		user int
		want string
	}{{another, "user 65534's"}, {somebody, ""}, {0, ""}} {
		asUser(t, c.user, func() {
			nc, err := dialSocket(t.Context(), link.Address{Path: other})
			if err == nil {
				_ = nc.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("user %d calls somebody's unit: %v, want %q", c.user, err, c.want)
			}
		})
	}
}
