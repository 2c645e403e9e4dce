package retype

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// An Interface says what the slots get.
type Interface struct {
	Path, Package, Name string
}

// Rewrite gives the slots that can have it the interface, and notes the places of
// User files that keep the type.
func (f *Flow) Rewrite(to Interface) {
	var kept []Left
	for _, s := range f.order {
		switch {
		case s.reached:
			f.rewrite(s, to)
			f.noteChance(s)
		case s.role == User && s.star != nil && s.why != "" && !s.asked:
			kept = append(kept, Left{s.span, s.name, s.root(), s.at, s.rootOf()})
		}
	}
	if f.Note != nil {
		for _, g := range Roots(kept) {
			f.Note(g.Span, g.Name+" keeps "+f.typeName()+": "+g.Reason()+g.Follow())
		}
	}
	f.renameEmbedded(to)
	f.access()
	f.reachIn()
	f.getBy()
	f.callFriends()
	f.close(to)
	for _, file := range f.World.Files {
		for _, path := range importedBy(file, f.gone[file]) {
			file.DropImport(path, f.gone[file])
		}
	}
}

// noteChance notes a call that may find no value where a method worked on nil by chance.
func (f *Flow) noteChance(s *slot) {
	if f.Note == nil || s.file != nil && s.file.Test {
		return
	}
	for i, d := range s.chance {
		none := d.noValue(s)
		if none == nil && d.from == nil {
			none = s.handedByTest(map[*slot]bool{})
		}
		if none != nil {
			message := s.name + " may be nil here: a nil pointer panics where " + d.name + " needs it, an interface without a value before that" + none.comesFrom()
			if n := len(s.chance) - i - 1; n == 1 {
				message += "; 1 other call like this"
			} else if n > 1 {
				message += "; " + strconv.Itoa(n) + " other calls like this"
			}
			f.Note(d.at, message)
			return
		}
	}
}

func where(at, span text.Span) string {
	if at.IsValid() && cmp.Compare(at.Start, span.Start) != 0 {
		return " (" + at.String() + ")"
	}
	return ""
}

func (f *Flow) rewrite(s *slot, to Interface) {
	switch {
	case s.star != nil:
		f.rewriteWritten(s, to)
	case s.def != nil:
		f.annotate(s, to)
	}
	if s.guarded {
		s.guard(func(file *code.File, pos token.Pos) string { return f.spell(file, pos, to) + f.arguments(file, s.typ) })
	}
	s.skipCalls()
	for _, m := range s.nilFrom {
		if m.typed {
			m.file.Replace(m.word.Pos(), m.word.End(), "(*"+f.spellType(m.file)+f.argumentList(m.file, s.typ)+")(nil)")
		}
	}
	for _, e := range s.elided {
		e.file.Insert(e.lit.Pos(), "&"+f.spellType(e.file)+f.argumentList(e.file, s.typ))
	}
}

// rewriteWritten writes the interface where the type was written, by its own name or
// another.
func (f *Flow) rewriteWritten(s *slot, to Interface) {
	written, end := ast.Unparen(s.star.X), s.star.End()
	generic := genericOf(written)
	if generic != nil {
		written = ast.Unparen(generic)
	}
	id, qualifier := f.names(s.file, written)
	name := ""
	if qualifier != nil && id.Pkg().Path() == to.Path {
		name = s.file.Source(qualifier) + "." + to.Name
	} else {
		name = f.spell(s.file, s.star.Pos(), to)
		if qualifier != nil {
			f.lose(s.file, qualifier)
		}
	}
	switch own := f.World.Key(id) == f.World.Key(f.Type.Obj()); {
	case own && generic != nil && f.Generic():
		end = generic.End() // the arguments stay
	case !own:
		name += f.arguments(s.file, s.typ)
	}
	s.file.Replace(s.star.Pos(), end, name)
	if s.printed != "" && f.Note != nil {
		f.Note(s.span, "where %#v writes a "+s.printed+" into an error or a panic, "+s.name+" shows as another type while it is nil")
	}
}

// names returns which type an expression names, and the package's name before it; nil
// where there is none.
func (f *Flow) names(file *code.File, written ast.Expr) (types.Object, *ast.Ident) {
	switch x := written.(type) {
	case *ast.Ident:
		if obj := file.Pkg.Info.Uses[x]; obj != nil {
			return obj, nil
		}
	case *ast.SelectorExpr:
		if obj := file.Pkg.Info.Uses[x.Sel]; obj != nil {
			qualifier, _ := x.X.(*ast.Ident)
			return obj, qualifier
		}
	}
	return f.Type.Obj(), nil
}

// importedBy returns the paths of the imports that mentions of packages are of, sorted.
func importedBy(file *code.File, mentions map[*ast.Ident]bool) []string {
	paths := map[string]bool{}
	for id := range mentions {
		if name, ok := file.Pkg.Info.Uses[id].(*types.PkgName); ok {
			paths[name.Imported().Path()] = true
		}
	}
	return slices.Sorted(maps.Keys(paths))
}

// genericOf returns what the type arguments of an expression follow, or nil where it
// has none.
func genericOf(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.IndexExpr:
		return e.X
	case *ast.IndexListExpr:
		return e.X
	}
	return nil
}

