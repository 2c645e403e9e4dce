package relocate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/unbuilt"
)

// byHandThere is what to do where a file of another build would change in a way that only
// types could tell.
const byHandThere = "do it where the file is built (GOOS, GOFLAGS=-tags=...), or by hand"

// findOtherBuilds refuses where it isn't sure what a file that this build leaves out
// says of what moves or gets another name. Such a file has no types.
func (p *Plan) findOtherBuilds() {
	if len(p.s.unparsed) > 0 {
		p.problems = append(p.problems, p.s.unparsed...)
		return
	}
	for _, f := range p.s.World.Files {
		if !f.Unbuilt {
			continue
		}
		c := &unsure{Plan: p, f: f, here: slices.Contains(p.s.Files, f), members: map[string][]*Object{}}
		if !c.here && !slices.ContainsFunc(f.AST.Imports, func(i *ast.ImportSpec) bool { return source.ImportPath(i) == p.s.Pkg.Pkg.Path }) {
			continue
		}
		for _, o := range p.s.sorted() {
			if o.member {
				c.members[o.Name] = append(c.members[o.Name], o)
			}
		}
		c.check()
	}
}

// unsure looks through a file without types for what isn't sure.
type unsure struct {
	*Plan
	f       *code.File
	here    bool                 // the file is of the package that something moves from
	members map[string][]*Object // fields and methods by name
	found   bool                 // one place is enough
}

func (c *unsure) report(n ast.Node, message string) {
	if !c.found {
		c.refuseAt(codeBuilds, c.s.World.Span(n), message+": this build leaves the file out", byHandThere)
	}
	c.found = true
}

func (c *unsure) check() {
	info := c.f.Pkg.Info
	for _, id := range c.f.AST.Unresolved {
		if part := c.s.at(c.f, c.f.Offset(id.Pos())); part != nil && c.leaves(part.Unit) && info.Uses[id] == nil {
			c.report(id, part.Unit.Name()+" can't move: what "+id.Name+" means here isn't known")
		}
	}
	c.f.Walk(func(n ast.Node, stack []ast.Node) {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if info.Uses[n.Sel] == nil {
				c.member(n.Sel)
			}
		case *ast.CompositeLit:
			c.literal(n, stack)
		case *ast.Field:
			c.embedded(n, stack)
		case *ast.ImportSpec:
			if part := c.cgo(); source.ImportPath(n) == "C" && part != nil {
				c.report(n, part.Unit.Name()+" can't move: its file uses cgo")
			}
		}
	})
}

// cgo returns a part of the file that leaves its package, or nil.
func (c *unsure) cgo() *Part {
	for _, part := range c.s.parts[c.f] {
		if c.leaves(part.Unit) {
			return part
		}
	}
	return nil
}

// member looks at a name behind a value: of any field or method that has it.
func (c *unsure) member(id *ast.Ident) {
	part := c.s.at(c.f, c.f.Offset(id.Pos()))
	for _, o := range c.members[id.Name] {
		switch {
		case c.renames[o] != "":
			c.report(id, fmt.Sprintf("%s of %s gets the name %s, and whether this is it isn't known", o.Name, o.Unit.Name(), c.renames[o]))
		case c.here && !ast.IsExported(o.Name) && !c.together(part, o.Unit):
			c.report(id, fmt.Sprintf("%s of %s couldn't be reached from here, if this is it", o.Name, o.Unit.Name()))
		}
	}
}

// together reports whether a part of the file, or the file where part is nil, will be in
// the package that a unit is in.
func (c *unsure) together(part *Part, u *Unit) bool {
	from := []*Place{c.d.home}
	if part != nil {
		from = c.d.places(part.Unit)
	}
	to := c.d.places(u)
	return !slices.ContainsFunc(from, func(at *Place) bool { return !slices.Contains(to, at) })
}

// literal looks at the keys of a literal, and at one without keys.
func (c *unsure) literal(lit *ast.CompositeLit, stack []ast.Node) {
	names := c.changedNames()
	kind := unbuilt.IsStruct(c.f, lit, stack)
	for _, e := range lit.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		if !keyed {
			c.unkeyedThere(lit, kind)
			return
		}
		id, ok := kv.Key.(*ast.Ident)
		if !ok || c.f.Pkg.Info.Uses[id] != nil {
			continue
		}
		if kind != unbuilt.Yes && c.here && names[id.Name] {
			c.report(id, "whether this is "+id.Name+" isn't known")
		}
		c.member(id)
	}
}

