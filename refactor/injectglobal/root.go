package injectglobal

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A root is a function that the runtime or the go tool calls, where the value is
// made; or a package of tests that share one.
type root struct {
	decl   *code.Decl
	name   string
	places []token.Pos // where it passes the value or uses it
}

// A nodeIn is a node with the file that it is in.
type nodeIn struct {
	file *code.File
	node ast.Node
}

func (n nodeIn) span(w *code.World) text.Span { return w.Span(n.node) }

// source says what the value is called in a function that need not gain it.
func (j *job) source(d *code.Decl, pos token.Pos) string {
	switch {
	case j.shape.local != nil && d.Func == j.shape.local:
		return j.rootAt(d, pos)
	case code.IsEntry(d) && d.Func.Name.Name == "init":
		return ""
	case code.IsEntry(d):
		return j.rootAt(d, pos)
	}
	return j.holders.Of(d, pos)
}

// rootAt says what the value is called in an entry point.
func (j *job) rootAt(d *code.Decl, pos token.Pos) string {
	if j.shape.local != nil && d.File.Test {
		return d.File.Zero(j.set.all[0].obj.Type()) // what the variable was in tests
	}
	if d.File.Test && j.sharesTests() {
		return j.sharedAt(d)
	}
	for _, r := range j.roots {
		if r.decl.Func == d.Func {
			r.places = append(r.places, pos)
			return r.name
		}
	}
	r := &root{decl: d, places: []token.Pos{pos}}
	r.name = j.thread.NameValue(d, j.shape.params)
	j.roots = append(j.roots, r)
	return r.name
}

// sharesTests reports whether all tests of a package have one value.
func (j *job) sharesTests() bool {
	switch j.req.Text(paramTests) {
	case testsOwn:
		return false
	case testsShared:
		return true
	}
	return j.early() || slices.ContainsFunc(j.set.uses, func(u *use) bool { return u.file.Test && (u.write || u.part || inTestMain(u)) })
}

func inTestMain(u *use) bool {
	return u.decl != nil && u.decl.Recv == nil && u.decl.Name.Name == "TestMain"
}

// sharedAt says what the value is called that the tests of d's package share.
func (j *job) sharedAt(d *code.Decl) string {
	path := d.File.Pkg.Types.Path()
	for _, r := range j.shared {
		if r.decl.File.Pkg.Types.Path() == path {
			return r.name
		}
		if strings.TrimSuffix(r.decl.File.Pkg.Types.Path(), "_test") == strings.TrimSuffix(path, "_test") {
			j.problem(codeValue, nodeIn{d.File, d.Func.Name}, "tests inside and outside of the package share the variable, and can't share another", "let each test make its own: --tests own")
		}
	}
	r := &root{decl: d, name: j.free("test" + naming.Exported(j.shape.params[0]))}
	j.shared = append(j.shared, r)
	return r.name
}

// rewriteUses writes the value in the place of each use.
func (j *job) rewriteUses() {
	for _, u := range j.set.uses {
		value := j.thread.Carried(u.file, u.id, u.path)
		if j.shape.kind == byPointer && u.addressed() {
			e := u.path[u.at-1]
			u.file.Replace(e.Pos(), e.End(), value)
			continue
		}
		u.file.Replace(u.expr.Pos(), u.expr.End(), j.spell(u, value))
	}
}

// addressed reports &v.
func (u *use) addressed() bool {
	p, ok := u.path[u.at-1].(*ast.UnaryExpr)
	return ok && p.Op == token.AND
}

// late reports whether a variable is passed before it is set, or by another function
// than the one that sets it.
func (j *job) late() bool {
	if j.shape.local == nil {
		return false
	}
	var last token.Pos
	for _, u := range j.set.uses {
		if u.write {
			last = max(last, u.statement().End())
		}
	}
	for _, r := range j.roots {
		if r.decl.Func != j.shape.local {
			return true
		}
		for _, pos := range r.places {
			if pos < last && !slices.ContainsFunc(j.set.uses, func(u *use) bool { return u.id.Pos() == pos }) {
				return true
			}
		}
	}
	return false
}

// statement is the innermost statement around a use.
func (u *use) statement() ast.Stmt {
	for i := len(u.path) - 1; i > 0; i-- {
		if s, ok := u.path[i].(ast.Stmt); ok {
			return s
		}
	}
	return nil
}

