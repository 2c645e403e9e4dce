package change

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"testing"
)

// mounted returns a module on a file system of its own of size bytes. Only the
// superuser can mount; for others the same failures are injected by
// TestFailureAtEveryStep.
func mounted(t *testing.T, size string) string {
	t.Helper()
	root := t.TempDir()
	if err := syscall.Mount("tmpfs", root, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("can't mount a file system here: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(root, syscall.MNT_DETACH)) })
	fill(t, root, before())
	return root
}

func TestFullDisk(t *testing.T) {
	root := mounted(t, "256k")
	set := everything()
	set.Files = append(set.Files, File{Path: "zz-large", Op: Create, Content: bytes.Repeat([]byte("large"), 100_000)})
	err := Apply(root, set)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Apply on a full disk: %v", err)
	}
	wantTree(t, root, before())
	// What was staged is gone: the smaller set fits.
	must(t, Apply(root, everything()))
	wantTree(t, root, after())
}

func TestReadOnlyMount(t *testing.T) {
	for _, name := range []string{"fresh", "used"} {
		t.Run(name, func(t *testing.T) {
			root := mounted(t, "1m")
			if name == "used" {
				must(t, os.Mkdir(root+"/.unweld", 0o777))
				must(t, os.WriteFile(root+"/.unweld/.gitignore", []byte("*\n"), 0o666))
			}
			must(t, syscall.Mount("", root, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
			err := Apply(root, everything())
			if r, ok := errors.AsType[*ReadOnlyError](err); !ok || r.Hint() == "" {
				t.Errorf("Apply on a read-only mount: %v (%T)", err, err)
			}
			wantTree(t, root, before())
		})
	}
}
