package unix

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
)

func TestSocketPaths(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, strings.Repeat("x", 108))
	if _, err := listenSocket(long); err == nil || !strings.Contains(err.Error(), "the system allows 107") {
		t.Errorf("listening at a long path: %v", err)
	}
	if _, err := dialSocket(t.Context(), link.Address{Path: long}); err == nil || !strings.Contains(err.Error(), "the system allows 107") {
		t.Errorf("dialing a long path: %v", err)
	}

	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listenSocket(file); err == nil || !strings.Contains(err.Error(), "isn't a socket") {
		t.Errorf("listening at a file: %v", err)
	}
	if b, err := os.ReadFile(file); string(b) != "precious" {
		t.Errorf("the file now has %q, %v", b, err)
	}
	if _, err := listenSocket(filepath.Join(dir, "none", "s")); err == nil || !strings.Contains(err.Error(), "can't listen at") {
		t.Errorf("listening in a folder that isn't there: %v", err)
	}
}

func TestSocketFilesOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := listenSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, %v", info.Mode(), err)
	}
	if _, err := listenSocket(path); err == nil || !strings.Contains(err.Error(), "another process does") {
		t.Errorf("listening where another does: %v", err)
	}
	l.SetUnlinkOnClose(false) // as if killed
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := net.Dial("unix", path); err == nil {
		t.Fatal("the socket still answers")
	}
	again, err := listenSocket(path)
	if err != nil {
		t.Fatalf("in place of a stale file: %v", err)
	}
	_ = again.Close()
}