// rewriteRoots makes the value in each entry point.
func (j *job) rewriteRoots() {
	for _, r := range j.roots {
		if j.shape.local != nil {
			j.declareLocal(r)
			continue
		}
		f := r.decl.File
		text := j.made(f, r.name) + "\n"
		stmt := r.first(j.early())
		if stmt == nil {
			continue
		}
		if v := j.set.all[0]; isMain(f, r.decl.Func) && !j.needsMaker() {
			if v.spec.Comment != nil {
				text = strings.TrimSuffix(text, "\n") + " " + f.Source(v.spec.Comment) + "\n"
			}
			text = renamed(docOf(v), v.obj.Name(), r.name) + v.remark() + text
		}
		f.InsertFirst(above(f, stmt), text)
	}
	for _, r := range j.shared {
		f := r.decl.File
		at := r.decl.Func.Pos()
		if r.decl.Func.Doc != nil {
			at = r.decl.Func.Doc.Pos()
		}
		f.Insert(at, "// "+r.name+" is what the tests of this package share.\nvar "+strings.Replace(j.made(f, r.name), ":=", "=", 1)+"\n\n")
	}
}

// early reports whether making the value runs code, which then runs as soon as it can.
func (j *job) early() bool {
	return slices.ContainsFunc(j.set.all, func(v *variable) bool { return v.value() != nil && calls(v.from(), v.value()) })
}

// first returns the statement of a root's body that first needs the value.
func (r *root) first(early bool) ast.Stmt {
	body := r.decl.Func.Body
	if len(body.List) == 0 {
		return nil
	}
	if early || hasGoto(body) {
		return body.List[0]
	}
	at := slices.Min(r.places)
	for _, s := range body.List {
		if s.Pos() <= at && at < s.End() {
			return s
		}
	}
	return body.List[0]
}

// above is the beginning of a statement, or of the comments right above it.
func above(f *code.File, s ast.Stmt) token.Pos {
	at := s.Pos()
	for i := len(f.AST.Comments) - 1; i >= 0; i-- {
		g := f.AST.Comments[i]
		if g.End() < at && strings.TrimSpace(string(f.Before[f.Offset(g.End()):f.Offset(at)])) == "" && strings.Count(string(f.Before[f.Offset(g.End()):f.Offset(at)]), "\n") == 1 && ownLine(f, g.Pos()) {
			at = g.Pos()
		}
	}
	return at
}

// ownLine reports whether nothing but space stands before a position on its line.
func ownLine(f *code.File, pos token.Pos) bool {
	before := strings.TrimRight(string(f.Before[:f.Offset(pos)]), " \t")
	return before == "" || strings.HasSuffix(before, "\n")
}

// made writes the statement that makes the value.
func (j *job) made(f *code.File, name string) string {
	v := j.set.all[0]
	switch {
	case j.needsMaker():
		return name + " := " + j.qualified(f, j.shape.make) + "()"
	case j.shape.kind == byPointer:
		return name + " := new(" + f.Type(v.obj.Type()) + ")"
	case v.spec.Type != nil:
		j.bring(f, v.file, v.spec.Type)
		if j.bring(f, v.from(), v.value()); types.Identical(f.Pkg.Info.TypeOf(v.value()), v.obj.Type()) {
			return name + " := " + f.Source(v.value())
		}
		return "var " + name + " " + f.Source(v.spec.Type) + " = " + f.Source(v.value())
	}
	j.bring(f, v.from(), v.value())
	return name + " := " + f.Source(v.value())
}

// declareLocal makes a variable of the function of one that it sets: where that is,
// if that can declare it, or before it.
func (j *job) declareLocal(r *root) {
	var first *use
	for _, u := range j.set.uses {
		if u.write && (first == nil || u.id.Pos() < first.id.Pos()) {
			first = u
		}
	}
	f, body := r.decl.File, r.decl.Func.Body
	a, ok := first.statement().(*ast.AssignStmt)
	if ok && slices.Contains(body.List, ast.Stmt(a)) && slices.Min(r.places) >= a.Pos() && j.defines(f, a, first) {
		f.Replace(a.TokPos, a.TokPos+1, ":=")
		j.dropDeclared(f, body.List, a)
		return
	}
	if s := r.first(false); s != nil {
		f.InsertFirst(above(f, s), "var "+r.name+" "+j.typeIn(f)+"\n")
	}
}

