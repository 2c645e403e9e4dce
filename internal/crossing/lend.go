package crossing

import (
	"go/types"
	"slices"
)

// Lendable returns the methods of a stream that can be lent, sorted, or nil: an interface
// that has those of io.Reader, io.Writer and io.Closer, and no other. What keeps such a stream
// may have a stand-in instead, which uses the stream that the call under way brings along.
func Lendable(t types.Type) (names []string) {
	it, ok := t.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	for m := range it.Methods() {
		if lendableMethods[m.Name()] != unnamed(m.Signature()) {
			return nil
		}
		names = append(names, m.Name())
	}
	slices.Sort(names)
	if len(names) == 1 && names[0] == "Close" {
		return nil
	}
	return names
}

// lendableMethods are the signatures of what a stand-in has, without the names of parameters.
var lendableMethods = map[string]string{
	"Read":  "func([]byte) (int, error)",
	"Write": "func([]byte) (int, error)",
	"Close": "func() error",
}

// unnamed spells a signature without the names of its parameters and results.
func unnamed(sig *types.Signature) string {
	strip := func(of *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range of.Variables() {
			vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), "", v.Type()))
		}
		return types.NewTuple(vars...)
	}
	return types.TypeString(types.NewSignatureType(nil, nil, nil, strip(sig.Params()), strip(sig.Results()), sig.Variadic()), nil)
}