// unkeyedThere looks at a literal without keys: it needs them where its type is in another
// package.
func (c *unsure) unkeyedThere(lit *ast.CompositeLit, kind unbuilt.Verdict) {
	if kind == unbuilt.No || lit.Type == nil {
		return
	}
	var id *ast.Ident
	switch t := lit.Type.(type) {
	case *ast.Ident:
		id = t
	case *ast.SelectorExpr:
		id = t.Sel
	default:
		return
	}
	o := c.s.object(c.f.Pkg.Info.Uses[id])
	part := c.s.at(c.f, c.f.Offset(lit.Pos()))
	if o != nil && c.here && !c.together(part, o.Unit) {
		c.report(lit, "the fields of "+o.Name+" need their names here, which aren't known")
	}
}

// embedded looks at a field without a name, whose name is that of its type.
func (c *unsure) embedded(f *ast.Field, stack []ast.Node) {
	_, inStruct := stack[max(0, len(stack)-3)].(*ast.StructType)
	if len(f.Names) > 0 || !inStruct {
		return
	}
	ast.Inspect(f.Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if o := c.s.object(c.f.Pkg.Info.Uses[id]); o != nil && c.renames[o] != "" {
				c.report(id, o.Name+" gets the name "+c.renames[o]+", and with it a field that is embedded here")
			}
		}
		return true
	})
}

// changedNames lists the names of what moves or is renamed.
func (p *Plan) changedNames() map[string]bool {
	names := map[string]bool{}
	for _, o := range p.s.objects {
		if !o.member && (p.renames[o] != "" || p.leaves(o.Unit)) {
			names[o.Name] = true
		}
	}
	return names
}

// noteOtherBuilds says which files that this build leaves out changed: nothing has
// type-checked them.
func (w *writer) noteOtherBuilds() {
	seen := map[*code.File]bool{}
	for _, out := range w.order {
		files := []*code.File{out.file}
		for _, part := range out.parts {
			files = append(files, part.File)
		}
		for _, f := range files {
			if f != nil && f.Unbuilt && !seen[f] {
				seen[f] = true
				w.note(w.s.World.Span(f.AST.Name), "this build leaves this file out: what it says of what moves was changed by its names, and nothing has type-checked it")
			}
		}
	}
}

// readUnbuilt adds the files that this build leaves out, and what they import.
func (s *Source) readUnbuilt() {
	s.unparsed = unbuilt.Add(s.World)
}

// unitOf returns the unit of what a file declares. Another build may declare the same once
// more: it is one unit then. Units that it declares together are joined.
func (s *Source) unitOf(f *code.File, kind Kind, names ...string) *Unit {
	if !f.Unbuilt || kind == Init || kind == Blank {
		return s.addUnit(f, kind, names...)
	}
	var found []*Unit
	for _, name := range names {
		if u := s.known[nameKey{name, f.Test, s.external(f)}]; u != nil && !slices.Contains(found, u) {
			found = append(found, u)
		}
	}
	if len(found) == 0 {
		return s.addUnit(f, kind, names...)
	}
	for _, name := range names {
		if key := (nameKey{name, f.Test, s.external(f)}); s.known[key] == nil && name != "_" {
			s.known[key] = found[0]
			found[0].Names = append(found[0].Names, name)
		}
	}
	s.joined = append(s.joined, found)
	return found[0]
}

// A nameKey is what a name is unique in.
type nameKey struct {
	name           string
	test, external bool
}

// hiddenThere reports whether something inside a function of a file that this build leaves
// out has a name at pos.
func (s *Source) hiddenThere(pos token.Pos, name string) (hidden, unbuiltFile bool) {
	f := s.World.FileAt(pos)
	if f == nil || !f.Unbuilt {
		return false, false
	}
	return unbuilt.Local(f, pos, name), true
}

// samePackage reports an object of the package that a file is in, in any variant of it.
func samePackage(f *code.File, obj types.Object) bool {
	return obj.Pkg() != nil && obj.Pkg().Path() == f.Pkg.Types.Path()
}
