package crossing

import (
	"go/types"

	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/crossing/typeref"
)

// union decides on a sealed interface: one with an unexported method, so that the
// types behind it are those that its package declares. (One of another package
// can still embed one of them; encoding refuses it.) Both results are nil where t
// isn't one. Only packages of the module at work are looked at, since what others
// keep to themselves isn't known.
func (d *Decider) union(t *types.Named, u *types.Interface, p place) (*Step, *Reason) {
	if t.TypeArgs().Len() > 0 || t.TypeParams().Len() > 0 || !d.own(t.Obj().Pkg(), p.at) || !isSealed(t, u) {
		return nil, nil
	}
	b, ok := d.unions[t]
	if !ok {
		b = d.variants(t, u)
		d.unions[t] = b
	}
	switch {
	case b.hidden != nil:
		return nil, p.refuse("open-interface", "("+short(t)+") is an interface: "+short(b.hidden)+" may be behind it, which isn't exported", "export "+b.hidden.Obj().Name())
	case b.generic != nil:
		return nil, p.refuse("open-interface", "("+short(t)+") is an interface: any instance of "+b.generic.Obj().Name()+" may be behind it", "declare a type for each instance in use")
	case len(b.parts) == 0:
		return nil, nil
	}
	return &Step{Type: t, How: AsUnion, Parts: b.parts}, nil
}

// sealed is what may be behind a sealed interface, or the first type that keeps it
// from crossing as a union.
type sealed struct {
	parts           []Part
	hidden, generic *types.Named
}

func (d *Decider) variants(t *types.Named, u *types.Interface) (b sealed) {
	for _, named := range d.typesOf(t.Obj().Pkg()) {
		tn, name := named.Obj(), named.Obj().Name()
		pointer := types.NewPointer(named)
		if !types.Implements(pointer, u) {
			continue
		}
		if !tn.Exported() && d.opts.Home != tn.Pkg() {
			return sealed{hidden: named}
		}
		if named.TypeParams().Len() > 0 {
			return sealed{generic: named}
		}
		if types.Implements(named, u) {
			b.parts = append(b.parts, variant(named, ".("+name+")"))
		}
		b.parts = append(b.parts, variant(pointer, ".(*"+name+")"))
	}
	return b
}

func variant(t types.Type, path string) Part {
	return Part{Type: t, path: path, behind: &behind.Found{Ref: typeref.Of(t)}}
}

// typesOf lists the types that a package declares, without aliases and
// interfaces, by name.
func (d *Decider) typesOf(pkg *types.Package) []*types.Named {
	list, ok := d.declared[pkg]
	if ok {
		return list
	}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		if tn, ok := scope.Lookup(name).(*types.TypeName); ok && !tn.IsAlias() && !types.IsInterface(tn.Type()) {
			if named, ok := tn.Type().(*types.Named); ok {
				list = append(list, named)
			}
		}
	}
	d.declared[pkg] = list
	return list
}

// isSealed reports whether an interface has an unexported method of its own
// package, which no other package can declare.
func isSealed(t *types.Named, u *types.Interface) bool {
	if !u.IsMethodSet() || isStream(u) {
		return false
	}
	for m := range u.Methods() {
		if !m.Exported() && m.Pkg() == t.Obj().Pkg() {
			return true
		}
	}
	return false
}
