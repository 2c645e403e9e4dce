package retype

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/loop"
)

// nonNil reports whether the expression at the end of stack can't be nil there: it is
// compared with nil before, on every way that leads to it, and nothing sets it since. What
// an assertion has found counts, too: it is a value of the interface, though it may be a
// nil pointer.
func (f *Flow) nonNil(file *code.File, stack []ast.Node) bool { return f.tested(file, stack, true) }

// pointed is nonNil for what can't be a nil pointer either.
func (f *Flow) pointed(file *code.File, stack []ast.Node) bool { return f.tested(file, stack, false) }

// passOn records that what an assertion has found, which may be a nil pointer, goes from
// the end of stack to a slot.
func (f *Flow) passOn(file *code.File, src, dst *slot, stack []ast.Node) {
	if dst != nil && dst != src && f.nonNil(file, stack) && !f.pointed(file, stack) {
		dst.found = append(dst.found, src)
	}
}

func (f *Flow) tested(file *code.File, stack []ast.Node, found bool) bool {
	e, ok := stack[len(stack)-1].(ast.Expr)
	if !ok || !still(e) {
		return false
	}
	c := checked{file: file, e: ast.Unparen(e), use: e.Pos(), found: found}
	c.body = body{flow: f, info: file.Pkg.Info, is: func(x ast.Expr) bool { return c.same(x, c.e) }}
	for i := len(stack) - 1; i > 0; i-- {
		child := stack[i]
		switch p := stack[i-1].(type) {
		case *ast.BinaryExpr:
			if p.Y == child && (p.Op == token.LAND && c.is(p.X, token.NEQ) || p.Op == token.LOR && c.is(p.X, token.EQL) || (p.Op == token.LAND || p.Op == token.LOR) && c.body.needs(p.X)) {
				return c.keeps(p.X.End(), stack[:i])
			}
		case *ast.CallExpr:
			if c.givenToo(p, child) {
				return c.keeps(p.Lparen, stack[:i])
			}
		case *ast.IfStmt:
			if child != ast.Node(p.Init) && p.Init != nil && c.body.needs(p.Init) {
				return c.keeps(p.Init.End(), stack[:i])
			}
			if p.Body == child && c.is(p.Cond, token.NEQ) || p.Else == child && c.is(p.Cond, token.EQL) || p.Cond != child && child != ast.Node(p.Init) && c.body.needs(p.Cond) {
				return c.keeps(p.Cond.End(), stack[:i])
			}
		case *ast.ForStmt:
			if p.Body == child && p.Cond != nil && (c.is(p.Cond, token.NEQ) || c.body.needs(p.Cond)) {
				return c.keeps(p.Body.Pos(), stack[:i])
			}
		case *ast.RangeStmt:
			if p.Body == child && c.body.needs(p.X) {
				return c.keeps(p.Pos(), stack[:i])
			}
		case *ast.SwitchStmt:
			if p.Body == child && p.Tag != nil && c.body.needs(p.Tag) {
				return c.keeps(p.Tag.End(), stack[:i])
			}
			if cc, ok := stack[min(i+1, len(stack)-1)].(*ast.CaseClause); ok && p.Body == child && p.Tag == nil {
				if at := c.chosen(p, cc, c.use); at.IsValid() {
					return c.keeps(at, stack[:i])
				}
			}
		case *ast.BlockStmt:
			if at := c.before(p.List, child); at.IsValid() {
				return c.keeps(at, stack[:i])
			}
		case *ast.CaseClause:
			if at := c.before(p.Body, child); at.IsValid() {
				return c.keeps(at, stack[:i])
			}
		case *ast.CommClause:
			if at := c.before(p.Body, child); at.IsValid() {
				return c.keeps(at, stack[:i])
			}
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		}
	}
	return false
}

// checked is an expression that is looked for in comparisons with nil.
type checked struct {
	file  *code.File
	e     ast.Expr
	use   token.Pos
	found bool // whether it is enough that an assertion found it
	body  body // finds where it is dereferenced
}

// is reports whether a condition says of the expression that it is nil (==) or isn't
// (!=): for != it does if it holds, for == if it doesn't.
func (c *checked) is(cond ast.Expr, op token.Token) bool {
	cond = ast.Unparen(cond)
	if not, ok := cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		return op == token.EQL && c.asserted(not.X)
	}
	b, ok := cond.(*ast.BinaryExpr)
	if !ok {
		return op == token.NEQ && c.asserted(cond)
	}
	if op == token.NEQ && b.Op == token.LAND || op == token.EQL && b.Op == token.LOR {
		return c.is(b.X, op) || c.is(b.Y, op)
	}
	info := c.file.Pkg.Info
	return b.Op == op && (info.Types[b.Y].IsNil() && c.same(b.X, c.e) || info.Types[b.X].IsNil() && c.same(b.Y, c.e))
}

