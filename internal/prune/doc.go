// Package prune leaves out of Go packages what nothing uses.
//
// Packages and the files that use them go in as source, and the same packages
// come out with fewer declarations. Nothing is type-checked: a declaration stays
// as soon as a name that might mean it stands in code that stays. So what comes
// out compiles wherever what went in did, under every build constraint, and
// something unused may stay.
//
// What stays without being named: init functions, and variables named _ that
// call something; the methods of a type by which it implements interfaces of
// the standard library, as any exported method might; and what the caller asks
// for. A variable that is named, and used nowhere, goes with what its
// initialization would have done.
//
// Of the comments of what stays, [Comments] keeps what readers of a copy need, and
// [Bundle] puts the files of a package into one.
package prune
