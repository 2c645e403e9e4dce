package lookup

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/source"
)

// pinned is why a package of functions has to stay in the process that calls it,
// or "": something that doesn't go through the contract touches the state, and
// one of the two changes it, so hosted elsewhere there would be two halves of
// it. methods are what is known of the contract's.
func (f *Finder) pinned(ctx context.Context, home *source.Package, holder *types.Var, program *effects.Program, methods map[string]effects.Method) (string, error) {
	if v := contract.Beside(home.Info, home.Syntax, holder.Name()); v != nil {
		return v.Name() + " is used beside the contract, by what can't cross a process", nil
	}
	touched, changed := false, false
	for _, m := range methods {
		touched = touched || m.TouchesState
		changed = changed || m.Effect == component.EffectWrites
	}
	if !touched {
		return "", nil
	}
	if why := f.setOutside(home); why != "" {
		return why, nil
	}
	for _, fn := range bypassingFuncs(home, holder) {
		m, err := program.Func(ctx, fn)
		if err != nil {
			return "", err
		}
		if m.Effect == component.EffectWrites || m.TouchesState && changed {
			why := fn.Name() + " is not in the contract and touches the component's state"
			if m.Because != nil {
				why += fmt.Sprintf(" (%s)", m.Because)
			}
			return why, nil
		}
	}
	return "", nil
}

// bypassingFuncs are the exported functions of a package that don't go through the
// variable that holds its implementation, in source order.
func bypassingFuncs(home *source.Package, holder *types.Var) []*types.Func {
	var out []*types.Func
	for _, file := range home.Syntax {
		for _, d := range file.Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok || decl.Recv != nil || decl.Body == nil || !decl.Name.IsExported() || mentions(home, decl.Body, holder) {
				continue
			}
			if fn, ok := home.Info.Defs[decl.Name].(*types.Func); ok {
				out = append(out, fn)
			}
		}
	}
	slices.SortFunc(out, func(a, b *types.Func) int { return int(a.Pos() - b.Pos()) })
	return out
}

func mentions(p *source.Package, n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && p.Info.Uses[id] == v
		return !found
	})
	return found
}

// setOutside names a variable of the component's package that another package
// sets, and where; "" where there is none.
func (f *Finder) setOutside(home *source.Package) string {
	for _, p := range f.pkgs {
		if p.Types == home.Types {
			continue
		}
		for _, file := range p.Syntax {
			var at *ast.SelectorExpr
			ast.Inspect(file, func(n ast.Node) bool {
				for _, target := range assigned(n) {
					sel, ok := ast.Unparen(target).(*ast.SelectorExpr)
					if v, isVar := p.Info.Uses[selName(sel, ok)].(*types.Var); isVar && !v.IsField() && v.Pkg() == home.Types && at == nil {
						at = sel
					}
				}
				return at == nil
			})
			if at != nil {
				return fmt.Sprintf("%s sets %s.%s", f.o.Snapshot.Span(p.Fset, at.Pos(), at.End()), home.Pkg.Name, at.Sel.Name)
			}
		}
	}
	return ""
}

func selName(sel *ast.SelectorExpr, ok bool) *ast.Ident {
	if !ok {
		return nil
	}
	return sel.Sel
}

// assigned are the expressions that a node gives a new value, or lets others
// give one.
func assigned(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return n.Lhs
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.RangeStmt:
		return []ast.Expr{n.Key, n.Value}
	}
	return nil
}
