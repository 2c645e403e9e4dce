package change

import (
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
