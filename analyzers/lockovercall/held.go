package lockovercall

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/calls"
	"github.com/unweld/unweld/internal/component"
)

// The kinds of facts.
const (
	underLock = "under-lock"        // To is called while the lock Text, taken at At, is held
	remote    = "remote-under-lock" // so is what could stand behind a contract
	returns   = "returns-holding"   // the function returns with the lock Text held
	assigns   = "assigns"           // the field To is assigned, or its address taken
)

// A lock is named by the variable at its root and the way from there.
type lock struct {
	root types.Object
	path string // s.mu
	read bool   // taken by RLock
}

type held struct {
	at       ast.Node
	deferred bool              // a deferred call unlocks it
	via      component.Subject // the method that took it, where that isn't known to be a lock's
	only     bool              // no other lock was held when it was taken
}

// A state holds the locks that are held for certain, nil if none is. A dead one
// is of code that isn't reached.
type state struct {
	locks map[lock]held
	dead  bool
}

func (s state) copy() state {
	if len(s.locks) == 0 {
		return state{dead: s.dead}
	}
	return state{maps.Clone(s.locks), s.dead}
}

func (s *state) hold(l lock, h held) {
	if s.locks == nil {
		s.locks = map[lock]held{}
	}
	s.locks[l] = h
}

// merge keeps what is held in both.
func merge(a, b state) state {
	switch {
	case a.dead:
		return b.copy()
	case b.dead:
		return a.copy()
	}
	var out state
	for l, h := range a.locks {
		if other, ok := b.locks[l]; ok {
			h.deferred = h.deferred && other.deferred
			out.hold(l, h)
		}
	}
	return out
}

// A frame is a statement that break or continue can leave.
type frame struct {
	label         string
	loop          bool
	broken        state // merged over the break statements
	continued     state
	breaks, nexts bool
}

// A walker follows one function. It knows which locks are held for certain at
// each place: where two ways meet, those that are held on both.
type walker struct {
	pass     *analyzers.Pass
	fn       *ast.FuncDecl
	st       state
	frames   []*frame
	label    string          // of the next statement
	gotos    map[string]bool // labels that a goto leads to
	fixes    map[*ast.CallExpr]*fix
	lockless bool // no name of a function that takes a lock stands in it
	loud     bool // facts are kept: not while a loop is looked at for the first time
	facts    []component.Fact
	seen     map[seenKey]bool
	atEnd    *state // merged over the ways out
	inner    int    // depth of function literals
}

type seenKey struct {
	call ast.Node
	l    lock
}

func (w *walker) function() {
	w.gotos, w.lockless = map[string]bool{}, true
	ast.Inspect(w.fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BranchStmt:
			if n.Tok == token.GOTO && n.Label != nil {
				w.gotos[n.Label.Name] = true
			}
		case *ast.Ident: // what takers match, and operation takes for one
			w.lockless = w.lockless && !strings.Contains(n.Name, "ock")
		}
		return true
	})
	w.st = state{}
	w.stmts(w.fn.Body.List)
	w.leave()
	if w.atEnd != nil {
		w.holding(w.atEnd.locks)
	}
}

// holding says which lock of others the function returns with, the first that it
// took: that it does is all that counts.
func (w *walker) holding(locks map[lock]held) {
	var found []component.Fact
	for l, h := range locks {
		if !h.deferred && w.outlives(l.root) && h.via == (component.Subject{}) {
			found = append(found, component.Fact{Kind: returns, Text: l.path, Span: w.pass.Span(h.at.Pos(), h.at.End())})
		}
	}
	if len(found) > 0 {
		w.facts = append(w.facts, slices.MinFunc(found, compareFacts))
	}
}

// compareFacts orders by place. Of several locks that are held over one call it
// compares where they were taken.
func compareFacts(a, b component.Fact) int {
	return cmp.Or(a.Span.Compare(b.Span), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text), a.At().Compare(b.At()))
}

