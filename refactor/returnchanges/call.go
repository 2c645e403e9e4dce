package returnchanges

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/alias"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A call is one call of a subject's function.
type call struct {
	job  *job
	s    *subject
	ref  *code.Ref
	f    *code.File
	path []ast.Node // from the file down to the call
	fn   *ast.FuncDecl
	args []*arg // of the subject's parameters
}

// mention rewrites one mention of a function of s.
func (j *job) mention(s *subject, ref *code.Ref) {
	fn := s.fn.Name()
	if ref.Call == nil {
		j.refuse(ref.ID.Pos(), "method-value", fn+" is used as a value here, so its signature can't change", "call it in a function literal")
		return
	}
	c := &call{job: j, s: s, ref: ref, f: ref.File, path: ref.Path[:slices.Index(ref.Path, ast.Node(ref.Call))+1]}
	for _, n := range c.path {
		if d, ok := n.(*ast.FuncDecl); ok {
			c.fn = d
		}
	}
	switch {
	case c.fn == nil:
		c.refuse("an initializer calls " + fn)
		return
	case methodExpression(ref):
		j.refuse(ref.ID.Pos(), "method-value", fn+" is called as a method expression here", "call it as a method")
		return
	case c.givenResults():
		j.refuse(ref.Call.Pos(), "results-as-arguments", fn+" is given the results of another call", "assign the results to variables first")
		return
	}
	for _, p := range s.params {
		a := c.argument(p)
		if a == nil {
			return
		}
		c.args = append(c.args, a)
	}
	if c.conflicts() {
		return
	}
	c.rewrite()
}

func methodExpression(ref *code.Ref) bool {
	for _, n := range ref.Path {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel == ref.ID {
			s := ref.File.Pkg.Info.Selections[sel]
			return s != nil && s.Kind() == types.MethodExpr
		}
	}
	return false
}

// givenResults reports f(g()), where g has several results.
func (c *call) givenResults() bool {
	if len(c.ref.Call.Args) != 1 {
		return false
	}
	_, many := c.f.Pkg.Info.TypeOf(c.ref.Call.Args[0]).(*types.Tuple)
	return many
}

// refuse says that the call stands where its changes can't be assigned.
func (c *call) refuse(why string) {
	c.job.refuse(c.ref.Call.Pos(), "call-in-expression", why+", where nothing can take the changed value", "make the call a statement of its own first")
}

// rewrite edits the statement that the call is a part of.
func (c *call) rewrite() {
	i := len(c.path) - 1
	for {
		if _, paren := c.path[i-1].(*ast.ParenExpr); !paren {
			break
		}
		i--
	}
	switch p := c.path[i-1].(type) {
	case *ast.ExprStmt:
		c.statement(i-1, p)
	case *ast.AssignStmt:
		c.assignment(i-1, p)
	case *ast.ReturnStmt:
		c.result(i-1, p)
	case *ast.DeferStmt, *ast.GoStmt:
		c.refuse(c.s.fn.Name() + " is started here and not waited for")
	default:
		c.condition(i)
	}
}

// statement rewrites a call that stands alone.
func (c *call) statement(i int, stmt *ast.ExprStmt) {
	if !c.listed(i) {
		c.refuse(c.s.fn.Name() + " is called in the head of a statement")
		return
	}
	c.values()
	rest := c.s.fn.Signature().Results().Len()
	switch {
	case c.allDropped():
		return
	case !c.allTargets() && (rest > 0 || len(c.args) > 1):
		names := c.temporaries()
		c.f.Insert(stmt.Pos(), strings.Join(append(names, blanks(rest)...), ", ")+" := ")
		c.f.Insert(stmt.End(), c.afterwards(names))
	case !c.allTargets():
		before, after := c.args[0].into()
		c.f.Insert(stmt.Pos(), before)
		c.f.Insert(stmt.End(), after)
	default:
		c.f.Insert(stmt.Pos(), strings.Join(append(c.targets(), blanks(rest)...), ", ")+" = ")
	}
}

func blanks(n int) []string { return slices.Repeat([]string{"_"}, n) }

// assignment rewrites a call whose other results are assigned.
func (c *call) assignment(i int, stmt *ast.AssignStmt) {
	if len(stmt.Rhs) != 1 || stmt.Tok != token.ASSIGN && stmt.Tok != token.DEFINE {
		c.refuse(c.s.fn.Name() + " is called among other values")
		return
	}
	if !c.listed(i) {
		c.header(i, stmt)
		return
	}
	for _, l := range stmt.Lhs {
		if !c.movable(l) {
			c.refuse("the place that a result goes to depends on what " + c.s.fn.Name() + " changes")
			return
		}
	}
	c.values()
	if c.allTargets() && (stmt.Tok == token.ASSIGN || c.redeclares(i)) {
		c.f.Insert(stmt.Pos(), strings.Join(c.targets(), ", ")+", ")
		return
	}
	names := c.temporaries()
	if stmt.Tok == token.DEFINE {
		c.f.Insert(stmt.Pos(), strings.Join(names, ", ")+", ")
		c.f.Insert(stmt.End(), c.afterwards(names))
		return
	}
	results, after := c.resultNames(), c.afterwards(names)
	var places []string
	for _, l := range stmt.Lhs {
		places = append(places, c.f.Source(l))
	}
	c.f.ReplaceFunc(stmt.Pos(), stmt.End(), func() string {
		return strings.Join(append(names, results...), ", ") + " := " + c.f.Render(c.ref.Call) + after + "\n" +
			strings.Join(places, ", ") + " = " + strings.Join(results, ", ")
	})
}

