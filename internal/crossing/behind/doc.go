// Package behind finds out which types a program puts behind an interface: what
// it passes for a parameter of type any, stores in a field, sends, returns, puts
// into a map.
//
// What comes in are the packages of a program with their syntax, tests among
// them; out comes a Flow that can be asked about parameters, results and fields,
// and from these about their elements. It is an inclusion-based points-to analysis
// (Andersen, Program Analysis and Specialization for the C Programming Language,
// 1994) of interfaces and of what may lead to one: slices, maps, channels,
// pointers to them. It looks at neither order nor context; a field is one place for
// all values of its struct; a call through an interface leads to each method of
// the program that implements it, one of a function value to each function with
// its signature whose value is taken.
//
// Where something comes from code that isn't looked at, the answer has an Unknown
// with the place: a result of another module's function, what it decodes into a
// value, reflection, callers in other modules. Of encoding/json it is known what
// it puts behind an interface. What isn't seen: a function of another module that
// changes, by reflection, what it was given as something else than an empty
// interface, and code in assembly and C.
//
// Work is counted and ends at a budget, so that the answer doesn't depend on the
// machine. Where it ends early, everything has an Unknown.
package behind
