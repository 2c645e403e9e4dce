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
	"strings"
)

// named are the families whose plug-ins nothing outside of their folders may
// name. Analyzers and refactorings aren't among them: their names are those of
// codes and verbs.
var named = []string{"bindings", "stores", "deploy"}

// mayName lists who may name plug-ins all the same.
var mayName = []struct{ pattern, what string }{
	{"bindings/rt/link", "the run-time's own forms of addresses, and its protocol"},
	{"engine/tour", "it shows one way"},
	{"internal/codes", "examples in the documentation of codes"},
	{"internal/bench", "the benchmarks of single bindings"},
	{"internal/archtest", "the list of homonyms below"},
	{"bindings/conformance/...", "tests"},
}

// homonyms lists where the name of a plug-in has another meaning: that of a package
// of Go's own, of a word in the names of Go, or of the scheme of a URL.
var homonyms = []struct{ name, pattern, what string }{
	{"python", "bindings/grpc", "a language that protoc makes clients for"},
	{"node", "engine", "the program of Node, which builds the VS Code extension"},
	{"http", "refactor/internal/...", "package net/http, and the initialism"},
	{"http", "bindings/connect/rt", "the scheme of the requests that carry Connect's protocol"},
	{"http", "internal/split", "the URL of a JSON schema"},
}

// CheckNames reports string literals outside of a plug-in's folder that are its
// name, or an address that begins with it.
func CheckNames(packages []Package) []string {
	owners := map[string]string{} // name -> folder
	for _, p := range packages {
		family, all := path.Split(p.rel())
		if all != "all" || !slices.Contains(named, path.Clean(family)) {
			continue
		}
		for _, imported := range p.Imports {
			if folder := relative(imported); strings.HasPrefix(folder, family) {
				owners[path.Base(folder)] = folder
			}
		}
	}
	var problems []string
	for _, p := range packages {
		if slices.ContainsFunc(mayName, func(m struct{ pattern, what string }) bool { return within(p.rel(), []string{m.pattern}) }) {
			continue
		}
		for _, file := range p.Files {
			problems = append(problems, namesIn(p, file, owners)...)
		}
	}
	return problems
}

// namesIn leaves out tags, imports, and the names of networks that package net
// is given.
func namesIn(p Package, file string, owners map[string]string) []string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.CallExpr:
			if ofNet(n.Fun) && len(n.Args) > 0 {
				n.Args = n.Args[1:]
			}
		case *ast.CompositeLit:
			return !ofNet(n.Type)
		case *ast.BasicLit:
			value, _ := strconv.Unquote(n.Value)
			name, _, _ := strings.Cut(value, ":")
			if folder, ok := owners[name]; ok && n.Kind == token.STRING && !within(p.rel(), []string{folder + "/..."}) && !homonym(p, name) {
				at := fset.Position(n.Pos())
				problems = append(problems, fmt.Sprintf("%s/%s:%d: %s names a plug-in of %s: ask the table, or what the plug-in says of itself",
					p.rel(), filepath.Base(at.Filename), at.Line, n.Value, path.Dir(folder)))
			}
		}
		return true
	})
	return problems
}

// homonym reports whether a name has another meaning in a package.
func homonym(p Package, name string) bool {
	return slices.ContainsFunc(homonyms, func(h struct{ name, pattern, what string }) bool {
		return h.name == name && within(p.rel(), []string{h.pattern})
	})
}

// ofNet reports whether e is something of package net.
func ofNet(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "net"
}
