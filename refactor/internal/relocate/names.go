package relocate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/naming"
)

// name decides what is called otherwise: what has to be exported, and helpers
// whose name the other package has already.
func (p *Plan) name() {
	for _, o := range p.Exports {
		p.exportName(o)
	}
	for _, o := range p.s.sorted() {
		if !o.member && (p.merge || !o.Unit.Test) && p.d.place(o.Unit) != p.d.home && p.renames[o] == "" {
			p.settle(o)
		}
	}
	// A field that is embedded has the name of its type.
	for _, o := range p.s.sorted() {
		v, ok := o.Obj.(*types.Var)
		if !ok || !v.Embedded() || o.ID == nil {
			continue
		}
		if typ := p.s.object(o.File.Pkg.Info.Uses[o.ID]); typ != nil && p.renames[typ] != "" {
			p.renames[o] = p.renames[typ]
		}
	}
}

// exportName finds a name for what has to be exported.
func (p *Plan) exportName(o *Object) {
	if sealing(o) {
		p.refuseAt(codeExports, p.s.World.Span(p.d.why[o].node()), fmt.Sprintf("%s, a method of an interface, would have to be exported: %s", o.Name, p.crossing(p.d.why[o])), "move what uses it, too")
		return
	}
	if v, ok := o.Obj.(*types.Var); ok && v.Embedded() && o.ID != nil {
		if typ := p.s.object(o.File.Pkg.Info.Uses[o.ID]); typ != nil && !typ.member {
			if !slices.Contains(p.Exports, typ) {
				p.Exports = append(p.Exports, typ)
				p.d.why[typ] = p.d.why[o]
				p.exportName(typ)
			}
			return
		}
	}
	upper := naming.Exported(o.Name)
	for _, name := range []string{upper, upper + "Internal", naming.Exported(p.s.Pkg.Pkg.Name) + upper, upper + "2"} {
		if ast.IsExported(name) && p.free(o, name) && !(name == upper && o.member && wellKnown(o)) {
			p.renames[o] = name
			return
		}
	}
	p.refuseAt(codeTaken, p.s.World.Span(o.ID), fmt.Sprintf("%s would have to be exported, and the name %s isn't free", o.Name, upper), "rename it first")
}

// sealing reports a method of an interface: under another name other types would have
// to have it.
func sealing(o *Object) bool {
	fn, ok := o.Obj.(*types.Func)
	return ok && o.member && types.IsInterface(fn.Signature().Recv().Type())
}

// wellKnown reports a method that others would find by an interface if it were
// exported.
func wellKnown(o *Object) bool {
	if _, ok := o.Obj.(*types.Func); !ok {
		return false
	}
	switch o.Name {
	case "string", "error", "format", "goString", "read", "write", "close", "seek", "flush", "is", "as", "unwrap", "len", "less", "swap", "push", "pop",
		"marshalJSON", "unmarshalJSON", "marshalText", "unmarshalText", "marshalBinary", "unmarshalBinary", "marshalYAML", "unmarshalYAML",
		"scan", "value", "isZero", "logValue", "readFrom", "writeTo", "lock", "unlock", "set", "timeout", "temporary", "readByte", "writeByte", "writeString", "readAt", "writeAt", "serveHTTP":
		return true
	}
	return false
}

// settle gives a moved name that its new package has already another one, or
// refuses.
func (p *Plan) settle(o *Object) {
	if o.Name == "_" || p.free(o, o.Name) {
		return
	}
	if o.Unit.Test && o.Unit.Kind != Init && entry(o.Unit) {
		for _, prefix := range []string{"Test", "Benchmark", "Fuzz"} {
			rest, ok := strings.CutPrefix(o.Name, prefix)
			if name := prefix + naming.Exported(p.s.Pkg.Pkg.Name) + rest; ok && p.free(o, name) {
				p.renames[o] = name
				return
			}
		}
	}
	if ast.IsExported(o.Name) {
		p.refuseAt(codeTaken, p.s.World.Span(o.ID), fmt.Sprintf("%s has a %s already", p.d.place(o.Unit).Path, o.Name), "rename one of them first")
		return
	}
	for _, name := range []string{p.s.Pkg.Pkg.Name + naming.Exported(o.Name), o.Name + "2", o.Name + "3"} {
		if p.free(o, name) {
			p.renames[o] = name
			return
		}
	}
	p.refuseAt(codeTaken, p.s.World.Span(o.ID), fmt.Sprintf("%s has a %s already", p.d.place(o.Unit).Path, o.Name), "rename one of them first")
}

