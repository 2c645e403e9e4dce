package codegen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/prune"
)

// home is the module whose run-time packages are copied.
const home = "github.com/unweld/unweld/"

// The constraints that tell the files of a run-time package apart that not all
// programs contain: the test harness, what replaces routes while the program
// runs, and those that stand in for them everywhere else.
const (
	onlyInTests  = "//go:build unweldtest\n\n"
	neverInTests = "//go:build !unweldtest\n\n"
	onlyLive     = "//go:build !unweldplain\n\n"
	neverLive    = "//go:build unweldplain\n\n"
)

// live is the constraint of generated files that are of use beside the run-time
// that replaces routes, and not without it: nothing else builds them.
const live = "unweldlive"

var liveLine = regexp.MustCompile(`(?m)^//go:build .*\b(` + live + `)\b`)

// isLive reports whether a generated file has that constraint.
func isLive(src []byte) bool {
	end := packageLine.FindIndex(src)
	return end != nil && liveLine.Match(src[:end[0]])
}

// Runtime returns the run-time as it is copied into the user's module for
// programs that the go command builds alone: of each package, under
// internal/unweld/NAME, the declarations that its users need. users are the Go
// files of the module that import the run-time, by path. Of the request it
// reads Module and Runtime.
func Runtime(req *generate.Request, packages []generate.Package, users map[string][]byte) ([]generate.File, error) {
	whole, err := plain(req, packages)
	if err != nil {
		return nil, err
	}
	users = maps.Clone(users)
	maps.DeleteFunc(users, func(_ string, src []byte) bool { return isLive(src) })
	used, err := prune.Unused(whole, users)
	if err != nil {
		return nil, err
	}
	return bundled(req, packages, used)
}

// WholeRuntime is Runtime without leaving anything out.
func WholeRuntime(req *generate.Request, packages []generate.Package) ([]generate.File, error) {
	whole, err := plain(req, packages)
	if err != nil {
		return nil, err
	}
	return bundled(req, packages, whole)
}

// plain returns the run-time packages as programs have them that the go command
// builds alone.
func plain(req *generate.Request, packages []generate.Package) ([]prune.Package, error) {
	whole := make([]prune.Package, len(packages))
	for i, p := range packages {
		whole[i] = prune.Package{Path: req.Runtime + "/" + p.Name, Files: map[string][]byte{}, Keep: p.Keep}
		files, err := copied(req, p, "", neverInTests, neverLive)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			whole[i].Files[path.Base(f.Path)] = f.Content
		}
	}
	return whole, nil
}

// bundled returns the files in which packages are copied, sorted. One of which
// nothing is used keeps its folder, which programs that have it in full are vetted
// in, by a file that plain builds don't contain.
func bundled(req *generate.Request, packages []generate.Package, used []prune.Package) ([]generate.File, error) {
	var out []generate.File
	for i, p := range packages {
		dir, err := runtimeDir(req, p.Name)
		if err != nil {
			return nil, err
		}
		for name, content := range used[i].Files {
			if used[i].Files[name], err = prune.Comments(content, p.Keep); err != nil {
				return nil, err
			}
		}
		files, err := prune.Bundle(p.Name, runtimeHeader(p.Name), used[i].Files)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			files = map[string][]byte{prune.BundleName(p.Name): fmt.Appendf(nil, "%s\n//go:build %s\n\npackage %s\n", runtimeHeader(p.Name), live, p.Name)}
		}
		for name, content := range files {
			out = append(out, generate.File{Path: path.Join(dir, name), Content: content})
		}
	}
	slices.SortFunc(out, func(a, b generate.File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// A Build is a kind of program that unweld builds from a user's module.
type Build int

// The kinds of programs.
const (
	// LiveBuild: routes can be replaced while it runs, on command.
	LiveBuild Build = iota
	// TestBuild: a test binary that can be spread over processes besides.
	TestBuild
)

// Overlay returns the files to lay over a module while a program of the given
// kind is built: every run-time package in full, and of the generated files (by
// path) those that only such programs contain. A file with nil content is to be
// left out of the build.
func Overlay(req *generate.Request, packages []generate.Package, generated map[string][]byte, build Build) ([]generate.File, error) {
	in, leave := []string{"", onlyLive, neverInTests}, []string{neverLive, onlyInTests}
	if build == TestBuild {
		in, leave = []string{"", onlyLive, onlyInTests}, []string{neverLive, neverInTests}
	}
	var out []generate.File
	for _, p := range packages {
		whole, err := copied(req, p, in...)
		if err != nil {
			return nil, err
		}
		without, err := copied(req, p, leave...)
		if err != nil {
			return nil, err
		}
		for i := range without {
			without[i].Content = nil
		}
		// What is laid over the module has the files as they are in the run-time.
		dir, err := runtimeDir(req, p.Name)
		if err != nil {
			return nil, err
		}
		bundled := path.Join(dir, prune.BundleName(p.Name))
		if !slices.ContainsFunc(whole, func(f generate.File) bool { return f.Path == bundled }) {
			without = append(without, generate.File{Path: bundled})
		}
		out = append(append(out, whole...), without...)
	}
	for _, name := range slices.Sorted(maps.Keys(generated)) {
		if src := generated[name]; isLive(src) {
			at := liveLine.FindSubmatchIndex(src)
			out = append(out, generate.File{Path: name, Content: slices.Concat(src[:at[2]], []byte("!unweldplain"), src[at[3]:])})
		}
	}
	return out, nil
}

// RuntimeHash identifies the source of run-time packages in this release of
// unweld.
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

// RuntimeImports returns the names of the run-time packages that one of them imports,
// sorted.
func RuntimeImports(p generate.Package) ([]string, error) {
	files, err := runtimeSources(p)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, file := range files {
		src, err := fs.ReadFile(p.Source, file)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range f.Imports {
			if from, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(from, home) {
				names[runtimeName(from)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
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
// "" stands for none of them.
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
	for _, c := range []string{onlyInTests, neverInTests, onlyLive, neverLive} {
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
	return append([]byte(runtimeHeader(name)+"\n"), out...), nil
}

// runtimeHeader is the first line of what is copied of the run-time.
func runtimeHeader(what string) string {
	return strings.Replace(header, "unweld", "unweld from its run-time, "+what, 1)
}

// runtimeName is the name under which a run-time package is copied: that of
// its folder, or for a folder rt that of the one above.
func runtimeName(importPath string) string {
	return path.Base(strings.TrimSuffix(importPath, "/rt"))
}