// asserted reports whether a condition is the second result of the type assertion that
// the expression is the first of, or errors.As for it: if it holds, an interface is found.
func (c *checked) asserted(cond ast.Expr) bool {
	if call, isCall := ast.Unparen(cond).(*ast.CallExpr); isCall {
		id, _ := soughtBy(c.file, call)
		return id != nil && c.found && c.same(id, c.e)
	}
	ok, isIdent := ast.Unparen(cond).(*ast.Ident)
	x, isVar := c.e.(*ast.Ident)
	if !isIdent || !isVar || !c.found {
		return false
	}
	info := c.file.Pkg.Info
	okObj, xObj := info.Uses[ok], info.Uses[x]
	if okObj == nil || xObj == nil {
		return false
	}
	found, again := false, false
	for _, d := range c.file.AST.Decls {
		if c.use < d.Pos() || d.End() < c.use {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					id, is := ast.Unparen(l).(*ast.Ident)
					again = again || is && info.Uses[id] == okObj
				}
				if len(n.Lhs) == 2 && len(n.Rhs) == 1 {
					a, is := n.Lhs[0].(*ast.Ident)
					b, is2 := n.Lhs[1].(*ast.Ident)
					_, assert := ast.Unparen(n.Rhs[0]).(*ast.TypeAssertExpr)
					found = found || is && is2 && assert && info.Defs[a] == xObj && info.Defs[b] == okObj
				}
			case *ast.UnaryExpr:
				id, is := ast.Unparen(n.X).(*ast.Ident)
				again = again || is && n.Op == token.AND && info.Uses[id] == okObj
			}
			return true
		})
	}
	return found && !again
}

// same reports whether two expressions are the same variable, or field of one.
func (c *checked) same(a, b ast.Expr) bool {
	info := c.file.Pkg.Info
	switch a := ast.Unparen(a).(type) {
	case *ast.Ident:
		b, ok := ast.Unparen(b).(*ast.Ident)
		return ok && info.ObjectOf(a) != nil && info.ObjectOf(a) == info.ObjectOf(b)
	case *ast.SelectorExpr:
		b, ok := ast.Unparen(b).(*ast.SelectorExpr)
		return ok && info.Uses[a.Sel] != nil && info.Uses[a.Sel] == info.Uses[b.Sel] && c.same(a.X, b.X)
	}
	return false
}

// chosen returns the end of a case of a switch without a tag that tells that the
// expression isn't nil at a position in clause: that of the clause itself, or one
// before it for which it would be nil.
func (c *checked) chosen(sw *ast.SwitchStmt, clause *ast.CaseClause, at token.Pos) token.Pos {
	found := token.NoPos
	for i, s := range sw.Body.List {
		cc, ok := s.(*ast.CaseClause)
		if !ok {
			return token.NoPos
		}
		if cc == clause {
			if len(cc.List) == 1 && at > cc.Colon && c.is(cc.List[0], token.NEQ) {
				found = cc.Colon
			}
			if i > 0 && fallsThrough(sw.Body.List[i-1].(*ast.CaseClause)) {
				return token.NoPos
			}
			break
		}
		for _, e := range cc.List {
			if c.is(e, token.EQL) {
				found = e.End()
			}
		}
	}
	if len(clause.List) == 0 { // default stands anywhere, and is chosen last
		return token.NoPos
	}
	return found
}

func fallsThrough(cc *ast.CaseClause) bool {
	if len(cc.Body) == 0 {
		return false
	}
	b, ok := cc.Body[len(cc.Body)-1].(*ast.BranchStmt)
	return ok && b.Tok == token.FALLTHROUGH
}

// before returns the end of the statement before child after which the expression
// isn't nil: if it is, the statement leaves, or panics.
func (c *checked) before(list []ast.Stmt, child ast.Node) token.Pos {
	at := token.NoPos
	for i, s := range list {
		if s == child {
			break
		}
		if c.body.stmt(s) == derefs {
			at = s.End()
		}
		n, ok := s.(*ast.IfStmt)
		if ok && n.Else == nil && (c.is(n.Cond, token.EQL) || c.said(list[:i], n.Cond)) && (loop.Terminates(c.file, n.Body.List) || c.fills(n.Body)) {
			at = n.End()
		}
	}
	return at
}

