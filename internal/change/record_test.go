package change

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// editorChange is a change that an editor makes: it edits, creates, moves and deletes.
func editorChange() (set Set, before, after map[string]string) {
	before = map[string]string{"a.go": "one", "old/b.go": "two", "c.go": "three"}
	after = map[string]string{"a.go": "ONE", "new/b.go": "TWO", "d.go": "four"}
	hash := func(name string) Hash { return HashOf([]byte(before[name])) }
	set = Set{Title: "shout", Files: []File{
		{Path: "a.go", Op: Edit, Base: hash("a.go"), Edits: []TextEdit{{0, 3, "ONE"}}},
		{Path: "c.go", Op: Delete, Base: hash("c.go")},
		{Path: "d.go", Op: Create, Content: []byte("four")},
		{Path: "old/b.go", Op: Rename, Base: hash("old/b.go"), To: "new/b.go", Edits: []TextEdit{{0, 3, "TWO"}}},
	}}
	return set, before, after
}

// lay makes a folder hold these files and no others, but for the applier's own.
func lay(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name := range onDisk(t, root) {
		if err := os.Remove(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
}

func onDisk(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if e != nil && e.Name() == stateDir {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(root, name)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func same(a, b map[string]string) bool {
	for name := range a {
		if a[name] != b[name] {
			return false
		}
	}
	return len(a) == len(b)
}

func contentOf(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) { return []byte(files[name]), nil }
}

// TestRecord: a change that an editor makes is taken back when it was saved, whether it
// was before it came on record or after; when nothing of it is saved, it goes off the
// record and what came before it stays.
func TestRecord(t *testing.T) {
	set, before, after := editorChange()
	for name, early := range map[string]bool{"saved before": true, "saved after": false} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			lay(t, root, before)
			if early {
				lay(t, root, after)
			}
			if err := Record(root, set, contentOf(before)); err != nil {
				t.Fatal(err)
			}
			if !early {
				if now := onDisk(t, root); !same(now, before) {
					t.Errorf("the record changed the tree: %q", now)
				}
			}
			lay(t, root, after)
			if title, err := Undo(root); err != nil || title != "shout" {
				t.Errorf("Undo: %q, %v", title, err)
			}
			if now := onDisk(t, root); !same(now, before) {
				t.Errorf("after Undo: %q", now)
			}
		})
	}

	root := t.TempDir()
	lay(t, root, map[string]string{"x.go": "x"})
	if err := Apply(root, Set{Title: "first", Files: []File{{Path: "a.go", Op: Create, Content: []byte("one")}}}); err != nil {
		t.Fatal(err)
	}
	lay(t, root, before)
	if err := Record(root, set, contentOf(before)); err != nil {
		t.Fatal(err)
	}
	lay(t, root, map[string]string{"a.go": "ONE", "old/b.go": "two", "c.go": "three"}) // half saved
	var conflict *ConflictError
	if _, err := Undo(root); !errors.As(err, &conflict) || !strings.Contains(err.Error(), "save all of its files") {
		t.Errorf("Undo of what is half saved: %v", err)
	}
	lay(t, root, before)
	if _, err := Undo(root); !errors.As(err, &conflict) || !strings.Contains(err.Error(), "off the record now") {
		t.Errorf("Undo of what isn't saved: %v", err)
	}
	if now := onDisk(t, root); !same(now, before) {
		t.Errorf("something was changed: %q", now)
	}
	if title, err := Undo(root); err != nil || title != "first" {
		t.Errorf("Undo of the change before: %q, %v", title, err)
	}
}

// TestRecordCrash kills the process at each step: the tree is never touched, and what was
// on record before can be taken back.
func TestRecordCrash(t *testing.T) {
	set, before, _ := editorChange()
	for at := 1; ; at++ {
		root := t.TempDir()
		if err := Apply(root, Set{Title: "first", Files: []File{{Path: "first.go", Op: Create, Content: []byte("1")}}}); err != nil {
			t.Fatal(err)
		}
		before["first.go"] = "1"
		lay(t, root, before)
		steps := 0
		err := locked(root, func(d disk) error {
			f := &faulty{disk: d, at: at, err: errCrash, crash: true}
			err := recordSet(f, set, contentOf(before))
			steps = f.steps
			return err
		})
		if now := onDisk(t, root); !same(now, before) {
			t.Fatalf("step %d: the tree is %q", at, now)
		}
		if steps < at {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		title, err := Undo(root)
		if errors.As(err, new(*ConflictError)) && title == "shout" { // it was on record already
			title, err = Undo(root)
		}
		if err != nil || title != "first" {
			t.Errorf("step %d: Undo: %q, %v", at, title, err)
		}
		if err := Record(root, set, contentOf(before)); err != nil {
			t.Errorf("step %d: once more: %v", at, err)
		}
	}
}
