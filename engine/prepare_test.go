package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestPrepare: where another process left summaries on the disk, nothing is checked at
// first. After Prepare an edit of a function body checks that body alone.
func TestPrepare(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, f := range txtar.Parse([]byte(editedModule)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	earlier, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := earlier.Find(t.Context(), FindOptions{}); err != nil {
		t.Fatal(err)
	}

	leaf := filepath.Join(dir, "leaf", "leaf.go")
	original := string(txtar.Parse([]byte(editedModule)).Files[1].Data)
	var sessions Sessions
	find := func(text string) (s *Session, checked, bodies int64) {
		t.Helper()
		s, err := sessions.Open(t.Context(), leaf, map[string][]byte{leaf: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		before := s.snap.Counters()
		if _, err := s.Find(t.Context(), FindOptions{}); err != nil {
			t.Fatal(err)
		}
		after := s.snap.Counters()
		return s, after.Checked - before.Checked, after.Bodies - before.Bodies
	}
	s, checked, _ := find(original)
	if checked != 0 {
		t.Fatalf("%d packages were checked though the disk has what was found in them", checked)
	}
	for _, want := range []int64{1, 0} {
		before := s.snap.Counters()
		if err := s.Prepare(t.Context(), []string{leaf, filepath.Join(dir, "nowhere.go")}); err != nil {
			t.Fatal(err)
		}
		if n := s.snap.Counters().Checked - before.Checked; n != want {
			t.Errorf("Prepare checked %d packages, want %d", n, want)
		}
	}
	if _, checked, _ := find(original); checked != 0 {
		t.Errorf("after Prepare %d packages are checked again", checked)
	}
	if _, checked, bodies := find(strings.Replace(original, "return strconv", "n++\n\treturn strconv", 1)); checked != 1 || bodies != 1 {
		t.Errorf("the first edit checked %d packages and %d bodies", checked, bodies)
	}
}
