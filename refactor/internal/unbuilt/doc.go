// Package unbuilt adds to the files of a module those that this build leaves out: of
// another GOOS or GOARCH, with other tags, or that use cgo where that is off. They have
// no types. What a name without a qualifier, or one behind the name of a package, means
// is known by Go's rules of scope alone, and that is recorded as for other files, in
// the Info of their Package: Defs, Uses and Implicits. What the file of another build
// declares a second time is the object that this build has. Fields and methods need types:
// they are known of receivers and parameters whose type is written and that all builds have
// alike, and of the fields of these. All others stay unknown, and so does a key of a literal
// whose type isn't written at it.
package unbuilt
