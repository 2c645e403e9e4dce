package extract

import (
	"go/types"
)

// unify makes methods that must have the same signature, by way of an interface
// of the module, change it together or not at all.
func (f *flow) unify() {
	for _, fn := range f.owners {
		members, _ := f.job.world.Class(fn)
		for _, m := range members[1:] {
			f.unifyTuples(m, fn.Signature().Params(), m.Signature().Params())
			f.unifyTuples(m, fn.Signature().Results(), m.Signature().Results())
		}
	}
}

// unifyTuples joins the nodes among the variables of a to those of b at the same
// places. Where b has none, m stands in the component's own package and stays.
func (f *flow) unifyTuples(m *types.Func, a, b *types.Tuple) {
	for i := range a.Len() {
		from := f.variable(a.At(i))
		if from == nil {
			continue
		}
		if to := f.variable(b.At(i)); to != nil {
			addEdge(from, to)
			addEdge(to, from)
			continue
		}
		recv := types.TypeString(m.Signature().Recv().Type(), (*types.Package).Name)
		from.keep("it has to fit "+m.Name()+" of "+recv+", which stays as it is", f.job.world.SpanAt(m.Pos(), m.Pos()))
	}
}
