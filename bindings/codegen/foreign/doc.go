// Package foreign is what the bindings share that generate code in other languages:
// the library that components are called in, what of a contract they have, and the names
// of things there.
//
// The library is a package main of its own beside the generated code, built with
// -buildmode=c-shared. Its three functions are all that another language calls; values
// cross them in the encoding of the wire.
package foreign
