// Package comments finds what the comments in Go source say of declarations: of
// types, fields, constants, variables, functions and methods, and of the
// parameters and results of a signature.
//
// Type-checked objects go in, text comes out. A declaration is found by its
// place, in syntax that was parsed before or in the package's source, of which
// only the files that are asked for are parsed, each once. Where there is no
// source, or no comment, the text is empty. It doesn't say what a comment means,
// and leaves out what is written for tools.
package comments
