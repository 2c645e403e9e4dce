package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
)

const (
	maxFunction = 80  // lines
	maxFile     = 600 // lines
)

// writers lists the functions that write files, by package.
var writers = map[string][]string{
	"os": {"WriteFile", "Create", "CreateTemp", "OpenFile", "Mkdir", "MkdirAll", "MkdirTemp", "Rename", "Remove", "RemoveAll",
		"Symlink", "Link", "Truncate", "Chmod", "CopyFS"},
	"io/ioutil": {"WriteFile", "TempDir", "TempFile"},
}

// mayWrite lists who writes files beside internal/change. None of them writes
// into the user's module.
var mayWrite = []struct{ pattern, what string }{
	{"internal/change", "the one applier"},
	{"internal/source", "the cache of summaries"},
	{"engine/...", "scratch copies and build output"},
	{"internal/diskcache", "entries of the cache that are too old, and when it looked for them"},
	{"internal/scratch", "folders in the system's temporary folder"},
	{"internal/gomod", "copies of go.mod and go.sum, in such a folder"},
	{"internal/revision", "copies of a repository, in such a folder"},
	{"internal/generators", "unsaved files and stand-ins, in a copy of the module"},
	{"internal/splittest", "the counts and the overlay of a test run, in such a folder"},
	{"internal/verify/...", "the programs that call functions of a copy, in such a folder"},
	{"deploy/process/...", "sockets and logs of a run"},
	{"bindings/nats", "what the server of a run needs, in the run's folder, and the server in the user's cache folder"},
	{"bindings/rt/link", "run-time code that is copied into the user's program"},
	{"bindings/rt/link/linktest", "what units of tests have executed"},
	{"bindings/unix/rt", "run-time code that is copied into the user's program"},
	{"bindings/grpc/rt", "run-time code that is copied into the user's program"},
	{"stores/commandlog/rt", "run-time code that is copied into the user's program"},
	{"bindings/rt/mtls/mtlstest", "certificates for tests"},
	{"stores/postgres/pgtest", "the data of a test's server"},
	{"bindings/conformance/...", "scratch modules of the conformance tests"},
	{"internal/corpus", "scratch copies of code that tests and campaigns work on"},
	{"internal/debian", "editors for tests, in the user's cache folder"},
	{"refactor/internal/archive", "scratch modules of tests, and what they expect"},
	{"internal/catalogue/...", "go generate of this repository"},
	{"internal/bench/...", "scratch modules of benchmarks"},
	{"internal/campaign/...", "the results of a campaign, and its page"},
}

// CheckFiles parses every file and reports packages without a doc comment,
// functions and files that are too long, and writes of files.
func CheckFiles(packages []Package) []string {
	var problems []string
	for _, p := range packages {
		documented := false
		for _, file := range p.Files {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				problems = append(problems, err.Error())
				continue
			}
			documented = documented || f.Doc != nil
			problems = append(problems, checkSize(fset, p, f)...)
			problems = append(problems, checkWrites(fset, p, f)...)
		}
		if !documented && len(p.Files) > 0 {
			problems = append(problems, fmt.Sprintf("%s: no file has a package comment", p.rel()))
		}
	}
	return problems
}

// checkSize leaves generated files out: nobody reads them.
func checkSize(fset *token.FileSet, p Package, f *ast.File) []string {
	if ast.IsGenerated(f) {
		return nil
	}
	var problems []string
	name := path.Join(p.rel(), filepath.Base(fset.File(f.Pos()).Name()))
	if n := fset.File(f.Pos()).LineCount(); n > maxFile {
		problems = append(problems, fmt.Sprintf("%s: %d lines, more than %d", name, n, maxFile))
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		start, end := fset.Position(fn.Pos()).Line, fset.Position(fn.End()).Line
		if n := end - start + 1; n > maxFunction {
			problems = append(problems, fmt.Sprintf("%s:%d: %s has %d lines, more than %d", name, start, fn.Name.Name, n, maxFunction))
		}
	}
	return problems
}

func checkWrites(fset *token.FileSet, p Package, f *ast.File) []string {
	if allowedToWrite(p.rel()) {
		return nil
	}
	names := map[string][]string{} // by the name the import has in this file
	for _, spec := range f.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(importPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if fns, ok := writers[importPath]; ok {
			names[name] = fns
		}
	}
	var problems []string
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(names[x.Name], sel.Sel.Name) {
			at := fset.Position(sel.Pos())
			problems = append(problems, fmt.Sprintf("%s/%s:%d: %s.%s: files are written by internal/change alone",
				p.rel(), filepath.Base(at.Filename), at.Line, x.Name, sel.Sel.Name))
		}
		return true
	})
	return problems
}

func allowedToWrite(rel string) bool {
	for _, w := range mayWrite {
		if within(rel, []string{w.pattern}) {
			return true
		}
	}
	return false
}
