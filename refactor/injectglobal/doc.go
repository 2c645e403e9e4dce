// Package injectglobal makes a package variable that changes, or several that
// belong together, a value that is made at the start of the program and handed to
// what uses it: as a parameter, as the receiver, or as a field of the type whose
// methods use it. What comes out has been type-checked with its tests.
//
// It does nothing about variables that never change: those can be shared as they
// are.
package injectglobal
