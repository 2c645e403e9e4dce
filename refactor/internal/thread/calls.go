package thread

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/unweld/unweld/refactor/internal/code"
)

// rewriteMention edits one call of a changed function, or one use as a value.
func (t *Threader) rewriteMention(r mention) {
	c := t.changed(r)
	if r.Call == nil {
		t.adapt(r)
		return
	}
	if _, tuple := r.tupleArgument(); tuple && c.Ctx {
		if t.adapts(c) {
			t.adapt(r)
			return
		}
		t.problem(r, "results-as-arguments", r.Fn.Name()+" is given the results of another call, so there is no place for a context", "assign the results to variables first")
		return
	}
	if c.Ctx {
		t.passContext(r)
	}
	if c.Err {
		t.handleError(r)
	}
}

// tupleArgument reports a call whose only argument is a call with many results.
func (r mention) tupleArgument() (*types.Tuple, bool) {
	if r.Call == nil || len(r.Call.Args) != 1 {
		return nil, false
	}
	tuple, ok := r.File.Pkg.Info.TypeOf(r.Call.Args[0]).(*types.Tuple)
	return tuple, ok
}

func (t *Threader) passContext(r mention) {
	expr := t.pass(r, false)
	if len(r.Call.Args) > 0 {
		expr += ", "
	}
	r.File.Insert(r.Call.Lparen+1, expr)
}

// pass returns the context to pass at r, and makes the edits that it needs. kept
// says that the call is made later than r is evaluated.
func (t *Threader) pass(r mention, kept bool) string {
	s := t.context(r)
	if kept && s.expr != "" && !s.lone {
		s.expr, s.lone = "context.WithoutCancel("+s.expr+")", true
	}
	if s.expr == "" {
		s = t.root("the change ends here, " + plural(t.Depth, "call") + " away")
	}
	if s.name != nil {
		s.name()
	}
	expr := s.expr
	if s.lone {
		if name := r.File.ImportAt(r.ID.Pos(), "context", "context"); name != "context" {
			expr = name + strings.TrimPrefix(expr, "context")
		}
	}
	switch {
	case s.root && t.Root == "":
		t.problem(r, "no-context-to-pass", r.Fn.Name()+" has no context to get here: "+cmp.Or(s.why, t.whyNoContext(r)), "pass one by hand, or allow a root: --root background")
	case s.why != "":
		t.note(t.World.Span(r.ID), r.Fn.Name()+" gets "+s.expr+": "+s.why)
	}
	return expr
}

