package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// handWritten are the pages that nothing generates.
var handWritten = []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "RATIONALE.md", "docs/plugins.md"}

// TestDocumentsAreTrue: what the pages name is there.
func TestDocumentsAreTrue(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	names := declarations(t, root)
	for _, page := range handWritten {
		content, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		exists := func(p string) bool {
			if top, _, deep := strings.Cut(p, "/"); deep {
				if _, err := os.Stat(filepath.Join(root, top)); err != nil {
					return true // an example from another module
				}
			}
			for _, base := range []string{root, filepath.Join(root, path.Dir(page))} {
				if found, err := filepath.Glob(filepath.Join(base, p)); err == nil && len(found) > 0 {
					return true
				}
			}
			return false
		}
		declared := func(pkg, name string) bool {
			if pkg == "" {
				return slices.ContainsFunc(names["tests"], func(n string) bool { return strings.HasPrefix(n, name) })
			}
			return names[pkg] == nil || slices.Contains(names[pkg], name)
		}
		for _, problem := range CheckDocuments([]Document{{page, string(content)}}, exists, declared) {
			t.Error(problem)
		}
	}
}

// TestMapIsWhole: the code map has a row for each folder of the layers, below
// internal and beside it.
func TestMapIsWhole(t *testing.T) {
	page, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range load(t, "../..") {
		folder := p.rel()
		if top, rest, ok := strings.Cut(folder, "/"); ok {
			if folder = top; top == "internal" || top == "cmd" {
				below, _, _ := strings.Cut(rest, "/")
				folder = top + "/" + below
			}
		}
		if !strings.Contains(string(page), "`"+folder+"`") {
			t.Errorf("the code map of ARCHITECTURE.md has no row for %s", folder)
		}
	}
}

// declarations returns the names that the module declares, by the name of their
// package, and all tests under "tests".
func declarations(t *testing.T, root string) map[string][]string {
	t.Helper()
	names := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "testdata" || n == "node_modules" || strings.HasPrefix(n, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		under := f.Name.Name
		if strings.HasSuffix(file, "_test.go") {
			under = "tests"
		}
		for _, decl := range f.Decls {
			names[under] = append(names[under], declaredNames(decl)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func declaredNames(decl ast.Decl) []string {
	var names []string
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		names = append(names, decl.Name.Name)
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

func TestCheckDocuments(t *testing.T) {
	page := "See [the map](MAP.md), `internal/there` and `internal/gone/*.go`.\n" +
		"`split.Plan` and `split.Plam`, `http.Anything`, `TestHere`, `TestGone`, `unweld bind pricing`.\n" +
		"```\n`internal/gone`\n```\n[gone](GONE.md)\n" +
		"## Why?\n### Why?\n```\n## Why?\n```\n## Why not?\n## Why?\n"
	got := CheckDocuments([]Document{{"README.md", page}},
		func(p string) bool { return p == "MAP.md" || p == "internal/there" },
		func(pkg, name string) bool {
			return pkg == "split" && name == "Plan" || pkg == "http" || pkg == "" && name == "TestHere"
		})
	want := []string{
		"README.md:1: there is no internal/gone/*.go",
		"README.md:2: there is no split.Plam",
		"README.md:2: there is no TestGone",
		"README.md:6: there is no GONE.md",
		`README.md:13: the section "Why?" is on line 7 already`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}
}
