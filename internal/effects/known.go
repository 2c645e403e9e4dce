package effects

import "go/types"

// A Known is what the table says about the effect of a function without a body
// on its arguments. A receiver is argument 0.
type Known struct {
	Writes []int // the arguments whose memory it changes
	Rest   int   // > 0: it also writes to the memory behind the elements of variadic argument Rest-1
	Fresh  bool  // its results don't refer to the arguments
	Copies bool  // its results are new memory with copies of the arguments' elements
	Self   bool  // it returns argument 0
}

// KnownOf looks up fn in the table; ok is false where it isn't there. I/O
// functions of the standard library are taken not to change their arguments.
func KnownOf(fn *types.Func) (Known, bool) {
	m := modelOf(fn)
	return Known{Writes: m.writes, Fresh: m.clean, Copies: m.fresh && !m.clean, Self: m.self}, m.known
}
