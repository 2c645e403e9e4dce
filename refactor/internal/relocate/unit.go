package relocate

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A Kind says what a Unit declares.
type Kind int

const (
	Func Kind = iota
	Type
	Var
	Const
	Init   // func init or TestMain
	Blank  // variables and functions named _, which assert something of a type or of constants
	Method // in a test file, of a type that isn't in one
)

// A Unit is the least that moves as a whole.
type Unit struct {
	Names    []string // what it declares, in order; of a type itself alone
	Kind     Kind
	Parts    []*Part // in the order of files and places; a type's methods after it
	Test     bool    // it stands in test files
	External bool    // ... of the package p_test

	order  int
	leader *Unit            // it goes where this one goes
	uses   map[*Unit][]*Ref // who of the same package it refers to, without itself
	users  map[*Unit]bool   // the other way round
	imps   []importUse      // of other packages

	outside map[string]bool // other packages that mention it outside of tests
}

// Name is the first of its names.
func (u *Unit) Name() string { return u.Names[0] }

// Exported reports whether one of its names is.
func (u *Unit) Exported() bool { return slices.ContainsFunc(u.Names, ast.IsExported) }

// needs lists the units that u refers to, in order.
func (u *Unit) needs() []*Unit {
	out := slices.Collect(maps.Keys(u.uses))
	slices.SortFunc(out, func(a, b *Unit) int { return cmp.Compare(a.order, b.order) })
	return out
}

// usedBy lists the units that refer to u, in order.
func (u *Unit) usedBy() []*Unit {
	out := slices.Collect(maps.Keys(u.users))
	slices.SortFunc(out, func(a, b *Unit) int { return cmp.Compare(a.order, b.order) })
	return out
}

// A Part is a range of a file that belongs to a unit: a declaration or one
// specification of a group, with its comments.
type Part struct {
	Unit *Unit
	File *code.File
	Node ast.Node     // an *ast.FuncDecl, *ast.GenDecl or ast.Spec
	Gen  *ast.GenDecl // the group that a spec stands in, or nil

	start, end int // offsets, with the doc comment and a comment behind it
}

// Pos is where the part begins, without its doc comment.
func (p *Part) Pos() token.Pos { return p.Node.Pos() }

// A Source is a package whose declarations may move.
type Source struct {
	World *code.World
	Pkg   *source.Package
	Files []*code.File // of the package and its tests, p_test too, by path
	Units []*Unit      // in the order of files and places

	objects      map[code.Key]*Object
	parts        map[*code.File][]*Part
	byName       map[string]*Unit // outside of tests
	graph        *importGraph
	isFixed      map[*Unit]bool // what fixed found out
	tests        []testRoot
	converts     map[[2]*Unit]bool  // what convertsIn found out
	readPaths    map[*Unit][]string // what reads found out
	closures     map[*Unit][]*Unit  // what closure found out
	testSubjects map[*Unit][]*Unit  // what subjects found out
	methods      []*Unit            // the units of the kind Method
	known        map[nameKey]*Unit
	joined       [][]*Unit               // what another build declares together
	unparsed     []component.Problem     // files that this build leaves out and that don't parse
	linkerNames  map[string]*ast.Comment // names that the linker is told
}

// A testRoot is a test, or another unit of tests that doesn't exist for the sake of
// others, with what it needs of the tests.
type testRoot struct {
	unit *Unit
	all  []*Unit
}

// New reads the units of a package.
func New(w *code.World, pkg *source.Package) *Source {
	s := &Source{World: w, Pkg: pkg, objects: map[code.Key]*Object{}, parts: map[*code.File][]*Part{}, byName: map[string]*Unit{}, isFixed: map[*Unit]bool{}, known: map[nameKey]*Unit{}, converts: map[[2]*Unit]bool{}, readPaths: map[*Unit][]string{}, closures: map[*Unit][]*Unit{}, testSubjects: map[*Unit][]*Unit{}}
	s.readUnbuilt()
	for _, f := range w.Files {
		if p := f.Pkg.Types.Path(); path.Dir(f.Rel) == path.Clean(pkg.Pkg.Dir) && (p == pkg.Pkg.Path || p == pkg.Pkg.Path+"_test") {
			s.Files = append(s.Files, f)
		}
	}
	methods := map[*ast.FuncDecl]*code.File{}
	var order []*ast.FuncDecl
	files := slices.Clone(s.Files)
	slices.SortStableFunc(files, func(a, b *code.File) int { return cmp.Compare(unbuiltRank(a), unbuiltRank(b)) })
	for _, f := range files {
		for _, d := range f.AST.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil {
					methods[d] = f
					order = append(order, d)
					continue
				}
				s.addFunc(f, d)
			case *ast.GenDecl:
				s.addGroup(f, d)
			}
		}
	}
	for _, d := range order {
		s.addMethod(methods[d], d)
	}
	for _, ps := range s.parts {
		slices.SortFunc(ps, func(a, b *Part) int { return cmp.Compare(a.start, b.start) })
	}
	s.index()
	s.lead()
	for _, u := range s.roots() {
		s.tests = append(s.tests, testRoot{u, closure(u)})
	}
	s.linkerNames = s.linknames()
	s.graph = newImportGraph(w)
	s.graph.addUnbuilt(w)
	return s
}

// unbuiltRank puts files that this build leaves out last.
func unbuiltRank(f *code.File) int {
	if f.Unbuilt {
		return 1
	}
	return 0
}

// external reports a file of the package p_test.
func (s *Source) external(f *code.File) bool {
	return strings.HasSuffix(f.Pkg.Types.Path(), "_test") && f.Pkg.Types.Path() != s.Pkg.Pkg.Path
}