// outlives reports whether a variable is the receiver, a parameter or global.
func (w *walker) outlives(obj types.Object) bool {
	if obj.Parent() == w.pass.Types.Scope() {
		return true
	}
	sig, ok := w.pass.Info.Defs[w.fn.Name].(*types.Func)
	if !ok {
		return false
	}
	if obj == types.Object(sig.Signature().Recv()) {
		return true
	}
	for p := range sig.Signature().Params().Variables() {
		if obj == types.Object(p) {
			return true
		}
	}
	return false
}

// leave notes the state at a way out of the function.
func (w *walker) leave() {
	if w.st.dead || w.inner > 0 {
		w.st.dead = true
		return
	}
	end := w.st.copy()
	if w.atEnd != nil {
		end = merge(*w.atEnd, end)
	}
	w.atEnd = &end
	w.st.dead = true
}

// literal follows the body of a function literal from a state of its own.
func (w *walker) literal(lit *ast.FuncLit, st state) state {
	was, frames, label := w.st, w.frames, w.label
	w.st, w.frames, w.label = st, nil, ""
	w.inner++
	w.stmts(lit.Body.List)
	after := w.st
	w.inner--
	w.st, w.frames, w.label = was, frames, label
	return after
}

// evaluate follows the calls in expressions, innermost first.
func (w *walker) evaluate(nodes ...ast.Node) {
	for _, n := range nodes {
		w.evaluate1(n)
	}
}

func (w *walker) evaluate1(n ast.Node) {
	var stack []ast.Node
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			switch top := top.(type) {
			case *ast.CallExpr:
				w.call(top)
			case *ast.UnaryExpr:
				if top.Op == token.AND {
					w.assigned(top.X)
				}
			}
			return true
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			w.literal(n, state{})
			return false
		case *ast.CallExpr:
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok { // runs at once
				for _, a := range n.Args {
					w.evaluate1(a)
				}
				if after := w.literal(lit, w.st.copy()); !after.dead {
					w.st = after
				}
				return false
			}
		case *ast.SelectorExpr:
			w.methodValue(n, stack)
		}
		stack = append(stack, n)
		return true
	})
}

// methodValue forgets a lock whose Unlock is handed around.
func (w *walker) methodValue(sel *ast.SelectorExpr, stack []ast.Node) {
	if w.lockless {
		return
	}
	fn, ok := w.pass.Info.Uses[sel.Sel].(*types.Func)
	if !ok || operation(fn) == 0 {
		return
	}
	if len(stack) > 0 {
		if call, ok := stack[len(stack)-1].(*ast.CallExpr); ok && ast.Unparen(call.Fun) == ast.Expr(sel) {
			return
		}
	}
	if l, ok := w.lockOf(sel, fn); ok {
		w.forget(l.root)
	}
}

func (w *walker) forget(root types.Object) {
	for l := range w.st.locks {
		if l.root == root {
			delete(w.st.locks, l)
		}
	}
}

// operation says what a method of package sync does to a lock.
func operation(fn *types.Func) int {
	if fn.Pkg() == nil || fn.Pkg().Path() != "sync" || fn.Signature().Recv() == nil {
		return 0
	}
	switch fn.Name() {
	case "Lock", "RLock":
		return take
	case "Unlock", "RUnlock":
		return release
	case "TryLock", "TryRLock":
		return try
	}
	return 0
}

const (
	take = 1 + iota
	release
	try
)

// takers and releasers are names of methods that may do so for others. Whether
// one of them returns with the lock held is a fact about it.
var (
	takers    = regexp.MustCompile(`^(r|w)?lock([A-Z0-9_].*)?$|(^|[a-z0-9])R?Lock$`)
	releasers = regexp.MustCompile(`(^|[a-z0-9])(Ru|ru|RU|U|u)nlock`)
)

