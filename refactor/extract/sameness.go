package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
)

// sameness returns the places that a façade would deceive: two façades of one value aren't
// equal, what is in an interface may be the type where a façade is looked for, or the other
// way round, and reflection sees a handle where it saw fields. Inside the component that
// concerns what has a field of façades.
func (j *job) sameness(h *handled) []component.Problem {
	var ps []component.Problem
	bad := func(n ast.Node, what string) {
		ps = append(ps, problem("needs-the-type", j.world.Span(n), what, "decide by a method instead, or extract without --keep-signatures"))
	}
	for _, f := range j.world.Files {
		if j.facing(h, f) || len(h.facades) > 0 {
			j.sameIn(h, f, bad)
		}
	}
	return append(ps, j.asked(h)...)
}

// sameIn reports the places of one file that a façade would deceive.
func (j *job) sameIn(h *handled, f *code.File, bad func(ast.Node, string)) {
	inside := !j.facing(h, f)
	compared := func(t types.Type) bool { return j.compared(h, t, inside) }
	f.Walk(func(n ast.Node, stack []ast.Node) {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && compares(f, n, compared) {
				bad(n, "two values of "+j.typeName()+" are compared here: two façades of one value would differ")
			}
		case *ast.MapType:
			if compared(f.Pkg.Info.TypeOf(n.Key)) {
				bad(n, j.typeName()+" is the key of a map here: two façades of one value would be two keys")
			}
		case *ast.CaseClause:
			for _, e := range n.List {
				if tv := f.Pkg.Info.Types[e]; tv.IsValue() && !tv.IsNil() && compared(tv.Type) {
					bad(e, "two values of "+j.typeName()+" are compared here: two façades of one value would differ")
				}
			}
		}
		if e, ok := n.(ast.Expr); ok {
			if keyAsAny(f, e, stack, compared) {
				bad(e, j.typeName()+" is the key of a map here: two façades of one value would be two keys")
			}
			if by := j.reflectedBy(h, f, e, stack); by != "" {
				bad(e, by+" looks into "+j.typeName()+" here, and would see a handle")
			}
		}
	})
	j.comparable(f, compared, bad)
}

func (j *job) outsideFile(f *code.File) bool {
	return f.Test || f.Pkg.Pkg.Path != j.target.pkg.Pkg.Path
}

// calls reports whether f calls or takes the method of the type.
func (j *job) calls(f *code.File, m *types.Func) bool {
	for sel, s := range f.Pkg.Info.Selections {
		if sel.Sel.Name == m.Name() && f.Has(sel) && s.Kind() == types.MethodVal && (j.isPointer(s.Recv()) || j.isTarget(s.Recv())) {
			return true
		}
	}
	return false
}

// compares reports a comparison of two values of which one is of a type that counts.
func compares(f *code.File, n *ast.BinaryExpr, counts func(types.Type) bool) bool {
	info := f.Pkg.Info
	if info.Types[n.X].IsNil() || info.Types[n.Y].IsNil() {
		return false
	}
	return counts(info.TypeOf(n.X)) || counts(info.TypeOf(n.Y))
}

// comparable finds generic functions and types that compare the type.
func (j *job) comparable(f *code.File, compared func(types.Type) bool, bad func(ast.Node, string)) {
	for id, inst := range f.Pkg.Info.Instances {
		if !f.Has(id) {
			continue
		}
		params := typeParams(f.Pkg.Info.Uses[id])
		for i := range inst.TypeArgs.Len() {
			if i < params.Len() && types.Comparable(params.At(i)) && compared(inst.TypeArgs.At(i)) {
				bad(id, id.Name+" compares values of "+j.typeName()+" here: two façades of one value would differ")
			}
		}
	}
}

func typeParams(obj types.Object) *types.TypeParamList {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Signature().TypeParams()
	case *types.TypeName:
		if n, ok := obj.Type().(*types.Named); ok {
			return n.TypeParams()
		}
	}
	return nil
}

// keyAsAny reports a value of a type that counts which is the key of a map from any value.
func keyAsAny(f *code.File, e ast.Expr, stack []ast.Node, counts func(types.Type) bool) bool {
	tv := f.Pkg.Info.Types[e]
	if !tv.IsValue() || len(stack) < 2 || !counts(tv.Type) {
		return false
	}
	place, t := f.Destination(stack)
	if place != code.Typed || !types.IsInterface(t) {
		return false
	}
	switch p := stack[len(stack)-2].(type) {
	case *ast.IndexExpr:
		return true
	case *ast.KeyValueExpr:
		_, field := f.Pkg.Info.Uses[asIdent(p.Key)].(*types.Var)
		return p.Key == e && !field
	case *ast.CallExpr:
		fn := f.Callee(p)
		return fn != nil && strings.HasPrefix(fn.FullName(), "(*sync.Map).") && len(p.Args) > 0 && p.Args[0] == e
	}
	return false
}

func asIdent(e ast.Expr) *ast.Ident {
	id, _ := e.(*ast.Ident)
	return id
}

// prints are packages that print the values that they are given.
var prints = []string{"fmt", "log", "log/slog"}

// inspectors are packages that inspect, by reflection, the values that they are given.
var inspectors = []string{"reflect", "encoding/json", "encoding/xml", "encoding/gob", "text/template", "html/template", "encoding/binary"}

// reflectedBy returns the function that e is given to as any value and that
// looks into it, where it would see a façade; or "".
func (j *job) reflectedBy(h *handled, f *code.File, e ast.Expr, stack []ast.Node) string {
	tv := f.Pkg.Info.Types[e]
	if !tv.IsValue() || len(stack) < 2 {
		return ""
	}
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok {
		return ""
	}
	place, t := f.Destination(stack)
	if place != code.Typed || !types.IsInterface(t) || !j.shown(h, tv.Type, !j.facing(h, f)) {
		return ""
	}
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return ""
	}
	path := fn.Pkg().Path()
	if obj, _, _ := types.LookupFieldOrMethod(tv.Type, true, f.Pkg.Types, "String"); slices.Contains(prints, path) && obj == nil && !f.Test {
		j.note(j.world.Span(e), fn.Pkg().Name()+"."+fn.Name()+" prints a handle here, where it printed the fields of "+j.typeName())
	}
	if slices.Contains(inspectors, path) || strings.HasSuffix(path, "/go-cmp/cmp") || strings.Contains(path, "yaml") || strings.Contains(path, "testify") && strings.Contains(fn.Name(), "Equal") {
		return fn.Pkg().Name() + "." + fn.Name()
	}
	return ""
}

// reaches reports whether a pointer to the type is in values of t, as far as
// their types say.
func (j *job) reaches(t types.Type, depth int) bool {
	if t == nil || depth > 6 {
		return false
	}
	if j.isPointer(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return j.reaches(u.Elem(), depth+1)
	case *types.Slice:
		return j.reaches(u.Elem(), depth+1)
	case *types.Array:
		return j.reaches(u.Elem(), depth+1)
	case *types.Map:
		return j.reaches(u.Key(), depth+1) || j.reaches(u.Elem(), depth+1)
	case *types.Struct:
		for v := range u.Fields() {
			if j.reaches(v.Type(), depth+1) {
				return true
			}
		}
	}
	return false
}
