package injectglobal

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A variable is one of the package variables of a request.
type variable struct {
	obj  *types.Var
	file *code.File
	decl *ast.GenDecl
	spec *ast.ValueSpec
	i    int // among the names of spec
	uses []*use
	init *initially // where init sets it once; nil if it doesn't

	field string // of the struct that it becomes a field of
}

// initially is the statement of an init function that gives a variable its value.
type initially struct {
	file *code.File
	decl *ast.FuncDecl
	stmt *ast.AssignStmt
}

// from returns the file that the initial value stands in.
func (v *variable) from() *code.File {
	if v.init != nil {
		return v.init.file
	}
	return v.file
}

// value returns the initial value, or nil.
func (v *variable) value() ast.Expr {
	if v.init != nil {
		return v.init.stmt.Rhs[0]
	}
	if len(v.spec.Values) != len(v.spec.Names) {
		return nil
	}
	return v.spec.Values[v.i]
}

// A use is one mention of a variable.
type use struct {
	v    *variable
	file *code.File
	id   *ast.Ident
	path []ast.Node    // from the file down to id
	expr ast.Expr      // id, with the package's name where there is one
	at   int           // where expr is in path
	decl *ast.FuncDecl // around it, or nil

	write bool // it is assigned as a whole
	part  bool // a part of it is assigned, or its address is taken
	reads bool // it is only looked at: indexed, ranged over, measured
}

// variables are the variables of a request, in the order of their declarations.
type variables struct {
	pkg  *source.Package
	all  []*variable
	uses []*use
	keys map[code.Key]bool
}

func (s *variables) names() []string {
	var out []string
	for _, v := range s.all {
		out = append(out, v.obj.Name())
	}
	return out
}

// A spanner is something with a place.
type spanner interface{ span(*code.World) text.Span }

func (v *variable) span(w *code.World) text.Span { return w.Span(v.spec.Names[v.i]) }
func (u *use) span(w *code.World) text.Span      { return w.Span(u.expr) }

// findVariables finds the variables that a target names, and their uses. A missing
// one is a *component.UsageError that names candidates.
func findVariables(w *code.World, spec string) (*variables, error) {
	dir, names, err := code.SplitTarget(spec)
	if err != nil {
		return nil, err
	}
	pkg, rest := code.FindPackage(w, dir)
	if pkg == nil {
		return nil, code.MissingPackage(w, spec, dir)
	}
	if rest != "" {
		names = []string{rest}
	}
	if len(names) == 0 {
		return nil, &component.UsageError{Object: spec, Reason: "names no variable", Hint: "write " + spec + ".name or '" + spec + ".{mu,cache}'"}
	}
	s := &variables{pkg: pkg, keys: map[code.Key]bool{}}
	for _, name := range names {
		obj, ok := pkg.Types.Scope().Lookup(name).(*types.Var)
		if !ok {
			return nil, notVariable(w, pkg, spec, name)
		}
		if !s.keys[w.Key(obj)] {
			s.keys[w.Key(obj)] = true
			s.all = append(s.all, &variable{obj: obj, file: w.FileOf(obj)})
		}
	}
	slices.SortFunc(s.all, func(a, b *variable) int { return int(a.obj.Pos()) - int(b.obj.Pos()) })
	for _, v := range s.all {
		if v.file == nil || !v.declare(w) {
			return nil, &component.UsageError{Object: spec, Reason: v.obj.Name() + " isn't declared in a file of this module", Hint: "name a variable that is"}
		}
	}
	s.findUses(w)
	for _, v := range s.all {
		s.setByInit(v)
	}
	return s, nil
}

// setByInit takes what an init function sets a variable to as its initial value, where
// that is the one thing that init functions do with it, and nothing of init is needed
// for it.
func (s *variables) setByInit(v *variable) {
	var in []*use
	for _, u := range v.uses {
		if u.decl != nil && u.decl.Recv == nil && u.decl.Name.Name == "init" {
			in = append(in, u)
		}
	}
	if len(in) != 1 || !in[0].write || len(v.spec.Values) > 0 || in[0].file.Test || in[0].file.Pkg.Types.Path() != v.file.Pkg.Types.Path() {
		return
	}
	u := in[0]
	a, ok := u.path[u.at-1].(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN || len(a.Lhs) != 1 || !slices.Contains(u.decl.Body.List, ast.Stmt(a)) || !types.Identical(u.file.Pkg.Info.TypeOf(a.Rhs[0]), v.obj.Type()) {
		return
	}
	alone := true
	ast.Inspect(a.Rhs[0], func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			obj := u.file.Pkg.Info.Uses[id]
			alone = alone && (obj == nil || obj.Pos() < u.decl.Pos() || obj.Pos() > u.decl.End() || insideOf(obj.Pos(), a.Rhs[0]))
		}
		return alone
	})
	if !alone {
		return
	}
	v.init = &initially{u.file, u.decl, a}
	drop := func(other *use) bool { return other == u }
	v.uses, s.uses = slices.DeleteFunc(v.uses, drop), slices.DeleteFunc(s.uses, drop)
}

