package codegen

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/bindings/rt"
	"github.com/unweld/unweld/internal/generate"
)

// home is the module whose run-time packages are copied.
const home = "github.com/unweld/unweld/"

// Common returns the run-time packages that generated code itself imports.
func Common(req *generate.Request) ([]generate.File, error) {
	var files []generate.File
	for _, name := range []string{"wire", "link"} {
		fs, err := Copy(req, name, rt.Source, name)
		if err != nil {
			return nil, err
		}
		files = append(files, fs...)
	}
	return files, nil
}

// The constraints that tell the files of a run-time package apart that only test
// binaries contain, and those that stand in for them everywhere else.
const (
	onlyInTests  = "//go:build unweldtest\n\n"
	neverInTests = "//go:build !unweldtest\n\n"
)

// TestHarness returns what changes in the copied run-time while test binaries
// are built that can be spread over processes: the files to add, and, without
// content, those to leave out.
func TestHarness(req *generate.Request) ([]generate.File, error) {
	add, err := copied(req, "link", rt.Source, "link", onlyInTests)
	if err != nil {
		return nil, err
	}
	drop, err := copied(req, "link", rt.Source, "link", neverInTests)
	for i := range drop {
		drop[i].Content = nil
	}
	return append(add, drop...), err
}

// Copy returns the Go files of one run-time package as they are in the user's
// module: under internal/unweld/NAME, importing their like from there. Tests,
// and what only test binaries contain, stay behind. dir is the package's folder
// in fsys.
func Copy(req *generate.Request, name string, fsys fs.FS, dir string) ([]generate.File, error) {
	files, err := copied(req, name, fsys, dir, "")
	if err != nil {
		return nil, err
	}
	program, err := copied(req, name, fsys, dir, neverInTests)
	if err != nil {
		return nil, err
	}
	if files = append(files, program...); len(files) == 0 {
		return nil, fmt.Errorf("run-time package %s has no source", name)
	}
	slices.SortFunc(files, func(a, b generate.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// copied returns the files of a run-time package that begin with the given
// constraint, without it; with none of the two if constraint is empty.
func copied(req *generate.Request, name string, fsys fs.FS, dir, constraint string) ([]generate.File, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	target, err := runtimeDir(req)
	if err != nil {
		return nil, err
	}
	var files []generate.File
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(fsys, n)
		if err != nil {
			return nil, err
		}
		if constraintOf(src) != constraint {
			continue
		}
		content, err := rebase(src[len(constraint):], req.Runtime)
		if err != nil {
			return nil, fmt.Errorf("run-time package %s: %w", name, err)
		}
		files = append(files, generate.File{Path: path.Join(target, name, path.Base(n)), Content: content})
	}
	return files, nil
}

func constraintOf(src []byte) string {
	for _, c := range []string{onlyInTests, neverInTests} {
		if bytes.HasPrefix(src, []byte(c)) {
			return c
		}
	}
	return ""
}

// runtimeDir is the folder of the copied run-time, relative to the module root.
func runtimeDir(req *generate.Request) (string, error) {
	dir, ok := strings.CutPrefix(req.Runtime, req.Module+"/")
	if !ok {
		return "", fmt.Errorf("the run-time's import path %s is outside of module %s", req.Runtime, req.Module)
	}
	return dir, nil
}

// rebase makes a file import the copies of the run-time packages it imports.
func rebase(src []byte, runtime string) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(src)
	for _, spec := range slices.Backward(f.Imports) {
		from, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(from, home) {
			continue
		}
		start, end := fset.Position(spec.Path.Pos()).Offset, fset.Position(spec.Path.End()).Offset
		to := strconv.Quote(runtime + "/" + runtimeName(from))
		out = slices.Replace(out, start, end, []byte(to)...)
	}
	return append([]byte(header+"\n"), out...), nil
}

// runtimeName is the name under which a run-time package is copied: that of
// its folder, or for a folder rt that of the one above.
func runtimeName(importPath string) string {
	return path.Base(strings.TrimSuffix(importPath, "/rt"))
}
