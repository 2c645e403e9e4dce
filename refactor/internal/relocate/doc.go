// Package relocate moves declarations of a package to other packages of the
// module: what comes in is a package and where each of its declarations is to
// go, what comes out are edits of every file that refers to them, the files that
// they land in, and what a person should know.
//
// A Unit is the least that moves as a whole: a function, a type with its methods,
// a specification of variables or constants, a group of constants that counts
// with iota. New reads the units of a package and who refers to which. A Plan
// says for each unit which Place it goes to; Search completes one that says it of
// a few units only, by companions that move along and by names that are exported.
// Plan.Apply makes the edits.
//
// Files that this build leaves out are read as package unbuilt does, and change by the names
// in them; where only types could tell what they mean, the move is refused. It
// refuses, too, what can't be moved without changing the program: import cycles,
// cgo, assembly, go:linkname, go:embed. It doesn't
// type-check what comes out; code.World.Result does.
package relocate
