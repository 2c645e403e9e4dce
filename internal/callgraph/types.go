package callgraph

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/crossing"
)

// Implementers returns the functions that implement the methods of the
// interface name of package path, by method: those of every type of the module.
// It returns nil where there is no such interface.
func (g *Graph) Implementers(path, name string) map[string][]int {
	if iface := g.b.lookupInterface(path, name); iface != nil {
		return g.b.implementersOf(iface)
	}
	return nil
}

func (b *builder) implementersOf(iface *types.Interface) map[string][]int {
	found := map[string][]int{}
	for _, q := range b.pkgs {
		for _, name := range q.Types.Scope().Names() {
			obj, ok := q.Types.Scope().Lookup(name).(*types.TypeName)
			if ok && !obj.IsAlias() && !types.IsInterface(obj.Type()) {
				b.implementer(types.NewPointer(obj.Type()), iface, found)
			}
		}
	}
	for m, fns := range found {
		slices.Sort(fns)
		found[m] = slices.Compact(fns)
	}
	return found
}

func (b *builder) lookupInterface(path, name string) *types.Interface {
	for _, q := range b.pkgs {
		if q.Pkg.Path != path {
			continue
		}
		if obj := q.Types.Scope().Lookup(name); obj != nil {
			iface, _ := obj.Type().Underlying().(*types.Interface)
			return iface
		}
	}
	return nil
}

func (b *builder) implementer(t types.Type, iface *types.Interface, found map[string][]int) {
	if n := named(t); n.TypeParams().Len() > 0 || !types.Implements(t, iface) {
		return
	}
	for m := range iface.Methods() {
		sel := b.prog.MethodSets.MethodSet(t).Lookup(m.Pkg(), m.Name())
		if sel == nil {
			continue
		}
		fns := []*ssa.Function{b.prog.MethodValue(sel)}
		if obj, ok := sel.Obj().(*types.Func); ok {
			fns = append(fns, b.prog.FuncValue(obj)) // the method itself, where sel needs a wrapper
		}
		found[m.Name()] = append(found[m.Name()], b.indexes(fns)...)
	}
}

// isData reports whether fn is a method of a plain value: one that holds
// nothing that other holders would have to see change.
func isData(fn *ssa.Function) bool {
	recv := fn.Signature.Recv()
	if recv == nil {
		return false
	}
	n := named(recv.Type())
	return n != nil && crossing.IsData(n)
}

// makesService reports whether fn returns a type of its own package that has
// methods and isn't plain data.
func makesService(fn *ssa.Function) bool {
	if fn.Signature.Recv() != nil || fn.Parent() != nil {
		return false
	}
	for r := range fn.Signature.Results().Variables() {
		n := named(r.Type())
		if n == nil || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != packageOf(fn) {
			continue
		}
		if types.NewMethodSet(types.NewPointer(n)).Len() > 0 && !crossing.IsData(n) {
			return true
		}
	}
	return false
}

// What messageBytes takes for granted: nothing is known of real values.
const (
	stringBytes  = 16
	items        = 4 // of a list or a map
	maxTypeDepth = 6 // of nested types
)

// messageBytes estimates the size of the arguments and results of a call on the
// wire, each a field of a tag and a value.
func messageBytes(sig *types.Signature) int {
	total := 0
	for _, list := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range list.Variables() {
			total += fieldBytes(v.Type(), maxTypeDepth)
		}
	}
	return total
}

func fieldBytes(t types.Type, depth int) int {
	if n := valueBytes(t, depth); n > 0 {
		return n + 1
	}
	return 0
}

func valueBytes(t types.Type, depth int) int {
	if depth == 0 {
		return 0
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return stringBytes
		case u.Info()&types.IsBoolean != 0:
			return 1
		case u.Info()&types.IsFloat != 0:
			return 8
		}
		return 4
	case *types.Pointer:
		return valueBytes(u.Elem(), depth-1)
	case *types.Slice:
		return listBytes(u.Elem(), depth)
	case *types.Array:
		return int(min(u.Len(), 1<<20)) * valueBytes(u.Elem(), depth-1)
	case *types.Map:
		return items * (fieldBytes(u.Key(), depth-1) + fieldBytes(u.Elem(), depth-1))
	case *types.Struct:
		return structBytes(t, u, depth)
	}
	return 0 // interfaces, functions and channels: a context and an error cost nothing here
}

func listBytes(elem types.Type, depth int) int {
	if b, ok := elem.Underlying().(*types.Basic); ok && b.Kind() == types.Byte {
		return stringBytes
	}
	return items * fieldBytes(elem, depth-1)
}

func structBytes(t types.Type, u *types.Struct, depth int) int {
	if n := named(t); n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time" {
		return 12
	}
	total := 1
	for f := range u.Fields() {
		total += fieldBytes(f.Type(), depth-1)
	}
	return total
}
