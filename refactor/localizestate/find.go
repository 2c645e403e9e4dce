package localizestate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// shared is the struct that fields leave.
type shared struct {
	obj    *types.TypeName
	file   *code.File
	decl   *ast.GenDecl
	spec   *ast.StructType
	fields []*field // that move, in order
	lits   []literal
}

// A field is one that moves.
type field struct {
	obj  *types.Var
	decl *ast.Field
	name *ast.Ident
	at   int // among all fields of the struct
	uses []use

	called string // in the new struct
}

// A use is a selection of a field that moves, or of a method that moves.
type use struct {
	file *code.File
	sel  *ast.SelectorExpr
	path []ast.Node // down to sel
}

// A literal is a literal of the shared struct.
type literal struct {
	file *code.File
	lit  *ast.CompositeLit
}

// called are the names that the fields have in the new struct.
func (s *shared) called() []string {
	var out []string
	for _, f := range s.fields {
		out = append(out, f.called)
	}
	return out
}

// shorten names the fields in a struct of a given name: without that where all begin
// with it, so that nobody has to write inFlight.inFlightMutex.
func (s *shared) shorten(into string, keep bool, taken func(string) bool) {
	short := map[string]bool{}
	for _, f := range s.fields {
		name := f.name.Name
		f.called = name
		if len(name) <= len(into) || !strings.EqualFold(name[:len(into)], into) || name[len(into)] < 'A' || name[len(into)] > 'Z' {
			keep = true
			continue
		}
		rest := name[len(into):]
		if !ast.IsExported(name) {
			rest = naming.Unexported(rest)
		}
		keep = keep || token.IsKeyword(rest) || short[rest] || taken(rest)
		short[rest] = true
		f.called = rest
	}
	for _, f := range s.fields {
		if keep {
			f.called = f.name.Name
		}
	}
}

func (s *shared) names() []string {
	var out []string
	for _, f := range s.fields {
		out = append(out, f.name.Name)
	}
	return out
}

// moves reports a field that moves, in any variant of its package.
func (s *shared) moves(w *code.World, obj types.Object) bool { return s.field(w, obj) != nil }

func (s *shared) field(w *code.World, obj types.Object) *field {
	if obj == nil || !obj.Pos().IsValid() {
		return nil
	}
	k := w.Key(obj)
	for _, f := range s.fields {
		if w.Key(f.obj) == k {
			return f
		}
	}
	return nil
}

// findShared finds the struct that a target names and the fields that move. What is
// missing is a *component.UsageError that names candidates.
func findShared(w *code.World, spec string, names []string) (*shared, error) {
	pkg, name := code.FindPackage(w, spec)
	if pkg == nil {
		return nil, code.MissingPackage(w, spec, spec)
	}
	if name == "" {
		return nil, &component.UsageError{Object: spec, Reason: "names no type", Hint: "write " + spec + ".Type"}
	}
	tn, ok := pkg.Types.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return nil, code.NotDeclared(w, pkg, spec, "type", name, pkg.Types.Scope().Names())
	}
	s := &shared{obj: tn, file: w.FileOf(tn)}
	if s.file == nil || !s.declare(w) {
		return nil, &component.UsageError{Object: spec, Reason: name + " isn't declared as a struct without type parameters", Hint: "name a struct"}
	}
	if err := s.findFields(w, spec, names); err != nil {
		return nil, err
	}
	return s, nil
}

// declare finds the declaration of the struct, and reports whether there is one.
func (s *shared) declare(w *code.World) bool {
	for _, d := range s.file.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, sp := range g.Specs {
			spec := sp.(*ast.TypeSpec)
			if w.KeyAt(spec.Name.Pos()) == w.Key(s.obj) {
				s.decl = g
				s.spec, ok = spec.Type.(*ast.StructType)
				return ok && !spec.Assign.IsValid() && spec.TypeParams == nil
			}
		}
	}
	return false
}