// resultNames are new variables for the results that the function had before.
func (c *call) resultNames() []string {
	rs := c.s.fn.Signature().Results()
	var out []string
	for v := range rs.Variables() {
		name := v.Name()
		if name == "" || name == "_" {
			name = nounOf(v.Type())
		}
		out = append(out, fresh(c.fn, c.used(), name))
	}
	return out
}

// movable reports a place of an assignment that is the same before the call and after
// it: a variable, or what it leads to by at most one pointer, slice or map.
func (c *call) movable(l ast.Expr) bool {
	if _, ok := ast.Unparen(l).(*ast.Ident); ok {
		return true
	}
	var inner ast.Expr
	switch l := ast.Unparen(l).(type) {
	case *ast.SelectorExpr:
		inner = l.X
	case *ast.IndexExpr:
		if inner = l.X; !c.constant(l.Index) {
			return false
		}
	case *ast.StarExpr:
		inner = l.X
	default:
		return false
	}
	root, direct := c.root(inner)
	if root == nil || !c.local(root) || c.captured(root) {
		return false
	}
	if _, ident := ast.Unparen(inner).(*ast.Ident); ident {
		return true
	}
	return direct && !alias.Refers(c.f.Pkg.Info.TypeOf(inner))
}

// redeclares reports whether every target is a variable that a := of the statement
// path[i] assigns and doesn't declare anew.
func (c *call) redeclares(i int) bool {
	scope := c.scope(i)
	for _, a := range c.args {
		if a.target == "_" {
			continue
		}
		if !a.plain || scope == nil || scope.Lookup(a.target) != types.Object(a.root) {
			return false
		}
	}
	return true
}

// scope is the innermost scope that the statement path[i] declares names in.
func (c *call) scope(i int) *types.Scope {
	for k := i - 1; k >= 0; k-- {
		var n ast.Node = c.path[k]
		switch p := n.(type) {
		case *ast.FuncDecl:
			n = p.Type
		case *ast.FuncLit:
			n = p.Type
		}
		if s := c.f.Pkg.Info.Scopes[n]; s != nil {
			return s
		}
	}
	return nil
}

// listed reports whether path[i] is a statement of a list, so that others can stand
// before and after it.
func (c *call) listed(i int) bool {
	return slices.Contains(listOf(c.path[i-1]), c.path[i].(ast.Stmt))
}

func listOf(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// header rewrites `if err := f(&x); err != nil`: the call comes to stand before the
// if. What it declares gets new names where the old ones mean something there.
func (c *call) header(i int, stmt *ast.AssignStmt) {
	if c.allDropped() {
		c.values()
		c.f.Insert(stmt.Pos(), strings.Join(c.targets(), ", ")+", ")
		return
	}
	s, ok := c.path[i-1].(*ast.IfStmt)
	if !ok || s.Init != ast.Stmt(stmt) || stmt.Tok != token.DEFINE || !c.listed(i-1) {
		c.refuse(c.s.fn.Name() + " is called in the head of a statement")
		return
	}
	c.values()
	var lhs []string
	for _, l := range stmt.Lhs {
		lhs = append(lhs, c.moveOut(i-1, s, l.(*ast.Ident)))
	}
	targets, after := c.targets(), ""
	define := " := "
	switch {
	case c.allTargets() && c.redeclares(i-1):
	default:
		targets = c.temporaries()
		after = c.afterwards(targets)
	}
	if !slices.ContainsFunc(append(slices.Clone(lhs), targets...), func(n string) bool { return n != "_" }) {
		define = " = "
	}
	all := strings.Join(append(targets, lhs...), ", ")
	c.f.Replace(stmt.Pos(), s.Cond.Pos(), "")
	c.f.InsertFunc(s.Pos(), func() string { return all + define + c.f.Render(c.ref.Call) + after + "\n" })
}

// moveOut gives a variable that an if declares a name for the statements around it,
// and returns that.
func (c *call) moveOut(i int, s *ast.IfStmt, id *ast.Ident) string {
	obj := c.f.Pkg.Info.Defs[id]
	if obj == nil || id.Name == "_" {
		return id.Name
	}
	name := id.Name
	if c.taken(i, s, name) {
		name = fresh(c.fn, c.used(), name+naming.Exported(c.s.fn.Name()))
		for _, n := range []ast.Node{s.Cond, s.Body, s.Else} {
			c.rename(n, obj, name)
		}
	}
	return name
}

func (c *call) rename(n ast.Node, obj types.Object, name string) {
	if n == nil || n == ast.Node((*ast.BlockStmt)(nil)) {
		return
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && c.f.Pkg.Info.Uses[id] == obj {
			c.f.Replace(id.Pos(), id.End(), name)
		}
		return true
	})
}

