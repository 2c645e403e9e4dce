// Package comments finds the comments of declarations in Go source: of types,
// fields, constants, variables, functions and methods, and of the parameters
// and results of a signature.
//
// Its input is type-checked objects, its output text. A declaration is found by
// its position, in files that were parsed before or in the package's source, of
// which it parses only the files needed, each once. Where there is no source,
// or no comment, the text is empty. It doesn't interpret comments, and drops
// those for tools.
package comments
