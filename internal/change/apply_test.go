package change

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tree is the content of a folder by path, the applier's own state left out.
type tree map[string]string

func before() tree {
	return tree{
		"go.mod":            "module m\n",
		"a/a.go":            "package a\n\nfunc F() {}\n",
		"a/gone.go":         "package a\n",
		"only/old.go":       "package only\n",
		"run.sh":            "#!/bin/sh\n",
		"deep/er/moved.txt": "moved\n",
	}
}

func after() tree {
	return tree{
		"go.mod":           "module m\n",
		"a/a.go":           "package a\n\nfunc G() {}\n",
		"run.sh":           "#!/bin/sh\nexit\n",
		"b/c/new.go":       "package c\n",
		"elsewhere/to.txt": "MOVED\n",
	}
}

// everything is a set with every operation in it: it turns before into after.
func everything() Set {
	b := before()
	base := func(name string) Hash { return HashOf([]byte(b[name])) }
	return Set{Title: "everything", Files: []File{
		{Path: "a/a.go", Op: Edit, Base: base("a/a.go"), Edits: []TextEdit{{16, 17, "G"}}},
		{Path: "a/gone.go", Op: Delete, Base: base("a/gone.go")},
		{Path: "b/c/new.go", Op: Create, Content: []byte("package c\n")},
		{Path: "deep/er/moved.txt", Op: Rename, To: "elsewhere/to.txt", Base: base("deep/er/moved.txt"), Edits: []TextEdit{{0, 5, "MOVED"}}},
		{Path: "only/old.go", Op: Delete, Base: base("only/old.go")},
		{Path: "run.sh", Op: Edit, Base: base("run.sh"), Edits: []TextEdit{{10, 10, "exit\n"}}},
	}}
}

func module(t *testing.T, files tree) string {
	t.Helper()
	root := t.TempDir()
	fill(t, root, files)
	return root
}

