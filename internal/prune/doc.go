// Package prune removes unused declarations from Go packages.
//
// Its input is the source of packages and of the files that use them; its
// output is the same packages with fewer declarations. It doesn't type-check: a
// declaration is kept if a name that may refer to it occurs in code that is
// kept. So the output compiles wherever the input did, under every build
// constraint, and may contain something unused.
//
// Some declarations are kept without being named: init functions, variables
// named _ that call something, the methods by which a type implements
// interfaces of the standard library (any exported method might), and those
// that the caller lists. A variable that nothing uses is removed together with
// the side effects of its initialization.
//
// [Comments] reduces the comments of what is kept to those that readers of a copy
// need, and Bundle joins the files of a package.
package prune
