package engine

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// programTexts returns what stands in the way of a change set in the texts of the
// module: a Go program that is written as a string, for a test to build or for a
// generator to write, uses what changes and would no longer build. Files that the
// analysis leaves out aren't read.
func (s *Session) programTexts(set change.Set, folders []source.Folder, left map[string]source.Folder, changed, paths map[string]bool) []component.Problem {
	skip := map[string]bool{}
	for _, f := range set.Files {
		skip[f.Path] = f.Op == change.Delete
	}
	var out []component.Problem
	for _, folder := range folders {
		for _, file := range folder.Files {
			if _, is := left[file]; is || skip[file] {
				continue
			}
			if content, _, err := s.snap.Content(file); err == nil && hasPrograms(content, paths) {
				out = append(out, s.programsIn(file, changed, paths)...)
			}
		}
	}
	return component.SortProblems(out)
}

// hasPrograms reports whether a file may have a string with a Go program in it that
// imports one of the packages.
func hasPrograms(content []byte, paths map[string]bool) bool {
	return packageClauses(content, 2) == 2 && containsOneOf(content, paths)
}

// packageClauses counts what looks as package clauses do, in a file or in a string, up
// to most.
func packageClauses(content []byte, most int) int {
	const word = "package "
	n := 0
	for at := 0; n < most; at += len(word) {
		i := bytes.Index(content[at:], []byte(word))
		if i < 0 {
			break
		}
		at += i
		before, after := content[:at], content[at+len(word):]
		begins := at == 0 || strings.IndexByte("\n\"`", before[at-1]) >= 0 || bytes.HasSuffix(before, []byte(`\n`))
		if begins && len(after) > 0 && 'a' <= after[0] && after[0] <= 'z' {
			n++
		}
	}
	return n
}

func containsOneOf(content []byte, paths map[string]bool) bool {
	for p := range paths {
		if bytes.Contains(content, []byte(p)) {
			return true
		}
	}
	return false
}

// programsIn returns the strings of a file that are Go programs which select one of
// the names.
func (s *Session) programsIn(file string, names, paths map[string]bool) []component.Problem {
	fset, f := s.snap.Syntax(file, 0)
	if f == nil {
		return nil
	}
	var out []component.Problem
	ast.Inspect(f, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		program, err := strconv.Unquote(lit.Value)
		if err != nil || packageClauses([]byte(program), 1) == 0 || !containsOneOf([]byte(program), paths) {
			return true
		}
		inner, err := parser.ParseFile(token.NewFileSet(), "", program, 0)
		if err != nil || !slices.ContainsFunc(inner.Imports, func(i *ast.ImportSpec) bool { return paths[source.ImportPath(i)] }) {
			return true
		}
		name, places := "", 0
		selected(inner, names, paths, func(id *ast.Ident) {
			name = id.Name
			places++
		})
		if places > 0 {
			out = append(out, component.Problem{
				Code: codeOutside, Severity: component.Error, Span: s.snap.Span(fset, lit.Pos(), lit.Pos()+1),
				Message: fmt.Sprintf("%s changes, and the Go program in this text, which stays as it is, uses it (%s)", name, count(places, "place", "places")),
				Hint:    "take the text out of the tree, and put it back with the new form afterwards",
			})
		}
		return true
	})
	return out
}
