package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/source"
)

const editedModule = `
-- go.mod --
module example.com/m

go 1.26
-- leaf/leaf.go --
package leaf

import "strconv"

// Text is a number in words.
func Text(n int) string {
	return strconv.Itoa(double(n))
}

func double(n int) int { return 2 * n }
-- user/user.go --
package user

import "example.com/m/leaf"

// Use uses.
func Use() string { return leaf.Text(1) }
-- top/top.go --
package top

import "example.com/m/user"

// Top is on top.
func Top() string { return user.Use() }
`

// TestWhatAnEditTouches counts what an edit makes the session do: nothing is
// compiled, and no package is looked at that the edit can't concern.
func TestWhatAnEditTouches(t *testing.T) {
	dir, cache := t.TempDir(), filepath.Join(t.TempDir(), "build")
	t.Setenv("GOCACHE", cache)
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
	leaf := filepath.Join(dir, "leaf", "leaf.go")
	original := string(txtar.Parse([]byte(editedModule)).Files[1].Data)
	var sessions Sessions
	var waits []string // of what was said meanwhile
	find := func(text string) source.Counters {
		t.Helper()
		s, err := sessions.Open(t.Context(), leaf, map[string][]byte{leaf: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		waits = nil
		s = s.WithProgress(func(said string) {
			if strings.Contains(said, "go command") || len(waits) > 0 {
				waits = append(waits, said)
			}
		})
		before := s.snap.Counters()
		found, err := s.Find(t.Context(), FindOptions{})
		if err != nil || len(found.Problems) > 0 {
			t.Fatal(err, found.Problems)
		}
		after := s.snap.Counters()
		return source.Counters{Listed: after.Listed - before.Listed, Exported: after.Exported - before.Exported, Declared: after.Declared - before.Declared,
			Checked: after.Checked - before.Checked, Bodies: after.Bodies - before.Bodies, Parsed: after.Parsed - before.Parsed}
	}
	find(original)
	if len(waits) < 2 || !strings.HasPrefix(waits[0], "waiting for the go command, which compiles those of 1 dependencies") || !strings.HasPrefix(waits[1], "type-checking 3 of 3") {
		t.Errorf("with nothing compiled the session said %q", waits)
	}
	built := countFiles(t, cache)
	for _, edit := range []struct {
		what, old, new string
		want           source.Counters
	}{
		{"nothing", "", "", source.Counters{}},
		{"a comment", "// Text is", "// Text was", source.Counters{Checked: 1, Parsed: 1}},
		{"a body", "return strconv", "n++\n\treturn strconv", source.Counters{Checked: 1, Bodies: 1, Parsed: 1}},
		{"a function that nobody else can see", "func double", "func triple(n int) int { return 3 * n }\n\nfunc double", source.Counters{Checked: 1, Bodies: 1, Parsed: 2}},
		{"an exported function", "func Text(n int) string", "func Text(n int, _ ...int) string", source.Counters{Checked: 2, Bodies: 2, Parsed: 2, Declared: 1}},
		{"an import", `import "strconv"`, "import (\n\t\"strconv\"\n\t_ \"unsafe\"\n)", source.Counters{Listed: 1, Checked: 1, Bodies: 2, Parsed: 1}},
	} {
		got := find(strings.Replace(original, edit.old, edit.new, 1))
		if len(waits) > 0 {
			t.Errorf("an edit of %s had the session say %q", edit.what, waits)
		}
		// How often files are parsed is a matter of what is kept; too often is a fault.
		if got.Parsed > edit.want.Parsed+2 {
			t.Errorf("%s: %d files were parsed", edit.what, got.Parsed)
		}
		got.Parsed = edit.want.Parsed
		if got != edit.want {
			t.Errorf("an edit of %s made the session do\n%+v, want\n%+v", edit.what, got, edit.want)
		}
		find(original)
		if now := countFiles(t, cache); now != built && edit.want.Listed == 0 {
			t.Errorf("an edit of %s left %d files in the build cache", edit.what, now-built)
		}
	}
}

// countFiles counts what the build cache holds. Where it lists packages, the go
// command keeps an index of their folders there.
func countFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, "-d") {
			n++
		}
		return nil
	})
	return n
}
