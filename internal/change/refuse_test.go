package change

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestApplyRefuses(t *testing.T) {
	a := HashOf([]byte("a\n"))
	outside := t.TempDir()
	for _, test := range []struct {
		name string
		file File
		want any // pointer to the error type
		text string
	}{
		{"stale base", File{Path: "a", Op: Edit, Base: HashOf([]byte("old"))}, new(*ConflictError), "a: changed since"},
		{"vanished", File{Path: "none", Op: Edit, Base: a}, new(*ConflictError), "none: doesn't exist any more"},
		{"appeared", File{Path: "a", Op: Create}, new(*ConflictError), "a: exists already"},
		{"rename onto a file", File{Path: "a", Op: Rename, To: "dir/b", Base: a}, new(*ConflictError), "dir/b: exists already"},
		{"a file as folder", File{Path: "a/b", Op: Create}, new(*ConflictError), "a: is a file where a folder is needed"},
		{"parent", File{Path: "../x", Op: Create}, new(*PathError), "not a path inside"},
		{"hidden parent", File{Path: "dir/../../x", Op: Create}, new(*PathError), "not a path inside"},
		{"absolute", File{Path: "/etc/x", Op: Create}, new(*PathError), "not a path inside"},
		{"backslash", File{Path: `..\x`, Op: Create}, new(*PathError), "not a path inside"},
		{"rename out", File{Path: "a", Op: Rename, To: "../x", Base: a}, new(*PathError), "not a path inside"},
		{"link out", File{Path: "out/x", Op: Create}, new(*PathError), "leaves the module"},
		{"link itself", File{Path: "link", Op: Edit, Base: a}, new(*PathError), "not a regular file"},
		{"folder", File{Path: "dir", Op: Edit, Base: a}, new(*PathError), "not a regular file"},
		{"git", File{Path: ".git/config", Op: Create}, new(*PathError), "belongs to a tool"},
		{"own state", File{Path: ".unweld/undo/1", Op: Create}, new(*PathError), "belongs to a tool"},
		{"overlap", File{Path: "a", Op: Edit, Base: a, Edits: []TextEdit{{0, 2, ""}, {1, 2, ""}}}, new(*SetError), "overlaps"},
		{"past the end", File{Path: "a", Op: Edit, Base: a, Edits: []TextEdit{{0, 9, ""}}}, new(*SetError), "outside the file"},
		{"unknown operation", File{Path: "a", Op: "move", Base: a}, new(*SetError), "unknown operation"},
		{"read-only file", File{Path: "locked.txt", Op: Delete, Base: a}, new(*ReadOnlyError), "locked.txt: is read-only"},
		{"read-only folder", File{Path: "locked/deep/x", Op: Create}, new(*ReadOnlyError), "locked: is read-only"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := module(t, tree{"a": "a\n", "dir/b": "b\n", "locked/c": "c\n", "locked.txt": "a\n"})
			must(t, os.Symlink(outside, filepath.Join(root, "out")))
			must(t, os.Symlink("a", filepath.Join(root, "link")))
			must(t, os.Chmod(filepath.Join(root, "locked.txt"), 0o444))
			must(t, os.Chmod(filepath.Join(root, "locked"), 0o555))
			t.Cleanup(func() { os.Chmod(filepath.Join(root, "locked"), 0o755) })
			// A good file beside the bad one: it must not be written either.
			err := Apply(root, Set{Files: []File{{Path: "aa-good", Op: Create}, test.file}})
			if !errors.As(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("Apply: %v (%T); want %T with %q", err, err, test.want, test.text)
			}
			if _, err := os.Lstat(filepath.Join(root, "aa-good")); err == nil {
				t.Error("a file was written")
			}
			if left, _ := os.ReadDir(outside); len(left) > 0 {
				t.Errorf("written outside the module: %v", left)
			}
			if _, err := os.Lstat(filepath.Join(root, applyDir)); err == nil {
				t.Error("the change was left under way")
			}
		})
	}
}

func TestPathTwiceInOneSet(t *testing.T) {
	root := module(t, tree{"a": "a\n"})
	f := File{Path: "a", Op: Delete, Base: HashOf([]byte("a\n"))}
	err := Apply(root, Set{Files: []File{f, f}})
	if _, ok := errors.AsType[*SetError](err); !ok {
		t.Errorf("Apply: %v", err)
	}
	wantTree(t, root, tree{"a": "a\n"})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
