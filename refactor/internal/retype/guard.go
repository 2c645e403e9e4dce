package retype

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A guard is a return or an assignment of a value of the concrete type that may be
// nil: where the result or variable is the interface, it can be nil itself then.
type guard struct {
	src    *slot
	file   *code.File
	ret    *ast.ReturnStmt
	i      int             // of the result
	assign *ast.AssignStmt // nil for a return
	unset  bool            // the variable that is assigned to has its zero value until then
}

// settable reports whether a test can be put around an assignment.
func (f *Flow) settable(file *code.File, n *ast.AssignStmt, stack []ast.Node) bool {
	if len(n.Lhs) != 1 || len(n.Rhs) != 1 || !still(n.Lhs[0]) || file.Generated() || f.Role(file) == Fixed {
		return false
	}
	at := slices.Index(stack, ast.Node(n))
	if at <= 0 || !inList(stack[:at+1]) {
		return false
	}
	if n.Tok == token.DEFINE {
		s := f.target(file, n.Lhs[0])
		return s != nil && s.def != nil && s.def.form == declared
	}
	return n.Tok == token.ASSIGN
}

// set writes the test around an assignment to a slot.
func (g *guard) set(iface string) {
	lhs, e := g.assign.Lhs[0], g.assign.Rhs[0]
	v := "v"
	if code.Mentions(lhs, v) {
		v = "value"
	}
	define := g.assign.Tok == token.DEFINE
	g.file.ReplaceFunc(g.assign.Pos(), g.assign.End(), func() string {
		to := g.file.Render(lhs)
		text := "if " + v + " := " + g.file.Render(e) + "; " + v + " != nil {\n" + to + " = " + v + "\n}"
		if define {
			return "var " + to + " " + iface + "\n" + text
		}
		if g.unset {
			return text
		}
		return text + " else {\n" + to + " = nil\n}"
	})
}

// guardable reports whether a test can be put before a return.
func (f *Flow) guardable(file *code.File, ret *ast.ReturnStmt, i int, stack []ast.Node) bool {
	if i < 0 || file.Generated() || f.Role(file) == Fixed {
		return false
	}
	for k, e := range ret.Results {
		if k != i && !still(e) || k == i && len(ret.Results) > 1 && !still(e) {
			return false
		}
	}
	at := slices.Index(stack, ast.Node(ret))
	return at > 0 && inList(stack[:at+1])
}

// guardSources makes the returns that a slot gets its nil pointers from return nil,
// and reports whether that is something new.
func (s *slot) guardSources(seen map[*slot]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	found := false
	for _, m := range s.nilFrom {
		if m.reached {
			found = m.guardSources(seen) || found
		}
	}
	for _, g := range s.guards {
		switch {
		case g.src.reached:
			found = g.src.guardSources(seen) || found
		case !s.guarded && !g.src.literal && g.src.mayBeNil(map[*slot]bool{}) != nil:
			s.guarded, found = true, true
		}
	}
	return found
}

// tested reports whether a test is to be written.
func (g *guard) tested() bool {
	return !g.src.reached && !g.src.literal && g.src.mayBeNil(map[*slot]bool{}) != nil
}

// guard writes the tests before the returns, and around the assignments, of a slot.
func (s *slot) guard(spell func(*code.File, token.Pos) string) {
	for _, g := range s.guards {
		if !g.tested() {
			continue
		}
		if g.assign != nil {
			g.set(spell(g.file, g.assign.Pos()))
			continue
		}
		e := g.ret.Results[g.i]
		if !still(e) {
			g.file.InsertFunc(g.ret.Pos(), func() string { return "if v := " + g.file.Render(e) + "; v != nil {\nreturn v\n}\n" })
			g.file.Replace(e.Pos(), e.End(), "nil")
			continue
		}
		g.file.InsertFunc(g.ret.Pos(), func() string { return "if " + g.file.Render(e) + " == nil {\n" + g.nothing() + "\n}\n" })
	}
}

// nothing is the return with nil in the place of the value.
func (g *guard) nothing() string {
	out := "return "
	for k, e := range g.ret.Results {
		if k > 0 {
			out += ", "
		}
		if k == g.i {
			out += "nil"
		} else {
			out += g.file.Render(e)
		}
	}
	return out
}

// still reports an expression whose value is the same when it is evaluated later or
// once more, if no call stands between.
func still(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit, *ast.FuncLit:
		return true
	case *ast.SelectorExpr:
		return still(e.X)
	case *ast.IndexExpr:
		return still(e.X) && still(e.Index)
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && still(e.X)
	}
	return false
}

// writeNil has the word nil written with its type, in the type's package and in tests, so
// that what holds the interface has the nil pointer that it had, whose methods can be called.
// It reports whether that is something new. Nothing that gets it may ask whether it is nil.
func (f *Flow) writeNil(none *slot) bool {
	if !f.Local || none.word == nil || none.typed || none.file == nil || none.file.Generated() || f.Role(none.file) == Fixed || none.tellsNil(map[*slot]bool{}) {
		return false
	}
	none.typed, none.literal = true, false // it may be nil as a pointer may
	return true
}

// tellsNil reports whether a value is compared where a slot hands it on as the interface.
func (s *slot) tellsNil(seen map[*slot]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	return len(s.nilTest)+len(s.same) > 0 || slices.ContainsFunc(s.into, func(t *slot) bool { return t.why == "" && t.tellsNil(seen) })
}
