package effects

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/source"
)

// An offering is what of a package other code may call without naming it.
type offering struct {
	pkg      *source.Package
	methods  []offeredFunc // of all types, in source order
	values   []offeredFunc // functions that are used as values, in source order
	literals []offeredLiteral
}

type offeredFunc struct {
	fn   *types.Func
	hook string
}

type offeredLiteral struct {
	lit  *ast.FuncLit
	hook string
}

// offer looks at the syntax of all packages.
func (p *Program) offer() {
	p.offered = []*offering{}
	for _, path := range slices.Sorted(maps.Keys(p.byPath)) {
		o := &offering{pkg: p.byPath[path]}
		p.offered = append(p.offered, o)
		var named []*types.Named
		for _, obj := range o.pkg.Info.Defs {
			if tn, ok := obj.(*types.TypeName); ok && !tn.IsAlias() && !types.IsInterface(tn.Type()) {
				if n, ok := tn.Type().(*types.Named); ok && n.TypeParams() == nil {
					named = append(named, n)
				}
			}
		}
		slices.SortFunc(named, func(a, b *types.Named) int { return p.order(a.Obj().Pos()) - p.order(b.Obj().Pos()) })
		for _, n := range named {
			for m := range n.Methods() {
				o.methods = append(o.methods, offeredFunc{m, methodHook(m)})
			}
		}
		called := map[*ast.Ident]bool{}
		for _, f := range o.pkg.Syntax {
			ast.Inspect(f, func(n ast.Node) bool { o.note(n, called); return true })
		}
	}
}

// note adds a function that is used as a value, or a function literal. Called
// holds the names of what is called.
func (o *offering) note(n ast.Node, called map[*ast.Ident]bool) {
	hook := func(e ast.Expr) (string, bool) {
		sig, ok := o.pkg.Info.TypeOf(e).(*types.Signature)
		if !ok || sig.TypeParams() != nil {
			return "", false
		}
		return signatureHook(sig), true
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		switch fun := ast.Unparen(n.Fun).(type) {
		case *ast.Ident:
			called[fun] = true
		case *ast.SelectorExpr:
			called[fun.Sel] = true
		}
	case *ast.FuncLit:
		if h, ok := hook(n); ok {
			o.literals = append(o.literals, offeredLiteral{n, h})
		}
	case *ast.Ident:
		fn, ok := o.pkg.Info.Uses[n].(*types.Func)
		if !ok || called[n] || fn.Origin() != fn {
			return
		}
		if h, ok := hook(n); ok {
			o.values = append(o.values, offeredFunc{fn, h})
		}
	}
}
