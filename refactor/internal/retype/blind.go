package retype

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/loop"
)

// blindToNil reports whether the value at the end of stack is given to a function that
// does the same with a nil pointer as with no value: one that asserts that it is nil or
// isn't, writes it as JSON, or prints it.
func (f *Flow) blindToNil(file *code.File, stack []ast.Node) bool {
	call, ok := stack[max(len(stack)-2, 0)].(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, arg := file.Callee(call), stack[len(stack)-1].(ast.Expr)
	i := slices.Index(call.Args, arg)
	if fn == nil || fn.Pkg() == nil || i < 0 {
		return false
	}
	inTail := fn.Signature().Variadic() && i >= fn.Signature().Params().Len()-1
	if f.World.FileOf(fn) != nil {
		return f.assertsNil(fn, i) || inTail && code.TestHelper(fn)
	}
	switch path := fn.Pkg().Path(); path {
	case "github.com/stretchr/testify/assert", "github.com/stretchr/testify/require":
		if fn.Signature().Recv() == nil {
			i-- // the first one is the test
		}
		return inTail || i == 0 && slices.Contains([]string{"Nil", "Nilf", "NotNil", "NotNilf"}, fn.Name())
	case "testing":
		return inTail // what tests say is no result
	case "encoding/json":
		return i == 0 && slices.Contains([]string{"Marshal", "MarshalIndent", "Encode"}, fn.Name())
	case "fmt", "log":
		return inTail && !f.printsItself() && (strings.Contains(fn.Name(), "rint") && !strings.HasSuffix(fn.Name(), "f") || plainVerb(file, call, fn, i))
	}
	return false
}

// printsItself reports whether the type has a method by which it is printed, which may
// work on nil.
func (f *Flow) printsItself() bool {
	return slices.ContainsFunc(printers, func(name string) bool { return f.method(name, f.Type.Obj().Pkg()) != nil })
}

// printers are the methods by which package fmt prints a value.
var printers = []string{"Format", "String", "Error", "GoString"}

var verbs = regexp.MustCompile(`%[^a-zA-Z%]*[a-zA-Z%]`)

// plainVerb reports whether a constant format has %v or %+v for the i-th argument of a
// call.
func plainVerb(file *code.File, call *ast.CallExpr, fn *types.Func, i int) bool {
	first := fn.Signature().Params().Len() - 1
	v := file.Pkg.Info.Types[call.Args[max(first-1, 0)]].Value
	if !strings.HasSuffix(fn.Name(), "f") || first < 1 || call.Ellipsis.IsValid() || v == nil || v.Kind() != constant.String {
		return false
	}
	n := first
	for _, verb := range verbs.FindAllString(constant.StringVal(v), -1) {
		switch {
		case strings.ContainsAny(verb, "*["):
			return false // which argument it is for isn't its place
		case strings.HasSuffix(verb, "%"):
			continue
		case n == i:
			return verb == "%v" || verb == "%+v"
		}
		n++
	}
	return false
}

// goes reports whether the method that is selected at the end of stack is the call of a
// go statement, and its body is known: where it doesn't work on nil, the program ends
// there with a nil pointer as it does without a value.
func (f *Flow) goes(stack []ast.Node, fn *types.Func) bool {
	if len(stack) < 3 {
		return false
	}
	_, goes := stack[len(stack)-3].(*ast.GoStmt)
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	d := f.World.Decl(fn)
	return goes && ok && call.Fun == stack[len(stack)-1] && d != nil && d.Func.Body != nil
}

// diesNext reports whether the method that is selected at the end of stack is the call of
// a defer statement, and the statement after it dereferences the same variable: with a
// nil pointer the function ends there, as it does without a value.
func (f *Flow) diesNext(file *code.File, stack []ast.Node, x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if len(stack) < 4 || !ok {
		return false
	}
	d, defers := stack[len(stack)-3].(*ast.DeferStmt)
	list, _ := stack[len(stack)-4].(*ast.BlockStmt)
	if !defers || list == nil || ast.Unparen(d.Call.Fun) != stack[len(stack)-1] {
		return false
	}
	i := slices.Index(list.List, ast.Stmt(d))
	c := checked{file: file, e: id}
	b := body{flow: f, info: file.Pkg.Info, is: func(e ast.Expr) bool { return c.same(e, id) }}
	return i+1 < len(list.List) && !slices.ContainsFunc(d.Call.Args, func(a ast.Expr) bool { return !still(a) }) && b.stmt(list.List[i+1]) == derefs
}

// setBy returns the slot of the value that a local variable at the end of stack has
// there: the statement that sets it stands before, in a list around, nothing sets it
// since, and the error that comes with it is looked at. Nil where that isn't known.
func (f *Flow) setBy(file *code.File, stack []ast.Node) *slot {
	id, ok := ast.Unparen(stack[len(stack)-1].(ast.Expr)).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := file.Pkg.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() {
		return nil
	}
	c := checked{file: file, e: id, use: id.Pos()}
	for i := len(stack) - 1; i > 0; i-- {
		var list []ast.Stmt
		switch p := stack[i-1].(type) {
		case *ast.BlockStmt:
			list = p.List
		case *ast.CaseClause:
			list = p.Body
		case *ast.CommClause:
			list = p.Body
		case *ast.FuncLit, *ast.FuncDecl:
			return nil
		}
		at := slices.IndexFunc(list, func(s ast.Stmt) bool { return ast.Node(s) == stack[i] })
		for k := at - 1; k >= 0; k-- {
			if n, ok := list[k].(*ast.AssignStmt); ok && slices.ContainsFunc(n.Lhs, func(l ast.Expr) bool { return c.same(l, id) }) {
				if !c.keeps(n.End(), stack[:i]) {
					return nil
				}
				return f.assignedBy(file, n, slices.IndexFunc(n.Lhs, func(l ast.Expr) bool { return c.same(l, id) }), list[k+1:at])
			}
		}
	}
	return nil
}

// assignedBy returns the slot of the i-th value of an assignment, if the statements that
// follow leave where it comes with an error.
func (f *Flow) assignedBy(file *code.File, n *ast.AssignStmt, i int, then []ast.Stmt) *slot {
	info := file.Pkg.Info
	if len(n.Lhs) == len(n.Rhs) {
		if !f.isPointer(info.TypeOf(n.Rhs[i])) {
			return nil
		}
		return f.slotOf(file, n.Rhs[i])
	}
	t, ok := info.TypeOf(n.Rhs[0]).(*types.Tuple)
	call, isCall := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
	if !ok || !isCall || t.Len() != len(n.Lhs) || !f.isPointer(t.At(i).Type()) {
		return nil
	}
	if isError(t.At(t.Len() - 1).Type()) {
		err, ok := n.Lhs[len(n.Lhs)-1].(*ast.Ident)
		if !ok || blank(err) || len(then) == 0 {
			return nil
		}
		c := checked{file: file, e: err}
		test, ok := then[0].(*ast.IfStmt)
		if !ok || test.Init != nil || !onlyNotNil(&c, test.Cond) || !loop.Terminates(file, test.Body.List) {
			return nil
		}
	}
	return f.slotOfType(file, t.At(i).Type(), call)
}

// onlyNotNil reports the very comparison of a variable with nil.
func onlyNotNil(c *checked, cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	return ok && b.Op == token.NEQ && c.is(cond, token.NEQ)
}
