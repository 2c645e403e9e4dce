package reorder

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// An Overtaking is a call that changes a field before the statement reads it in which both
// stand, though it comes after the field.
type Overtaking struct {
	Call *ast.CallExpr
	// Sure says that functions which are called by their names lead to code that assigns
	// the field, if of another value; else only what an interface or a function value may
	// stand for does.
	Sure bool
}

// OvertakenBy returns the call that comes after a field in the statement that reads it, and
// that may change the field; nil if there is none. The path leads from the file to the
// selector. The language leaves open whether such a field is read before the call or after
// it, and the compiler reads it after: a method that reads it instead is called before. Code
// of other modules is taken not to change fields by calling back.
func (a *Analysis) OvertakenBy(f *code.File, path []ast.Node) *Overtaking {
	sel := path[len(path)-1].(*ast.SelectorExpr)
	field, ok := f.Pkg.Info.Uses[sel.Sel].(*types.Var)
	if !ok {
		return nil
	}
	calls := laterCalls(f, path)
	if len(calls) == 0 || !a.changed(field) {
		return nil
	}
	for _, call := range calls {
		if a.assigns(f, call, a.world.Key(field.Origin()), map[code.Key]bool{}) {
			return &Overtaking{call, true}
		}
	}
	read := a.Code(Part{File: f, Within: sel, Nodes: []ast.Node{sel}})
	for _, call := range calls {
		if c := Between(read, a.Code(Part{File: f, Within: call, Nodes: []ast.Node{call}})); c != nil && !c.World {
			return &Overtaking{Call: call}
		}
	}
	return nil
}

// assigns reports whether code, or a function that it calls by its name, assigns a field,
// or takes its address. It follows a function once.
func (a *Analysis) assigns(f *code.File, n ast.Node, field code.Key, seen map[code.Key]bool) bool {
	found := false
	visitAssigned(f, n, func(v *types.Var) { found = found || a.world.Key(v.Origin()) == field })
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		fn := f.Callee(call)
		if fn == nil {
			return true
		}
		key := a.world.Key(fn.Origin())
		d := a.world.Decl(fn)
		if d == nil || d.Func.Body == nil || seen[key] {
			return true
		}
		seen[key] = true
		found = a.assigns(d.File, d.Func.Body, field, seen)
		return !found
	})
	return found
}

// laterCalls returns the calls that a statement makes after what a path leads to, and whose
// order with it isn't given: not those which it is part of, nor those behind && and ||.
func laterCalls(f *code.File, path []ast.Node) []*ast.CallExpr {
	var calls []*ast.CallExpr
	find := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.CallExpr:
				tv := f.Pkg.Info.Types[n.Fun]
				if !tv.IsType() && !tv.IsBuiltin() {
					calls = append(calls, n)
				}
			}
			return true
		})
	}
	behind := func(list []ast.Expr, child ast.Node) {
		if i := slices.IndexFunc(list, func(e ast.Expr) bool { return e == child }); i >= 0 {
			for _, e := range list[i+1:] {
				find(e)
			}
		}
	}
	for i := len(path) - 1; i > 0; i-- {
		child := path[i]
		switch p := path[i-1].(type) {
		case *ast.BinaryExpr:
			if p.X == child && p.Op != token.LAND && p.Op != token.LOR {
				find(p.Y)
			}
		case *ast.CallExpr:
			if p.Fun == child {
				for _, e := range p.Args {
					find(e)
				}
			}
			behind(p.Args, child)
		case *ast.IndexExpr:
			if p.X == child {
				find(p.Index)
			}
		case *ast.SliceExpr:
			behind(slices.DeleteFunc([]ast.Expr{p.X, p.Low, p.High, p.Max}, func(e ast.Expr) bool { return e == nil }), child)
		case *ast.KeyValueExpr:
			if p.Key == child {
				find(p.Value)
			}
		case *ast.CompositeLit:
			behind(p.Elts, child)
		case *ast.AssignStmt:
			behind(p.Rhs, child)
			if slices.ContainsFunc(p.Lhs, func(e ast.Expr) bool { return e == child }) && (p.Tok != token.ASSIGN || i < len(path)-1) {
				behind(p.Lhs, child)
				for _, e := range p.Rhs {
					find(e)
				}
			}
			return calls
		case *ast.SendStmt:
			if p.Chan == child {
				find(p.Value)
			}
			return calls
		case *ast.ReturnStmt:
			behind(p.Results, child)
			return calls
		case *ast.ValueSpec:
			behind(p.Values, child)
			return calls
		case ast.Stmt, *ast.FuncLit:
			return calls
		}
	}
	return calls
}

// changed reports whether code of the module assigns a field, or a struct that has it, or
// takes its address. What makes a struct doesn't.
func (a *Analysis) changed(field *types.Var) bool {
	if a.assigned == nil {
		a.assigned = map[code.Key]bool{}
		for _, f := range a.world.Files {
			visitAssigned(f, f.AST, func(v *types.Var) { a.assigned[a.world.Key(v.Origin())] = true })
		}
	}
	return a.assigned[a.world.Key(field.Origin())]
}

// visitAssigned visits the fields that code assigns, or whose address it takes.
func visitAssigned(f *code.File, within ast.Node, visit func(*types.Var)) {
	info := f.Pkg.Info
	add := func(e ast.Expr) {
		if t := info.TypeOf(e); t != nil {
			if s, ok := t.Underlying().(*types.Struct); ok {
				for field := range s.Fields() {
					visit(field)
				}
			}
		}
		for e != nil {
			switch x := ast.Unparen(e).(type) {
			case *ast.SelectorExpr:
				if v, ok := info.Uses[x.Sel].(*types.Var); ok && v.IsField() {
					visit(v)
				}
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			default:
				e = nil
			}
		}
	}
	ast.Inspect(within, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					add(e)
				}
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if e != nil {
						add(e)
					}
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				if _, literal := ast.Unparen(n.X).(*ast.CompositeLit); !literal {
					add(n.X)
				}
			}
		case *ast.SliceExpr: // of an array
			add(n.X)
		case *ast.SelectorExpr:
			if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal && !types.IsInterface(s.Recv()) {
				if _, isPointer := s.Recv().Underlying().(*types.Pointer); !isPointer {
					if fn, ok := s.Obj().(*types.Func); ok {
						if _, takes := fn.Signature().Recv().Type().Underlying().(*types.Pointer); takes {
							add(n.X) // its address is taken
						}
					}
				}
			}
		}
		return true
	})
}