// call follows one call whose operands were evaluated. Without locks none counts.
func (w *walker) call(call *ast.CallExpr) {
	if w.lockless {
		return
	}
	if w.ends(call) {
		w.st.dead = true
		return
	}
	fn := calls.Callee(w.pass.Info, call)
	if fn == nil {
		return
	}
	switch operation(fn) {
	case take:
		if l, ok := w.lockOf(ast.Unparen(call.Fun), fn); ok {
			w.st.hold(l, held{at: call, only: len(w.st.locks) == 0})
		}
		return
	case release:
		if l, ok := w.lockOf(ast.Unparen(call.Fun), fn); ok {
			delete(w.st.locks, l)
		}
		return
	case try:
		return // see condition
	}
	if fn.Pkg() == nil || !w.pass.Local(fn.Pkg().Path()) {
		return
	}
	if releasers.MatchString(fn.Name()) {
		for _, root := range w.roots(call) {
			w.forget(root)
		}
		return
	}
	w.report(call, fn, func(held) bool { return true })
	if takers.MatchString(fn.Name()) && fn.Signature().Results().Len() == 0 {
		if roots := w.roots(call); len(roots) > 0 {
			w.st.hold(lock{roots[0], types.ExprString(call.Fun) + "()", false}, held{at: call, via: analyzers.Subject(fn)})
		}
	}
}

// roots are the variables at the roots of a call's receiver and arguments.
func (w *walker) roots(call *ast.CallExpr) []types.Object {
	var out []types.Object
	exprs := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		exprs = append([]ast.Expr{sel.X}, exprs...)
	}
	for _, e := range exprs {
		if root, ok := w.root(e); ok {
			out = append(out, root)
		}
	}
	return out
}

// report keeps a fact for each lock that is held over a call.
func (w *walker) report(call *ast.CallExpr, fn *types.Func, which func(held) bool) {
	if w.st.dead || !w.loud {
		return
	}
	for l, h := range w.st.locks {
		if !which(h) || w.seen[seenKey{call, l}] {
			continue
		}
		w.seen[seenKey{call, l}] = true
		f := component.Fact{Kind: underLock, To: analyzers.Subject(fn), Text: l.path, Span: w.pass.Span(call.Pos(), call.End()),
			More: &component.More{Via: h.via, At: w.pass.Span(h.at.Pos(), h.at.End())}}
		if calls.IsRemote(w.pass, call, fn) {
			f.Kind = remote
		}
		if x := w.fixes[call]; x != nil && x.lock == l && h.only && len(w.st.locks) == 1 {
			f.More.Fix, f.More.Needs = x.fix, x.needs
		}
		w.facts = append(w.facts, f)
	}
}

// ends reports whether a call never returns.
func (w *walker) ends(call *ast.CallExpr) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "panic" {
		_, builtin := w.pass.Info.Uses[id].(*types.Builtin)
		return builtin
	}
	fn := calls.Callee(w.pass.Info, call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "os.Exit", "runtime.Goexit", "log.Fatal", "log.Fatalf", "log.Fatalln":
		return true
	}
	return false
}

// lockOf names the lock that a method of package sync is called on. It is false
// where the way to it isn't a plain path.
func (w *walker) lockOf(fun ast.Expr, fn *types.Func) (lock, bool) {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return lock{}, false
	}
	root, ok := w.root(sel.X)
	if !ok {
		return lock{}, false
	}
	path := types.ExprString(sel.X)
	if s := w.pass.Info.Selections[sel]; s != nil { // promoted from embedded fields
		t := s.Recv()
		for _, i := range s.Index()[:len(s.Index())-1] {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem()
			}
			st, ok := t.Underlying().(*types.Struct)
			if !ok {
				break
			}
			path += "." + st.Field(i).Name()
			t = st.Field(i).Type()
		}
	}
	return lock{root, path, strings.Contains(fn.Name(), "RLock") || strings.Contains(fn.Name(), "RUnlock")}, true
}

// root returns the variable at the root of a path of fields and elements.
func (w *walker) root(e ast.Expr) (types.Object, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := w.pass.Info.Uses[e].(*types.Var)
		return v, ok
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			if _, isPkg := w.pass.Info.Uses[id].(*types.PkgName); isPkg {
				v, ok := w.pass.Info.Uses[e.Sel].(*types.Var)
				return v, ok
			}
		}
		return w.root(e.X)
	case *ast.StarExpr:
		return w.root(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return w.root(e.X)
		}
	case *ast.IndexExpr:
		switch ast.Unparen(e.Index).(type) {
		case *ast.Ident, *ast.BasicLit:
			return w.root(e.X)
		}
	}
	return nil, false
}
