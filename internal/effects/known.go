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
	Deep   bool  // it changes all that the arguments in Writes lead to
	World  bool  // it does input or output
	Output bool  // it prints: no result depends on it. With Writes, only if argument 0 is no buffer in memory
	Varies bool  // its results depend on more than its arguments: the time, chance, cancellation
}

// KnownOf looks up fn in the table; ok is false where it isn't there. I/O
// functions of the standard library are taken not to change their arguments.
func KnownOf(fn *types.Func) (Known, bool) {
	m := modelOf(fn)
	k := Known{Writes: m.writes, Fresh: m.clean, Copies: m.fresh && !m.clean, Self: m.self, Deep: m.deep, World: m.world, Output: m.buffer}
	for _, e := range m.events {
		switch e {
		case eventOutput:
			k.Output = true
		case eventClock, eventRandom, eventCancel, eventContext, eventGoroutine:
			k.Varies = true
		}
	}
	return k, m.known
}
