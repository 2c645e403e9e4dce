package typeref

import (
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/component"
)

// A Resolver finds the types of references in one load of a program. It isn't
// safe for concurrent use.
type Resolver struct{ packages map[string]*types.Package }

// NewResolver returns a Resolver for the given packages and everything that
// they import.
func NewResolver(pkgs []*types.Package) *Resolver {
	r := &Resolver{map[string]*types.Package{}}
	for _, p := range pkgs { // these before others of the same path that they import
		r.packages[p.Path()] = p
	}
	for _, p := range pkgs {
		r.imports(p)
	}
	return r
}

func (r *Resolver) imports(p *types.Package) {
	for _, i := range p.Imports() {
		if r.packages[i.Path()] == nil {
			r.packages[i.Path()] = i
			r.imports(i)
		}
	}
}

// Type returns the type that t refers to. It is nil if the type isn't in this
// load (types declared in functions or tests aren't), or if t is a function or
// a type parameter.
func (r *Resolver) Type(t component.TypeRef) types.Type {
	switch t.Kind {
	case component.RefBasic:
		if t.Path != "" {
			return types.Typ[types.UnsafePointer]
		}
		return declaredIn(types.Universe, t.Name)
	case component.RefNamed:
		return r.named(t)
	case component.RefStruct:
		return r.structure(t)
	case component.RefInterface:
		if len(t.Members) == 0 {
			return types.Universe.Lookup("any").Type()
		}
		return nil
	case component.RefPointer, component.RefSlice, component.RefArray, component.RefMap, component.RefChan:
		return r.composite(t)
	}
	return nil
}

func (r *Resolver) composite(t component.TypeRef) types.Type {
	elem := r.Type(*t.Elem)
	if elem == nil {
		return nil
	}
	switch t.Kind {
	case component.RefPointer:
		return types.NewPointer(elem)
	case component.RefSlice:
		return types.NewSlice(elem)
	case component.RefArray:
		return types.NewArray(elem, t.Len)
	case component.RefChan:
		for dir, name := range directions {
			if name == t.Dir {
				return types.NewChan(dir, elem)
			}
		}
		return types.NewChan(types.SendRecv, elem)
	}
	key := r.Type(*t.Key)
	if key == nil {
		return nil
	}
	return types.NewMap(key, elem)
}

func declaredIn(scope *types.Scope, name string) types.Type {
	if tn, ok := scope.Lookup(name).(*types.TypeName); ok {
		return tn.Type()
	}
	return nil
}

func (r *Resolver) named(t component.TypeRef) types.Type {
	if t.Path == "" {
		return declaredIn(types.Universe, t.Name)
	}
	if r.packages[t.Path] == nil {
		return nil
	}
	typ := declaredIn(r.packages[t.Path].Scope(), t.Name)
	if typ == nil || len(t.Args) == 0 {
		return typ
	}
	var args []types.Type
	for _, a := range t.Args {
		arg := r.Type(a)
		if arg == nil {
			return nil
		}
		args = append(args, arg)
	}
	instance, err := types.Instantiate(nil, typ, args, true)
	if err != nil {
		return nil
	}
	return instance
}

func (r *Resolver) structure(t component.TypeRef) types.Type {
	var fields []*types.Var
	var tags []string
	for _, m := range t.Members {
		typ := r.Type(m.Type)
		if typ == nil || !token.IsExported(m.Name) { // whose the others are isn't said
			return nil
		}
		fields = append(fields, types.NewField(token.NoPos, nil, m.Name, typ, m.Embedded))
		tags = append(tags, m.Tag)
	}
	return types.NewStruct(fields, tags)
}
