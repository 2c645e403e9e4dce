package thread

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A put adds statements at a place that hoisted calls go to.
type put func(text func() string)

// place finds where the statements go that must run before r.Path[i] is
// evaluated, and only then: before the statement, at the head of a loop's body,
// or in an if that stands for the left side of && or ||. It returns nil where
// there is no such place.
func (t *Threader) place(r mention, i int) put {
	for ; i > 0; i-- {
		n, parent := r.Path[i], r.Path[i-1]
		if stmt, ok := n.(ast.Stmt); ok && holdsStatements(parent) {
			if label, labeled := parent.(*ast.LabeledStmt); labeled {
				if !r.jumpsTo(label) {
					continue
				}
				if broken(stmt) {
					return nil // a break or continue needs the label where it is
				}
				return t.inBlock(r, stmt)
			}
			if r.jumpedOver(parent, stmt) {
				return t.inBlock(r, stmt)
			}
			if c, ok := parent.(*ast.CommClause); ok && c.Comm == stmt {
				if r.afterOthers(i) {
					return nil
				}
				continue
			}
			return func(text func() string) { r.File.InsertFunc(stmt.Pos(), text) }
		}
		switch p := parent.(type) {
		case *ast.BinaryExpr:
			if (p.Op == token.LAND || p.Op == token.LOR) && n == ast.Node(p.Y) {
				return t.shortCircuit(r, p, i-1)
			}
		case *ast.IfStmt:
			if n == ast.Node(p.Cond) && p.Init != nil && !t.flat[p] {
				return t.afterInit(r, i, p, p.Init, p.Cond)
			}
			if n == ast.Node(p.Else) {
				return t.elseIf(r, n)
			}
		case *ast.ForStmt:
			if n == ast.Node(p.Cond) {
				return t.loopHead(r, p)
			}
			if n == ast.Node(p.Post) {
				return nil
			}
		case *ast.SwitchStmt:
			if n == ast.Node(p.Tag) && p.Init != nil {
				return t.afterInit(r, i, p, p.Init, p.Tag)
			}
		case *ast.CaseClause, *ast.CommClause, *ast.FuncLit, *ast.FuncDecl, *ast.GenDecl:
			if g, decl := parent.(*ast.GenDecl); decl && i > 1 {
				if _, local := r.Path[i-2].(*ast.DeclStmt); local {
					if group, k := t.groupOf(r.File, g, n); k > 0 {
						return group.before(k)
					}
					continue
				}
			}
			return nil
		}
	}
	return nil
}

// inBlock puts braces around a statement, with room before it: between a goto
// and its label nothing may be declared.
func (t *Threader) inBlock(r mention, stmt ast.Stmt) put {
	f := r.File
	if !t.opened[stmt] {
		t.opened[stmt] = true
		f.Insert(stmt.Pos(), "{\n")
		t.after = append(t.after, func() { f.Insert(stmt.End(), "\n}") })
	}
	return func(text func() string) { f.InsertFunc(stmt.Pos(), text) }
}

// jumpsTo reports whether a goto of the function around r jumps to a label.
func (r mention) jumpsTo(label *ast.LabeledStmt) bool {
	return r.anyGoto(func(b *ast.BranchStmt) bool { return b.Label.Name == label.Label.Name })
}

// jumpedOver reports whether a goto jumps from before stmt to a label after it
// in the list that holds it.
func (r mention) jumpedOver(list ast.Node, stmt ast.Stmt) bool {
	for _, s := range statements(list) {
		label, ok := s.(*ast.LabeledStmt)
		if ok && label.Pos() > stmt.Pos() && r.anyGoto(func(b *ast.BranchStmt) bool { return b.Label.Name == label.Label.Name && b.Pos() < stmt.Pos() }) {
			return true
		}
	}
	return false
}

func (r mention) anyGoto(is func(*ast.BranchStmt) bool) bool {
	body, _ := r.body()
	found := false
	if body != nil {
		ast.Inspect(body, func(n ast.Node) bool {
			b, ok := n.(*ast.BranchStmt)
			found = found || ok && b.Tok == token.GOTO && is(b)
			return !found
		})
	}
	return found
}

// broken reports statements that break or continue may name by a label.
func broken(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		return true
	}
	return false
}

