package catalogue_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/catalogue/tables"
)

// recipe is a Go file on the page of recipes, which says where it stands.
var recipe = regexp.MustCompile("(?s)```go\n// (\\S+\\.go)\n\n(.*?)\n```")

// TestRecipesBuild builds the code of docs/plugins.md, laid over the repository,
// and wants a plug-in of each family there.
func TestRecipesBuild(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs/plugins.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"stores/dirlog/rt/dirlog.go": "// Package dirlog stands in for the run-time, which is not on the page.\npackage dirlog\n",
	}
	var families []string
	for _, m := range recipe.FindAllStringSubmatch(string(page), -1) {
		files[m[1]] = m[2] + "\n"
		family, _, _ := strings.Cut(m[1], "/")
		if strings.Contains(m[2], "\nvar "+variableOf(family)+" =") {
			families = append(families, family)
		}
	}
	for _, f := range tables.Families {
		if !slices.Contains(families, f.Dir) {
			t.Errorf("docs/plugins.md has no recipe for %s", f.Dir)
		}
	}

	overlay := struct{ Replace map[string]string }{map[string]string{}}
	args := []string{"build", "-overlay", filepath.Join(t.TempDir(), "overlay.json")}
	for name, content := range files {
		at := filepath.Join(t.TempDir(), "file.go")
		if err := os.WriteFile(at, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(root, name)] = at
		args = append(args, "./"+path.Dir(name))
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(args[2], data, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s", err, out)
	}
}

// variableOf is the name of the variable that a family's plug-ins export.
func variableOf(dir string) string {
	for _, f := range tables.Families {
		if f.Dir == dir {
			return f.Var
		}
	}
	return ""
}
