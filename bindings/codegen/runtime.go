package codegen

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/generate"
)

// home is the module whose run-time packages are copied.
const home = "github.com/unweld/unweld/"

// Common returns the run-time packages that generated code itself imports.
func Common(req *generate.Request) ([]generate.File, error) {
	var files []generate.File
	for _, name := range []string{"wire", "link"} {
		fs, err := Copy(req, name, bindings.Runtime, name)
		if err != nil {
			return nil, err
		}
		files = append(files, fs...)
	}
	return files, nil
}

// Copy returns the Go files of one run-time package as they are in the user's
// module: under internal/unweld/NAME, importing their like from there. Tests
// stay behind. dir is the package's folder in fsys.
func Copy(req *generate.Request, name string, fsys fs.FS, dir string) ([]generate.File, error) {
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
		content, err := rebase(src, req.Runtime)
		if err != nil {
			return nil, fmt.Errorf("run-time package %s: %w", name, err)
		}
		files = append(files, generate.File{Path: path.Join(target, name, path.Base(n)), Content: content})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("run-time package %s has no source", name)
	}
	return files, nil
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