// said reports whether a condition is a variable that a statement before it has given
// whether the expression is nil, and neither of the two is set since.
func (c *checked) said(before []ast.Stmt, cond ast.Expr) bool {
	id, ok := ast.Unparen(cond).(*ast.Ident)
	_, local := c.e.(*ast.Ident)
	if !ok || !local {
		return false
	}
	v, ok := c.file.Pkg.Info.Uses[id].(*types.Var)
	if !ok {
		return false
	}
	for i := len(before) - 1; i >= 0; i-- {
		if a, ok := before[i].(*ast.AssignStmt); ok && a.Tok == token.DEFINE && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
			if def, ok := a.Lhs[0].(*ast.Ident); ok && c.file.Pkg.Info.Defs[def] == types.Object(v) {
				return c.is(a.Rhs[0], token.EQL)
			}
		}
		if c.body.sets(before[i]) || setsVar(c.file.Pkg.Info, before[i], v) || branches(before[i], token.GOTO) {
			return false
		}
		if _, labeled := before[i].(*ast.LabeledStmt); labeled {
			return false
		}
	}
	return false
}

// givenToo reports whether another argument of a call dereferences the expression: the
// call is made only where that didn't panic. It sets use to the end of the call, since
// what stands behind is evaluated before it, too.
func (c *checked) givenToo(call *ast.CallExpr, child ast.Node) bool {
	found := slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return a != child && c.body.needs(a) })
	if found && slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return a == child }) {
		c.use = call.Rparen
		return true
	}
	return false
}

// fills reports a block that sets the expression to what isn't nil, and to nothing else
// after that.
func (c *checked) fills(b *ast.BlockStmt) bool {
	i := len(b.List) - 1
	for i >= 0 && !c.body.sets(b.List[i]) {
		i--
	}
	if i < 0 {
		return false
	}
	a, ok := b.List[i].(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN || len(a.Lhs) != 1 || len(a.Rhs) != 1 || !c.same(a.Lhs[0], c.e) || !c.makes(a.Rhs[0]) {
		return false
	}
	if _, local := c.e.(*ast.Ident); !local && i < len(b.List)-1 {
		return false // what follows may set a field by another name
	}
	jumps := false
	ast.Inspect(b, func(n ast.Node) bool {
		br, ok := n.(*ast.BranchStmt)
		jumps = jumps || ok && br.Tok == token.GOTO
		return !jumps
	})
	return !jumps
}

// makes reports an expression that makes a value that isn't nil, or calls a function that
// always returns one that it makes.
func (c *checked) makes(e ast.Expr) bool {
	e = ast.Unparen(e)
	call, ok := e.(*ast.CallExpr)
	return made(e, c.file.Pkg.Info) || ok && c.body.flow.alwaysMakes(c.file.Callee(call))
}

// alwaysMakes reports a function of the module whose one result is a value that it makes,
// whichever way it returns.
func (f *Flow) alwaysMakes(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	always, known := f.makers[fn]
	if !known {
		d := f.World.Decl(fn)
		always = d != nil && d.Func.Body != nil && fn.Signature().Results().Len() == 1 && returnsMade(d.File.Pkg.Info, d.Func.Body)
		f.makers[fn] = always
	}
	return always
}

// returnsMade reports a body in which each return returns a value that isn't nil: one that
// is made there, or a variable that begins as one and is never set again.
func returnsMade(info *types.Info, body *ast.BlockStmt) bool {
	begins := map[types.Object]bool{}
	var again []types.Object
	mark := func(e ast.Expr) {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok && info.Uses[id] != nil {
			again = append(again, info.Uses[id])
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				id, ok := l.(*ast.Ident)
				if ok && info.Defs[id] != nil {
					begins[info.Defs[id]] = len(n.Lhs) == len(n.Rhs) && made(ast.Unparen(n.Rhs[i]), info)
				}
				mark(l)
			}
		case *ast.RangeStmt:
			mark(n.Key)
			mark(n.Value)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				mark(n.X)
			}
		}
		return true
	})
	returns, all := 0, true
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			all = false // it may recover, and then nil is returned
		case *ast.ReturnStmt:
			returns++
			if len(n.Results) != 1 {
				all = false
				return false
			}
			e := ast.Unparen(n.Results[0])
			id, ok := e.(*ast.Ident)
			all = all && (made(e, info) || ok && begins[info.Uses[id]] && !slices.Contains(again, info.Uses[id]))
		}
		return true
	})
	return returns > 0 && all
}

