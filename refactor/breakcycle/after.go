package breakcycle

import (
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// importsAfter returns which packages of the module a package imports after a change,
// tests left out, and where: by "a b".
func (j *job) importsAfter(set change.Set) (imports map[string][]string, where map[string]text.Span) {
	imports, where = map[string][]string{}, map[string]text.Span{}
	changed := map[string]change.File{}
	for _, f := range set.Files {
		changed[f.Path] = f
	}
	add := func(rel, pkg string, content []byte) {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, rel, content, parser.ImportsOnly)
		if err != nil {
			return // the outcome was type-checked
		}
		for _, i := range f.Imports {
			to, _ := strconv.Unquote(i.Path.Value)
			if !slices.Contains(imports[pkg], to) {
				imports[pkg] = append(imports[pkg], to)
				p := fset.Position(i.Pos())
				where[pkg+" "+to] = text.Span{File: rel, Line: p.Line, Col: p.Column}
			}
		}
	}
	for _, f := range j.world.Files {
		if f.Test {
			continue
		}
		c, ok := changed[f.Rel]
		switch {
		case !ok:
			add(f.Rel, f.Pkg.Pkg.Path, f.Before)
		case c.Op == change.Edit:
			add(f.Rel, f.Pkg.Pkg.Path, applied(f.Before, c.Edits))
		case c.Op == change.Rename:
			add(c.To, j.pathOf(c.To), applied(f.Before, c.Edits))
		}
	}
	for _, f := range set.Files {
		if f.Op == change.Create && strings.HasSuffix(f.Path, ".go") && !strings.HasSuffix(f.Path, "_test.go") {
			add(f.Path, j.pathOf(f.Path), f.Content)
		}
	}
	return imports, where
}

// applied applies edits, which are in order.
func applied(before []byte, edits []change.TextEdit) []byte {
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, before[at:e.Start]...), e.New...)
		at = e.End
	}
	return append(out, before[at:]...)
}

// pathOf is the import path of the package in the folder of a file.
func (j *job) pathOf(rel string) string {
	dir := path.Dir(rel)
	best := ""
	for _, p := range j.world.Packages {
		at := path.Clean(p.Pkg.Dir)
		if p.ForTest != "" {
			continue
		}
		if at == dir {
			return p.Pkg.Path
		}
		if root, ok := strings.CutSuffix(p.Pkg.Path, "/"+at); ok {
			best = root + "/" + dir
		} else if at == "." {
			best = p.Pkg.Path + "/" + dir
		}
	}
	return best
}

func spanOf(err error) text.Span {
	if r, ok := err.(*component.Refusal); ok {
		return r.Problems[0].Span
	}
	return text.Span{}
}

func first(err error) string {
	if r, ok := err.(*component.Refusal); ok {
		return r.Problems[0].Message
	}
	return err.Error()
}