// taken reports whether a variable of that name, declared before the statement
// path[i], would take the place of another one that is meant there.
func (c *call) taken(i int, s ast.Stmt, name string) bool {
	scope := c.scope(i)
	if scope == nil || scope.Lookup(name) != nil {
		return true
	}
	_, outer := scope.LookupParent(name, s.Pos())
	if outer == nil {
		return false
	}
	used := false
	ast.Inspect(c.path[i-1], func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		used = used || ok && id.Pos() > s.Pos() && c.f.Pkg.Info.Uses[id] == outer
		return !used
	})
	return used
}

// condition rewrites `if !f(&x)` and `if f(&x) != nil`: nothing else is worked out
// before the call.
func (c *call) condition(i int) {
	fn := c.s.fn.Name()
	var s *ast.IfStmt
	k := i - 1
	for ; k > 0 && s == nil; k-- {
		switch p := c.path[k].(type) {
		case *ast.ParenExpr, *ast.UnaryExpr:
		case *ast.BinaryExpr:
			if p.X != c.path[k+1] || p.Op == token.LAND || p.Op == token.LOR || callIn(c.f, p.Y) != nil {
				c.refuse(fn + " is called inside an expression")
				return
			}
		case *ast.IfStmt:
			s = p
		default:
			c.refuse(fn + " is called inside an expression")
			return
		}
	}
	k++
	if s == nil || s.Init != nil || !c.listed(k) || c.s.fn.Signature().Results().Len() != 1 {
		c.refuse(fn + " is called inside an expression")
		return
	}
	c.values()
	name := c.s.fn.Signature().Results().At(0).Name()
	if name == "" || name == "_" {
		name = nounOf(c.s.fn.Signature().Results().At(0).Type())
	}
	name = fresh(c.fn, c.used(), name)
	targets, after := c.targets(), ""
	if !c.allTargets() || !c.redeclares(k) {
		targets = c.temporaries()
		after = c.afterwards(targets)
	}
	call, all := c.ref.Call, strings.Join(append(targets, name), ", ")
	c.f.ReplaceFunc(call.Pos(), call.End(), func() string { return name })
	c.f.InsertFunc(s.Pos(), func() string { return all + " := " + c.f.Render(call) + after + "\n" })
}

// result rewrites `return f(&x)`.
func (c *call) result(i int, ret *ast.ReturnStmt) {
	if c.job.edited[ret] {
		c.values()
		return // it returns what the function around it changes, too
	}
	fn := c.s.fn.Name()
	if len(ret.Results) != 1 || c.s.fn.Signature().Results().Len() == 0 {
		c.refuse(fn + " is called among other results")
		return
	}
	c.values()
	vars := c.resultNames()
	targets, after := c.temporaries(), ""
	for k, a := range c.args {
		if a.leaves {
			targets[k] = "_"
		}
	}
	after = c.afterwards(targets)
	list := strings.Join(vars, ", ")
	c.f.ReplaceFunc(ret.Pos(), ret.End(), func() string {
		return strings.Join(append(targets, vars...), ", ") + " := " + c.f.Render(c.ref.Call) + after + "\nreturn " + list
	})
}

// values edits the arguments.
func (c *call) values() {
	for k, p := range c.s.params {
		e, text := c.ref.Call.Args[p.index], c.args[k].value
		if text != c.f.Source(e) {
			c.f.Replace(e.Pos(), e.End(), text)
		}
	}
}

func (c *call) allDropped() bool {
	return !slices.ContainsFunc(c.args, func(a *arg) bool { return a.target != "_" || a.copied })
}

// allTargets reports whether every changed value can be assigned where it belongs.
func (c *call) allTargets() bool {
	return !slices.ContainsFunc(c.args, func(a *arg) bool { return a.copied })
}

func (c *call) targets() []string {
	var out []string
	for _, a := range c.args {
		out = append(out, a.target)
	}
	return out
}

// used are the names that the edits of the function around the call made up.
func (c *call) used() map[string]bool {
	if c.job.madeUp[c.fn] == nil {
		c.job.madeUp[c.fn] = map[string]bool{}
	}
	return c.job.madeUp[c.fn]
}

// temporaries are new variables for the changed values.
func (c *call) temporaries() []string {
	used := c.used()
	var out []string
	for _, a := range c.args {
		if a.target == "_" && !a.copied {
			out = append(out, "_")
			continue
		}
		name := "changed"
		if root := strings.TrimLeft(a.target, "*("); used[name] && token.IsIdentifier(root) {
			name += naming.Exported(root) // changedOrder, and not changed2
		}
		out = append(out, fresh(c.fn, used, name))
	}
	return out
}

// afterwards are the statements that put the changed values where they belong.
func (c *call) afterwards(names []string) string {
	var b strings.Builder
	for k, a := range c.args {
		if names[k] == "_" {
			continue
		}
		before, after := a.into()
		b.WriteString("\n" + before + names[k] + after)
	}
	return b.String()
}
