package crossing

import "go/types"

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// IsData reports whether values of n are data: errors, which cross as values,
// and types as in HoldsData.
func IsData(n *types.Named) bool {
	return types.Implements(types.NewPointer(n), errorType) && !types.IsInterface(n) || HoldsData(n)
}

// HoldsData reports whether values of t can be copied without a visible
// difference: t consists of exported fields that hold data, recursively, or
// defines its own encoding.
func HoldsData(t types.Type) bool { return holdsData(t, map[types.Type]bool{}) }

func holdsData(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return types.Identical(u, errorType)
	case *types.Signature, *types.Chan:
		return false
	case *types.Pointer:
		return holdsData(u.Elem(), seen)
	case *types.Slice:
		return holdsData(u.Elem(), seen)
	case *types.Array:
		return holdsData(u.Elem(), seen)
	case *types.Map:
		return holdsData(u.Key(), seen) && holdsData(u.Elem(), seen)
	case *types.Struct:
		if writes(t) {
			return true
		}
		for f := range u.Fields() {
			if !f.Exported() || !holdsData(f.Type(), seen) {
				return false
			}
		}
		return u.NumFields() > 0
	}
	return true
}

// writes reports whether t has a written form of its own, as time.Time does.
func writes(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	for _, m := range marshalers {
		if encodes(wholeMethod(named, m.out)) {
			return true
		}
	}
	return false
}
