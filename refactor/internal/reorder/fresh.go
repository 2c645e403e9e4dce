package reorder

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A scope is what is known of the variables of one function declaration.
type scope struct {
	file     *code.File
	fn       *ast.FuncDecl
	sources  map[*types.Var][]source     // what is assigned to a variable
	loose    map[*types.Var]bool         // it gets values that aren't seen
	lent     map[*types.Var][][]ast.Node // its address is taken, and not only for code of other modules
	pointed  map[*types.Var]bool         // its address is taken
	mentions map[*types.Var][][]ast.Node
}

// A source is an expression, and which of its values.
type source struct {
	expr  ast.Expr
	index int
}

// scopeAt returns the scope of the function declaration around pos, or nil.
func (a *Analysis) scopeAt(pos token.Pos) *scope {
	f := a.world.FileAt(pos)
	if f == nil {
		return nil
	}
	for _, d := range f.AST.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || pos < fn.Pos() || fn.End() <= pos {
			continue
		}
		if a.scopes[fn] == nil {
			a.scopes[fn] = newScope(f, fn)
		}
		return a.scopes[fn]
	}
	return nil
}

func newScope(f *code.File, fn *ast.FuncDecl) *scope {
	s := &scope{file: f, fn: fn, sources: map[*types.Var][]source{}, loose: map[*types.Var]bool{}, lent: map[*types.Var][][]ast.Node{}, pointed: map[*types.Var]bool{}, mentions: map[*types.Var][][]ast.Node{}}
	s.parameters(fn.Recv)
	s.parameters(fn.Type.Params)
	var stack []ast.Node
	ast.Inspect(fn, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		s.visit(n, stack)
		return true
	})
	return s
}

func (s *scope) visit(n ast.Node, stack []ast.Node) {
	switch n := n.(type) {
	case *ast.FuncLit:
		s.parameters(n.Type.Params)
	case *ast.AssignStmt:
		if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
			return
		}
		s.assigned(n.Lhs, n.Rhs)
	case *ast.ValueSpec:
		var lhs []ast.Expr
		for _, id := range n.Names {
			lhs = append(lhs, id)
		}
		if len(n.Values) > 0 {
			s.assigned(lhs, n.Values)
		}
	case *ast.RangeStmt:
		s.assigned([]ast.Expr{n.Key, n.Value}, nil)
	case *ast.UnaryExpr:
		if v := s.rootVar(n.X); n.Op == token.AND && v != nil {
			s.pointed[v] = true
			if !s.toOthers(stack) {
				s.lent[v] = append(s.lent[v], slices.Clone(stack))
			}
		}
	case *ast.SliceExpr:
		if v := s.rootVar(n.X); v != nil {
			if _, array := code.Under(s.file.Pkg.Info.TypeOf(n.X)).(*types.Array); array {
				s.pointed[v] = true
			}
		}
	case *ast.SelectorExpr:
		if sel := s.file.Pkg.Info.Selections[n]; sel != nil && sel.Kind() == types.MethodVal {
			if v := s.rootVar(n.X); v != nil {
				s.pointed[v] = true
			}
		}
	case *ast.Ident:
		if v, ok := s.file.Pkg.Info.ObjectOf(n).(*types.Var); ok && !v.IsField() {
			s.mentions[v] = append(s.mentions[v], slices.Clone(stack))
		}
	case *ast.TypeSwitchStmt:
		for _, c := range n.Body.List {
			if v, ok := s.file.Pkg.Info.Implicits[c].(*types.Var); ok {
				s.loose[v] = true
			}
		}
	}
}

// toOthers reports an address that is only given to code of another module.
func (s *scope) toOthers(stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := s.file.Callee(call)
	return fn != nil && !s.file.Owns(fn)
}

func (s *scope) parameters(list *ast.FieldList) {
	if list == nil {
		return
	}
	for _, f := range list.List {
		for _, id := range f.Names {
			if v, ok := s.file.Pkg.Info.Defs[id].(*types.Var); ok {
				s.loose[v] = true
			}
		}
	}
}

func (s *scope) assigned(lhs, rhs []ast.Expr) {
	for i, l := range lhs {
		if l == nil {
			continue
		}
		id, ok := ast.Unparen(l).(*ast.Ident)
		if !ok {
			continue
		}
		v, ok := s.file.Pkg.Info.ObjectOf(id).(*types.Var)
		if !ok {
			continue
		}
		switch {
		case len(rhs) == len(lhs):
			s.sources[v] = append(s.sources[v], source{rhs[i], 0})
		case len(rhs) == 1:
			s.sources[v] = append(s.sources[v], source{rhs[0], i})
		default:
			s.loose[v] = true
		}
	}
}

// rootVar returns the variable whose own memory an expression stands for, or nil.
func (s *scope) rootVar(e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, _ := s.file.Pkg.Info.ObjectOf(x).(*types.Var)
			return v
		case *ast.SelectorExpr:
			if _, ptr := code.Under(s.file.Pkg.Info.TypeOf(x.X)).(*types.Pointer); ptr || s.file.Pkg.Info.Selections[x] == nil {
				return nil
			}
			e = x.X
		case *ast.IndexExpr:
			if _, array := code.Under(s.file.Pkg.Info.TypeOf(x.X)).(*types.Array); !array {
				return nil
			}
			e = x.X
		default:
			return nil
		}
	}
}

