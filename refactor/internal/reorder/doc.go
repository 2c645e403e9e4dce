// Package reorder says whether two pieces of code can run in the other order, and
// nobody could tell: neither reads or changes memory that the other one changes,
// and they don't both deal with what is outside of the program.
//
// Memory is told apart by what holds it: a field of a struct, a package variable,
// the elements of slices of one type, the entries of maps of one type. That is sound
// because Go is typed: a pointer to one field never leads to another. What a piece of
// code may call is part of it: functions of the module, whichever implementation or
// function value it may be, with all that they call. Memory that a function made
// itself, in the same call, doesn't count: nobody else has seen it.
//
// Code of other modules is taken from the table of internal/effects. What isn't in
// it may do anything outside of the program, and change what its arguments lead to.
// Not seen is memory that two slices share beyond the end of one of them, memory of the module that such code changes without having been
// handed it, and what unsafe and reflection over values behind interfaces do.
package reorder
