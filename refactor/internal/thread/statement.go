package thread

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// handleError gives the new error of a call to someone, by the shape of the
// statement around it.
func (t *Threader) handleError(r mention) {
	s := t.sink(r)
	if s.capture != nil {
		s = t.intoVariable(r, s.capture)
	}
	if s.stmts == nil && !s.drop && s.refused == "" && !s.left {
		s = t.lastResort(r, "the change would go too far")
	}
	if s.refused != "" {
		t.problem(r, "no-one-to-report-to", r.Fn.Name()+" can fail now, and nobody can report that here: "+s.refused, "handle it by hand first, or let it be logged: --errors log")
		return
	}
	if s.note != "" {
		t.note(t.World.Span(r.ID), s.note)
	}
	if s.left {
		return
	}
	s = t.releasing(r, s)
	if s.detach {
		t.detach(r, s)
		return
	}
	i := r.outermost()
	if t.fitted(r, s, i) {
		r.wrap()
		return
	}
	t.hoist(r, s, i)
}

// outermost returns where in the path the call is, with the parentheses around it.
func (r mention) outermost() int {
	i := slices.Index(r.Path, ast.Node(r.Call))
	for i > 0 {
		if _, ok := r.Path[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	return i
}

// check spells what follows an assignment to the error.
func (s sink) check(err string) string {
	switch {
	case s.drop:
		return ""
	case s.checks:
		return "\n" + s.stmts(err)
	}
	return "\nif " + err + " != nil {\n" + s.stmts(err) + "\n}"
}

// around spells what comes before and after an error in statements that test it
// themselves.
func (s sink) around() (before, after string) {
	const mark = "\x00"
	before, after, _ = strings.Cut(s.stmts(mark), mark)
	return before, after
}

// fitted handles the statements that the call can stay in.
func (t *Threader) fitted(r mention, s sink, i int) bool {
	if t.loopPost(r, s, i) {
		return true
	}
	inBlock := i >= 2 && holdsStatements(r.Path[i-2])
	switch p := r.Path[i-1].(type) {
	case *ast.ExprStmt:
		if inBlock {
			t.statement(r, s, p)
			return true
		}
	case *ast.AssignStmt:
		return len(p.Rhs) == 1 && t.assign(r, s, p, r.Path[i-2], inBlock)
	case *ast.ValueSpec:
		return t.declared(r, s, p, i)
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

// statement handles f() alone: if err := f(); err != nil { ... }, or return f()
// at the end of a function.
func (t *Threader) statement(r mention, s sink, p *ast.ExprStmt) {
	blanks := strings.Repeat("_, ", r.results())
	switch {
	case s.drop:
		r.File.Insert(r.Call.Pos(), blanks+"_ = ")
	case s.checks && blanks == "":
		r.File.InsertFunc(r.Call.Pos(), func() string { before, _ := s.around(); return before })
		r.File.InsertFunc(r.Call.End(), func() string { _, after := s.around(); return after })
	case s.checks:
		t.asserted(r, s, p, blanks)
	case blanks == "" && s.isRet && s.added && s.plain && t.last(r, p):
		r.File.Insert(r.Call.Pos(), "return ")
		t.tails[p] = true
	default:
		r.File.Insert(r.Call.Pos(), "if "+blanks+"err := ")
		r.File.InsertFunc(r.Call.End(), func() string { return "; err != nil {\n" + s.inIf("err") + "\n}" })
	}
}

// asserted handles f() alone whose results nobody wants, where an assertion checks
// the error: _, err := f(), and the assertion.
func (t *Threader) asserted(r mention, s sink, p *ast.ExprStmt, blanks string) {
	err, in := t.errName(r, nil), r.insertion()
	op := " := "
	if in.scope != nil && t.known(in, err, p.Pos()) {
		op = " = "
	}
	t.declares(in, err)
	r.File.Insert(r.Call.Pos(), blanks+err+op)
	r.File.InsertFunc(afterComment(r.File, r.Call.End()), func() string { return s.check(err) })
}

// known reports whether a list of statements has an error of that name before pos.
func (t *Threader) known(in insertion, err string, pos token.Pos) bool {
	have := in.scope.Lookup(err)
	return t.errs[in.scope][err] || have != nil && have.Pos() < pos
}

// last reports whether p is the last statement of a function without results.
func (t *Threader) last(r mention, p ast.Stmt) bool {
	d := r.decl()
	return d != nil && r.enclosing() == nil && d.Type.Results == nil && t.captures[p] == "" && len(d.Body.List) > 0 && d.Body.List[len(d.Body.List)-1] == p
}

// assign handles x := f(), x = f() and if x := f(); cond.
func (t *Threader) assign(r mention, s sink, p *ast.AssignStmt, holder ast.Node, inBlock bool) bool {
	last := p.Lhs[len(p.Lhs)-1].End()
	stmt, inIf := holder.(*ast.IfStmt)
	inIf = inIf && stmt.Init == p && p.Tok == token.DEFINE
	switch {
	case s.drop && (inBlock || inIf):
		r.File.Insert(last, ", _")
		return true
	case inIf:
		t.ifInit(r, s, p, stmt)
		return true
	case !inBlock:
		return false
	case allBlank(p.Lhs):
		r.File.Replace(p.Pos(), r.Call.Pos(), "if "+strings.Repeat("_, ", len(p.Lhs))+"err := ")
		r.File.InsertFunc(p.End(), func() string { return "; err != nil {\n" + s.inIf("err") + "\n}" })
		return true
	case p.Tok == token.DEFINE:
		err := t.errBeside(r, nil, p.Lhs)
		t.declares(r.insertion(), err)
		r.File.Insert(last, ", "+err)
		r.File.InsertFunc(afterComment(r.File, p.End()), func() string { return s.check(err) })
		return true
	}
	return p.Tok == token.ASSIGN && t.assignLocals(r, s, p)
}

// assignLocals handles x = f() where x is a variable that nobody reads if f fails.
func (t *Threader) assignLocals(r mention, s sink, p *ast.AssignStmt) bool {
	in := r.insertion()
	d := t.scopeOf(r)
	if d == nil || in.scope == nil || s.loop || s.stays || r.jumpedOver(r.Path[slices.Index(r.Path, ast.Node(p))-1], p) {
		return false
	}
	own := true
	for _, l := range p.Lhs {
		id, ok := l.(*ast.Ident)
		if ok && id.Name == "_" {
			continue
		}
		if !ok {
			return false
		}
		v, ok := r.File.Pkg.Info.Uses[id].(*types.Var)
		if !ok || !r.declaredHere(v) && !t.parameter(r, v) || captured(d, v) || id.Name == "err" {
			return false
		}
		own = own && in.scope.Lookup(id.Name) == v
	}
	err := t.errBeside(r, nil, p.Lhs)
	last := p.Lhs[len(p.Lhs)-1].End()
	switch {
	case t.known(in, err, p.Pos()):
	case own:
		r.File.Replace(p.TokPos, p.TokPos+1, ":=")
	default:
		r.File.Insert(p.Pos(), "var "+err+" error\n")
	}
	r.File.Insert(last, ", "+err)
	r.File.InsertFunc(afterComment(r.File, p.End()), func() string { return s.check(err) })
	t.declares(in, err)
	return true
}

// parameter reports a parameter of the function around r.
func (t *Threader) parameter(r mention, v *types.Var) bool {
	for p := range t.signatureAt(r).Params().Variables() {
		if p == v {
			return true
		}
	}
	return false
}

// declares remembers that a list of statements declares an error.
func (t *Threader) declares(in insertion, err string) {
	if t.errs[in.scope] == nil {
		t.errs[in.scope] = map[string]bool{}
	}
	t.errs[in.scope][err] = true
}

// declared handles var x = f() among statements.
func (t *Threader) declared(r mention, s sink, p *ast.ValueSpec, i int) bool {
	if i < 4 || len(p.Values) != 1 || len(p.Names) != 1 || p.Names[0].Name == "_" {
		return false
	}
	g, ok := r.Path[i-2].(*ast.GenDecl)
	stmt, local := r.Path[i-3].(*ast.DeclStmt)
	if !ok || !local || !holdsStatements(r.Path[i-4]) || r.jumpedOver(r.Path[i-4], stmt) {
		return false
	}
	info := r.File.Pkg.Info
	if p.Type != nil && !types.Identical(info.TypeOf(p.Type), info.TypeOf(r.Call)) {
		return false
	}
	err := "_"
	if !s.drop {
		err = t.errBeside(r, nil, []ast.Expr{p.Names[0]})
		t.declares(r.insertion(), err)
	}
	if group, k := t.groupOf(r.File, g, p); group != nil {
		group.out[k] = true
	} else {
		r.File.Replace(g.Pos(), p.Names[0].Pos(), "")
	}
	r.File.Replace(p.Names[0].End(), p.Values[0].Pos(), ", "+err+" := ")
	r.File.InsertFunc(afterComment(r.File, p.Values[0].End()), func() string { return s.check(err) })
	return true
}

// ifInit handles if x := f(); cond: the assignment goes before the if where its
// variables are in nobody's way there.
func (t *Threader) ifInit(r mention, s sink, p *ast.AssignStmt, stmt *ast.IfStmt) {
	last := p.Lhs[len(p.Lhs)-1].End()
	if t.outside(r, p, stmt) {
		err := t.errBeside(r, nil, p.Lhs)
		r.File.Replace(stmt.Pos(), p.Pos(), "")
		r.File.Insert(last, ", "+err)
		r.File.ReplaceFunc(p.End(), stmt.Cond.Pos(), func() string { return s.check(err) + "\nif " })
		t.flat[stmt] = true
		t.declares(r.insertion(), err)
		return
	}
	err := t.errBeside(r, stmt, p.Lhs)
	r.File.Insert(last, ", "+err)
	r.File.ReplaceFunc(p.End(), stmt.Cond.Pos(), func() string { return "; " + err + " != nil {\n" + s.inIf(err) + "\n} else if " })
}

// outside reports whether the variables of an if can be declared before it.
func (t *Threader) outside(r mention, p *ast.AssignStmt, stmt *ast.IfStmt) bool {
	at := slices.Index(r.Path, ast.Node(stmt))
	list := r.Path[at-1]
	d := t.scopeOf(r)
	in := r.insertion()
	if statements(list) == nil || d == nil || in.stmt != ast.Stmt(stmt) || in.scope == nil || r.jumpedOver(list, stmt) {
		return false
	}
	for _, l := range p.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "err" {
			return false
		}
		if id.Name == "_" {
			continue
		}
		if _, obj := in.scope.LookupParent(id.Name, stmt.Pos()); obj != nil && obj.Parent() != types.Universe && obj.Parent() != r.File.Pkg.Types.Scope() {
			return false
		}
		reg := region{stmt.End(), in.scope.End()}
		if in.scope.Lookup(id.Name) != nil || mentioned(d, id.Name, reg.from, reg.to) || t.taken(d, id.Name, region{stmt.Pos(), in.scope.End()}) {
			return false
		}
	}
	for _, l := range p.Lhs {
		t.take(d, l.(*ast.Ident).Name, region{stmt.Pos(), in.scope.End()})
	}
	return true
}

// afterComment is the end of the line where a statement ends, if nothing but a comment
// follows there, and else the end of the statement.
func afterComment(f *code.File, end token.Pos) token.Pos {
	line, _, _ := bytes.Cut(f.Before[f.Offset(end):], []byte("\n"))
	if !bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("//")) {
		return end
	}
	return end + token.Pos(len(bytes.TrimRight(line, "\r")))
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
func (t *Threader) hoist(r mention, s sink, i int) {
	put := t.place(r, i)
	if put == nil || r.fixedBefore(i) {
		t.inPlace(r, s, r.Path[i])
		return
	}
	t.hoistEarlier(r, i, put)
	t.hoisted[r.Call] = true
	if r.results() == 0 { // what an if, a for or a switch does first
		t.hoistStatement(r, s, i, put)
		return
	}
	vars := strings.Join(t.resultNames(r, i), ", ")
	err := "_"
	if !s.drop {
		err = t.errName(r, nil)
		if in := r.insertion(); !in.inner {
			t.declares(in, err)
		}
	}
	child := r.Path[i]
	r.File.ReplaceFunc(child.Pos(), child.End(), func() string { return vars })
	put(func() string { return vars + ", " + err + " := " + r.text() + s.check(err) + "\n" })
}

// hoistStatement is hoist for a call without results, which is a statement.
func (t *Threader) hoistStatement(r mention, s sink, i int, put put) {
	child := r.Path[i]
	r.File.ReplaceFunc(child.Pos(), child.End(), func() string { return "" })
	if s.drop {
		put(func() string { return "_ = " + r.text() + "\n" })
		return
	}
	if s.checks {
		put(func() string {
			before, after := s.around()
			return before + r.text() + after + "\n"
		})
		return
	}
	err := t.errName(r, nil)
	put(func() string {
		return "if " + err + " := " + r.text() + "; " + err + " != nil {\n" + s.stmts(err) + "\n}\n"
	})
}

// inPlace wraps a call that can't be moved in a literal that can't return the
// error: it logs it, or panics.
func (t *Threader) inPlace(r mention, s sink, child ast.Node) {
	why := "the call can't be moved before its statement"
	if !s.ends && s.says == nil && !s.drop {
		s = t.lastResort(r, why)
		if s.refused != "" {
			t.problem(r, "no-one-to-report-to", r.Fn.Name()+" can fail now, and nobody can report that here: "+why, "move the call to a statement of its own first, or let the error be logged: --errors log")
			return
		}
		t.note(t.World.Span(r.ID), s.note)
	}
	f := r.File
	sig := r.Fn.Signature()
	if typ, ok := f.Pkg.Info.TypeOf(r.Call.Fun).(*types.Signature); ok {
		sig = typ
	}
	var vars, typs []string
	for v := range sig.Results().Variables() {
		vars = append(vars, "v"+strconv.Itoa(len(vars)+1))
		if r.As != nil {
			typs = append(typs, f.Type(r.As))
			continue
		}
		typs = append(typs, f.Type(v.Type()))
	}
	list := strings.Join(vars, ", ")
	says := s.says
	if says == nil {
		says = s.inIf
	}
	f.ReplaceFunc(child.Pos(), child.End(), func() string {
		switch call := r.text(); {
		case s.drop && len(vars) == 0:
			return "func() { _ = " + call + " }()"
		case s.drop:
			return "func() (" + strings.Join(typs, ", ") + ") {\n" + list + ", _ := " + call + "\nreturn " + list + "\n}()"
		case len(vars) == 0:
			return "func() {\nif err := " + call + "; err != nil {\n" + says("err") + "\n}\n}()"
		default:
			return "func() (" + strings.Join(typs, ", ") + ") {\n" + list + ", err := " + call + "\nif err != nil {\n" + says("err") + "\n}\nreturn " + list + "\n}()"
		}
	})
}

// inIf spells the statements for the body of an if err != nil.
func (s sink) inIf(err string) string {
	if s.checks {
		return s.fails(err)
	}
	return s.stmts(err)
}

// A region is a part of a function.
type region struct{ from, to token.Pos }

// regionOf returns where a variable is seen that is declared before r.Path[i] is
// evaluated.
func (r mention) regionOf(i int) region {
	for ; i > 0; i-- {
		n, parent := r.Path[i], r.Path[i-1]
		if list := statements(parent); list != nil {
			if stmt, ok := n.(ast.Stmt); ok && slices.Contains(list, stmt) {
				return region{stmt.Pos(), list[len(list)-1].End()}
			}
		}
		switch p := parent.(type) {
		case *ast.BinaryExpr:
			if conditional(p) && n == ast.Node(p.Y) {
				if s := r.nests(p, i-1); s != nil {
					return region{p.Y.Pos(), s.End()}
				}
				return region{p.Y.Pos(), p.Y.End()}
			}
		case *ast.IfStmt:
			if n == ast.Node(p.Else) {
				return region{n.Pos(), n.End()}
			}
		case *ast.ForStmt:
			if n == ast.Node(p.Cond) {
				return region{p.Pos(), p.End()}
			}
		}
	}
	return region{r.Path[0].Pos(), r.Path[0].End()}
}

// fresh picks the first name that nothing in a region of a function means, and
// that neither a parameter nor the package has, and takes it.
func (t *Threader) fresh(r mention, d *code.Decl, reg region, candidates ...string) string {
	ok := func(name string) bool {
		return token.IsIdentifier(name) && !t.reserved(r, name) && !t.taken(d, name, reg) && !bare(d, name, reg)
	}
	for _, c := range candidates {
		if ok(c) {
			t.take(d, c, reg)
			return c
		}
	}
	for i := 2; ; i++ {
		if c := candidates[len(candidates)-1] + strconv.Itoa(i); ok(c) {
			t.take(d, c, reg)
			return c
		}
	}
}

// bare reports whether a name stands alone, and not after a dot, in a region.
func bare(d *code.Decl, name string, reg region) bool {
	found := false
	ast.Inspect(d.Func, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ast.Inspect(n.X, func(x ast.Node) bool {
				id, ok := x.(*ast.Ident)
				found = found || ok && id.Name == name && reg.from <= id.Pos() && id.Pos() < reg.to
				return !found
			})
			return false
		case *ast.Ident:
			found = found || n.Name == name && reg.from <= n.Pos() && n.Pos() < reg.to
		}
		return !found
	})
	return found
}

// reserved reports names that mean something around r: a local variable, a
// parameter, something of the package or of the language, or a package that an
// edit may import.
func (t *Threader) reserved(r mention, name string) bool {
	switch name {
	case "context", "log", "http", "fmt", "errors", "slog", "require", "err", "ctx":
		return true
	}
	scope := r.File.Pkg.Types.Scope().Innermost(r.ID.Pos())
	if scope == nil {
		return types.Universe.Lookup(name) != nil
	}
	_, obj := scope.LookupParent(name, token.NoPos)
	return obj != nil
}

func (t *Threader) taken(d *code.Decl, name string, reg region) bool {
	return slices.ContainsFunc(t.made[d], func(m madeName) bool { return m.name == name && m.reg.from < reg.to && reg.from < m.reg.to })
}

func (t *Threader) take(d *code.Decl, name string, reg region) {
	t.made[d] = append(t.made[d], madeName{name, reg})
}

// A madeName is a name that an edit declares, and where.
type madeName struct {
	name string
	reg  region
}
