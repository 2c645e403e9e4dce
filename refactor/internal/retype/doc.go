// Package retype makes code hold an interface where it holds a pointer to a
// concrete type.
//
// Each place of the program that has the type *T, be it by itself or inside of
// another type, is a slot. What flows from one slot into another, and what is
// done with the value of each, says which slots can have the interface as their
// type. A slot that something needs the concrete type of keeps it, and so does
// everything that flows into it.
//
// In go a module with its types, T, and which files are whose; edits and the
// methods that the interface must have come out. It declares no interface: that
// is for who asks.
package retype
