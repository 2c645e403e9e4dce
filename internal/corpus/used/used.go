package used

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/source"
)

// A Type is an exported struct type whose methods another package calls, and whose code
// no tool writes.
type Type struct {
	Type     *types.Named
	Package  *source.Package
	Users    []*source.Package // that call its methods
	Stateful bool              // held outside of its package, and by pointer everywhere
}

// Types returns those of the packages of one load, in their order. Tests don't
// count.
func Types(packages []*source.Package) []Type {
	var out []Type
	for _, p := range packages {
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
			if _, isStruct := named.Underlying().(*types.Struct); !isStruct || generated(p, tn) {
				continue
			}
			if users, stateful := usersOf(packages, p, named); len(users) > 0 {
				out = append(out, Type{named, p, users, stateful})
			}
		}
	}
	return out
}

// generated reports whether a tool writes the file that declares a type.
func generated(p *source.Package, tn *types.TypeName) bool {
	return slices.ContainsFunc(p.Syntax, func(f *ast.File) bool {
		return f.FileStart <= tn.Pos() && tn.Pos() < f.FileEnd && ast.IsGenerated(f)
	})
}

// usersOf returns the packages that call methods of a type, and whether it is held
// outside of its package, and by pointer everywhere.
func usersOf(packages []*source.Package, p *source.Package, named *types.Named) (users []*source.Package, stateful bool) {
	byValue, byPointer := false, false
	for _, user := range packages {
		if user.ForTest != "" || user == p || !imports(user.Types, p.Types, map[*types.Package]bool{}) {
			continue
		}
		for _, f := range user.Syntax {
			calls, value, pointer := inFile(user, f, named)
			byValue, byPointer = byValue || value, byPointer || pointer
			if calls && !slices.Contains(users, user) {
				users = append(users, user)
			}
		}
	}
	return users, byPointer && !byValue
}

func imports(p, target *types.Package, seen map[*types.Package]bool) bool {
	if seen[p] {
		return false
	}
	seen[p] = true
	return slices.ContainsFunc(p.Imports(), func(q *types.Package) bool { return q == target || imports(q, target, seen) })
}

// inFile reports whether a file calls methods of a type, and whether it holds it by
// value, and by pointer.
func inFile(user *source.Package, f *ast.File, named *types.Named) (calls, value, pointer bool) {
	is := func(t types.Type) bool {
		n, ok := types.Unalias(t).(*types.Named)
		return ok && n.Obj() == named.Obj()
	}
	ast.PreorderStack(f, nil, func(n ast.Node, stack []ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if tv := user.Info.Types[e]; tv.Type != nil {
			value = value || is(tv.Type) && byValue(e, stack[len(stack)-1])
			p, isPointer := types.Unalias(tv.Type).(*types.Pointer)
			pointer = pointer || isPointer && is(p.Elem())
		}
		sel, ok := e.(*ast.SelectorExpr)
		if !ok || user.Info.Selections[sel] == nil {
			return true
		}
		s := user.Info.Selections[sel]
		recv := s.Recv()
		if ptr, ok := types.Unalias(recv).(*types.Pointer); ok {
			recv = ptr.Elem()
		}
		calls = calls || is(recv) && s.Kind() == types.MethodVal
		return true
	})
	return calls, value, pointer
}

// byValue reports whether an expression that is a value of a type, or the type, is
// no part of a pointer to it.
func byValue(e ast.Expr, parent ast.Node) bool {
	switch parent := parent.(type) {
	case *ast.StarExpr, *ast.SelectorExpr, *ast.CompositeLit, *ast.TypeSpec:
		return false
	case *ast.UnaryExpr:
		_, lit := e.(*ast.CompositeLit)
		return !lit
	case *ast.CallExpr:
		id, ok := parent.Fun.(*ast.Ident)
		return !ok || id.Name != "new"
	}
	return true
}
