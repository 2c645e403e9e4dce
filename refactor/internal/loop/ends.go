package loop

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// deepest is how many functions of the module are followed to an end.
const deepest = 4

// Ends reports a call that never comes back: of panic, of what ends the program, the
// goroutine or the test in the standard library, or of a function of the module that
// always comes to one of these.
func Ends(f *code.File, call *ast.CallExpr) bool { return ends(f, call, 0) }

func ends(f *code.File, call *ast.CallExpr, depth int) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if _, builtin := f.Pkg.Info.Uses[id].(*types.Builtin); builtin {
			return id.Name == "panic"
		}
	}
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "os":
		return fn.Name() == "Exit"
	case "runtime":
		return fn.Name() == "Goexit"
	case "log":
		switch fn.Name() {
		case "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln":
			return true
		}
	case "testing":
		switch fn.Name() {
		case "Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow":
			return true
		}
	}
	d := f.Decl(fn)
	return d != nil && d.Func.Body != nil && depth < deepest && neverReturns(d, depth)
}

// neverReturns reports a function whose last statement ends, that returns nowhere
// before, and that can't recover.
func neverReturns(d *code.Decl, depth int) bool {
	list := d.Func.Body.List
	if len(list) == 0 {
		return false
	}
	last, ok := list[len(list)-1].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := last.X.(*ast.CallExpr)
	if !ok || !ends(d.File, call, depth+1) {
		return false
	}
	returns := false
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.DeferStmt:
			returns = true
		case *ast.BranchStmt:
			returns = returns || n.Tok == token.GOTO
		}
		return !returns
	})
	return !returns
}

// mayEnd also reports what another module's function may do by its name: a logger's
// Fatal ends the program in nearly all of them.
func mayEnd(f *code.File, call *ast.CallExpr) bool {
	if Ends(f, call) {
		return true
	}
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil || f.Owns(fn) {
		return false
	}
	switch fn.Name() {
	case "Fatal", "Fatalf", "Fatalln", "Fatalw", "Panic", "Panicf", "Panicln", "Panicw", "FailNow", "SkipNow":
		return true
	}
	return false
}

// Terminates reports a list of statements that never comes to its end.
func Terminates(f *code.File, list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok != token.FALLTHROUGH
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		return ok && Ends(f, call)
	case *ast.BlockStmt:
		return Terminates(f, s.List)
	}
	return false
}