func (s *shared) findFields(w *code.World, spec string, names []string) error {
	var known []string
	at := 0
	for _, d := range s.spec.Fields.List {
		for _, id := range d.Names {
			known = append(known, id.Name)
			if obj, ok := s.file.Pkg.Info.Defs[id].(*types.Var); ok && slices.Contains(names, id.Name) {
				s.fields = append(s.fields, &field{obj: obj, decl: d, name: id, at: at})
			}
			at++
		}
		if len(d.Names) == 0 {
			at++
			if id := source.EmbeddedName(d.Type); id != nil && slices.Contains(names, id.Name) {
				return component.Refuse("localize-state "+spec, component.Problem{Code: codeBound, Severity: component.Error, Span: w.Span(d),
					Message: id.Name + " is embedded: what it has would no longer be " + s.obj.Name() + "'s own", Hint: "give it a name first"})
			}
		}
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return &component.UsageError{Object: "--" + paramFields, Reason: s.obj.Name() + " has no field " + name, Hint: code.DidYouMean(name, known)}
		}
	}
	if len(s.fields) == at {
		return &component.UsageError{Object: "--" + paramFields, Reason: "these are all fields of " + s.obj.Name(), Hint: "leave some, or rename the type"}
	}
	return nil
}

// chooseMethods finds the methods that use nothing but what moves, and that nobody
// needs in the shared struct.
func (j *job) chooseMethods() {
	n, ok := j.shared.obj.Type().(*types.Named)
	if !ok {
		return
	}
	var all []*code.Decl
	for m := range n.Methods() {
		if d := j.world.Decl(m); d != nil && !d.File.Test && j.movable(d) {
			all = append(all, d)
			j.moved[j.world.Key(m)] = true
		}
	}
	for again := true; again; {
		again = false
		all = slices.DeleteFunc(all, func(d *code.Decl) bool {
			if j.usesOnlyMoved(d) {
				return false
			}
			delete(j.moved, j.world.Key(d.Obj))
			again = true
			return true
		})
	}
	j.methods = all
}

// movable reports a method that nothing binds to the shared struct.
func (j *job) movable(d *code.Decl) bool {
	if j.world.Fixed(d.Obj) != "" || j.world.PassedOutside(d.Obj) != "" || d.Obj.Name() == "_" {
		return false
	}
	if _, frozen := j.world.Class(d.Obj); frozen != "" {
		return false
	}
	return !slices.ContainsFunc(j.world.Refs(d.Obj), func(r *code.Ref) bool {
		sel := selector(r.Path)
		if sel == nil || r.File.Generated() {
			return true
		}
		s := r.File.Pkg.Info.Selections[sel]
		return s == nil || s.Kind() != types.MethodVal
	})
}

// selector returns the selection that the last node of a path is the name of, or nil.
func selector(path []ast.Node) *ast.SelectorExpr {
	sel, ok := path[len(path)-2].(*ast.SelectorExpr)
	if !ok || sel.Sel != path[len(path)-1] {
		return nil
	}
	return sel
}

// usesOnlyMoved reports a method that uses its receiver for nothing but what moves.
func (j *job) usesOnlyMoved(d *code.Decl) bool {
	recv := d.Obj.Signature().Recv()
	if recv.Name() == "" || recv.Name() == "_" {
		return false
	}
	info, only, any := d.File.Pkg.Info, true, false
	selected := map[*ast.Ident]bool{}
	ast.Inspect(d.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			id, ok := n.X.(*ast.Ident)
			if !ok || info.Uses[id] != types.Object(recv) {
				return true
			}
			obj := info.Uses[n.Sel]
			if obj != nil && (j.shared.moves(j.world, obj) || j.moved[j.world.Key(obj)]) {
				selected[id], any = true, true
			}
		case *ast.Ident:
			only = only && (info.Uses[n] != types.Object(recv) || selected[n])
		}
		return only
	})
	return only && any
}

// findUses finds the selections of the fields and the literals of the struct.
func (j *job) findUses() {
	home := j.shared.file.Pkg.Types.Path()
	for _, f := range j.world.Files {
		f.Walk(func(n ast.Node, stack []ast.Node) {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if fl := j.shared.field(j.world, f.Pkg.Info.Uses[n.Sel]); fl != nil {
					fl.uses = append(fl.uses, use{f, n, slices.Clone(stack)})
					j.abroad = j.abroad || f.Pkg.Types.Path() != home
				}
			case *ast.CompositeLit:
				if j.isShared(f.Pkg.Info.TypeOf(n)) {
					j.shared.lits = append(j.shared.lits, literal{f, n})
					j.abroad = j.abroad || f.Pkg.Types.Path() != home && len(n.Elts) > 0
				}
			}
		})
	}
	for _, d := range j.methods {
		if j.delegates(d) {
			continue
		}
		for _, r := range j.world.Refs(d.Obj) {
			j.abroad = j.abroad || r.File.Pkg.Types.Path() != home
		}
	}
}

// isShared reports the shared struct or a pointer to it.
func (j *job) isShared(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pos().IsValid() && j.world.Key(n.Obj()) == j.world.Key(j.shared.obj)
}
