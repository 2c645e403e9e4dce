package thread

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// releasing puts what is still to be released before the statements that leave
// the function: between Lock and Unlock, a return that wasn't there before
// would keep the lock.
func (t *Threader) releasing(r mention, s sink) sink {
	pending := t.pending(r, s)
	if len(pending) == 0 || s.stmts == nil || s.stays || s.ends {
		return s
	}
	if s.tests { // what is released must be so only where there is an error
		s.checks, s.tests, s.stmts = false, false, s.fails
	}
	leave := s.stmts
	s.stmts = func(err string) string {
		return strings.Join(pending, "\n") + "\n" + leave(err)
	}
	return s
}

// releases are the methods that give back what another one took. The method
// that takes is known for locks only.
var releases = map[string]string{
	"Unlock": "Lock", "RUnlock": "RLock", "Done": "", "Close": "", "Release": "", "Rollback": "", "End": "", "Finish": "",
}

// pending returns the calls that a return at r would leave out: they stand
// after r in its function, give back what was taken before r, and are neither
// deferred nor made already.
func (t *Threader) pending(r mention, s sink) []string {
	body, from := r.body()
	if s.loop {
		body, from = r.loopBody()
	}
	if body == nil {
		return nil
	}
	var out []string
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt:
			return false
		case *ast.ExprStmt:
			if n.Pos() <= r.end() {
				break
			}
			text := r.File.Source(n.X)
			if g, ok := t.releases(r, n.X); ok && (g.anywhere || r.inSameBlock(n)) && !slices.Contains(out, text) && r.taken(from, text, g.take) {
				out = append(out, text)
			}
		}
		return true
	})
	return out
}

// inSameBlock reports whether a statement stands in one of the lists around r, so
// that it runs whenever r does.
func (r mention) inSameBlock(s ast.Stmt) bool {
	return slices.ContainsFunc(r.Path, func(n ast.Node) bool { return slices.Contains(statements(n), s) })
}

// loopBody returns the body of the innermost loop around r, and where it is in
// the path.
func (r mention) loopBody() (*ast.BlockStmt, int) {
	for i := len(r.Path) - 1; i >= 0; i-- {
		switch n := r.Path[i].(type) {
		case *ast.ForStmt:
			return n.Body, i
		case *ast.RangeStmt:
			return n.Body, i
		}
	}
	return nil, 0
}

// body returns the body of the innermost function around r, and where it is in
// the path.
func (r mention) body() (*ast.BlockStmt, int) {
	for i := len(r.Path) - 1; i >= 0; i-- {
		switch n := r.Path[i].(type) {
		case *ast.FuncLit:
			return n.Body, i
		case *ast.FuncDecl:
			return n.Body, i
		}
	}
	return nil, 0
}

// A giving is a call that gives back what another call took.
type release struct {
	take     string // the call that takes; "" where that isn't known
	anywhere bool   // it counts in a branch, too
}

// releases reports a call that gives something back whose name is known at r.
func (t *Threader) releases(r mention, e ast.Expr) (release, bool) {
	info := r.File.Pkg.Info
	if receive, ok := e.(*ast.UnaryExpr); ok && rootOf(receive.X) != nil { // of a semaphore
		return release{r.File.Source(receive.X) + " <-", true}, true
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return release{}, false
	}
	if b, ok := builtin(info, call); ok && b == "close" {
		root := rootOf(call.Args[0])
		return release{}, root != nil && info.Uses[root] != nil && (info.Uses[root].Pos() < r.ID.Pos() || !r.declaredHere(info.Uses[root]))
	}
	if len(call.Args) > 0 {
		return release{}, false
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		v, isVar := info.Uses[fun].(*types.Var)
		return release{anywhere: true}, isVar && v.Pos() < r.ID.Pos() && isNamed(v.Type(), "context", "CancelFunc")
	case *ast.SelectorExpr:
		taker, known := releases[fun.Sel.Name]
		root := rootOf(fun.X)
		fn, method := info.Uses[fun.Sel].(*types.Func)
		if !known || root == nil || info.Uses[root] == nil || !method || t.changes[t.World.Key(fn.Origin())] != nil {
			return release{}, false
		}
		if v := info.Uses[root]; v.Pos() >= r.ID.Pos() && r.declaredHere(v) {
			return release{}, false
		}
		if taker != "" {
			return release{r.File.Source(fun.X) + "." + taker + "()", true}, true
		}
		return release{}, true
	}
	return release{}, false
}

// givesBack reports a statement that gives back what another one took. In an example
// of how errors are handled it says what was taken there: what is pending elsewhere is
// worked out for that place.
func givesBack(f *code.File, s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	switch x := e.X.(type) {
	case *ast.UnaryExpr:
		return true // a receive
	case *ast.CallExpr:
		if b, ok := builtin(f.Pkg.Info, x); ok {
			return b == "close"
		}
		switch fun := ast.Unparen(x.Fun).(type) {
		case *ast.Ident:
			return isNamed(f.Pkg.Info.TypeOf(fun), "context", "CancelFunc")
		case *ast.SelectorExpr:
			_, known := releases[fun.Sel.Name]
			return known && len(x.Args) == 0
		}
	}
	return false
}

// builtin returns the name of the builtin function that is called.
func builtin(info *types.Info, call *ast.CallExpr) (string, bool) {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return "", false
	}
	b, ok := info.Uses[id].(*types.Builtin)
	return id.Name, ok && b != nil
}

// declaredHere reports whether a variable is declared in the function that r
// stands in.
func (r mention) declaredHere(obj types.Object) bool {
	body, _ := r.body()
	return body != nil && body.Pos() <= obj.Pos() && obj.Pos() < body.End()
}

func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// taken reports whether, on the way from the function at r.Path[from] to r, what
// the call give gives back was taken, and give neither made nor deferred since.
func (r mention) taken(from int, give, take string) bool {
	for i := len(r.Path) - 1; i > from; i-- {
		list := statements(r.Path[i-1])
		at := slices.IndexFunc(list, func(s ast.Stmt) bool { return ast.Node(s) == r.Path[i] })
		for k := at - 1; k >= 0; k-- {
			switch s := list[k].(type) {
			case *ast.ExprStmt:
				switch r.File.Source(s.X) {
				case give:
					return false
				case take:
					return true
				}
			case *ast.SendStmt:
				if take != "" && r.File.Source(s.Chan)+" <-" == take {
					return true
				}
			case *ast.DeferStmt:
				if strings.Contains(r.File.Source(s), give) {
					return false
				}
			}
		}
	}
	return take == ""
}

// fixedBefore reports whether moving r.Path[i] before its statement would move
// a value there that must not be copied.
func (r mention) fixedBefore(i int) bool {
	return slices.ContainsFunc(r.earlier(i), func(e ast.Expr) bool { return hasLock(r.File.Pkg.Info.TypeOf(e), 0) })
}

// hasLock reports a type whose values must not be copied: one with a lock in it.
func hasLock(t types.Type, depth int) bool {
	if t == nil || depth > 10 {
		return false
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && !types.IsInterface(n) {
		if types.NewMethodSet(n).Lookup(nil, "Lock") == nil && types.NewMethodSet(types.NewPointer(n)).Lookup(nil, "Lock") != nil {
			return true
		}
		if p := n.Obj().Pkg(); p != nil && (p.Path() == "sync" || p.Path() == "sync/atomic") {
			return true
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if hasLock(f.Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return hasLock(u.Elem(), depth+1)
	}
	return false
}