func fill(t *testing.T, root string, files tree) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(root, name)
		mode := fs.FileMode(0o644)
		if strings.HasSuffix(name, ".sh") {
			mode = 0o755
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(content), mode)); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns the tree at root. Empty folders count: they end in a slash.
func read(t *testing.T, root string) tree {
	t.Helper()
	got := tree{}
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, file)
		if name == stateDir {
			return fs.SkipDir
		}
		if e.IsDir() {
			entries, err := os.ReadDir(file)
			if len(entries) == 0 {
				got[name+"/"] = ""
			}
			return err
		}
		content, err := os.ReadFile(file)
		got[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantTree(t *testing.T, root string, want tree) {
	t.Helper()
	if got := read(t, root); !maps.Equal(got, want) {
		t.Errorf("tree:\n%q\nwant\n%q", got, want)
	}
}

func TestApplyAndUndo(t *testing.T) {
	root := module(t, before())
	if err := Apply(root, everything()); err != nil {
		t.Fatal(err)
	}
	wantTree(t, root, after())
	if info, err := os.Stat(filepath.Join(root, "run.sh")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode of run.sh: %v, %v; want it kept at 0755", info.Mode(), err)
	}
	title, err := Undo(root)
	if err != nil || title != "everything" {
		t.Fatalf("Undo = %q, %v", title, err)
	}
	wantTree(t, root, before())
	if _, err := Undo(root); !errors.Is(err, ErrNothingToUndo) {
		t.Errorf("second Undo: %v", err)
	}
}

func TestUndoTakesBackOneSetAfterTheOther(t *testing.T) {
	root := module(t, tree{"f": "1"})
	for i, s := range []string{"2", "3"} {
		set := Between("to "+s, map[string][]byte{"f": {byte('1' + i)}}, map[string][]byte{"f": []byte(s)})
		if err := Apply(root, set); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"2", "1"} {
		if _, err := Undo(root); err != nil {
			t.Fatal(err)
		}
		wantTree(t, root, tree{"f": want})
	}
}

func TestUndoRefusesWhatChangedSince(t *testing.T) {
	root := module(t, before())
	if err := Apply(root, everything()); err != nil {
		t.Fatal(err)
	}
	fill(t, root, tree{"b/c/new.go": "package c // mine\n"})
	want := read(t, root)
	_, err := Undo(root)
	if c, ok := errors.AsType[*ConflictError](err); !ok || c.Path != "b/c/new.go" {
		t.Errorf("Undo: %v; want a conflict on b/c/new.go", err)
	}
	wantTree(t, root, want)
}

// TestCrashAtEveryStep kills the applier at each step it takes; the next
// command finds the tree as before or finished, never between.
func TestCrashAtEveryStep(t *testing.T) {
	for at := 1; ; at++ {
		root := module(t, before())
		d := mustOpen(t, root)
		f := &faulty{disk: d, at: at, err: errCrash, crash: true}
		err := apply(f, everything())
		if f.steps < at {
			if err != nil || at < 20 {
				t.Fatalf("apply took %d steps and ended with %v", f.steps, err)
			}
			return
		}
		if _, err := Recover(root); err != nil {
			t.Fatalf("recover after step %d: %v", at, err)
		}
		got := read(t, root)
		if !maps.Equal(got, before()) && !maps.Equal(got, after()) {
			t.Fatalf("crash at step %d: tree %q", at, got)
		}
		if err == nil && !maps.Equal(got, after()) {
			t.Fatalf("crash at step %d: Apply succeeded but was taken back", at)
		}
	}
}

// TestCrashDuringRecovery kills the recovery too, at each of its steps.
func TestCrashDuringRecovery(t *testing.T) {
	for at := 1; ; at++ {
		root := module(t, before())
		d := mustOpen(t, root)
		// Die after the last file was put in place.
		f := &faulty{disk: d, at: 30, err: errCrash, crash: true}
		if err := apply(f, everything()); err == nil {
			t.Fatal("apply survived the crash")
		}
		r := &faulty{disk: d, at: at, err: errCrash, crash: true}
		_, err := recoverChange(r)
		if r.steps < at {
			if err != nil || at < 5 {
				t.Fatalf("recovery took %d steps and ended with %v", r.steps, err)
			}
			return
		}
		if _, err := Recover(root); err != nil {
			t.Fatalf("second recovery after step %d: %v", at, err)
		}
		wantTree(t, root, before())
	}
}

// TestFailureAtEveryStep lets each step fail once, as on a full disk or one
// gone read-only: Apply takes everything back by itself.
func TestFailureAtEveryStep(t *testing.T) {
	for _, fault := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO} {
		for at := 1; ; at++ {
			root := module(t, before())
			f := &faulty{disk: mustOpen(t, root), at: at, err: fault}
			err := apply(f, everything())
			if f.steps < at {
				break
			}
			got := read(t, root)
			if err != nil && !maps.Equal(got, before()) {
				// The rollback itself was hit: the next command ends it.
				if _, err := Recover(root); err != nil {
					t.Fatalf("%v at step %d: %v", fault, at, err)
				}
				wantTree(t, root, before())
			}
			if err == nil && !maps.Equal(got, after()) {
				t.Fatalf("%v at step %d: no error, tree %q", fault, at, got)
			}
			if err != nil && !errors.Is(err, fault) {
				t.Fatalf("%v at step %d: reported as %v", fault, at, err)
			}
		}
	}
}

func mustOpen(t *testing.T, root string) disk {
	t.Helper()
	d, err := openDisk(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := ensureStateDir(d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRecoverKeepsWhatWasEditedAfterTheCrash(t *testing.T) {
	root := module(t, before())
	f := &faulty{disk: mustOpen(t, root), at: 26, err: errCrash, crash: true}
	if err := apply(f, everything()); err == nil {
		t.Fatal("apply survived the crash")
	}
	fill(t, root, tree{"a/a.go": "package a // edited by hand\n"})
	_, err := Recover(root)
	u, ok := errors.AsType[*UnfinishedError](err)
	if !ok || u.Path != "a/a.go" {
		t.Fatalf("Recover: %v; want an UnfinishedError on a/a.go", err)
	}
	saved, err := os.ReadFile(filepath.Join(root, u.Saved))
	if err != nil || string(saved) != before()["a/a.go"] {
		t.Errorf("saved content: %q, %v", saved, err)
	}
	if got := read(t, root)["a/a.go"]; got != "package a // edited by hand\n" {
		t.Errorf("hand edit was lost: %q", got)
	}
}