func insideOf(pos token.Pos, n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }

func notVariable(w *code.World, pkg *source.Package, spec, name string) error {
	if pkg.Types.Scope().Lookup(name) != nil {
		return &component.UsageError{Object: spec, Reason: name + " is no variable", Hint: "name a package variable"}
	}
	var known []string
	for _, n := range pkg.Types.Scope().Names() {
		if _, ok := pkg.Types.Scope().Lookup(n).(*types.Var); ok {
			known = append(known, n)
		}
	}
	return code.NotDeclared(w, pkg, spec, "variable", name, known)
}

// declare finds the declaration of a variable, and reports whether there is one.
func (v *variable) declare(w *code.World) bool {
	for _, d := range v.file.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for i, id := range spec.Names {
				if w.KeyAt(id.Pos()) == w.Key(v.obj) {
					v.decl, v.spec, v.i = g, spec, i
					return true
				}
			}
		}
	}
	return false
}

func (s *variables) findUses(w *code.World) {
	of := map[code.Key]*variable{}
	for _, v := range s.all {
		of[w.Key(v.obj)] = v
	}
	for _, f := range w.Files {
		f.Walk(func(n ast.Node, stack []ast.Node) {
			id, ok := n.(*ast.Ident)
			if !ok {
				return
			}
			obj, ok := f.Pkg.Info.Uses[id].(*types.Var)
			if !ok || obj.IsField() || of[w.Key(obj)] == nil {
				return
			}
			v := of[w.Key(obj)]
			u := &use{v: v, file: f, id: id, path: slices.Clone(stack)}
			u.classify()
			v.uses, s.uses = append(v.uses, u), append(s.uses, u)
		})
	}
}

// classify finds out what a use does to its variable.
func (u *use) classify() {
	u.expr, u.at = u.id, len(u.path)-1
	if sel, ok := u.path[u.at-1].(*ast.SelectorExpr); ok && sel.Sel == u.id {
		u.at--
		u.expr = sel
	}
	for _, n := range u.path {
		if d, ok := n.(*ast.FuncDecl); ok {
			u.decl = d
		}
	}
	info, whole := u.file.Pkg.Info, true
	for i := u.at; i > 0; i-- {
		e := u.path[i]
		switch p := u.path[i-1].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.AssignStmt:
			u.assigned(whole, slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return ast.Node(l) == e }))
		case *ast.IncDecStmt:
			u.assigned(whole, true)
		case *ast.CallExpr:
			u.reads = len(p.Args) == 1 && info.Types[ast.Unparen(p.Fun)].IsBuiltin()
		case *ast.RangeStmt:
			u.reads = e == ast.Node(p.X)
			u.assigned(whole, e == ast.Node(p.Key) || e == ast.Node(p.Value))
		case *ast.UnaryExpr:
			u.part = u.part || p.Op == token.AND
		case *ast.IndexExpr:
			if p.X == e && inPlace(info.TypeOf(p.X)) {
				whole = false
				continue
			}
			u.reads = p.X == e && !changesElement(u.path[:i])
		case *ast.SliceExpr:
			u.part = u.part || p.X == e && inPlace(info.TypeOf(p.X))
		case *ast.SelectorExpr:
			if sel := info.Selections[p]; sel != nil && sel.Kind() == types.FieldVal && !sel.Indirect() {
				whole = false
				continue
			} else if sel != nil && sel.Kind() == types.MethodVal && pointerMethod(sel) {
				u.part = true
			}
		}
		return
	}
}

func (u *use) assigned(whole, yes bool) {
	u.write, u.part = u.write || yes && whole, u.part || yes && !whole
}

// changesElement reports whether the index expression at the end of a path is
// assigned, or its address taken.
func changesElement(path []ast.Node) bool {
	i := len(path) - 1
	switch p := path[i-1].(type) {
	case *ast.AssignStmt:
		return slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return ast.Node(l) == path[i] })
	case *ast.IncDecStmt:
		return true
	case *ast.UnaryExpr:
		return p.Op == token.AND
	}
	return false
}

// inPlace reports types whose parts are parts of the variable.
func inPlace(t types.Type) bool {
	switch code.Under(t).(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// pointerMethod reports a method that gets the address of what it is called on.
func pointerMethod(sel *types.Selection) bool {
	fn, ok := sel.Obj().(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return false
	}
	_, ptr := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	return ptr && !sel.Indirect() && inPlaceOrNamed(sel.Recv())
}

// inPlaceOrNamed reports a type that isn't a pointer itself.
func inPlaceOrNamed(t types.Type) bool {
	_, ptr := types.Unalias(t).(*types.Pointer)
	return !ptr
}
