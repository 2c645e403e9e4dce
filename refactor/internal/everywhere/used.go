package everywhere

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A UsedType is an exported struct type whose methods another package calls.
type UsedType struct {
	Type     *types.Named
	Package  *source.Package
	Users    []*source.Package // that call its methods
	Stateful bool              // held by pointer everywhere outside of its package
}

// UsedTypes returns those of a module.
func UsedTypes(w *code.World) []UsedType {
	var out []UsedType
	for _, p := range w.Packages {
		if p.ForTest != "" || p.Pkg.Name == "main" {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || !tn.Exported() || tn.IsAlias() {
				continue
			}
			named, ok := tn.Type().(*types.Named)
			if !ok || types.IsInterface(named) || named.TypeParams().Len() > 0 {
				continue
			}
			if _, isStruct := named.Underlying().(*types.Struct); !isStruct {
				continue
			}
			if users, stateful := usersOf(w, p, named); len(users) > 0 {
				out = append(out, UsedType{named, p, users, stateful})
			}
		}
	}
	return out
}

// usersOf returns the packages that call methods of a type, and whether it is held
// by pointer everywhere outside of its package.
func usersOf(w *code.World, p *source.Package, named *types.Named) (users []*source.Package, stateful bool) {
	stateful = true
	is := func(t types.Type) bool {
		n, ok := types.Unalias(t).(*types.Named)
		return ok && n.Obj() == named.Obj()
	}
	for _, f := range w.Files {
		if f.Test || f.Pkg == p || !slices.Contains(f.Pkg.Imports, p.Pkg.Path) && !code.Imports(f.Pkg.Types, p.Pkg.Path) {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			e, ok := n.(ast.Expr)
			if !ok {
				return
			}
			tv := f.Pkg.Info.Types[e]
			if tv.Type != nil && is(tv.Type) {
				switch parent := stack[len(stack)-2].(type) {
				case *ast.StarExpr, *ast.SelectorExpr, *ast.CompositeLit, *ast.TypeSpec:
				case *ast.UnaryExpr:
					if _, lit := e.(*ast.CompositeLit); !lit {
						stateful = false
					}
				case *ast.CallExpr:
					if id, ok := parent.Fun.(*ast.Ident); !ok || id.Name != "new" {
						stateful = false
					}
				default:
					stateful = false
				}
			}
			sel, ok := e.(*ast.SelectorExpr)
			if !ok {
				return
			}
			s := f.Pkg.Info.Selections[sel]
			if s == nil {
				return
			}
			recv := s.Recv()
			if ptr, ok := types.Unalias(recv).(*types.Pointer); ok {
				recv = ptr.Elem()
			}
			if is(recv) && s.Kind() == types.MethodVal && !slices.Contains(users, f.Pkg) {
				users = append(users, f.Pkg)
			}
		})
	}
	return users, stateful
}
