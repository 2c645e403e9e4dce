package extract

import (
	"go/types"
	"slices"

	"github.com/unweld/unweld/refactor/internal/boundary"
	"github.com/unweld/unweld/refactor/internal/code"
)

// ownInterface returns the interface of the package that has the very methods of the
// contract, and that the type has: it becomes the contract. Nil: there is none, or the
// contract says more of its methods than their signatures.
func (j *job) ownInterface(endpoints, remote []*endpoint) *types.TypeName {
	if j.req.Text(paramContract) != "" || len(remote) != len(endpoints) || slices.ContainsFunc(endpoints, func(e *endpoint) bool { return len(j.backwards(e)) > 0 }) {
		return nil
	}
	scope := j.target.pkg.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || !tn.Exported() || tn.IsAlias() {
			continue
		}
		n, ok := tn.Type().(*types.Named)
		if !ok || n.TypeParams().Len() > 0 {
			continue
		}
		it, ok := n.Underlying().(*types.Interface)
		if !ok || it.NumMethods() != len(endpoints) || !types.Implements(types.NewPointer(j.target.typ), it) {
			continue
		}
		file := j.world.FileOf(tn)
		same := file != nil && !file.Test && !file.Generated()
		for m := range it.Methods() {
			same = same && slices.ContainsFunc(endpoints, func(e *endpoint) bool { return e.name == m.Name() })
		}
		if same && boundary.Free(j.world, tn) {
			return tn
		}
	}
	return nil
}

// heldAsOwn reports whether the program's code outside of the package holds the type as the
// interface already.
func (j *job) heldAsOwn(tn *types.TypeName) bool {
	return slices.ContainsFunc(j.heldAs(), func(h holding) bool { return j.world.Key(h.as) == j.world.Key(tn) })
}

// usedAsHeld returns those of the methods that the interfaces have which the program's code
// outside of the package holds the type as.
func (j *job) usedAsHeld(methods []*code.Decl) []*code.Decl {
	names := map[string]bool{}
	for _, h := range j.heldAs() {
		for m := range h.as.Type().Underlying().(*types.Interface).Methods() {
			names[m.Name()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(methods), func(d *code.Decl) bool { return !names[d.Obj.Name()] })
}
