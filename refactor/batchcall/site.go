package batchcall

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/loop"
)

// A site is a call in a loop.
type site struct {
	ref  *code.Ref
	file *code.File
	loop *loop.Loop

	frames []frame  // from the body of the loop down to the call's statement
	stmt   ast.Stmt // the statement of the last frame
	assign *ast.AssignStmt
	check  *ast.IfStmt // what handles the error; nil where the function returns none
	err    *types.Var  // the error, as the loop declares it
	inline bool        // the call stands in a statement that stays

	varies  []int // the parameters whose arguments differ from element to element
	dropped bool  // nothing looks at the results
}

// A frame is a list of statements, and the one of them that leads to the call.
type frame struct {
	list []ast.Stmt
	at   int
	cond *ast.IfStmt // the if around the list; nil for the loop's body
	els  bool        // the list is its else
}

// A reason is why a loop stays as it is.
type reason struct {
	pos        token.Pos
	text, hint string
}

func place(w *code.World, n ast.Node) string {
	span := w.Span(n)
	return fmt.Sprintf("%s:%d", span.File, span.Line)
}

// newSite returns the call and the loop around it; nil where it is no call, or in no
// loop.
func newSite(ref *code.Ref) *site {
	if ref.Call == nil {
		return nil
	}
	l := loop.Around(ref.File, ref.Path)
	if l == nil {
		return nil
	}
	return &site{ref: ref, file: ref.File, loop: l}
}

// shape finds out how the call stands in the loop, or returns why that is none of the
// shapes that are known.
func (j *job) shape(s *site) *reason {
	if s.file.Generated() {
		return &reason{s.loop.Stmt.Pos(), "it stands in a generated file", "change what generates it"}
	}
	if r := s.loopShape(); r != nil {
		return r
	}
	if r := s.frame(); r != nil {
		return r
	}
	if r := s.statement(); r != nil {
		return r
	}
	return s.arguments()
}

func (s *site) loopShape() *reason {
	at := s.loop.Stmt.Pos()
	if s.loop.Holder() == nil {
		return &reason{at, "it has a label", "give the function a variant by hand"}
	}
	r := s.loop.Range()
	if r == nil {
		return &reason{at, "it doesn't range over a slice, an array or a number", "collect what it goes over in a slice first"}
	}
	if r.Tok == token.ASSIGN {
		return &reason{at, "its variables live on after it", "declare them in the loop: :="}
	}
	if key, ok := r.Key.(*ast.Ident); ok {
		if v, ok := s.file.Pkg.Info.Defs[key].(*types.Var); ok && s.loop.Assigned(v) {
			return &reason{at, "its body changes " + key.Name, "leave the index alone"}
		}
	}
	if value, ok := r.Value.(*ast.Ident); ok {
		if v, ok := s.file.Pkg.Info.Defs[value].(*types.Var); ok && s.loop.Assigned(v) {
			return &reason{at, "its body changes " + value.Name + ", or takes its address", "copy it first"}
		}
	}
	return nil
}

// frame follows the way from the loop's body to the statement with the call.
func (s *site) frame() *reason {
	path := s.ref.Path[len(s.loop.Path):]
	call := s.ref.Call
	var holder ast.Node
	for i, n := range path {
		if list := loop.List(holder); list != nil && i > 0 {
			for at, stmt := range list {
				if ast.Node(stmt) == n {
					f := frame{list: list, at: at}
					if len(s.frames) > 0 {
						f.cond = s.frames[len(s.frames)-1].list[s.frames[len(s.frames)-1].at].(*ast.IfStmt)
						f.els = holder != ast.Node(f.cond.Body)
					}
					s.frames = append(s.frames, f)
				}
			}
		}
		if n == ast.Node(call) {
			break
		}
		switch n := n.(type) {
		case *ast.BlockStmt:
			if i > 0 {
				if _, ok := path[i-1].(*ast.IfStmt); !ok {
					return s.conditional(n)
				}
			}
		case *ast.IfStmt:
			if i > 0 {
				if _, elseIf := path[i-1].(*ast.IfStmt); elseIf {
					return s.conditional(n)
				}
			}
		case *ast.CaseClause, *ast.CommClause, *ast.LabeledStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.RangeStmt, *ast.ForStmt:
			return s.conditional(n)
		case *ast.DeferStmt:
			return &reason{n.Pos(), "the call is deferred", "give the function a variant by hand"}
		case *ast.GoStmt:
			return &reason{n.Pos(), "the call runs in a goroutine of its own", "give the function a variant by hand"}
		case *ast.BinaryExpr:
			if (n.Op == token.LAND || n.Op == token.LOR) && n.Y.Pos() <= call.Pos() {
				return s.conditional(n)
			}
		}
		holder = n
	}
	if len(s.frames) == 0 {
		return s.conditional(call)
	}
	last := s.frames[len(s.frames)-1]
	s.stmt = last.list[last.at]
	return nil
}

