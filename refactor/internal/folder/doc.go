// Package folder moves a package's folder with everything below it, and with it
// the import paths and, where the folder's name is the package's, the name: the
// imports and mentions in every file of the module whatever build it is for, the
// package clauses, go:linkname directives. It refuses what folders named internal
// or go:embed forbid, and notes what else mentions the path.
package folder
