package change

import (
	"os"
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
	must(t, Apply(root, set))
	wantTree(t, root, asTree(now))
}

func asTree(files map[string][]byte) tree {
	out := tree{}
	for name, content := range files {
		out[name] = string(content)
	}
	return out
}

func TestMerge(t *testing.T) {
	base := HashOf([]byte("0123456789"))
	edit := func(start, end int, s string) Set {
		return Set{Files: []File{{Path: "f", Op: Edit, Base: base, Edits: []TextEdit{{start, end, s}}}}}
	}
	file := func(f File) Set { return Set{Files: []File{f}} }
	for _, test := range []struct {
		name string
		a, b Set
		want string // content of f or g, or the error
	}{
		{"apart", edit(5, 6, "B"), edit(1, 2, "A"), "0A234B6789"},
		{"touching", edit(1, 2, "A"), edit(2, 3, "B"), "0AB3456789"},
		{"equal", edit(1, 2, "A"), edit(1, 2, "A"), "0A23456789"},
		{"with a rename", edit(1, 2, "A"), file(File{Path: "f", Op: Rename, To: "g", Base: base}), "0A23456789"},
		{"overlap", edit(1, 4, "A"), edit(3, 5, "B"), "f: two changes overlap at byte 3"},
		{"edit and delete", edit(1, 2, "A"), file(File{Path: "f", Op: Delete, Base: base}), "f: one change wants to edit it, another to delete it"},
		{"other base", edit(1, 2, "A"), file(File{Path: "f", Op: Edit, Base: "x"}), "f: two changes were computed on different contents"},
		{"two names", file(File{Path: "f", Op: Rename, To: "g", Base: base}), file(File{Path: "f", Op: Rename, To: "h", Base: base}), "f: renamed both to g and to h"},
		{"two contents", file(File{Path: "g", Op: Create, Content: []byte("1")}), file(File{Path: "g", Op: Create, Content: []byte("2")}), "g: two changes create it with different content"},
		{"same content", file(File{Path: "g", Op: Create, Content: []byte("1")}), file(File{Path: "g", Op: Create, Content: []byte("1")}), "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := module(t, tree{"f": "0123456789"})
			set, err := Merge("both", test.a, test.b)
			if err != nil {
				if err.Error() != test.want {
					t.Errorf("Merge: %v; want %s", err, test.want)
				}
				return
			}
			must(t, Apply(root, set))
			content, err := os.ReadFile(filepath.Join(root, "g"))
			if err != nil {
				content, err = os.ReadFile(filepath.Join(root, "f"))
			}
			if err != nil || string(content) != test.want {
				t.Errorf("merged: %q, %v; want %q", content, err, test.want)
			}
		})
	}
}