func (s *site) conditional(n ast.Node) *reason {
	return &reason{n.Pos(), "whether it is called depends on more than an if", "make the call a statement of the loop's body, or of an if in it"}
}

// statement finds out what happens to the results.
func (s *site) statement() *reason {
	at := s.ref.Call.Pos()
	results := s.ref.Fn.Signature().Results().Len()
	fails := code.ReturnsError(s.ref.Fn)
	switch stmt := s.stmt.(type) {
	case *ast.AssignStmt:
		if len(stmt.Rhs) == 1 && ast.Unparen(stmt.Rhs[0]) == s.ref.Call && fails {
			return s.assigned(stmt)
		}
		if len(stmt.Rhs) == 1 && ast.Unparen(stmt.Rhs[0]) == s.ref.Call && results > 1 {
			return s.assigns(stmt)
		}
	case *ast.IfStmt:
		if init, ok := stmt.Init.(*ast.AssignStmt); ok && fails && len(init.Rhs) == 1 && ast.Unparen(init.Rhs[0]) == s.ref.Call {
			return s.initialized(stmt, init)
		}
	case *ast.ExprStmt:
		if fails && ast.Unparen(stmt.X) == s.ref.Call {
			return &reason{at, "it goes on after an error, which nothing looks at", "handle the error first, or give the function a variant by hand"}
		}
		if ast.Unparen(stmt.X) == s.ref.Call {
			s.dropped = true
			return nil
		}
	case *ast.ReturnStmt:
		return &reason{at, "it is called at the end of the loop only", "nothing is to be done"}
	}
	if fails || results > 1 {
		return &reason{at, "the results of the call aren't assigned to variables of the loop", "write x, err := ... and if err != nil { return ... }"}
	}
	if results == 0 || s.repeated() {
		return s.conditional(s.stmt)
	}
	s.inline = true
	return nil
}

// repeated reports a call in a part of its statement that may run more than once, or
// not at all.
func (s *site) repeated() bool {
	switch stmt := s.stmt.(type) {
	case *ast.AssignStmt, *ast.ExprStmt, *ast.DeclStmt, *ast.IncDecStmt:
		return false
	case *ast.IfStmt:
		return stmt.Init != nil || stmt.Cond.Pos() > s.ref.Call.Pos() || s.ref.Call.Pos() >= stmt.Cond.End()
	}
	return true
}

// assigned is x, err := f(), followed by what handles the error.
func (s *site) assigned(a *ast.AssignStmt) *reason {
	if r := s.assigns(a); r != nil {
		return r
	}
	last := s.frames[len(s.frames)-1]
	if last.at+1 < len(last.list) {
		if check, ok := last.list[last.at+1].(*ast.IfStmt); ok && check.Init == nil {
			return s.checked(check, a)
		}
	}
	return s.goesOn(a)
}

// initialized is if err := f(); err != nil.
func (s *site) initialized(stmt *ast.IfStmt, a *ast.AssignStmt) *reason {
	if r := s.assigns(a); r != nil {
		return r
	}
	if stmt.Else != nil {
		return &reason{stmt.Else.Pos(), "the error is handled with an else", "put the call before the if"}
	}
	if r := s.checked(stmt, a); r != nil {
		return r
	}
	for _, l := range a.Lhs[:len(a.Lhs)-1] {
		if id, ok := l.(*ast.Ident); !ok || id.Name != "_" {
			return &reason{l.Pos(), "the results live in the if alone", "put the call before the if"}
		}
	}
	return nil
}

func (s *site) assigns(a *ast.AssignStmt) *reason {
	if a.Tok != token.DEFINE {
		return &reason{a.Pos(), "the results go to variables that live on after the loop", "declare them in the loop: :="}
	}
	s.assign = a
	for _, l := range a.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name != "_" && s.file.Pkg.Info.Defs[id] == nil {
			return &reason{l.Pos(), "the results go to variables that are there already", "declare them with the call: :="}
		}
	}
	return nil
}

func (s *site) goesOn(at ast.Node) *reason {
	return &reason{at.Pos(), "it goes on after an error", "leave the loop at an error, or give the function a variant by hand"}
}