// pointedAt reports a variable to which a pointer may lead.
func (w *walker) pointedAt(v *types.Var) bool {
	s := w.a.scopeAt(v.Pos())
	return s == nil || s.pointed[v]
}

// made reports whether what a variable points to was made in the function that
// declares it, by whatever was assigned to it. Where that isn't a run of the code
// itself, nothing else may know it.
func (w *walker) made(v *types.Var) bool {
	s := w.a.scopeAt(v.Pos())
	if s == nil || s.loose[v] || len(s.lent[v]) > 0 || v.Parent() != nil && v.Parent() == v.Pkg().Scope() {
		return false
	}
	return w.madeBy(v, s)
}

// madeBy is made for what is assigned to a variable in sight.
func (w *walker) madeBy(v *types.Var, s *scope) bool {
	own := w.own(v)
	if !own && (w.alone || s.shared(v, w.within)) {
		return false
	}
	known, ok := w.a.fresh[v]
	if !ok {
		w.a.fresh[v] = false // while it is found out
		known = true
		for _, src := range s.sources[v] {
			known = known && w.a.new(s.file, src, v)
		}
		w.a.fresh[v] = known
	}
	if own || !known {
		return known
	}
	for _, src := range s.sources[v] { // another function may have kept what it made
		if call, ok := ast.Unparen(src.expr).(*ast.CallExpr); ok && s.file.Callee(call) != nil && s.file.Owns(s.file.Callee(call)) {
			return false
		}
	}
	return true
}

// new reports whether the value of an expression is memory that nobody had before.
// v is the variable that gets it, or nil.
func (a *Analysis) new(f *code.File, src source, v *types.Var) bool {
	switch e := ast.Unparen(src.expr).(type) {
	case *ast.CompositeLit, *ast.FuncLit, *ast.BasicLit, *ast.BinaryExpr:
		return true
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit
	case *ast.Ident:
		if _, isNil := f.Pkg.Info.Uses[e].(*types.Nil); isNil {
			return true
		}
		return v != nil && f.Pkg.Info.Uses[e] == v
	case *ast.SliceExpr:
		id, ok := ast.Unparen(e.X).(*ast.Ident)
		return ok && v != nil && f.Pkg.Info.Uses[id] == v
	case *ast.CallExpr:
		return a.newFrom(f, e, src.index, v)
	}
	return false
}

func (a *Analysis) newFrom(f *code.File, call *ast.CallExpr, index int, v *types.Var) bool {
	tv := f.Pkg.Info.Types[ast.Unparen(call.Fun)]
	switch {
	case tv.IsType():
		_, text := code.Under(f.Pkg.Info.TypeOf(call.Args[0])).(*types.Basic)
		return text
	case tv.IsBuiltin():
		id, ok := ast.Unparen(call.Fun).(*ast.Ident)
		if !ok {
			return false
		}
		switch id.Name {
		case "make", "new":
			return true
		case "append":
			return a.new(f, source{call.Args[0], 0}, v)
		}
		return false
	}
	fn := f.Callee(call)
	if fn == nil {
		return false
	}
	if d := a.world.Decl(fn); d != nil && !types.IsInterface(recvOf(fn)) {
		return a.returnsNew(d, index)
	}
	known, ok := effects.KnownOf(fn)
	return ok && (known.Fresh || known.Copies) && !known.Self
}

func recvOf(fn *types.Func) types.Type {
	if r := fn.Signature().Recv(); r != nil {
		return r.Type()
	}
	return types.Typ[types.Int]
}

// returnsNew reports a function of the module whose result is new memory whenever it
// returns.
func (a *Analysis) returnsNew(d *code.Decl, index int) bool {
	if d.Func.Body == nil || index >= d.Obj.Signature().Results().Len() {
		return false
	}
	key := d.Obj.Signature().Results().At(index)
	if known, ok := a.fresh[key]; ok {
		return known
	}
	a.fresh[key] = false
	w := &walker{a: a, f: d.File, fp: &footprint{Footprint: newFootprint()}, within: d.Func, alone: true}
	all := true
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		if _, lit := n.(*ast.FuncLit); lit {
			return false
		}
		r, ok := n.(*ast.ReturnStmt)
		if !ok {
			return true
		}
		switch {
		case len(r.Results) > 1 && index < len(r.Results), len(r.Results) == 1 && d.Obj.Signature().Results().Len() == 1:
			all = all && w.newValue(r.Results[index])
		default:
			all = false
		}
		return true
	})
	a.fresh[key] = all
	return all
}

// newValue is new for what a function returns: also a variable of it whose memory is
// its own.
func (w *walker) newValue(e ast.Expr) bool {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
		p := w.pathOf(e)
		if p.root != nil {
			return p.derefs == 0 && w.own(p.root)
		}
	}
	if id, ok := e.(*ast.Ident); ok {
		if v, ok := w.f.Pkg.Info.Uses[id].(*types.Var); ok {
			return w.own(v) && w.made(v)
		}
	}
	return w.a.new(w.f, source{e, 0}, nil)
}
