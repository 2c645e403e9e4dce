package change

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestDiff runs testdata/*.txtar: the files under before/ and after/ make a
// set; applying it must give after/, and its diff must be the file "diff".
func TestDiff(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			a, err := txtar.ParseFile(archive)
			must(t, err)
			old, now, want := map[string][]byte{}, map[string][]byte{}, ""
			for _, f := range a.Files {
				switch dir, name, _ := strings.Cut(f.Name, "/"); dir {
				case "before":
					old[name] = f.Data
				case "after":
					now[name] = f.Data
				case "diff":
					want = string(f.Data)
				}
			}
			checkDiff(t, old, now, want)
		})
	}
}

func checkDiff(t *testing.T, old, now map[string][]byte, want string) {
	root := module(t, asTree(old))
	set := Between("test", old, now)
	got, err := Diff(root, set)
	must(t, err)
	if got != want {
		t.Errorf("diff:\n%s\nwant:\n%s", got, want)
	}
	if again := Between("test", old, now); !reflect.DeepEqual(set, again) {
		t.Error("the set isn't the same for the same input")
	}
	appliesWithGit(t, old, now, got)
	must(t, Apply(root, set))
	wantTree(t, root, asTree(now))
}

// appliesWithGit holds a diff to what git makes of it.
func appliesWithGit(t *testing.T, old, now map[string][]byte, diff string) {
	t.Helper()
	if diff == "" {
		return
	}
	root := module(t, asTree(old))
	cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	cmd.Dir, cmd.Stdin = root, strings.NewReader(diff)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(root))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s%s", err, out, diff)
	}
	wantTree(t, root, asTree(now))
}

// TestDiffOfRenames: a renamed file is shown once, with what changes in it.
func TestDiffOfRenames(t *testing.T) {
	old := map[string][]byte{
		"a/a.txt": []byte("one\ntwo\n"), "a/same.txt": []byte("same\n"), "z/last": []byte("x"), "empty": nil, "gone": nil,
	}
	now := map[string][]byte{
		"b/b.txt": []byte("one\n2\n"), "a/moved.txt": []byte("same\n"), "first": []byte("x\n"), "empty": nil, "new": nil,
	}
	root := module(t, asTree(old))
	base := func(name string) Hash { return HashOf(old[name]) }
	set := Set{Title: "rename", Files: []File{
		{Path: "a/a.txt", Op: Rename, To: "b/b.txt", Base: base("a/a.txt"), Edits: []TextEdit{{4, 7, "2"}}},
		{Path: "a/same.txt", Op: Rename, To: "a/moved.txt", Base: base("a/same.txt")},
		{Path: "z/last", Op: Rename, To: "first", Base: base("z/last"), Edits: []TextEdit{{1, 1, "\n"}}},
		{Path: "gone", Op: Delete, Base: base("gone")},
		{Path: "new", Op: Create},
	}}
	got, err := Diff(root, set)
	must(t, err)
	const want = `diff --git a/a/same.txt b/a/moved.txt
rename from a/same.txt
rename to a/moved.txt
diff --git a/a/a.txt b/b/b.txt
rename from a/a.txt
rename to b/b.txt
--- a/a/a.txt
+++ b/b/b.txt
@@ -1,2 +1,2 @@
 one
-two
+2
diff --git a/z/last b/first
rename from z/last
rename to first
--- a/z/last
+++ b/first
@@ -1 +1 @@
-x
\ No newline at end of file
+x
diff --git a/gone b/gone
deleted file mode 100644
diff --git a/new b/new
new file mode 100644
`
	if got != want {
		t.Errorf("diff:\n%s", got)
	}
	appliesWithGit(t, old, now, got)
	must(t, Apply(root, set))
	wantTree(t, root, asTree(now))
	_, err = Undo(root)
	must(t, err)
	wantTree(t, root, asTree(old))
}

func asTree(files map[string][]byte) tree {
	out := tree{}
	for name, content := range files {
		out[name] = string(content)
	}
	return out
}