// defines reports whether an assignment in the body of main could as well declare
// the variable that u assigns.
func (j *job) defines(f *code.File, a *ast.AssignStmt, u *use) bool {
	if a.Tok != token.ASSIGN {
		return false
	}
	info := f.Pkg.Info
	main, _ := info.Defs[u.decl.Name].(*types.Func)
	for i, l := range a.Lhs {
		if ast.Node(l) == ast.Node(u.expr) {
			if !types.Identical(assignedType(info, a, i), u.v.obj.Type()) {
				return false
			}
			continue
		}
		id, ok := l.(*ast.Ident)
		if !ok || id.Name != "_" && (info.Uses[id] == nil || main == nil || info.Uses[id].Parent() != main.Scope()) {
			return false
		}
	}
	return true
}

// dropDeclared takes the declaration away that stands right before an assignment
// which now declares the same variable: var err error.
func (j *job) dropDeclared(f *code.File, list []ast.Stmt, a *ast.AssignStmt) {
	i := slices.Index(list, ast.Stmt(a))
	if i < 1 {
		return
	}
	s, ok := list[i-1].(*ast.DeclStmt)
	if !ok {
		return
	}
	g := s.Decl.(*ast.GenDecl)
	if g.Tok != token.VAR || len(g.Specs) != 1 || g.Doc != nil {
		return
	}
	spec := g.Specs[0].(*ast.ValueSpec)
	if len(spec.Names) != 1 || len(spec.Values) > 0 || spec.Comment != nil {
		return
	}
	for k, l := range a.Lhs {
		id, ok := l.(*ast.Ident)
		if ok && f.Pkg.Info.Uses[id] == f.Pkg.Info.Defs[spec.Names[0]] && types.Identical(assignedType(f.Pkg.Info, a, k), f.Pkg.Info.TypeOf(id)) && !mentioned(f, a, id) {
			j.cut(f, s.Pos(), s.End(), "")
		}
	}
}

// mentioned reports whether the values that an assignment assigns mention a
// variable that it assigns.
func mentioned(f *code.File, a *ast.AssignStmt, v *ast.Ident) bool {
	found := false
	for _, e := range a.Rhs {
		ast.Inspect(e, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && f.Pkg.Info.Uses[id] == f.Pkg.Info.Uses[v]
			return !found
		})
	}
	return found
}

// assignedType is the type of what an assignment assigns to its i-th operand.
func assignedType(info *types.Info, a *ast.AssignStmt, i int) types.Type {
	if len(a.Rhs) == len(a.Lhs) {
		return info.TypeOf(a.Rhs[i])
	}
	if tuple, ok := info.TypeOf(a.Rhs[0]).(*types.Tuple); ok && i < tuple.Len() {
		return tuple.At(i).Type()
	}
	return types.Typ[types.Invalid]
}

// dropImports takes imports away that nothing needs any more.
func (j *job) dropImports() {
	gone := map[*code.File]map[*ast.Ident]bool{}
	add := func(f *code.File, id *ast.Ident) {
		if gone[f] == nil {
			gone[f] = map[*ast.Ident]bool{}
		}
		gone[f][id] = true
	}
	for _, u := range j.set.uses {
		if sel, ok := u.expr.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				add(u.file, id)
			}
		}
	}
	for f, ids := range j.thread.Unqualified() {
		for _, id := range ids {
			add(f, id)
		}
	}
	for _, v := range j.set.all {
		each := func(f *code.File) func(ast.Node) bool {
			return func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					add(f, id)
				}
				return true
			}
		}
		ast.Inspect(v.spec, each(v.file))
		if v.init != nil {
			ast.Inspect(v.init.stmt, each(v.init.file))
		}
	}
	for _, f := range j.world.Files {
		paths := map[string]bool{}
		for id := range gone[f] {
			if p, ok := f.Pkg.Info.Uses[id].(*types.PkgName); ok {
				paths[p.Imported().Path()] = true
			}
		}
		for p := range paths {
			f.DropImport(p, gone[f])
		}
	}
}