// spell writes the interface in a file, its type arguments left out.
func (f *Flow) spell(file *code.File, pos token.Pos, to Interface) string {
	if file.Pkg.Pkg.Path == to.Path || dotted(file, to.Path) {
		return to.Name
	}
	return file.ImportAt(pos, to.Path, to.Package) + "." + to.Name
}

// spellType writes T in a file, its type arguments left out.
func (f *Flow) spellType(file *code.File) string {
	p := f.Type.Obj().Pkg()
	if file.Pkg.Pkg.Path == p.Path() || dotted(file, p.Path()) {
		return f.Type.Obj().Name()
	}
	return file.Import(p.Path(), p.Name()) + "." + f.Type.Obj().Name()
}

// dotted reports a dot import of a package.
func dotted(file *code.File, path string) bool {
	for _, s := range file.AST.Imports {
		if p, _ := strconv.Unquote(s.Path.Value); p == path && s.Name != nil && s.Name.Name == "." {
			return true
		}
	}
	return false
}

// annotate gives a variable that got its type from a value the interface.
func (f *Flow) annotate(s *slot, to Interface) {
	d, file := s.def, s.file
	v := file.Pkg.Info.Defs[d.id]
	switch d.form {
	case ahead, looped:
		if f.slotOfType(file, v.Type(), d.id).reached {
			return
		}
	case never:
		return
	case valued, element:
	default:
		if f.slotOf(file, d.expr).reached {
			return
		}
	}
	name := f.spell(file, d.id.Pos(), to) + f.arguments(file, s.typ)
	switch d.form {
	case valued, element:
		f.hold(s, name)
	case declared:
		n := d.stmt.(*ast.AssignStmt)
		if s.guarded && slices.ContainsFunc(s.guards, func(g guard) bool { return g.assign == n && g.tested() }) {
			return
		}
		file.Insert(n.Pos(), "var ")
		file.Replace(n.TokPos, n.TokPos+token.Pos(len(":=")), name+" =")
	case spec:
		file.Insert(d.id.End(), " "+name)
	case convert:
		file.Insert(d.expr.Pos(), name+"(")
		file.Insert(d.expr.End(), ")")
	case looped:
		beginBody(file, d.stmt.(*ast.RangeStmt), d.id.Name+" := "+name+"("+d.id.Name+")")
	case ahead:
		n := d.stmt.(*ast.AssignStmt)
		file.Insert(n.Pos(), "var "+d.id.Name+" "+name+"\n")
		if !f.othersNew(file, n) {
			file.Replace(n.TokPos, n.TokPos+token.Pos(len(":=")), "=")
		}
	}
}

// beginBody puts a line at the beginning of the body of a loop.
func beginBody(file *code.File, n *ast.RangeStmt, line string) {
	line = "\n" + line
	if len(n.Body.List) > 0 && file.Pkg.Fset.Position(n.Body.List[0].Pos()).Line == file.Pkg.Fset.Position(n.Body.Lbrace).Line {
		line += "\n"
	}
	file.Insert(n.Body.Lbrace+1, line)
}

// othersNew reports whether a definition makes another variable than those that
// are declared before it.
func (f *Flow) othersNew(file *code.File, n *ast.AssignStmt) bool {
	for _, l := range n.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" || file.Pkg.Info.Defs[id] == nil {
			continue
		}
		if s := f.variable(file.Pkg.Info.Defs[id]); s == nil || s.def == nil || !s.reached || s.def.form != ahead {
			return true
		}
	}
	return false
}

// Retyped returns a type as it is after Rewrite.
func (f *Flow) Retyped(t types.Type, to Interface) types.Type {
	var re func(t types.Type) types.Type
	tuple := func(ts *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range ts.Variables() {
			vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), v.Name(), re(v.Type())))
		}
		return types.NewTuple(vars...)
	}
	re = func(t types.Type) types.Type {
		if f.isPointer(t) {
			if s := f.byType[types.Unalias(t)]; s != nil && s.reached {
				return f.standIn(to, t)
			}
			return t
		}
		if !f.holds(t) {
			return t
		}
		switch t := t.(type) {
		case *types.Pointer:
			return types.NewPointer(re(t.Elem()))
		case *types.Slice:
			return types.NewSlice(re(t.Elem()))
		case *types.Array:
			return types.NewArray(re(t.Elem()), t.Len())
		case *types.Chan:
			return types.NewChan(t.Dir(), re(t.Elem()))
		case *types.Map:
			return types.NewMap(re(t.Key()), re(t.Elem()))
		case *types.Signature:
			return types.NewSignatureType(nil, nil, nil, tuple(t.Params()), tuple(t.Results()), t.Variadic())
		}
		return t
	}
	if sig, ok := t.(*types.Signature); ok {
		return types.NewSignatureType(nil, nil, nil, tuple(sig.Params()), tuple(sig.Results()), sig.Variadic())
	}
	return re(t)
}

// FirstIn returns the first place of a file that gets the interface; the position
// isn't valid where none does.
func (f *Flow) FirstIn(file *code.File) token.Pos {
	first := token.NoPos
	for _, s := range f.order {
		pos := token.NoPos
		switch {
		case !s.reached || s.file != file:
		case s.star != nil:
			pos = s.star.Pos()
		case s.def != nil:
			pos = s.def.id.Pos()
		}
		if pos.IsValid() && (!first.IsValid() || pos < first) {
			first = pos
		}
	}
	return first
}
