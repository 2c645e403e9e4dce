// Package pack turns plain data into few bytes and back, for caches of this
// program: values that hold the same strings thousands of times, and mostly
// zero fields.
//
// Plain data are booleans, numbers, strings, slices, maps with string keys,
// structs and pointers; of a struct the exported fields count. The type that
// reads must be the one that was written: a form carries no names. Whoever keeps
// bytes from one version of a program to the next makes the version part of
// what they are found by.
//
// The form is: four bytes that name it, a checksum, all strings once, then the
// values. A struct begins with a bit for each field that isn't zero, and only
// those follow. Equal values give equal bytes.
package pack
