package folder

//lint:file-ignore SA1019 a file that is only parsed has no other objects; what is asked for are its local variables

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// workdirs is what a file's variables and calls tell of the folder that its code is in: a
// test runs in it, and runtime.Caller tells the path of the file.
type workdirs struct {
	packages map[string]string
	folder   map[*ast.Object]bool // variables that hold the folder
	file     map[*ast.Object]bool // variables that hold the path of the file
	left     []ast.Node           // functions that change the working folder
	leftAt   map[ast.Node]token.Pos
}

// findWorkdirs looks for the variables of a file. Only a test runs in its folder.
func findWorkdirs(f *ast.File, packages map[string]string, test bool) *workdirs {
	w := &workdirs{packages: packages, folder: map[*ast.Object]bool{}, file: map[*ast.Object]bool{}, leftAt: map[ast.Node]token.Pos{}}
	other := map[*ast.Object]bool{}
	assign := func(lhs []ast.Expr, rhs []ast.Expr) {
		for i, l := range lhs {
			id, ok := l.(*ast.Ident)
			if !ok || id.Obj == nil {
				continue
			}
			var from ast.Expr
			result := 0
			if len(rhs) == len(lhs) {
				from = rhs[i]
			} else if len(rhs) == 1 {
				from, result = rhs[0], i
			}
			switch {
			case from == nil: // a declaration without a value
			case result == 1 && w.calls(from, "runtime.Caller", "0"):
				w.file[id.Obj] = true
			case result == 0 && test && !w.elsewhere(from.Pos()) && w.isWorkdir(from), result == 0 && w.besideFile(from):
				w.folder[id.Obj] = true
			default:
				other[id.Obj] = true
			}
		}
	}
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				assign(n.Lhs, n.Rhs)
			case *ast.ValueSpec:
				var names []ast.Expr
				for _, name := range n.Names {
					names = append(names, name)
				}
				assign(names, n.Values)
			case *ast.CallExpr:
				if test && changesFolder(n) && !(len(n.Args) == 1 && w.is(n.Args[0])) && w.leftAt[d] == token.NoPos {
					w.left = append(w.left, d)
					w.leftAt[d] = n.End()
				}
			}
			return true
		})
	}
	for obj := range other {
		delete(w.folder, obj)
		delete(w.file, obj)
	}
	return w
}

// changesFolder reports os.Chdir, and Chdir of a test.
func changesFolder(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Chdir" && len(call.Args) == 1
}

// elsewhere reports whether the test may run in another folder when it gets there.
func (w *workdirs) elsewhere(at token.Pos) bool {
	return slices.ContainsFunc(w.left, func(d ast.Node) bool { return d.Pos() <= at && at < d.End() && at >= w.leftAt[d] })
}

// is reports an expression that is the folder.
func (w *workdirs) is(e ast.Expr) bool {
	if id, ok := e.(*ast.Ident); ok {
		return id.Obj != nil && w.folder[id.Obj]
	}
	return w.besideFile(e)
}

// command reports a variable that holds a command to run.
func (w *workdirs) command(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok || id.Obj == nil {
		return false
	}
	assigned, ok := id.Obj.Decl.(*ast.AssignStmt)
	if !ok || len(assigned.Rhs) != 1 {
		return false
	}
	call, ok := assigned.Rhs[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	_, pkg := calledIn(call, w.packages)
	return pkg == "os/exec"
}

// runsIn returns the folder of a command, or of the go command, that a literal makes.
func (w *workdirs) runsIn(lit *ast.CompositeLit) ast.Expr {
	sel, ok := lit.Type.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	if of := w.packages[pkg.Name]; of != "os/exec" && of != "golang.org/x/tools/go/packages" {
		return nil
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Dir" {
				return kv.Value
			}
		}
	}
	return nil
}

// isWorkdir reports a call that returns the folder that the test runs in.
func (w *workdirs) isWorkdir(e ast.Expr) bool {
	if w.calls(e, "os.Getwd") {
		return true
	}
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	fun := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		fun = f.Name
	case *ast.SelectorExpr:
		fun = f.Sel.Name
	}
	return strings.HasPrefix(strings.ToLower(fun), "must") && w.calls(call.Args[0], "os.Getwd") ||
		w.calls(e, "path/filepath.Abs", `"."`)
}

// besideFile reports the folder of the file, got from its path.
func (w *workdirs) besideFile(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	if fun, _ := calledIn(call, w.packages); fun != "path/filepath.Dir" && fun != "path.Dir" {
		return false
	}
	id, ok := call.Args[0].(*ast.Ident)
	return ok && id.Obj != nil && w.file[id.Obj]
}

// calls reports a call of a function with these literals.
func (w *workdirs) calls(e ast.Expr, fun string, args ...string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != len(args) {
		return false
	}
	for i, arg := range call.Args {
		if lit, ok := arg.(*ast.BasicLit); !ok || lit.Value != args[i] {
			return false
		}
	}
	called, _ := calledIn(call, w.packages)
	return called == fun
}
