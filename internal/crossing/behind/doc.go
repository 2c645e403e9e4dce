// Package behind finds out which types a program stores in an interface: what
// it passes for a parameter of type any, stores in a field, sends, returns,
// puts into a map.
//
// Its input is the packages of a program with their syntax, including tests;
// its result is a Flow, which can be asked about parameters, results and
// fields, and about their elements. It is an inclusion-based points-to analysis
// (Andersen, Program Analysis and Specialization for the C Programming
// Language, 1994) of interfaces and of everything that can refer to one:
// slices, maps, channels, pointers to them. It is neither flow- nor
// context-sensitive and merges the instances of a struct's field; a call
// through an interface may reach each method of the program that implements it,
// and a call of a function value each function with its signature whose value
// is taken.
//
// Where a value comes from code that isn't analysed, the answer has an Unknown
// with the position: a result of another module's function, a value that it
// decodes, reflection, callers in other modules. For encoding/json it is known
// which types it stores in an interface. What the analysis misses: a function
// of another module that uses reflection to change an argument that isn't
// passed as an empty interface, and code in assembly and C.
//
// The work is limited by a number of steps, so that the answer doesn't depend
// on the machine. Where the limit is reached, every answer has an Unknown.
package behind
