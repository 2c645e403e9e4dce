package source

import (
	"os"
	"path/filepath"
	"testing"
)

// TestShorten: what the go command says names no folder of its own, and files of the
// module as everything else does.
func TestShorten(t *testing.T) {
	temp, sep := os.TempDir(), string(filepath.Separator)
	s := &Snapshot{Root: filepath.Join(temp, "m")}
	for said, want := range map[string]string{
		filepath.Join(s.Root, "a", "a.go") + ":3:1: expected declaration":      filepath.Join("a", "a.go") + ":3:1: expected declaration",
		filepath.Join(temp, "go-build12", "b001", "a.cgo1.go") + ":7: no such": "a.cgo1.go:7: no such",
		"open " + filepath.Join(temp, "gocommand-5", "1-a.go") + ": gone":      "open 1-a.go: gone",
		"$WORK/b001/a.go: gone": "a.go: gone",
		temp + sep + "mine.go":  temp + sep + "mine.go",
	} {
		if got := s.Shorten(said); got != want {
			t.Errorf("%q became %q, want %q", said, got, want)
		}
	}
}