// keeps reports whether nothing can set the expression between a comparison that
// ends at a position and its use. The stack is that of what both are in.
func (c *checked) keeps(from token.Pos, stack []ast.Node) bool {
	around := stack[len(stack)-1]
	id, local := c.e.(*ast.Ident)
	if !local {
		return !c.calls(around, from)
	}
	v, ok := c.file.Pkg.Info.ObjectOf(id).(*types.Var)
	if !ok || v.IsField() || v.Parent() == nil || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() {
		return !c.calls(around, from)
	}
	for i := len(stack) - 1; i >= 0; i-- {
		if d, ok := stack[i].(*ast.FuncDecl); ok {
			return !c.set(d, around, from, v)
		}
	}
	return false
}

// calls reports whether something is called or set between a position and the use
// that could change what a field or a variable of the package holds.
func (c *checked) calls(around ast.Node, from token.Pos) bool {
	found := false
	ast.Inspect(around, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = found || n.Pos() > from && n.Rparen < c.use
		case *ast.AssignStmt:
			found = found || n.Pos() > from && n.End() < c.use && n.Tok != token.DEFINE
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
			found = found || n.Pos() > from && n.Pos() < c.use && c.use < n.End()
		case *ast.GoStmt:
			found = found || n.Pos() < c.use && c.use < n.End()
		}
		return !found
	})
	return found
}

// set reports whether a local variable may be set between a position and the use: in
// the source between the two, in a loop or a function literal around the use, or
// wherever its address is taken.
func (c *checked) set(d *ast.FuncDecl, around ast.Node, from token.Pos, v *types.Var) bool {
	first := token.NoPos // where the outermost loop or literal around the use begins
	last := c.use
	ast.Inspect(around, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			if n.Pos() >= from && n.Pos() < c.use && c.use < n.End() {
				last = d.End()
			}
		case *ast.ForStmt, *ast.RangeStmt:
			if !first.IsValid() && n.Pos() >= from && n.Pos() < c.use && c.use < n.End() {
				first, last = n.Pos(), max(last, n.End())
			}
		}
		return true
	})
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && c.file.Pkg.Info.ObjectOf(id) == v
	}
	ending, sought := c.deferred(d), soughtAt(c.file, d, v)
	var literals []ast.Node
	ast.Inspect(d, func(n ast.Node) bool {
		if n == nil {
			return true
		}
		at := n.Pos()
		switch n := n.(type) {
		case *ast.FuncLit:
			literals = append(literals, n)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && is(n.X) && (!slices.Contains(sought, at) || at > from && at < last)
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if !is(l) || c.file.Pkg.Info.Defs[ast.Unparen(l).(*ast.Ident)] != nil || slices.ContainsFunc(ending, func(n ast.Node) bool { return n.Pos() < at && at < n.End() }) {
					continue
				}
				inLiteral := false
				for _, lit := range literals {
					inLiteral = inLiteral || lit.Pos() < at && at < lit.End() && (c.use < lit.Pos() || lit.End() < c.use)
				}
				found = found || inLiteral || at > from && at < last
			}
		case *ast.RangeStmt:
			found = found || n.Tok == token.ASSIGN && (n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value))
		}
		return !found
	})
	return found
}

// deferred returns the literals that the function of the use defers: what they do is
// done after the use, unless that is in one of them.
func (c *checked) deferred(d *ast.FuncDecl) []ast.Node {
	inside := func(n ast.Node, pos token.Pos) bool { return n.Pos() < pos && pos < n.End() }
	var out []ast.Node
	ast.Inspect(d, func(n ast.Node) bool {
		if s, ok := n.(*ast.DeferStmt); ok {
			lit, ok := s.Call.Fun.(*ast.FuncLit)
			if ok && !inside(lit, c.use) && !c.inOther(d, s.Pos()) {
				out = append(out, lit)
			}
		}
		return true
	})
	return out
}

// inOther reports whether a literal holds either a position or the use, and not both.
func (c *checked) inOther(d *ast.FuncDecl, pos token.Pos) bool {
	found := false
	ast.Inspect(d, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		found = found || ok && (lit.Pos() <= pos && pos < lit.End()) != (lit.Pos() <= c.use && c.use < lit.End())
		return !found
	})
	return found
}
