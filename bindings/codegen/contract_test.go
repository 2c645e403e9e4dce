package codegen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

const testModule = "example.com/shop"

// A sources is the module of an archive, type-checked.
type sources struct {
	t       *testing.T
	fset    *token.FileSet
	archive *txtar.Archive
	std     types.Importer
	checked map[string]*types.Package
}

func readSources(t *testing.T, file string) *sources {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	return newSources(t, ar)
}

func newSources(t *testing.T, ar *txtar.Archive) *sources {
	fset := token.NewFileSet()
	return &sources{t, fset, ar, importer.ForCompiler(fset, "source", nil), map[string]*types.Package{}}
}

// Import implements types.Importer.
func (s *sources) Import(p string) (*types.Package, error) {
	if pkg := s.checked[p]; pkg != nil {
		return pkg, nil
	}
	dir, ok := strings.CutPrefix(p, testModule+"/")
	if !ok {
		return s.std.Import(p)
	}
	var files []*ast.File
	for _, f := range s.archive.Files {
		if path.Dir(f.Name) != dir || strings.HasSuffix(f.Name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(s.fset, f.Name, f.Data, 0)
		if err != nil {
			return nil, err
		}
		files = append(files, parsed)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no package %s in the archive", p)
	}
	pkg, err := (&types.Config{Importer: s}).Check(p, s.fset, files, nil)
	s.checked[p] = pkg
	return pkg, err
}

// contract builds the contract of pricing.Service.
func (s *sources) contract(form component.Form) *component.Contract {
	s.t.Helper()
	pkg, err := s.Import(testModule + "/pricing")
	if err != nil {
		s.t.Fatal(err)
	}
	return contract.Build(pkg.Scope().Lookup("Service").Type().(*types.Named), contract.Options{
		Component: "pricing", Form: form, Var: "service",
		Dir: func(p string) string { return strings.TrimPrefix(p, testModule+"/") },
	})
}

func codecRequest(c *component.Contract) *generate.Request {
	return &generate.Request{Contract: c, Module: testModule, Package: Target(c), Runtime: testModule + "/internal/unweld"}
}

// codecFiles generates the codec of a contract.
func codecFiles(t *testing.T, c *component.Contract) []generate.File {
	t.Helper()
	if len(c.Problems) > 0 {
		t.Fatalf("problems: %v", c.Problems)
	}
	s, problems := schema.Build(c, nil)
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	files, err := newGenerator(codecRequest(c), s).codec()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// scratch writes a module with the archive, the run-time's wire and link, and
// the given files.
func (s *sources) scratch(files []generate.File) string {
	s.t.Helper()
	dir := s.t.TempDir()
	write := func(name string, content []byte) {
		s.t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	write("go.mod", []byte("module "+testModule+"\n\ngo 1.26\n"))
	for _, f := range s.archive.Files {
		write(f.Name, f.Data)
	}
	for _, f := range files {
		write(f.Path, f.Content)
	}
	for _, p := range []string{"wire", "link"} {
		sources, err := filepath.Glob("../rt/" + p + "/*.go")
		if err != nil || len(sources) == 0 {
			s.t.Fatalf("no sources of %s: %v", p, err)
		}
		for _, f := range slices.DeleteFunc(sources, func(f string) bool { return strings.HasSuffix(f, "_test.go") }) {
			src, err := os.ReadFile(f)
			if err != nil {
				s.t.Fatal(err)
			}
			src = bytes.ReplaceAll(src, []byte(home+"bindings/rt/"), []byte(testModule+"/internal/unweld/"))
			write("internal/unweld/"+p+"/"+filepath.Base(f), src)
		}
	}
	return dir
}

// run runs the go command in dir and returns what it printed.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
