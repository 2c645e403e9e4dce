package crossing

import (
	"go/types"
	"slices"
)

// unwritable says why values of a type of which some fields are unexported can't cross by
// a codec in the type's own package, or "": the package can't be imported, something
// inside of the type can't be named there, or is known to the component alone, or the
// values are no plain ones. That what is inside crosses at all is looked at elsewhere.
func (d *Decider) unwritable(t *types.Named, p place) string {
	pkg := t.Obj().Pkg()
	switch {
	case pkg.Name() == "main":
		return "nothing imports package main, where its codec would have to be"
	case t.TypeArgs().Len() > 0:
		return "its package has no codec for an instance of a generic type"
	case t.Obj().Parent() != pkg.Scope():
		return t.Obj().Name() + " is declared in a function"
	case !t.Obj().Exported() && p.writer != pkg:
		return "generated code can't name " + short(t) + ", which isn't exported"
	}
	if m := changer(t); p.pointed && m != "" {
		return "its method " + m + " may change what the pointer leads to, and a copy isn't what was changed"
	}
	w := &writing{decider: d, pkg: pkg, seen: map[types.Type]bool{}}
	return w.inside(t.Underlying())
}

// readers are methods that many types have with a pointer for a receiver, and that change
// nothing, or make a value in the first place.
var readers = []string{"Error", "Format", "GoString", "GobDecode", "GobEncode", "MarshalBinary", "MarshalJSON", "MarshalText", "Scan", "String",
	"UnmarshalBinary", "UnmarshalJSON", "UnmarshalText", "Value"}

// changer returns an exported method by which who holds a pointer to a value of the type
// may change it, or "".
func changer(t *types.Named) string {
	for m := range t.Methods() {
		if _, pointer := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer); pointer && m.Exported() && !slices.Contains(readers, m.Name()) {
			return m.Name()
		}
	}
	return ""
}

// writing is the look at what is inside of a type of a package.
type writing struct {
	decider *Decider
	pkg     *types.Package
	seen    map[types.Type]bool
}

// inside returns what is in the way in a type, or "".
func (w *writing) inside(t types.Type) string {
	t = types.Unalias(t)
	if w.seen[t] {
		return ""
	}
	w.seen[t] = true
	switch u := t.(type) {
	case *types.Named:
		return w.named(u)
	case *types.Pointer:
		return w.inside(u.Elem())
	case *types.Slice:
		return w.inside(u.Elem())
	case *types.Array:
		return w.inside(u.Elem())
	case *types.Map:
		if why := w.inside(u.Key()); why != "" {
			return why
		}
		return w.inside(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if !f.Exported() && f.Pkg() != w.pkg {
				return "its package can't name the field " + f.Name() + " of another package"
			}
			if why := w.inside(f.Type()); why != "" {
				return why
			}
		}
	case *types.Interface:
		return "its package doesn't know what is behind an interface in it"
	}
	return ""
}

func (w *writing) named(t *types.Named) string {
	obj := t.Obj()
	switch {
	case obj.Pkg() != w.pkg && obj.Pkg() != nil && !obj.Exported():
		return "its package can't name " + short(t)
	case codecOf(t) != "":
		return ""
	}
	if st, ok := t.Underlying().(*types.Struct); ok && w.decider.hidden(t, st) != nil && (obj.Pkg() != w.pkg || marshaler(t) != "") {
		return "" // its own methods or its own package write it
	}
	return w.inside(t.Underlying())
}
