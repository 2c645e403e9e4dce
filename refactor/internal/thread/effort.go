package thread

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// bestEffort returns why what is around r goes on if the call at r fails, or "":
// its results are ignored on purpose, it cleans up after something else failed or
// at the end of the function, or it only tells somebody what happened.
func (t *Threader) bestEffort(r mention) string {
	i := slices.Index(r.Path, ast.Node(r.Call))
	if i < 1 {
		return ""
	}
	if a, ok := r.Path[i-1].(*ast.AssignStmt); ok && allBlank(a.Lhs) {
		return "its results are ignored"
	}
	if _, ok := r.Path[i-1].(*ast.ExprStmt); !ok {
		return ""
	}
	if r.deferred() {
		return "it is deferred"
	}
	if r.afterFailure(i - 1) {
		return "it cleans up after another error"
	}
	if r.results() == 0 && tells.MatchString(r.Fn.Name()) {
		return "it tells what happened"
	}
	return ""
}

// tells are the names of what is done beside the work, and not for its sake.
var tells = regexp.MustCompile(`^(Record|record|Observe|observe|Track|track|Log|log|Notify|notify|Report|report|Trace|trace|Inc|inc|Emit|emit)([A-Z]|$)`)

// deferred reports whether r stands in a function literal that is deferred.
func (r mention) deferred() bool {
	for i := len(r.Path) - 1; i > 1; i-- {
		switch r.Path[i].(type) {
		case *ast.FuncDecl:
			return false
		case *ast.FuncLit:
			call, ok := r.Path[i-1].(*ast.CallExpr)
			_, deferred := r.Path[i-2].(*ast.DeferStmt)
			return ok && deferred && call.Fun == r.Path[i]
		}
	}
	return false
}

// afterFailure reports whether the statement at r.Path[i] stands in the body of
// an if err != nil that returns this error.
func (r mention) afterFailure(i int) bool {
	if i < 2 {
		return false
	}
	block, ok := r.Path[i-1].(*ast.BlockStmt)
	s, isIf := r.Path[i-2].(*ast.IfStmt)
	if !ok || !isIf || s.Body != block {
		return false
	}
	obj := testedError(r.File, s.Cond)
	if obj == nil {
		return false
	}
	ret, ok := block.List[len(block.List)-1].(*ast.ReturnStmt)
	return ok && slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return code.Uses(r.File.Pkg.Info, e, obj) })
}

// worker reports whether r stands in the body of a loop that serves what comes,
// for as long as something does: it waits in each round, and no error ends it. The
// innermost loop must be this one, or one that ends by itself.
func (r mention) worker() bool {
	inner := true
	for i := len(r.Path) - 1; i > 0; i-- {
		switch p := r.Path[i-1].(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.ForStmt:
			if r.Path[i] != ast.Node(p.Body) {
				continue
			}
			if p.Cond == nil && r.waits(p.Body) && !r.endsByError(p.Body) {
				return true
			}
			if p.Cond == nil {
				return false
			}
			inner = false
		case *ast.RangeStmt:
			if r.Path[i] != ast.Node(p.Body) {
				continue
			}
			if _, ok := code.Under(r.File.Pkg.Info.TypeOf(p.X)).(*types.Chan); ok && !r.endsByError(p.Body) {
				return true
			}
		}
		if !inner {
			return false
		}
	}
	return false
}

// waits reports a receive, a select without default, or a sleep among the
// statements of a loop's body.
func (r mention) waits(body *ast.BlockStmt) bool {
	return slices.ContainsFunc(body.List, func(s ast.Stmt) bool {
		switch s := s.(type) {
		case *ast.SelectStmt:
			return !slices.ContainsFunc(s.Body.List, func(c ast.Stmt) bool { return c.(*ast.CommClause).Comm == nil })
		case *ast.ExprStmt:
			if u, ok := s.X.(*ast.UnaryExpr); ok {
				return u.Op == token.ARROW
			}
			call, ok := s.X.(*ast.CallExpr)
			if !ok {
				return false
			}
			fn := r.File.Callee(call)
			return fn != nil && fn.FullName() == "time.Sleep"
		case *ast.AssignStmt:
			u, ok := s.Rhs[0].(*ast.UnaryExpr)
			return ok && u.Op == token.ARROW
		}
		return false
	})
}

// endsByError reports whether a loop is left where something in it fails.
func (r mention) endsByError(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				tv := r.File.Pkg.Info.Types[e]
				found = found || !tv.IsNil() && tv.Type != nil && crossing.IsError(tv.Type) && !isContextError(r.File, e)
			}
		}
		return !found
	})
	return found
}

// isContextError reports ctx.Err(): what ends a worker when it is told to.
func isContextError(f *code.File, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := f.Callee(call)
	return fn != nil && fn.Name() == "Err" && fn.Signature().Recv() != nil && crossing.IsContext(fn.Signature().Recv().Type())
}

// inFiniteLoop reports whether the innermost loop around r, inside its function,
// ranges over what is there already or has a condition.
func (r mention) inFiniteLoop() bool {
	for i := len(r.Path) - 1; i > 0; i-- {
		switch p := r.Path[i-1].(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.ForStmt:
			if r.Path[i] == ast.Node(p.Body) {
				return false
			}
		case *ast.RangeStmt:
			if r.Path[i] == ast.Node(p.Body) {
				_, seq := code.Under(r.File.Pkg.Info.TypeOf(p.X)).(*types.Signature)
				return !seq
			}
		}
	}
	return false
}

// permits are the names of predicates whose false stands for: no.
var permits = regexp.MustCompile(`^(?i:is|has|can|may|should)?(?i:enabled|allowed?|permitted|authorized|authorised|authenticated|valid|supported|supports|trusted|eligible|can[A-Z]\w*|may[A-Z]\w*)$|[a-z](Enabled|Allowed|Permitted|Authorized|Supported|Trusted|Eligible|Valid)$|^(Can|May|can|may)[A-Z]`)

// failsClosed reports a predicate that answers no where it can't tell: a function
// with a bool as its only result whose name says that false is the safe answer.
func failsClosed(d *code.Decl) bool {
	rs := d.Obj.Signature().Results()
	if rs.Len() != 1 {
		return false
	}
	b, ok := types.Unalias(rs.At(0).Type()).(*types.Basic)
	return ok && b.Kind() == types.Bool && permits.MatchString(d.Func.Name.Name)
}