// commentsBetween returns the comments between two positions, each on the line
// before it.
func commentsBetween(f *code.File, from, to token.Pos) string {
	var out []string
	for _, group := range f.AST.Comments {
		for _, c := range group.List {
			if from <= c.Pos() && c.End() <= to {
				out = append(out, c.Text)
			}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " " + strings.Join(out, "\n")
}

// elseIf turns `else if c {}` into `else { if c {} }`, with room before the if.
func (t *Threader) elseIf(r mention, n ast.Node) put {
	f := r.File
	if !t.opened[n] {
		t.opened[n] = true
		f.InsertFunc(n.Pos(), func() string { return "{\n" })
		f.Insert(n.End(), "\n}")
	}
	return func(text func() string) { f.InsertFunc(n.Pos(), text) }
}

// afterOthers reports whether what the communication at r.Path[i] evaluates comes
// after calls in other cases of the select: all are evaluated before it.
func (r mention) afterOthers(i int) bool {
	for k := i - 1; k >= 0; k-- {
		sel, ok := r.Path[k].(*ast.SelectStmt)
		if !ok {
			continue
		}
		for _, c := range sel.Body.List {
			c := c.(*ast.CommClause)
			if c.Comm == nil || c.Pos() >= r.Path[i].Pos() {
				continue
			}
			found := false
			ast.Inspect(c.Comm, func(n ast.Node) bool {
				e, ok := n.(*ast.CallExpr)
				found = found || ok && !harmless(r.File, e)
				return !found
			})
			if found {
				return true
			}
		}
		return false
	}
	return true
}

// afterInit puts statements between the simple statement of an if or switch and
// what it tests: { x := f(); ...; if x > 0 {} }.
func (t *Threader) afterInit(r mention, i int, stmt, init ast.Stmt, tested ast.Expr) put {
	f := r.File
	if i < 2 || !holdsStatements(r.Path[i-2]) {
		return nil // an else if
	}
	if _, labeled := r.Path[i-2].(*ast.LabeledStmt); labeled || t.hasChanged(f, init) {
		return nil
	}
	c := t.inits[stmt]
	if c == nil {
		c = &circuit{}
		t.inits[stmt] = c
		word := f.Before[f.Offset(stmt.Pos()):f.Offset(init.Pos())]
		f.ReplaceFunc(stmt.Pos(), tested.Pos(), func() string {
			return "{\n" + f.Render(init) + "\n" + c.text() + strings.TrimRight(string(word), " \t\n") + " "
		})
		t.after = append(t.after, func() { f.Insert(stmt.End(), "\n}") })
	}
	return func(text func() string) { c.parts = append(c.parts, text) }
}

// hasChanged reports whether a node has a call that is rewritten.
func (t *Threader) hasChanged(f *code.File, n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !found {
			fn := f.Callee(call)
			found = fn != nil && t.changes[t.World.Key(fn.Origin())] != nil || t.changedLocal(f, call)
		}
		return !found
	})
	return found
}

// nests returns the if whose condition the && at r.Path[k] is, where that can
// become two ifs, one in the other; or nil.
func (r mention) nests(b *ast.BinaryExpr, k int) *ast.IfStmt {
	if b.Op != token.LAND || k < 1 {
		return nil
	}
	s, ok := r.Path[k-1].(*ast.IfStmt)
	if !ok || s.Cond != ast.Expr(b) || s.Else != nil {
		return nil
	}
	return s
}

// nest puts the right side of an && into an if of its own, in the body of the
// one that tests the left side.
func (t *Threader) nest(r mention, b *ast.BinaryExpr, s *ast.IfStmt) put {
	f := r.File
	c := t.circuits[b]
	if c == nil {
		c = &circuit{}
		t.circuits[b] = c
		f.ReplaceFunc(b.X.End(), b.Y.Pos(), func() string {
			return " {" + commentsBetween(f, b.X.End(), b.Y.Pos()) + "\n" + c.text() + "if "
		})
		t.after = append(t.after, func() { f.Insert(s.End(), "\n}") })
	}
	return func(text func() string) { c.parts = append(c.parts, text) }
}

// shortCircuit turns `x && y` into a variable: ok := x; if ok { ...; ok = y }.
func (t *Threader) shortCircuit(r mention, b *ast.BinaryExpr, i int) put {
	f := r.File
	if s := r.nests(b, i); s != nil {
		return t.nest(r, b, s)
	}
	if t.circuits[b] == nil {
		outer := t.place(r, i)
		d := t.scopeOf(r)
		if outer == nil || d == nil {
			return nil
		}
		t.hoistEarlier(r, i, outer)
		c := &circuit{}
		t.circuits[b], t.hoisted[b] = c, true
		name, first := "", ""
		if left, ok := ast.Unparen(b.X).(*ast.BinaryExpr); ok && t.circuits[left] != nil && t.circuits[left].name != "" {
			name = t.circuits[left].name
		} else {
			name = t.fresh(r, d, r.regionOf(i), "ok", "holds", "cond")
			first = name + " := "
		}
		c.name = name
		test := name
		if b.Op == token.LOR {
			test = "!" + name
		}
		f.ReplaceFunc(b.Pos(), b.End(), func() string { return name })
		outer(func() string {
			left := ""
			if first != "" {
				left = first + f.RenderWhole(b.X)
			}
			if left += commentsBetween(f, b.X.End(), b.Y.Pos()); left != "" {
				left += "\n"
			}
			return left + "if " + test + " {\n" + c.text() + name + " = " + f.RenderWhole(b.Y) + "\n}\n"
		})
	}
	c := t.circuits[b]
	return func(text func() string) { c.parts = append(c.parts, text) }
}

// A circuit collects what must run before the right side of && or ||.
type circuit struct {
	parts []func() string
	name  string // of its variable
}

func (c *circuit) text() string {
	var b strings.Builder
	for _, p := range c.parts {
		b.WriteString(p())
	}
	return b.String()
}

// loopHead puts statements at the head of the body of a loop whose condition
// needs them, and the condition after them.
func (t *Threader) loopHead(r mention, loop *ast.ForStmt) put {
	f := r.File
	at := loop.Body.Lbrace + 1
	if !t.opened[loop] {
		t.opened[loop] = true
		f.Insert(at, "\n")
		t.after = append(t.after, func() { testInBody(f, loop.Cond, at) })
	}
	return func(text func() string) {
		f.InsertFunc(at, text)
	}
}

// testInBody replaces the condition of a loop by a test at the offset at.
func testInBody(f *code.File, cond ast.Expr, at token.Pos) {
	whole := f.Take(cond)
	f.InsertFunc(at, func() string {
		if whole != nil {
			return "if !" + whole() + " {\nbreak\n}"
		}
		return "if !(" + f.Render(cond) + ") {\nbreak\n}"
	})
	f.ReplaceFunc(cond.Pos(), cond.End(), func() string { return "" })
}
