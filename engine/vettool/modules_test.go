package vettool

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes files with the given contents in a folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestImportPaths checks which packages a pattern of unweld.yaml means in a module, in
// a workspace without a module at its root, and in one with.
func TestImportPaths(t *testing.T) {
	modules := map[string]string{
		"shop/go.mod": "module example.com/shop\n", "shop/feed/feed.go": "package feed",
		"tools/lint/go.mod": "module example.com/lint\n", "tools/gen/go.mod": "module \"example.com/gen\"\n",
		"go.work": "go 1.24\n\nuse (\n\t./shop\n\ttools/lint\n\t./tools/gen/\n)\n",
	}
	withRoot := map[string]string{
		"go.mod": "module example.com/all\n", "feed/feed.go": "package feed", "sub/go.mod": "module example.com/sub\n",
		"go.work": "go 1.24\n\nuse .\n\nuse ./sub\n",
	}
	alone := map[string]string{"go.mod": "module example.com/m // the one\n", "feed/feed.go": "package feed", "sub/go.mod": "module example.com/sub\n"}
	for _, tt := range []struct {
		name    string
		files   map[string]string
		pattern string
		want    []string
	}{
		{"folder", alone, "./feed", []string{"example.com/m/feed"}},
		{"folder with a slash", alone, "./feed/", []string{"example.com/m/feed"}},
		{"folder without a dot", alone, "feed", []string{"example.com/m/feed"}},
		{"all", alone, "./...", []string{"example.com/m/..."}},
		{"root", alone, ".", []string{"example.com/m"}},
		{"start of a name", alone, "./fe...", []string{"example.com/m/fe..."}},
		{"import path", alone, "example.com/m/feed/...", []string{"example.com/m/feed/..."}},
		{"import path of the module and all", alone, "example.com/m...", []string{"example.com/m..."}},
		{"import path of another module", alone, "example.com/mm/x", []string{"example.com/mm/x"}},
		{"module of a workspace", modules, "./shop", []string{"example.com/shop"}},
		{"package of a workspace", modules, "./shop/feed", []string{"example.com/shop/feed"}},
		{"without a dot", modules, "tools/gen/x", []string{"example.com/gen/x"}},
		{"whole module", modules, "./shop/...", []string{"example.com/shop/..."}},
		{"several modules", modules, "./tools/...", []string{"example.com/gen/...", "example.com/lint/..."}},
		{"start of a module's name", modules, "./tools/l...", []string{"example.com/lint/..."}},
		{"whole workspace", modules, "./...", []string{"example.com/gen/...", "example.com/lint/...", "example.com/shop/..."}},
		{"folder somewhere", modules, "./tools/.../feed", []string{"example.com/gen.../feed", "example.com/lint.../feed"}},
		{"module somewhere", modules, "./.../lint", []string{"example.com/gen.../lint", "example.com/lint", "example.com/lint.../lint", "example.com/shop.../lint"}},
		{"no module", modules, "./docs", nil},
		{"root module", withRoot, "./feed", []string{"example.com/all/feed"}},
		{"module in a module", withRoot, "./sub/x", []string{"example.com/sub/x"}},
		{"both", withRoot, "./...", []string{"example.com/all/...", "example.com/sub/..."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree, err := treeAt(write(t, tt.files))
			if err != nil {
				t.Fatal(err)
			}
			got := tree.importPaths(tt.pattern)
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("importPaths(%q) = %q, want %q", tt.pattern, got, tt.want)
			}
		})
	}
}

// TestTreeRefused checks that a workspace whose modules can't be read is an error, and
// no workspace without them.
func TestTreeRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no go.mod":      {map[string]string{"go.work": "go 1.24\n\nuse ./gone\n"}, "gone"},
		"no module line": {map[string]string{"go.work": "go 1.24\n\nuse ./a\n", "a/go.mod": "go 1.24\n"}, "no module line"},
		"malformed":      {map[string]string{"go.work": "go 1.24\n\nusing ./a\n"}, "go.work:3"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := treeAt(write(t, tt.files)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// TestConfiguration checks which unweld.yaml counts: the one beside a go.mod or
// go.work, as for unweld.
func TestConfiguration(t *testing.T) {
	root := write(t, map[string]string{
		"go.work": "go 1.24\n\nuse ./a\n\nuse ./b\n", "unweld.yaml": "all", "a/go.mod": "module example.com/a\n", "a/unweld.yaml": "a",
		"b/go.mod": "module example.com/b\n", "b/sub/unweld.yaml": "stray", "a/x/x.go": "package x",
	})
	for dir, want := range map[string]string{"a": "a", "a/x": "a", "b": "all", "b/sub": "all", ".": "all"} {
		t.Chdir(filepath.Join(root, filepath.FromSlash(dir)))
		if _, data, err := configuration(); string(data) != want || err != nil {
			t.Errorf("in %s: got %q, %v, want %q", dir, data, err, want)
		}
	}
	t.Setenv(Env, filepath.Join(root, "b"))
	if at, data, err := configuration(); at != "" || data != nil || err != nil {
		t.Errorf("in a module without the file: got %q, %q, %v", at, data, err)
	}
	t.Setenv(Env, root)
	if at, data, err := configuration(); at != root || string(data) != "all" || err != nil {
		t.Errorf("asked for the workspace: got %q, %q, %v", at, data, err)
	}
}
