package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// rewriteDecl gives a function its new parameter and result.
func (t *Threader) rewriteDecl(c *Change) {
	switch {
	case t.byReceiver(c):
		t.addReceiver(c)
	case c.Ctx && t.Value != nil:
		t.addValue(c)
	case c.Ctx:
		c.addContext()
	}
	if c.Err {
		f, ft := c.syntax()
		addError(f, ft)
		if l := t.localOf[t.World.Key(c.Fn)]; l != nil && l.declared != nil {
			addError(f, l.declared)
		}
		if c.Decl != nil {
			t.fixReturns(c)
		}
	}
}

// syntax returns where the signature is written.
func (c *Change) syntax() (*code.File, *ast.FuncType) {
	if c.spec != nil {
		return c.spec.File, c.spec.Type
	}
	return c.Decl.File, c.Decl.Func.Type
}

func (c *Change) addContext() {
	f, ft := c.syntax()
	params := ft.Params
	name, comma := "", ""
	unnamed := len(params.List) > 0 && len(params.List[0].Names) == 0
	if c.spec == nil || !unnamed {
		name = c.ctxName + " "
	}
	if len(params.List) > 0 {
		if unnamed && c.spec == nil {
			for _, p := range params.List {
				f.Insert(p.Type.Pos(), "_ ")
			}
		}
		comma = ", "
	}
	f.InsertFirstFunc(params.Opening+1, func() string { return name + f.Import("context", "context") + ".Context" + comma })
}

// addError writes the error into the results of a signature.
func addError(f *code.File, ft *ast.FuncType) {
	switch {
	case ft.Results == nil || len(ft.Results.List) == 0:
		f.Insert(ft.Params.End(), " error")
	case len(ft.Results.List[0].Names) > 0:
		f.Insert(ft.Results.Closing, ", _ error")
	case ft.Results.Opening.IsValid():
		f.Insert(ft.Results.Closing, ", error")
	default:
		f.Insert(ft.Results.Pos(), "(")
		f.Insert(ft.Results.End(), ", error)")
	}
}

// fixReturns makes every return statement of the function, and its end, return
// a nil error.
func (t *Threader) fixReturns(c *Change) {
	f, fn := c.Decl.File, c.Decl.Func
	results := fn.Type.Results
	named := results != nil && len(results.List) > 0 && len(results.List[0].Names) > 0
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		ret, ok := n.(*ast.ReturnStmt)
		if !ok || t.returns[ret] {
			return true
		}
		switch {
		case len(ret.Results) == 0 && !named:
			f.Insert(ret.End(), " nil")
		case len(ret.Results) == 0:
		case c.manyFromOne(ret):
			t.unpackReturn(c, ret)
		default:
			f.Insert(ret.End(), ", nil")
		}
		return true
	})
	if n := len(fn.Body.List); n > 0 && t.tails[fn.Body.List[n-1]] {
		return
	}
	if (results == nil || len(results.List) == 0) && !Terminates(fn.Body) {
		f.Insert(fn.Body.Rbrace, lineBreak(f, fn.Body.Rbrace)+"return nil\n")
	}
}

// lineBreak returns a line break unless pos stands first on its line.
func lineBreak(f *code.File, pos token.Pos) string {
	before := strings.TrimRight(string(f.Before[:f.Offset(pos)]), " \t")
	if strings.HasSuffix(before, "\n") {
		return ""
	}
	return "\n"
}

// manyFromOne reports `return f()` where f has more than one result.
func (c *Change) manyFromOne(ret *ast.ReturnStmt) bool {
	if len(ret.Results) != 1 {
		return false
	}
	tuple, ok := c.Decl.File.Pkg.Info.TypeOf(ret.Results[0]).(*types.Tuple)
	return ok && tuple.Len() > 1
}

func (t *Threader) unpackReturn(c *Change, ret *ast.ReturnStmt) {
	f := c.Decl.File
	var names []string
	for i := range c.Fn.Signature().Results().Len() {
		names = append(names, t.freeIn(c.Decl, "r"+strconv.Itoa(i+1)))
	}
	vars := strings.Join(names, ", ")
	call := ret.Results[0]
	f.ReplaceFunc(ret.Pos(), ret.End(), func() string {
		return vars + " := " + f.RenderWhole(call) + "\nreturn " + vars + ", nil"
	})
}

// Terminates reports whether the end of a body can't be reached, as far as its
// last statement says.
func Terminates(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	return ends(b.List[len(b.List)-1])
}

func ends(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.GOTO
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	case *ast.BlockStmt:
		return Terminates(s)
	case *ast.LabeledStmt:
		return ends(s.Stmt)
	case *ast.ForStmt:
		return s.Cond == nil && !breaks(s.Body)
	case *ast.IfStmt:
		return s.Else != nil && Terminates(s.Body) && ends(s.Else)
	case *ast.SwitchStmt:
		return endsInEach(s.Body, false)
	case *ast.TypeSwitchStmt:
		return endsInEach(s.Body, false)
	case *ast.SelectStmt:
		return endsInEach(s.Body, true)
	}
	return false
}

// endsInEach reports whether no clause of a switch or select lets the code after it
// run. one says that a clause always runs, also without a default.
func endsInEach(body *ast.BlockStmt, one bool) bool {
	if breaks(body) {
		return false
	}
	for _, c := range body.List {
		var list []ast.Stmt
		switch c := c.(type) {
		case *ast.CaseClause:
			list, one = c.Body, one || c.List == nil
		case *ast.CommClause:
			list = c.Body
		}
		if len(list) == 0 {
			return false
		}
		last := list[len(list)-1]
		if br, ok := last.(*ast.BranchStmt); !(ok && br.Tok == token.FALLTHROUGH) && !ends(last) {
			return false
		}
	}
	return one
}

// breaks reports whether there is any break in b; one that leaves an inner
// statement counts too, which costs no more than a return that isn't reached.
func breaks(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		if br, ok := n.(*ast.BranchStmt); ok && br.Tok == token.BREAK {
			found = true
		}
		return !found
	})
	return found
}
