package effects

import "go/types"

// Known is what the table says of a function without a body to its arguments; a
// receiver is argument 0.
type Known struct {
	Writes []int // whose memory it changes
	Rest   int   // > 0: it also fills what the elements of the variadic argument with this number less one lead to
	Fresh  bool  // its results lead to none of the arguments
	Copies bool  // its results are new memory that leads to what the elements of the arguments lead to
	Self   bool  // it returns argument 0
}

// KnownOf looks fn up. The second result is false where nothing is known of it.
// Input and output of the standard library takes its arguments as they are.
func KnownOf(fn *types.Func) (Known, bool) {
	m := modelOf(fn)
	return Known{Writes: m.writes, Fresh: m.clean, Copies: m.fresh && !m.clean, Self: m.self}, m.known
}