// whyNoContext says why a call has no context to pass where that is plain to see.
func (t *Threader) whyNoContext(r mention) string {
	if t.declOf(r) == nil {
		return "an initializer has none"
	}
	return "it may run after the function around it has returned"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// handleError gives the new error of a call to someone, by the shape of the
// statement around it.
func (t *Threader) handleError(r mention) {
	s := t.sink(r)
	if s.note != "" {
		t.note(t.World.Span(r.ID), s.note)
	}
	if s.drop {
		return
	}
	if s.stmts == nil {
		s = t.lastResort(r, "the change would go too far")
	}
	s = t.releasing(r, s)
	i := len(r.Path) - 1
	for r.Path[i] != r.Call {
		i--
	}
	child, parent := ast.Node(r.Call), r.Path[i-1]
	for {
		p, ok := parent.(*ast.ParenExpr)
		if !ok {
			break
		}
		i--
		child, parent = p, r.Path[i-1]
	}
	inBlock := i >= 2 && holdsStatements(r.Path[i-2])
	if t.fitted(r, s, parent, i, inBlock) {
		r.wrap()
		return
	}
	t.hoist(r, s, child, i)
}

// fitted handles the statements that the call can stay in.
func (t *Threader) fitted(r mention, s sink, parent ast.Node, i int, inBlock bool) bool {
	switch p := parent.(type) {
	case *ast.ExprStmt:
		if inBlock {
			t.wrapStatement(r, s)
			return true
		}
	case *ast.AssignStmt:
		return len(p.Rhs) == 1 && t.assign(r, s, p, r.Path[i-2], inBlock)
	case *ast.ReturnStmt:
		return t.returnCall(r, s, p)
	}
	return false
}

// text renders the call.
func (r mention) text() string {
	call := r.File.Render(r.Call)
	if r.Wrap != nil {
		return r.Wrap(call)
	}
	return call
}

// wrap changes the text of a call that stays where it is.
func (r mention) wrap() {
	if r.Wrap != nil {
		r.File.ReplaceFunc(r.Call.Pos(), r.Call.End(), r.text)
	}
}

func holdsStatements(n ast.Node) bool {
	switch n.(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, *ast.LabeledStmt:
		return true
	}
	return false
}

// results returns how many results the callee had before.
func (r mention) results() int { return r.Fn.Signature().Results().Len() }

// wrapStatement turns f() into if err := f(); err != nil { ... }.
func (t *Threader) wrapStatement(r mention, s sink) {
	blanks := strings.Repeat("_, ", r.results())
	r.File.Insert(r.Call.Pos(), "if "+blanks+"err := ")
	r.File.Insert(r.Call.End(), "; err != nil {\n"+s.stmts("err")+"\n}")
}

// assign handles x := f(), x = f() and if x := f(); cond.
func (t *Threader) assign(r mention, s sink, p *ast.AssignStmt, holder ast.Node, inBlock bool) bool {
	last := p.Lhs[len(p.Lhs)-1].End()
	if stmt, ok := holder.(*ast.IfStmt); ok && stmt.Init == p && p.Tok == token.DEFINE {
		err := t.errBeside(r, stmt, p.Lhs)
		r.File.Insert(last, ", "+err)
		r.File.Replace(p.End(), stmt.Cond.Pos(), "; "+err+" != nil {\n"+s.stmts(err)+"\n} else if ")
		return true
	}
	if !inBlock {
		return false
	}
	if allBlank(p.Lhs) {
		r.File.Replace(p.Pos(), r.Call.Pos(), "if "+strings.Repeat("_, ", len(p.Lhs))+"err := ")
		r.File.Insert(p.End(), "; err != nil {\n"+s.stmts("err")+"\n}")
		return true
	}
	if p.Tok != token.DEFINE {
		return false
	}
	err := t.errBeside(r, nil, p.Lhs)
	r.File.Insert(last, ", "+err)
	r.File.Insert(p.End(), "\nif "+err+" != nil {\n"+s.stmts(err)+"\n}")
	return true
}

func allBlank(lhs []ast.Expr) bool {
	for _, e := range lhs {
		if id, ok := e.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}

// returnCall handles return f() where the results fit as they are.
func (t *Threader) returnCall(r mention, s sink, p *ast.ReturnStmt) bool {
	if !s.isRet {
		return false
	}
	if s.added && len(p.Results) == 1 {
		t.returns[p] = true
		return true
	}
	if !s.added && len(p.Results) == 2 && r.results() == 1 && r.File.Source(p.Results[1]) == "nil" {
		r.File.Replace(p.Results[0].End(), p.End(), "")
		return true
	}
	return false
}

// hoist moves the call before its statement and puts variables in its place.
func (t *Threader) hoist(r mention, s sink, child ast.Node, i int) {
	put := t.place(r, i)
	if put == nil || r.fixedBefore(i) {
		t.inPlace(r, s, child)
		return
	}
	t.hoistEarlier(r, i, put)
	t.hoisted[r.Call] = true
	vars := strings.Join(t.resultNames(r, t.scopeOf(r)), ", ")
	err := t.errName(r, nil)
	r.File.ReplaceFunc(child.Pos(), child.End(), func() string { return vars })
	put(func() string {
		return vars + ", " + err + " := " + r.text() +
			"\nif " + err + " != nil {\n" + s.stmts(err) + "\n}\n"
	})
}

// inPlace wraps a call that can't be moved in a literal that panics.
func (t *Threader) inPlace(r mention, s sink, child ast.Node) {
	if s.note == "" {
		t.note(t.World.Span(r.ID), r.Fn.Name()+" can fail now, and this panics then: the call can't be moved before its statement")
	}
	f := r.File
	sig := r.Fn.Signature()
	if typ, ok := f.Pkg.Info.TypeOf(r.Call.Fun).(*types.Signature); ok {
		sig = typ
	}
	var vars, typs []string
	for v := range sig.Results().Variables() {
		vars = append(vars, "v"+strconv.Itoa(len(vars)+1))
		typs = append(typs, f.Type(cmp.Or(r.As, v.Type())))
	}
	list := strings.Join(vars, ", ")
	f.ReplaceFunc(child.Pos(), child.End(), func() string {
		call := r.text()
		if len(vars) == 0 {
			return "func() {\nif err := " + call + "; err != nil {\npanic(err)\n}\n}()"
		}
		return "func() (" + strings.Join(typs, ", ") + ") {\n" + list + ", err := " + call + "\nif err != nil {\npanic(err)\n}\nreturn " + list + "\n}()"
	})
}

// resultNames names the results of a hoisted call after the function.
func (t *Threader) resultNames(r mention, d *code.Decl) []string {
	base := strings.TrimPrefix(r.Fn.Name(), "Get")
	base = cmp.Or(r.Name, lowerFirst(base))
	if base == "" || base == "err" {
		base = "result"
	}
	var out []string
	for range r.results() {
		out = append(out, t.freeIn(d, base, base+"Result"))
	}
	return out
}

func lowerFirst(s string) string {
	n := 0
	for i, c := range s {
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(c):])
		if !unicode.IsUpper(c) || n > 0 && next != utf8.RuneError && !unicode.IsUpper(next) {
			break
		}
		n += utf8.RuneLen(c)
	}
	return strings.ToLower(s[:n]) + s[n:]
}

func upperFirst(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(c)) + s[n:]
}