// free reports whether an object can have a name where it will stand.
func (p *Plan) free(o *Object, name string) bool {
	if !token.IsIdentifier(name) {
		return false
	}
	if o.member {
		return p.freeMember(o, name)
	}
	at := p.d.place(o.Unit)
	if p.names(at, o)[name] {
		return false
	}
	for _, r := range o.Refs {
		if r.ID != nil && p.atPlace(r, at) && p.hidden(r.File.Pkg.Types, r.ID.Pos(), name, o) {
			return false
		}
	}
	return true
}

// atPlace reports whether a mention will stand in the package of a place, and so
// without a qualifier.
func (p *Plan) atPlace(r *Ref, at *Place) bool {
	return slices.Contains(p.locations(r), at.Path)
}

// hidden reports whether something inside a function has the name at pos.
func (p *Plan) hidden(pkg *types.Package, pos token.Pos, name string, not *Object) bool {
	if hidden, unbuiltFile := p.s.hiddenThere(pos, name); unbuiltFile {
		return hidden
	}
	scope := pkg.Scope().Innermost(pos)
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(name, pos)
	if obj == nil || obj.Parent() == types.Universe || obj.Parent() == pkg.Scope() {
		return false
	}
	if _, imported := obj.(*types.PkgName); imported {
		return false // what a file imports is settled with the file
	}
	return not == nil || p.s.World.Key(obj) != not.key
}

// freeMember reports whether a type has no field or method of the name.
func (p *Plan) freeMember(o *Object, name string) bool {
	for _, other := range p.s.objects {
		if other != o && other.member && other.Unit == o.Unit && (other.Name == name || p.renames[other] == name) {
			return false
		}
	}
	if tn, ok := o.Unit.typeName(p.s); ok {
		obj, _, _ := types.LookupFieldOrMethod(tn.Type(), true, tn.Pkg(), name)
		return obj == nil
	}
	return true
}

// typeName returns the type that a unit declares.
func (u *Unit) typeName(s *Source) (*types.TypeName, bool) {
	if u.Kind != Type {
		return nil, false
	}
	f := u.Parts[0].File
	tn, ok := f.Pkg.Types.Scope().Lookup(u.Name()).(*types.TypeName)
	return tn, ok
}

// names lists the names that a package will have at its outermost level, and
// those of what its files import, but for those of not.
func (p *Plan) names(at *Place, not *Object) map[string]bool {
	out := map[string]bool{}
	path := at.Path
	if not != nil {
		path = at.pathFor(not.Unit)
	}
	for _, f := range p.s.World.Files {
		if f.Pkg.Types.Path() != path || at.Path == p.d.home.Path {
			continue
		}
		for _, name := range f.Pkg.Types.Scope().Names() {
			out[name] = true
		}
		for _, spec := range f.AST.Imports {
			if n := f.Pkg.Info.PkgNameOf(spec); n != nil && not != nil && !ast.IsExported(not.Name) {
				out[n.Name()] = true
			}
		}
		if not != nil && !ast.IsExported(not.Name) {
			for _, name := range types.Universe.Names() {
				out[name] = out[name] || p.mentionsUniverse(path, name)
			}
		}
	}
	for _, o := range p.s.objects {
		if o == not || o.member || !slices.Contains(p.d.places(o.Unit), at) || at.pathFor(o.Unit) != path {
			continue
		}
		name := o.Name
		if p.renames[o] != "" {
			name = p.renames[o]
		}
		out[name] = true
	}
	return out
}

// mentionsUniverse reports whether a package uses something that the language
// declares.
func (p *Plan) mentionsUniverse(path, name string) bool {
	obj := types.Universe.Lookup(name)
	for _, f := range p.s.World.Files {
		if f.Pkg.Types.Path() != path {
			continue
		}
		for id, used := range f.Pkg.Info.Uses {
			if used == obj && id.Name == name {
				return true
			}
		}
	}
	return false
}
