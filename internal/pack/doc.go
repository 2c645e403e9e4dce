// Package pack encodes plain data compactly, for this program's caches: values
// in which the same strings occur thousands of times, and most fields are zero.
//
// Plain data are booleans, numbers, strings, slices, maps with string keys,
// structs and pointers; of a struct, the exported fields. The encoding has no
// field names, so it must be decoded into the type that was encoded. Callers
// that keep encoded data across versions of a program must make the version
// part of its key.
//
// The encoding consists of four bytes that identify it, a checksum, all
// strings, each once, and the values. A struct begins with a bit for each field
// that isn't zero, followed by those fields. Equal values have equal encodings.
package pack
