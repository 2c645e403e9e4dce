package summary

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

const example = `package p

import "context"

var (
	limit = 3
	cache = map[string]int{}
	names = []string{"a"}
	ready bool
)

func init() { ready = true }

type base struct{ n int }

func (b *base) inc() { b.n++ }

type Engine struct {
	base
	rates [limitMax]int
}

const limitMax = 4

func New() *Engine { return &Engine{} }

func (e *Engine) Quote(ctx context.Context, sku string) (int, error) {
	for range names {
		cache[sku] = helper(limit)
	}
	e.inc()
	return e.n, nil
}

func helper(n int) int { return n }

var pick = helper
`

func summarise(t *testing.T) *component.Summary {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", example, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := conf.Check("m/p", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	pass := NewPass(Input{
		Package: component.Package{Path: "m/p", Name: "p", Dir: "p"}, Module: "m", Fset: fset, Files: []*ast.File{file}, Types: pkg, Info: info,
		Local: func(path string) bool { return strings.HasPrefix(path, "m/") },
		Span: func(fset *token.FileSet, pos, _ token.Pos) text.Span {
			p := fset.Position(pos)
			return text.Span{File: p.Filename, Line: p.Line, Col: p.Column}
		},
	})
	var functions []Function
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			at := pass.Span(fset, d.Pos(), d.End())
			functions = append(functions, Function{d, at, pass.Function(d, at)})
		}
	}
	return pass.Assemble(functions, nil).Summary
}

func TestRefs(t *testing.T) {
	var got []string
	for _, r := range summarise(t).Refs {
		line := r.From.Name + " " + r.Kind + " " + r.To.Name
		if r.Member != "" {
			line += "." + r.Member
		}
		if r.Loop {
			line += " in loop"
		}
		got = append(got, line)
	}
	want := []string{
		"Engine call base.inc", "Engine embed base", "Engine field base.n", "Engine write cache in loop", "Engine call helper in loop",
		"Engine global limit in loop", "Engine const limitMax", "Engine global names",
		"New type Engine", "init init-write ready", "pick value helper",
	}
	if !slices.Equal(got, want) {
		t.Errorf("references:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDeclsAndSignatures(t *testing.T) {
	s := summarise(t)
	var mutable []string
	for _, d := range s.Decls {
		if d.Mutable {
			mutable = append(mutable, d.Name)
		}
		if d.Name == "Engine" && (d.Kind != "type" || !slices.Equal(d.Methods, []string{"Quote"}) || d.Lines != 11) {
			t.Errorf("Engine: %+v", d)
		}
	}
	if !slices.Equal(mutable, []string{"cache"}) {
		t.Errorf("written after initialisation: %q, want cache", mutable)
	}
	var sigs []string
	for _, sig := range s.Contracts {
		sigs = append(sigs, fmt.Sprint(sig.Decl, " ", sig.Member, " ", sig.Context, sig.Error, sig.Constructor))
	}
	if want := []string{"m/p.Engine Quote true true false", "m/p.New  false false true"}; !slices.Equal(sigs, want) {
		t.Errorf("signatures %q, want %q", sigs, want)
	}
}