// checked accepts if err != nil { ... } that leaves the loop.
func (s *site) checked(check *ast.IfStmt, a *ast.AssignStmt) *reason {
	id := a.Lhs[len(a.Lhs)-1].(*ast.Ident)
	v, ok := s.file.Pkg.Info.Defs[id].(*types.Var)
	cond, isCompare := ast.Unparen(check.Cond).(*ast.BinaryExpr)
	if !ok || !isCompare || cond.Op != token.NEQ || check.Else != nil {
		return s.goesOn(check)
	}
	x, ok := ast.Unparen(cond.X).(*ast.Ident)
	y, isID := ast.Unparen(cond.Y).(*ast.Ident)
	if !ok || !isID || s.file.Pkg.Info.Uses[x] != v || y.Name != "nil" || !loop.Terminates(s.file, check.Body.List) {
		return s.goesOn(check)
	}
	if b, ok := check.Body.List[len(check.Body.List)-1].(*ast.BranchStmt); ok && b.Tok == token.CONTINUE && b.Label == nil {
		return s.goesOn(b)
	}
	s.check, s.err = check, v
	for _, l := range a.Lhs[:len(a.Lhs)-1] {
		id := l.(*ast.Ident)
		res, ok := s.file.Pkg.Info.Defs[id].(*types.Var)
		if ok && s.loop.Mentions(check.Body, func(v *types.Var) bool { return v == res }) {
			return &reason{check.Pos(), id.Name + " is used although the call failed", "give the function a variant by hand"}
		}
	}
	return s.reused()
}

// reused refuses an error variable that the loop uses for something else, too, without
// declaring it again.
func (s *site) reused() *reason {
	declared := false
	var bad ast.Node
	ast.Inspect(s.loop.Body, func(n ast.Node) bool {
		if n == ast.Node(s.check) || n == ast.Node(s.stmt) || bad != nil {
			return false
		}
		if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && s.file.Pkg.Info.Uses[id] == s.err {
					declared = true
				}
			}
		}
		if id, ok := n.(*ast.Ident); ok && s.file.Pkg.Info.Uses[id] == s.err && !declared {
			bad = id
		}
		return true
	})
	if bad != nil {
		return &reason{bad.Pos(), s.err.Name() + " is used for something else, too", "give the other error a variable of its own"}
	}
	return nil
}

// arguments finds out which arguments differ from element to element.
func (s *site) arguments() *reason {
	sig := s.ref.Fn.Signature()
	if len(s.ref.Call.Args) != sig.Params().Len() {
		return &reason{s.ref.Call.Pos(), "its arguments are the results of another call", "assign them to variables first"}
	}
	any := func(*types.Var) bool { return true }
	if sel, ok := ast.Unparen(s.ref.Call.Fun).(*ast.SelectorExpr); ok && s.loop.Mentions(sel.X, any) {
		return &reason{sel.Pos(), "each element has its own " + s.file.Source(sel.X), "give the function a variant by hand"}
	}
	for i, a := range s.ref.Call.Args {
		if !s.loop.Mentions(a, any) {
			continue
		}
		if crossing.IsContext(sig.Params().At(i).Type()) {
			return &reason{a.Pos(), "each call has a context of its own", "use one context for all of them"}
		}
		if v := s.made(a); v != nil {
			return &reason{a.Pos(), "each call gets a " + v.Name() + " of its own, which the loop uses, too", "give the function what it needs of it as values"}
		}
		s.varies = append(s.varies, i)
	}
	if len(s.varies) == 0 {
		return &reason{s.ref.Call.Pos(), "each call has the same arguments", "move the call out of the loop"}
	}
	return nil
}

// made returns a variable that is declared in the loop's body whose memory the call may
// share with the rest of the loop, or nil: it would be made twice.
func (s *site) made(arg ast.Expr) *types.Var {
	var found *types.Var
	ast.Inspect(arg, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found != nil {
			return found == nil
		}
		v, ok := s.file.Pkg.Info.Uses[id].(*types.Var)
		if ok && !v.IsField() && s.loop.Body.Pos() < v.Pos() && s.loop.Declares(v) && s.usedBeside(v) {
			found = v
		}
		return true
	})
	if found == nil || !leads(s.file.Pkg.Info.TypeOf(arg), 0) {
		return nil
	}
	return found
}

// usedBeside reports whether the loop mentions a variable of its body anywhere but in
// the call and where it is declared.
func (s *site) usedBeside(v *types.Var) bool {
	found := false
	ast.Inspect(s.loop.Body, func(n ast.Node) bool {
		if n == ast.Node(s.ref.Call) {
			return false
		}
		id, ok := n.(*ast.Ident)
		found = found || ok && s.file.Pkg.Info.Uses[id] == v
		return !found
	})
	return found
}

// leads reports a type whose values lead to memory.
func leads(t types.Type, depth int) bool {
	if depth > 10 {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Array:
		return leads(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if leads(f.Type(), depth+1) {
				return true
			}
		}
		return false
	}
	return true
}
