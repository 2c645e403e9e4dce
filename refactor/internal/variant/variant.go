// Package variant writes a variant of a function beside it: in its package, on its
// type or, where it is called by an interface, in that and on every type of the
// module that has the method.
package variant

import (
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/code"
)

// Members returns the functions beside which the variant has to stand, if those in
// called get one: themselves or, where one is a method of an interface, all methods
// that have to fit together. why says why there can't be one.
func Members(w *code.World, called []*types.Func) (members []*types.Func, why string) {
	for _, fn := range called {
		add := []*types.Func{fn.Origin()}
		if w.Spec(fn) != nil {
			all, frozen := w.Class(fn)
			if frozen != "" {
				return nil, "the interface that it is called by can't gain a method: " + frozen
			}
			add = all
		}
		for _, m := range add {
			if !slices.ContainsFunc(members, func(n *types.Func) bool { return w.Key(n.Origin()) == w.Key(m.Origin()) }) {
				members = append(members, m)
			}
		}
	}
	return members, ""
}

// Unable returns why the variant of the given name can't stand beside a function, and
// what can be done about that; or "".
func Unable(w *code.World, m *types.Func, name string) (why, hint string) {
	taken := ""
	if recv := m.Signature().Recv(); recv == nil {
		if m.Pkg().Scope().Lookup(name) != nil {
			taken = "package " + m.Pkg().Name()
		}
	} else if obj, _, _ := types.LookupFieldOrMethod(pointerTo(recv.Type()), true, m.Pkg(), name); obj != nil {
		taken = types.TypeString(recv.Type(), (*types.Package).Name)
	}
	switch d := w.Decl(m); {
	case taken != "":
		return taken + " has " + name + " already", "choose another name: --name " + name + "2"
	case d != nil && d.File.Generated():
		return m.FullName() + " stands in a generated file", "change what generates it"
	case m.Signature().TypeParams().Len() > 0 || m.Signature().RecvTypeParams().Len() > 0:
		return m.FullName() + " is generic", "change it by hand, or name another function"
	case d == nil && w.Spec(m) == nil:
		return m.FullName() + " isn't declared in this module", "name a function of this module"
	}
	return "", ""
}

func pointerTo(t types.Type) types.Type {
	if _, ok := t.(*types.Pointer); ok || types.IsInterface(t) {
		return t
	}
	return types.NewPointer(t)
}

// InInterface adds a method to an interface, after the one that spec declares. doc is a
// comment without its slashes.
func InInterface(w *code.World, spec *code.Spec, doc, method string) {
	end := spec.Type.End()
	line := func(pos token.Pos) int { return w.Fset.Position(pos).Line }
	for _, group := range spec.File.AST.Comments {
		if group.Pos() > end && line(group.Pos()) == line(end) {
			end = group.End()
		}
	}
	spec.File.Insert(end, "\n\t"+doc+"\n\t"+method)
}
