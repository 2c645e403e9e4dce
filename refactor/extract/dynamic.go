package extract

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
)

// becomesInterface reports a pointer to the type, at the end of a path, that becomes a value
// of an interface, unless it is given to a function that only prints it or tests something of
// it: of any other somebody may ask later what is in it.
func (j *job) becomesInterface(f *code.File, stack []ast.Node) bool {
	e, ok := stack[len(stack)-1].(ast.Expr)
	if !ok {
		return false
	}
	tv := f.Pkg.Info.Types[e]
	if !tv.IsValue() || !j.isPointer(tv.Type) {
		return false
	}
	if _, t := f.Destination(stack); t == nil || !types.IsInterface(t) {
		return false
	}
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok {
		return true
	}
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return true
	}
	path := fn.Pkg().Path()
	return !slices.Contains(prints, path) && path != "testing" && !strings.Contains(path, "/testify/")
}

// asksFor says how the node at the end of a path asks an interface for the type: by an
// assertion, a case of a type switch, or a function like errors.As. It is "" where it doesn't.
func (j *job) asksFor(f *code.File, stack []ast.Node) string {
	info := f.Pkg.Info
	switch n := stack[len(stack)-1].(type) {
	case *ast.TypeAssertExpr:
		if n.Type != nil && j.isPointer(info.TypeOf(n.Type)) {
			return "the type is asserted here"
		}
		return ""
	case *ast.Ident:
		fn, ok := info.Uses[n].(*types.Func)
		if inst := info.Instances[n]; ok && fn.Pkg() != nil && inst.TypeArgs.Len() > 0 && j.isPointer(inst.TypeArgs.At(0)) {
			switch name := fn.Pkg().Path() + "." + fn.Name(); name {
			case "errors.AsType", "reflect.TypeFor":
				return name + " asks for the type here"
			}
		}
	}
	e, ok := stack[len(stack)-1].(ast.Expr)
	if !ok || len(stack) < 2 {
		return ""
	}
	tv := info.Types[e]
	if _, inCase := stack[len(stack)-2].(*ast.CaseClause); inCase && tv.IsType() && j.isPointer(tv.Type) {
		return "the type is a case of a type switch here"
	}
	if p, ok := tv.Type.(*types.Pointer); ok && tv.IsValue() && j.isPointer(p.Elem()) {
		call, isCall := stack[len(stack)-2].(*ast.CallExpr)
		if _, t := f.Destination(stack); isCall && t != nil && types.IsInterface(t) {
			return f.Source(call.Fun) + " asks for the type here"
		}
	}
	return ""
}

// asked returns the places that ask an interface for the type where its façade is known, and
// would find what does the work, and those that give a façade to an interface of which the
// component asks for what does the work.
func (j *job) asked(h *handled) (ps []component.Problem) {
	converted, inside := "", ""
	for _, rel := range j.target.pkg.IgnoredFiles {
		if strings.HasSuffix(rel, ".go") && !strings.HasSuffix(rel, "_test.go") {
			converted = rel // perhaps: what it converts isn't known
			break
		}
	}
	for _, f := range j.files() {
		if f.Test {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			if converted == "" && j.becomesInterface(f, stack) {
				converted = j.world.Span(n).String()
			}
			if inside == "" && j.asksFor(f, stack) != "" {
				inside = j.world.Span(n).String()
			}
		})
	}
	if converted == "" && inside == "" {
		return nil
	}
	for _, f := range j.world.Files {
		if !j.facing(h, f) {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			what := ""
			if how := j.asksFor(f, stack); how != "" && converted != "" {
				what = how + ", and " + converted + " makes it another interface inside the component, which would hold no façade"
			} else if inside != "" && j.becomesInterface(f, stack) {
				what = j.typeName() + " becomes a value of an interface here, and " + inside + " asks for the type inside the component, which a façade isn't there"
			}
			if what != "" {
				ps = append(ps, problem("needs-the-type", j.world.Span(n), what, "decide by a method instead, or extract without --keep-signatures"))
			}
		})
	}
	return ps
}
