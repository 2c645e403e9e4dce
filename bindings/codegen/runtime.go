package codegen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/prune"
)

// home is the module whose run-time packages are copied.
const home = "github.com/unweld/unweld/"

// The constraints that tell the files of a run-time package apart that only test
// binaries contain, and those that stand in for them everywhere else.
const (
	onlyInTests  = "//go:build unweldtest\n\n"
	neverInTests = "//go:build !unweldtest\n\n"
)

// Runtime returns the run-time as it is copied into the user's module: of each
// package, under internal/unweld/NAME, what the users need, which are the Go
// files of the module that import it, by name. Of a request it reads Module and Runtime.
func Runtime(req *generate.Request, packages []generate.Package, users map[string][]byte) ([]generate.File, error) {
	whole := make([]prune.Package, len(packages))
	for i, p := range packages {
		whole[i] = prune.Package{Path: req.Runtime + "/" + p.Name, Files: map[string][]byte{}, Keep: p.Keep}
		files, err := copied(req, p, "", neverInTests)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			whole[i].Files[path.Base(f.Path)] = f.Content
		}
	}
	used, err := prune.Unused(whole, users)
	if err != nil {
		return nil, err
	}
	var out []generate.File
	for i, p := range packages {
		dir, err := runtimeDir(req, p.Name)
		if err != nil {
			return nil, err
		}
		for name, content := range used[i].Files {
			if content, err = prune.Comments(content, p.Keep); err != nil {
				return nil, err
			}
			out = append(out, generate.File{Path: path.Join(dir, name), Content: content})
		}
	}
	slices.SortFunc(out, func(a, b generate.File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// WholeRuntime returns what the copied run-time is while test binaries are built
// that can be spread over processes: every package whole, with the files that
// only test binaries contain. A file without content is to be left out.
func WholeRuntime(req *generate.Request, packages []generate.Package) ([]generate.File, error) {
	var out []generate.File
	for _, p := range packages {
		whole, err := copied(req, p, "", onlyInTests)
		if err != nil {
			return nil, err
		}
		leave, err := copied(req, p, neverInTests)
		if err != nil {
			return nil, err
		}
		for i := range leave {
			leave[i].Content = nil
		}
		out = append(append(out, whole...), leave...)
	}
	return out, nil
}

// RuntimeHash identifies the source of run-time packages, as this release of
// unweld has them.
func RuntimeHash(packages []generate.Package) (string, error) {
	h := sha256.New()
	for _, p := range packages {
		names, err := runtimeSources(p)
		if err != nil {
			return "", err
		}
		for _, n := range names {
			src, err := fs.ReadFile(p.Source, n)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s %s %d\n%s", p.Name, path.Base(n), len(src), src)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// runtimeSources are the files of a run-time package without its tests, sorted.
func runtimeSources(p generate.Package) ([]string, error) {
	names, err := fs.Glob(p.Source, path.Join(p.Dir, "*.go"))
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_test.go") })
	if len(names) == 0 {
		return nil, fmt.Errorf("run-time package %s has no source", p.Name)
	}
	return names, nil
}

// copied returns the files of a run-time package that begin with one of the
// given constraints, without it and importing their like from the user's module;
// "" stands for none of the two.
func copied(req *generate.Request, p generate.Package, constraints ...string) ([]generate.File, error) {
	names, err := runtimeSources(p)
	if err != nil {
		return nil, err
	}
	dir, err := runtimeDir(req, p.Name)
	if err != nil {
		return nil, err
	}
	var files []generate.File
	for _, n := range names {
		src, err := fs.ReadFile(p.Source, n)
		if err != nil {
			return nil, err
		}
		c := constraintOf(src)
		if !slices.Contains(constraints, c) {
			continue
		}
		content, err := rebase(p.Name+"/"+path.Base(n), src[len(c):], req.Runtime)
		if err != nil {
			return nil, fmt.Errorf("run-time package %s: %w", p.Name, err)
		}
		files = append(files, generate.File{Path: path.Join(dir, path.Base(n)), Content: content})
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

// runtimeDir is the folder of a copied package, relative to the module root.
func runtimeDir(req *generate.Request, name string) (string, error) {
	dir, ok := strings.CutPrefix(req.Runtime, req.Module+"/")
	if !ok {
		return "", fmt.Errorf("the run-time's import path %s is outside of module %s", req.Runtime, req.Module)
	}
	return path.Join(dir, name), nil
}

// rebase makes a file, name, import the copies of the run-time packages it imports.
func rebase(name string, src []byte, runtime string) ([]byte, error) {
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
	head := strings.Replace(header, "unweld", "unweld from its run-time, "+name, 1)
	return append([]byte(head+"\n"), out...), nil
}

// runtimeName is the name under which a run-time package is copied: that of
// its folder, or for a folder rt that of the one above.
func runtimeName(importPath string) string {
	return path.Base(strings.TrimSuffix(importPath, "/rt"))
}
