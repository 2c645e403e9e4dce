package contract

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

// errors collects the identities of the component's own errors and of those
// that the caller asked for, and the types of what typed errors carry.
func (b *builder) errors() []component.ErrorIdentity {
	var ids []component.ErrorIdentity
	seen := map[types.Object]bool{}
	add := func(obj types.Object) {
		if seen[obj] {
			return
		}
		seen[obj] = true
		if id, ok := b.identity(obj); ok {
			id.Doc = b.doc(obj)
			ids = append(ids, id)
		}
	}
	for _, p := range append([]*types.Package{b.home}, b.opts.Packages...) {
		for _, name := range p.Scope().Names() {
			obj := p.Scope().Lookup(name)
			if obj.Exported() || b.opts.Form == component.FormFuncs && p == b.home {
				add(obj)
			}
		}
	}
	for _, obj := range b.opts.Errors {
		add(obj)
	}
	slices.SortFunc(ids, func(x, y component.ErrorIdentity) int {
		return cmp.Or(cmp.Compare(x.Package.Path, y.Package.Path), cmp.Compare(x.Name, y.Name))
	})
	return slices.CompactFunc(ids, func(x, y component.ErrorIdentity) bool {
		return x.Package.Path == y.Package.Path && x.Name == y.Name
	})
}

// identity returns how obj is recognised, if it is an error at all: a package
// variable of type error, or a type that implements it.
func (b *builder) identity(obj types.Object) (component.ErrorIdentity, bool) {
	id := component.ErrorIdentity{Package: b.pkg(obj.Pkg()), Name: obj.Name()}
	switch obj := obj.(type) {
	case *types.Var:
		return id, isPackageLevel(obj) && crossing.IsError(obj.Type())
	case *types.TypeName:
		return b.typedError(id, obj)
	}
	return id, false
}

var errorInterface = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

func (b *builder) typedError(id component.ErrorIdentity, obj *types.TypeName) (component.ErrorIdentity, bool) {
	named, ok := obj.Type().(*types.Named)
	if !ok || obj.IsAlias() || types.IsInterface(named) || named.TypeParams().Len() > 0 {
		return id, false
	}
	var t types.Type = named
	switch {
	case types.Implements(named, errorInterface):
	case types.Implements(types.NewPointer(named), errorInterface):
		id.Pointer, t = true, types.NewPointer(named)
	default:
		return id, false
	}
	d := b.describe()
	if reasons := b.decider.Walk(t, obj.Name(), obj, d.step); len(reasons) > 0 {
		for _, r := range reasons {
			p := b.problem("typed-error", r.Path, r.Object, obj, r.What+"; "+obj.Name()+" arrives as an error with the same text, and errors.As won't find it", r.Hint)
			p.Severity = component.Warn
			b.problems = append(b.problems, p)
		}
		return id, false
	}
	d.take()
	id.Type = ID(named)
	return id, true
}

func isPackageLevel(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// ErrorUses returns the errors whose identity the given files check: values
// compared by ==, !=, case or errors.Is, and types used with errors.As, type
// assertions and type switches. Unexported errors are left out, since generated
// code can't name them.
func ErrorUses(info *types.Info, files []*ast.File) []types.Object {
	u := &uses{info: info, seen: map[types.Object]bool{}}
	for _, f := range files {
		ast.Inspect(f, u.node)
	}
	slices.SortFunc(u.found, func(a, b types.Object) int {
		return cmp.Or(cmp.Compare(a.Pkg().Path(), b.Pkg().Path()), cmp.Compare(a.Name(), b.Name()))
	})
	return u.found
}

type uses struct {
	info  *types.Info
	seen  map[types.Object]bool
	found []types.Object
}

func (u *uses) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			u.value(n.X)
			u.value(n.Y)
		}
	case *ast.SwitchStmt:
		u.cases(n)
	case *ast.CallExpr:
		u.call(n)
	case *ast.TypeAssertExpr:
		if n.Type != nil && u.isError(n.X) {
			u.typ(u.info.TypeOf(n.Type))
		}
	case *ast.TypeSwitchStmt:
		u.typeCases(n)
	}
	return true
}

func (u *uses) isError(e ast.Expr) bool {
	t := u.info.TypeOf(e)
	return t != nil && crossing.IsError(t)
}

func (u *uses) cases(n *ast.SwitchStmt) {
	if n.Tag == nil || !u.isError(n.Tag) {
		return
	}
	for _, c := range n.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			u.value(e)
		}
	}
}

func (u *uses) typeCases(n *ast.TypeSwitchStmt) {
	for _, c := range n.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			if tv, ok := u.info.Types[e]; ok && tv.IsType() {
				u.typ(tv.Type)
			}
		}
	}
}

func (u *uses) call(n *ast.CallExpr) {
	fn, ok := callee(u.info, n).(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "errors" {
		return
	}
	switch {
	case fn.Name() == "Is" && len(n.Args) == 2:
		u.value(n.Args[1])
	case fn.Name() == "As" && len(n.Args) == 2:
		if p, ok := u.info.TypeOf(n.Args[1]).(*types.Pointer); ok {
			u.typ(p.Elem())
		}
	case fn.Name() == "AsType":
		if tuple, ok := u.info.TypeOf(n).(*types.Tuple); ok && tuple.Len() == 2 {
			u.typ(tuple.At(0).Type())
		}
	}
}

func callee(info *types.Info, n *ast.CallExpr) types.Object {
	fun := ast.Unparen(n.Fun)
	switch ix := fun.(type) {
	case *ast.IndexExpr:
		fun = ix.X
	case *ast.IndexListExpr:
		fun = ix.X
	}
	switch f := fun.(type) {
	case *ast.SelectorExpr:
		return info.Uses[f.Sel]
	case *ast.Ident:
		return info.Uses[f]
	}
	return nil
}

func (u *uses) value(e ast.Expr) {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return
	}
	if v, ok := u.info.Uses[id].(*types.Var); ok && isPackageLevel(v) && v.Exported() && crossing.IsError(v.Type()) {
		u.add(v)
	}
}

func (u *uses) typ(t types.Type) {
	if t == nil {
		return
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || !n.Obj().Exported() || types.IsInterface(n) {
		return
	}
	if types.Implements(types.NewPointer(n), errorInterface) {
		u.add(n.Obj())
	}
}

func (u *uses) add(obj types.Object) {
	if !u.seen[obj] {
		u.seen[obj] = true
		u.found = append(u.found, obj)
	}
}
