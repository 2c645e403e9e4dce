package code

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
)

// interfaces are those that values could be converted to.
type interfaces struct {
	list       []*types.Interface
	withMethod map[string][]*types.Interface // by the name of a method
}

// collectInterfaces gathers the interfaces package by package, in the order of where
// their methods stand.
func (w *World) collectInterfaces() *interfaces {
	all := &interfaces{withMethod: map[string][]*types.Interface{}}
	known := map[types.Type]bool{}
	done := map[*source.Package]bool{}
	for _, f := range w.Files {
		if done[f.Pkg] {
			continue
		}
		done[f.Pkg] = true
		its := interfacesIn(f.Pkg.Info, known)
		slices.SortFunc(its, w.compareInterfaces)
		all.list = append(all.list, its...)
		for _, it := range its {
			for m := range it.Methods() {
				all.withMethod[m.Name()] = append(all.withMethod[m.Name()], it)
			}
		}
	}
	return all
}

// interfacesIn returns the interfaces with methods that info mentions, those of
// constraints among them, without those that are known, to which it adds
// them.
func interfacesIn(info *types.Info, known map[types.Type]bool) []*types.Interface {
	var out []*types.Interface
	add := func(t types.Type) {
		if t == nil || known[t] {
			return
		}
		known[t] = true
		if it, ok := t.Underlying().(*types.Interface); ok && it.NumMethods() > 0 && (it == t || !known[it]) {
			known[it] = true
			out = append(out, it)
		}
	}
	signatures := map[*types.Signature]bool{}
	for _, tv := range info.Types {
		add(tv.Type)
		if sig, ok := tv.Type.(*types.Signature); ok && !signatures[sig] {
			signatures[sig] = true
			for v := range sig.Params().Variables() {
				add(v.Type())
				if s, ok := v.Type().(*types.Slice); ok {
					add(s.Elem())
				}
			}
		}
	}
	for _, obj := range info.Uses {
		if v, ok := obj.(*types.Var); ok {
			add(v.Type())
		}
	}
	asked := map[string]bool{}
	for id, inst := range info.Instances {
		params := typeParamsOf(info.Uses[id])
		for i := range min(params.Len(), inst.TypeArgs.Len()) {
			if own := asks(params, i, inst.TypeArgs); own != nil && !asked[Canon(own)] {
				asked[Canon(own)] = true
				add(own)
			}
		}
	}
	return out
}

// asks returns what an instance with arguments asks of the one with an index:
// with F Function[I, B] that is Function[int, string]. It is nil where it is no
// declared type, or asks the same of all.
func asks(params *types.TypeParamList, i int, args *types.TypeList) types.Type {
	n, ok := types.Unalias(params.At(i).Constraint()).(*types.Named)
	if !ok || n.TypeArgs().Len() == 0 {
		return nil
	}
	var own []types.Type
	for a := range n.TypeArgs().Types() {
		if p, ok := types.Unalias(a).(*types.TypeParam); ok && p.Index() < params.Len() && params.At(p.Index()) == p {
			a = args.At(p.Index())
		}
		own = append(own, a)
	}
	out, err := types.Instantiate(nil, n.Origin(), own, false)
	if err != nil {
		return nil
	}
	return out
}

// compareInterfaces orders interfaces by the place of their first method, and
// where it is the same one by how they are spelled.
func (w *World) compareInterfaces(a, b *types.Interface) int {
	x, y := w.Key(a.Method(0)), w.Key(b.Method(0))
	if c := cmp.Or(strings.Compare(x.file, y.file), cmp.Compare(x.offset, y.offset)); c != 0 {
		return c
	}
	return strings.Compare(canon(a, (*types.Package).Path), canon(b, (*types.Package).Path))
}
