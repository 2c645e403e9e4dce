package lockovercall

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/text"
)

func set(t *testing.T, flags map[string]string) {
	t.Helper()
	for name, value := range flags {
		was := Analyzer.Analysis.Flags.Lookup(name).Value.String()
		if err := Analyzer.Analysis.Flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { Analyzer.Analysis.Flags.Set(name, was) })
	}
}

func Test(t *testing.T) {
	set(t, map[string]string{"components": "pricing=shop/pricing,orders=shop/orders,orders=shop/audit", "contracts": "pricing=shop/pricing.Service"})
	analysistest.Run(t, analysistest.TestData(), Analyzer.Analysis, "shop/orders", "shop/audit", "shop/pricing")
}

func TestFixes(t *testing.T) {
	set(t, map[string]string{"components": "pricing=fixes/pricing,orders=fixes/orders", "contracts": "pricing=fixes/pricing.Service"})
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Analyzer.Analysis, "fixes/orders")
}

// TestOrder holds several locks at once, of which neither name nor text tells
// which is which: what is said of them must not change from run to run.
func TestOrder(t *testing.T) {
	const src = `package p

import "sync"

type s struct{ a, b, c, d sync.Mutex }

func lockOf(x *s) { x.a.Lock() }
func work()       {}

func (x *s) all(y, z, u, v *s) {
	lockOf(y)
	lockOf(z)
	lockOf(u)
	lockOf(v)
	x.d.Lock()
	x.b.Lock()
	x.a.Lock()
	x.c.Lock()
	work()
}
`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	pkg, err := (&types.Config{Importer: importer.ForCompiler(fset, "source", nil)}).Check("p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	pass := &analyzers.Pass{Fset: fset, Types: pkg, Info: info, Local: func(path string) bool { return path == "p" }, Span: func(pos, end token.Pos) text.Span {
		p := fset.Position(pos)
		return text.Span{File: p.Filename, Line: p.Line, Col: p.Column, Start: p.Offset, End: fset.Position(end).Offset}
	}}
	all := f.Decls[len(f.Decls)-1].(*ast.FuncDecl)
	first := function(pass, all)
	if last := first[len(first)-1]; last.Kind != underLock || len(first) < 15 {
		t.Fatalf("%d facts, the last %+v", len(first), last)
	}
	for range 20 {
		if again := function(pass, all); !reflect.DeepEqual(again, first) {
			t.Fatalf("now\n%+v\nbefore\n%+v", again, first)
		}
	}
}
