// Package alias finds out what becomes of a reference to memory: whether a
// function only uses what a pointer, slice or map leads to while it runs, or keeps
// it, and whether a variable is the only way to the memory behind it. In come
// functions and variables of a code.World; out come the uses, each with its kind.
//
// It tells apart the memory that a reference leads to, and what references in that
// memory lead to further: only the first is followed. Where it can't tell, a
// reference counts as kept. It changes nothing.
package alias
