package scratch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where the temporary folder has a long path, a folder that must have a short
// one lies elsewhere, and nothing is left of the first attempt.
func TestShort(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("long", 10))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	for most, parent := range map[int]string{60: "/tmp", 500: long} {
		dir, remove, err := Short("probe", most)
		if err != nil {
			t.Fatal(err)
		}
		if len(dir) > most || !strings.HasPrefix(dir, parent+"/probe-") {
			t.Errorf("%d bytes: %s", most, dir)
		}
		remove()
		if left := names(t); len(left) > 0 {
			t.Errorf("%v are left", left)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s is left", dir)
		}
	}
}