// Unit returns the unit that declares a name outside of tests, or nil.
func (s *Source) Unit(name string) *Unit { return s.byName[name] }

// Names lists what the package declares outside of tests, sorted.
func (s *Source) Names() []string {
	var out []string
	for name := range s.byName {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (s *Source) addUnit(f *code.File, kind Kind, names ...string) *Unit {
	u := &Unit{Names: names, Kind: kind, order: len(s.Units), Test: f.Test, External: s.external(f),
		uses: map[*Unit][]*Ref{}, users: map[*Unit]bool{}, outside: map[string]bool{}}
	s.Units = append(s.Units, u)
	if kind == Method {
		s.methods = append(s.methods, u)
	}
	for _, n := range names {
		if kind == Init || kind == Blank || n == "_" {
			continue
		}
		s.known[nameKey{n, f.Test, u.External}] = u
		if !f.Test && !f.Unbuilt {
			s.byName[n] = u
		}
	}
	return u
}

func (s *Source) addFunc(f *code.File, d *ast.FuncDecl) {
	kind := Func
	switch {
	case d.Name.Name == "_":
		kind = Blank
	case d.Name.Name == "init" || f.Test && d.Name.Name == "TestMain":
		kind = Init
	}
	s.addPart(s.unitOf(f, kind, d.Name.Name), f, d, nil)
}

func (s *Source) addMethod(f *code.File, d *ast.FuncDecl) {
	recv := receiver(f, d)
	owner := s.known[nameKey{recv, false, false}]
	if f.Test {
		for _, u := range s.Units {
			if u.Test && u.Kind == Type && u.Name() == recv && u.External == (f.Pkg.Types.Path() != s.Pkg.Pkg.Path) {
				owner = u
			}
		}
	}
	switch {
	case owner == nil || owner.Kind != Type:
		// The method of an alias's type, or of one that was declared away.
		owner = s.addUnit(f, Init, d.Name.Name)
	case f.Test && !owner.Test:
		leader := owner
		owner = s.addUnit(f, Method, recv+"."+d.Name.Name)
		owner.leader = leader
	}
	s.addPart(owner, f, d, nil)
}

// receiver returns the name of the type that a method belongs to, whatever alias
// it is declared by.
func receiver(f *code.File, d *ast.FuncDecl) string {
	fn, ok := f.Pkg.Info.Defs[d.Name].(*types.Func)
	if !ok {
		return source.Receiver(d)
	}
	t := types.Unalias(fn.Signature().Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return source.Receiver(d)
}

func (s *Source) addGroup(f *code.File, d *ast.GenDecl) {
	if d.Tok == token.IMPORT {
		return
	}
	if d.Tok == token.CONST && counts(f, d) {
		var names []string
		for _, spec := range d.Specs {
			names = append(names, specNames(spec)...)
		}
		s.addPart(s.unitOf(f, Const, names...), f, d, nil)
		return
	}
	for _, spec := range d.Specs {
		names := specNames(spec)
		kind := map[token.Token]Kind{token.TYPE: Type, token.VAR: Var, token.CONST: Const}[d.Tok]
		if !slices.ContainsFunc(names, func(n string) bool { return n != "_" }) {
			kind = Blank
		}
		u := s.unitOf(f, kind, names...)
		if d.Lparen.IsValid() {
			s.addPart(u, f, spec, d)
		} else {
			s.addPart(u, f, d, nil)
		}
	}
}

func specNames(spec ast.Spec) []string {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []string{spec.Name.Name}
	case *ast.ValueSpec:
		var out []string
		for _, n := range spec.Names {
			out = append(out, n.Name)
		}
		return out
	}
	return nil
}

// counts reports whether the place of a constant in its group matters to its
// value.
func counts(f *code.File, d *ast.GenDecl) bool {
	found := false
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		if len(v.Values) == 0 {
			return true // it repeats what stands before it
		}
		for _, e := range v.Values {
			ast.Inspect(e, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && id.Name == "iota" && f.Pkg.Info.Uses[id] == types.Universe.Lookup("iota") {
					found = true
				}
				return !found
			})
		}
	}
	return found
}

func (s *Source) addPart(u *Unit, f *code.File, n ast.Node, gen *ast.GenDecl) {
	p := &Part{Unit: u, File: f, Node: n, Gen: gen}
	p.start, p.end = f.Offset(n.Pos()), f.Offset(n.End())
	if doc := docOf(n); doc != nil {
		p.start = f.Offset(doc.Pos())
	}
	p.end = max(p.end, commentBehind(f, n.End()))
	u.Parts = append(u.Parts, p)
	s.parts[f] = append(s.parts[f], p)
}

func docOf(n ast.Node) *ast.CommentGroup {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return n.Doc
	case *ast.GenDecl:
		return n.Doc
	case *ast.TypeSpec:
		return n.Doc
	case *ast.ValueSpec:
		return n.Doc
	}
	return nil
}

// commentBehind returns the end of a comment that begins behind pos in the same
// line, or 0.
func commentBehind(f *code.File, pos token.Pos) int {
	end := f.Offset(pos)
	for _, g := range f.AST.Comments {
		at := f.Offset(g.Pos())
		if at < end {
			continue
		}
		between := f.Before[end:at]
		if strings.TrimLeft(string(between), " \t;") != "" {
			return 0
		}
		return f.Offset(g.List[0].End())
	}
	return 0
}

// at returns the part that an offset lies in, or nil.
func (s *Source) at(f *code.File, offset int) *Part {
	ps := s.parts[f]
	i, found := slices.BinarySearchFunc(ps, offset, func(p *Part, o int) int { return cmp.Compare(p.start, o) })
	if !found {
		i--
	}
	if i < 0 || offset >= ps[i].end {
		return nil
	}
	return ps[i]
}
